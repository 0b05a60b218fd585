"""What a run did, in numbers that balance: the account of each part, and the report that they add up to."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from ingest.dataset import SourceFile
from ingest.document import Outcome
from ingest.duplicates.result import Found
from ingest.engines import Tables
from ingest.quarantine.keep import is_held
from ingest.readers.sources import Absent
from ingest.report.counts import SiteCounts, count_repetition, count_sites
from ingest.schema import TABLES

TROUBLES_SHOWN = 20
DONE, TOO_MANY_FAILED, TOO_MANY_GONE, QUARANTINED = 0, 1, 1, 3
ENOUGH_TO_TELL = 20  # records: of fewer, one bad page is already a large share


@dataclass(slots=True)
class Trouble:
    """A record that ended badly, for the messages at the end of a run."""

    source: str
    record: int | None
    outcome: str
    reason: str
    remedy: str | None


@dataclass(slots=True)
class PartStats:
    """What one part adds to the report of its run.

    records: how many were read from each source, by path; `forgotten` ones among them have no rows. resumed: a former
    run had begun with it.
    """

    records: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    troubles: list[Trouble] = field(default_factory=list)
    stage_seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))  # summed over workers
    by_site: dict[str, SiteCounts] = field(default_factory=dict)
    resumed: bool = False
    forgotten: int = 0

    def enter(self, tables: Tables) -> None:
        """Count rows, by table and by site, and note the first records that ended badly."""
        for table in TABLES:
            self.rows[table] += tables[table].num_rows
        count_sites(tables["articles"], tables["removed"], self.by_site)
        if "repetition" in tables:  # what an earlier run has left of a large source holds rows only
            count_repetition(tables["repetition"], self.by_site)
        for row in tables["rejected"].slice(0, max(0, TROUBLES_SHOWN - len(self.troubles))).to_pylist():
            self.troubles.append(
                Trouble(row["source_path"], row["source_record"], row["outcome"], row["reason"], row["remedy"])
            )


@dataclass(slots=True)
class Report:
    """What a run did, in numbers that balance: `records` is the sum of `outcomes`."""

    run_id: str
    output: str
    sources: dict[str, int] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)
    dropped: int = 0  # sources that are gone, with their rows
    not_dropped: int = 0  # because too many of their root are gone at once
    gone_limit: float = 1.0
    records: int = 0
    forgotten: int = 0  # records that were read and left out
    outcomes: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    troubles: list[Trouble] = field(default_factory=list)
    duplicates: Found = field(default_factory=Found)
    sites: int = 0
    profiles: str = ""
    config_hash: str = ""
    max_failed_share: float = 1.0
    seconds: float = 0.0
    stage_seconds: dict[str, float] = field(default_factory=dict)  # summed over workers
    by_site: dict[str, SiteCounts] = field(default_factory=dict)  # of this run's articles, see ingest.report

    def add(self, account: PartStats) -> None:
        """Add what a part that was committed holds."""
        self.records += account.records.total() - account.forgotten
        self.forgotten += account.forgotten
        self.rows.update(account.rows)
        self.notes.update(account.notes)
        self.troubles += account.troubles[: max(0, TROUBLES_SHOWN - len(self.troubles))]
        for stage, seconds in account.stage_seconds.items():
            self.stage_seconds[stage] = self.stage_seconds.get(stage, 0.0) + seconds
        for site, counts in account.by_site.items():
            self.by_site.setdefault(site, SiteCounts()).add(counts)

    def tell_unreadable(self, sources: Sequence[SourceFile]) -> None:
        """Note known sources that cannot be read now. Their rows stay, so they are no records of this run."""
        remedy = "its rows stay; check that it may be read by the user of this run, and its disk"
        self.troubles += [
            Trouble(source.path, None, Outcome.UNREADABLE.value, f"cannot be read: {source.error}", remedy)
            for source in sources[:TROUBLES_SHOWN]
        ]

    def tell_absent(self, absent: Sequence[Absent]) -> None:
        """Note arguments that are not there. What is known of them stays."""
        self.sources["absent"] = len(absent)
        self.troubles += [
            Trouble(argument, None, Outcome.UNREADABLE.value, reason, remedy)
            for argument, reason, remedy in absent[:TROUBLES_SHOWN]
        ]

    @property
    def failed(self) -> int:
        """Records that could not be used."""
        return sum(count for outcome, count in self.outcomes.items() if is_held(outcome))

    @property
    def exit_code(self) -> int:
        if self.not_dropped:
            return TOO_MANY_GONE
        if self.records >= ENOUGH_TO_TELL and self.failed > self.max_failed_share * self.records:
            return TOO_MANY_FAILED
        return QUARANTINED if self.failed or self.unseen else DONE

    @property
    def unseen(self) -> int:
        """Known sources that cannot be read now, and arguments that are not there: no records of this run."""
        return self.sources.get("unreadable", 0) + self.sources.get("absent", 0)
