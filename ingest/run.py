"""The main job: plan, learn, freeze, apply, commit.

    sources ─ plan ─▶ what is new ─ learn ─▶ contributions ─ freeze ─▶ site profiles
                                   └ apply, group by group ─▶ rows ─ commit ─▶ parts

Learning comes wholly before applying and is stored by source, so a run that was killed takes up with the same profiles
and gives the same rows as one that was not.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Literal

import msgspec
import pyarrow as pa

from ingest import __version__, duplicates
from ingest.batches import batches
from ingest.config import Settings
from ingest.dataset import Dataset, Ledger, Plan, SourceFile
from ingest.document import HARMLESS, Outcome
from ingest.pipeline import Chain
from ingest.readers import Limits, find_sources
from ingest.sites.store import ContributionStore
from ingest.stages.assemble import Rows, Stamp

TROUBLES_SHOWN = 20
DONE, QUARANTINED = 0, 3

Step = Literal["learn", "apply"]


@dataclass(slots=True)
class Trouble:
    """A record that ended badly, for the messages at the end of a run."""

    source: str
    record: int | None
    outcome: str
    reason: str
    remedy: str | None


@dataclass(slots=True)
class Report:
    """What a run did, in numbers that balance: `records` is the sum of `outcomes`."""

    run_id: str
    output: str
    sources: dict[str, int] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)
    records: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    troubles: list[Trouble] = field(default_factory=list)
    duplicates: duplicates.Found = field(default_factory=duplicates.Found)
    sites: int = 0
    profiles: str = ""
    config_hash: str = ""
    seconds: float = 0.0

    @property
    def exit_code(self) -> int:
        harmless = {outcome.value for outcome in HARMLESS}
        return DONE if set(self.outcomes) <= harmless else QUARANTINED


Progress = Callable[[Step, int, int], None]
"""Called with the step, bytes done and bytes to do."""


def run(
    arguments: Sequence[str | Path],
    output: str | Path,
    settings: Settings,
    *,
    reprocess: Literal["none", "stale", "all"] = "none",
    wait: bool = False,
    progress: Progress = lambda step, done, total: None,
) -> Report:
    """Bring the dataset at `output` up to date with the sources.

    Raises:
        LockedError: another run holds the dataset, unless `wait` lets this one wait for its end.
        SourceError: an argument does not exist, or a source would take another one's place in the dataset.
        ConfigError: a setting needs a library that is not installed.
        DatasetError: the dataset breaks its contract, or the totals of this run do not balance.
    """
    started = time.monotonic()
    duplicates.check_installed(settings.dedup)
    pipeline = Chain(settings)
    dataset = Dataset.open(Path(output), create=True)
    with dataset.lock(wait=wait):
        dataset.recover()
        sources, ignored = _sources(arguments, Path(output), settings)
        roots = {source.root for source in sources}
        plan = dataset.ledger().plan(sources, pipeline.config_hash, reprocess=reprocess, roots=roots)
        report = Report(_run_id(), str(output), _count(plan), [str(path) for path in ignored])
        report.config_hash = pipeline.config_hash
        if plan.retire:
            dataset.retire(plan.retire, report.run_id)
        if plan.todo:
            report.notes.update(f"site configuration {note}" for note in pipeline.site_configs.notes)
            _learn(dataset, plan, pipeline, progress)
            report.profiles, report.sites = pipeline.profiles.version, len(pipeline.profiles.sites)
            _apply(dataset, plan, pipeline, report, progress)
        _mark_duplicates(dataset, plan, settings, report)
        report.seconds = time.monotonic() - started
        dataset.put_state(f"runs/{report.run_id}.json", _encode(report))
    return report


def look(arguments: Sequence[str | Path], output: Path, settings: Settings) -> tuple[Plan, list[Path]]:
    """What `run` would do with the sources, and which files it would ignore. Nothing is written."""
    sources, ignored = _sources(arguments, output, settings)
    exists = (output / "_ingest").exists()
    ledger = Dataset.open(output).ledger() if exists else Ledger()
    return ledger.plan(sources, Chain(settings).config_hash), ignored


def _learn(dataset: Dataset, plan: Plan, pipeline: Chain, progress: Progress) -> None:
    """Contributions of the sources that have none yet are stored, then all living ones frozen."""
    if not pipeline.settings.learn:
        return
    store = ContributionStore(dataset, pipeline.rules.version)
    done, total = 0, sum(source.size for source in plan.todo)
    for group in groups(plan.todo, pipeline.settings.part_bytes):
        missing = [source for source in group if source.digest not in store.learned]
        fresh: list[pa.RecordBatch] = []
        for source in missing:
            limits = Limits(pipeline.settings.max_document_bytes)
            for batch in batches(source, pipeline.settings, limits):
                fresh += pipeline.learn(batch, source.digest)
            done += source.size
            progress("learn", done, total)
        if missing:
            store.add([source.digest for source in missing], fresh)
    pipeline.freeze(store.living(source.digest for source in plan.todo))


def _apply(dataset: Dataset, plan: Plan, pipeline: Chain, report: Report, progress: Progress) -> None:
    stamp = Stamp(__version__, pipeline.config_hash, _now())
    limits = Limits(pipeline.settings.max_document_bytes, report.notes)
    done, total = 0, sum(source.size for source in plan.todo)
    for group in groups(plan.todo, pipeline.settings.part_bytes):
        records: Counter[str] = Counter()
        with dataset.writer(group, pipeline.config_hash, report.run_id, pipeline_version=__version__) as writer:
            for source in group:
                for batch in batches(source, pipeline.settings, limits):
                    records[source.path] += len(batch)
                    for rows in pipeline.process(batch, stamp):
                        report.outcomes += _write(writer, rows, report)
                done += source.size
                progress("apply", done, total)
            # the writer refuses to commit where rows and records do not balance
            learned = [source.path for source in group] if pipeline.settings.learn else []
            writer.commit(records=records, learned=learned)
        report.records += records.total()


def _mark_duplicates(dataset: Dataset, plan: Plan, settings: Settings, report: Report) -> None:
    """Decide over the whole dataset, and count those of this run's records that are duplicates as such."""
    report.duplicates = duplicates.mark(
        dataset, report.run_id, mode=settings.dedup, drop=settings.drop_duplicates and settings.dedup != "off"
    )
    report.outcomes = duplicates.outcomes_of(dataset, (source.path for source in plan.todo))
    if settings.drop_duplicates:
        dropped = report.outcomes[Outcome.DUPLICATE.value]
        report.rows += Counter({"rejected": dropped})
        report.rows["articles"] -= dropped


def _write(writer: Any, rows: Rows, report: Report) -> Counter[str]:
    writer.write("articles", rows.articles)
    writer.write("removed", rows.removed)
    writer.write("rejected", rows.rejected)
    for table in ("articles", "removed", "rejected"):
        report.rows[table] += getattr(rows, table).num_rows
    outcomes = Counter(rows.rejected["outcome"].to_pylist())
    if rows.articles.num_rows:
        outcomes[Outcome.KEPT.value] += rows.articles.num_rows
    for row in rows.rejected.slice(0, max(0, TROUBLES_SHOWN - len(report.troubles))).to_pylist():
        report.troubles.append(
            Trouble(row["source_path"], row["source_record"], row["outcome"], row["reason"], row["remedy"])
        )
    return outcomes


def groups(sources: Sequence[SourceFile], part_bytes: int) -> Iterator[list[SourceFile]]:
    """Sources gathered in order into groups of about `part_bytes`; a larger source is a group of its own."""
    group: list[SourceFile] = []
    size = 0
    for source in sources:
        if group and size + source.size > part_bytes:
            yield group
            group, size = [], 0
        group.append(source)
        size += source.size
    if group:
        yield group


def _sources(arguments: Sequence[str | Path], output: Path, settings: Settings) -> tuple[list[SourceFile], list[Path]]:
    """The sources, and what was ignored. A dataset's own files are no sources, also where it lies below a source."""
    found, ignored = find_sources(arguments, settings.ignore)
    own = output.resolve()
    inside = [source for source in found if Path(source.location).resolve().is_relative_to(own)]
    kept = [source for source in found if source not in inside] if inside else found
    return kept, [*ignored, *(Path(source.location) for source in inside)]


def _count(plan: Plan) -> dict[str, int]:
    names = ("new", "changed", "done", "stale", "copies", "unreadable", "unsettled", "moved", "missing")
    return {name: len(getattr(plan, name)) for name in names} | {"todo": len(plan.todo)}


def _run_id() -> str:
    return f"{_now():%Y%m%dT%H%M%S}-{os.getpid()}"


def _now() -> datetime:
    """UTC, naive, whole seconds; SOURCE_DATE_EPOCH (reproducible-builds.org) fixes it for repeatable output."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH")
    moment = datetime.fromtimestamp(int(fixed), timezone.utc) if fixed else datetime.now(timezone.utc)
    return moment.replace(tzinfo=None, microsecond=0)


def _encode(report: Report) -> bytes:
    return msgspec.json.format(msgspec.json.encode(report), indent=2)
