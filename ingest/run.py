"""The main job: plan, learn, freeze, apply, commit.

    sources ─ plan ─▶ what is new ─ learn ─▶ contributions ─ freeze ─▶ site profiles
                                   └ apply, group by group ─▶ rows ─ commit ─▶ parts

Learning comes wholly before applying and is stored by source, so a run that was killed takes up with the same profiles
and gives the same rows as one that was not.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, Literal

import msgspec
import pyarrow as pa

from ingest import __version__, duplicates, stopping
from ingest.batches import batches, gathered
from ingest.config import Settings
from ingest.dataset import Dataset, Ledger, Plan, SourceFile
from ingest.dataset.layout import WRITTEN, schemas_written
from ingest.dataset.plan import await_settled
from ingest.dataset.runs import new_run_id, recorded
from ingest.dataset.segments import Purpose
from ingest.dataset.staging import Staging
from ingest.document import Outcome, Record
from ingest.engines import Engine, Records, Results, open_engine
from ingest.engines.work import Learn, Process, Tables
from ingest.pipeline import Chain
from ingest.portions import portions
from ingest.quarantine.keep import is_held
from ingest.readers import Limits, find_sources, roots_of
from ingest.report.counts import SiteCounts, count_sites, largest
from ingest.schema import TABLES
from ingest.sites import contributions
from ingest.sites.store import ContributionStore
from ingest.stages.assemble import Stamp

TROUBLES_SHOWN = 20
DONE, TOO_MANY_FAILED, QUARANTINED = 0, 1, 3
ENOUGH_TO_TELL = 20  # records: of fewer, one bad page is already a large share

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
    max_failed_share: float = 1.0
    seconds: float = 0.0
    stage_seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))  # summed over workers
    by_site: dict[str, SiteCounts] = field(default_factory=dict)  # of this run's articles, see ingest.report

    @property
    def failed(self) -> int:
        """Records that could not be used."""
        return sum(count for outcome, count in self.outcomes.items() if is_held(outcome))

    @property
    def exit_code(self) -> int:
        if self.records >= ENOUGH_TO_TELL and self.failed > self.max_failed_share * self.records:
            return TOO_MANY_FAILED
        return QUARANTINED if self.failed else DONE


Progress = Callable[[Step, int, int, int], None]
"""Called with the step, bytes done, bytes to do, and pages done."""


def run(
    arguments: Sequence[str | Path],
    output: str | Path,
    settings: Settings,
    *,
    reprocess: Literal["none", "stale", "all"] = "none",
    wait: bool = False,
    engine: Engine | None = None,
    run_id: str | None = None,
    progress: Progress = lambda step, done, total, pages: None,
) -> Report:
    """Bring the dataset at `output` up to date with the sources.

    `engine` maps the work over batches; without one, that of the settings does. `run_id` is made up if not given.

    Raises:
        LockedError: another run holds the dataset, unless `wait` lets this one wait for its end.
        SourceError: an argument does not exist, or a source would take another one's place in the dataset.
        ConfigError: a setting needs a library that is not installed.
        DatasetError: the dataset breaks its contract, or the totals of this run do not balance.
        EngineError: workers die whatever they are given.
    """
    started = time.monotonic()
    duplicates.check_installed(settings.dedup)
    pipeline = Chain(settings)
    dataset = Dataset.open(Path(output), create=True)
    run_id = run_id or new_run_id()
    with dataset.lock(wait=wait), recorded(dataset, run_id) as log:
        dataset.recover()
        sources, ignored = _sources(arguments, Path(output), settings)
        roots = roots_of(arguments)
        plan = dataset.ledger().plan(
            sources, pipeline.config_hash, reprocess=reprocess, roots=roots, settle=settings.settle
        )
        report = Report(run_id, str(output), _count(plan), [str(path) for path in ignored])
        report.config_hash, report.max_failed_share = pipeline.config_hash, settings.max_failed_share
        if plan.retire:
            dataset.retire(plan.retire, report.run_id)
        dataset.clear_staging(plan.todo, roots)
        if plan.todo:
            report.notes.update(f"site configuration {note}" for note in pipeline.site_configs.notes)
            engine = engine or open_engine(settings)
            store = _learn(dataset, plan, pipeline, engine, progress)
            for sources in portions(dataset, store, plan.todo, pipeline):
                report.profiles, report.sites = pipeline.profiles.version, len(pipeline.profiles.sites)
                _apply(dataset, plan, sources, pipeline, engine, report, progress)
        _mark_duplicates(dataset, plan, settings, report)
        report.seconds = time.monotonic() - started
        log.exit_code, log.report = report.exit_code, _recordable(report)
    return report


def look(arguments: Sequence[str | Path], output: Path, settings: Settings) -> tuple[Plan, list[Path]]:
    """What `run` would do with the sources, and which files it would ignore. Nothing is written."""
    sources, ignored = _sources(arguments, output, settings)
    exists = (output / "_ingest").exists()
    ledger = Dataset.open(output).ledger() if exists else Ledger()
    config_hash = Chain(settings).config_hash
    return ledger.plan(sources, config_hash, roots=roots_of(arguments), settle=settings.settle), ignored


def _learn(
    dataset: Dataset, plan: Plan, pipeline: Chain, engine: Engine, progress: Progress
) -> ContributionStore | None:
    """Contributions of the sources that have none yet are stored."""
    if not pipeline.settings.learn:
        return None
    store = ContributionStore(dataset, pipeline.rules.version)
    missing = [source for source in plan.todo if source.digest not in store.learned]
    done = _Done("learn", missing, progress)
    settings, limits = pipeline.settings, Limits.of(pipeline.settings)
    schemas = {"contributions": contributions.SCHEMA}
    staged = _staged(dataset, "learn", missing, (__version__, pipeline.rules.version), schemas, settings)
    work = Learn(pipeline, {source.path: source.digest for source in missing})
    with closing(engine.map(work, _feed(missing, settings, limits, staged))) as results:
        for group in groups(missing, settings.part_bytes):
            fresh: list[pa.RecordBatch] = []
            staging = staged.get(group[0].path)
            records = staging.records if staging else 0
            for batch, tables in _of_group(results):
                records += len(batch)
                if staging:
                    for rows in tables["contributions"].to_batches():
                        staging.write("contributions", rows)
                    staging.checkpoint(records, _size(batch))
                else:
                    fresh += tables["contributions"].to_batches()
                done.add(batch)
            with stopping.finishing():
                if staging:
                    staging.seal(records)
                    fresh += staging.batches("contributions")
                store.add([source.digest for source in group], fresh)
                if staging:
                    staging.clear()
    done.end()
    return store


def _apply(
    dataset: Dataset,
    plan: Plan,
    sources: Sequence[SourceFile],
    pipeline: Chain,
    engine: Engine,
    report: Report,
    progress: Progress,
) -> None:
    """Rows of the sources are written and committed, group by group."""
    done = _Done("apply", sources, progress)
    settings, limits = pipeline.settings, Limits.of(pipeline.settings, report.notes)
    versions = (pipeline.config_hash, pipeline.profiles.version)
    staged = _staged(dataset, "apply", sources, versions, schemas_written(), settings)
    work = Process(pipeline, Stamp.now(pipeline.config_hash))
    with closing(engine.map(work, _feed(sources, settings, limits, staged))) as results:
        for group in groups(sources, settings.part_bytes):
            records: Counter[str] = Counter()
            staging = staged.get(group[0].path)
            resumed = bool(staging and staging.records)
            if staging:
                records[group[0].path] = staging.records
                for segment in staging.tables():
                    _account(segment, report)
            with dataset.writer(
                group, pipeline.config_hash, report.run_id, pipeline_version=__version__, staging=staging
            ) as writer:
                for batch, tables in _of_group(results):
                    records.update(item.source for item in batch)
                    _write(writer, tables, report)
                    writer.checkpoint(records.total(), _size(batch))
                    done.add(batch)
                if resumed and group[0].has_moved():
                    # its end may be that of another content than its beginning
                    plan.todo.remove(group[0])
                    plan.unsettled.append(group[0])
                    report.sources = _count(plan)
                    continue
                # the writer refuses to commit where rows and records do not balance
                learned = [source.path for source in group] if settings.learn else []
                with stopping.finishing():
                    writer.commit(records=records, learned=learned)
            report.records += records.total()
    done.end()


def _staged(
    dataset: Dataset,
    purpose: Purpose,
    sources: Iterable[SourceFile],
    versions: tuple[str, ...],
    schemas: dict[str, pa.Schema],
    settings: Settings,
) -> dict[str, Staging]:
    """What earlier runs have finished of the sources that are too large to be done in one go, by path."""
    large = [source for source in sources if source.size > settings.part_bytes]
    return {source.path: dataset.staging(purpose, source, versions, schemas, settings.part_bytes) for source in large}


def _feed(
    sources: Sequence[SourceFile], settings: Settings, limits: Limits, staged: dict[str, Staging]
) -> Iterator[Records]:
    """The batches of each group of sources, then an empty one: an engine reads ahead, over the ends of groups."""
    skip = {path: staging.records for path, staging in staged.items()}
    for group in groups(sources, settings.part_bytes):
        of_group = chain.from_iterable(batches(source, settings, limits, skip.get(source.path, 0)) for source in group)
        yield from gathered(of_group, settings)
        yield []


def _size(batch: Records) -> int:
    return sum(len(item.content) for item in batch if isinstance(item, Record))


def _of_group(results: Results) -> Iterator[tuple[Records, Tables]]:
    """The results up to the end of the group."""
    for batch, tables in results:
        stopping.check()
        if not batch:
            return
        yield batch, tables


class _Done:
    """How far a step is: bytes of the sources that are behind it, and pages."""

    def __init__(self, step: Step, sources: Iterable[SourceFile], progress: Progress) -> None:
        self._step, self._progress = step, progress
        self._sizes = {source.path: source.size for source in sources}
        self._total = sum(self._sizes.values())
        self._behind = 0
        self._pages = 0
        self._source = ""

    def add(self, batch: Records) -> None:
        """Count a batch, in the order of the sources."""
        for source in dict.fromkeys(item.source for item in batch):
            if source != self._source:
                self._behind += self._sizes.get(self._source, 0)
                self._source = source
        self._pages += len(batch)
        within = min(batch[-1].offset or 0, self._sizes.get(self._source, 0))
        self._progress(self._step, self._behind + within, self._total, self._pages)

    def end(self) -> None:
        self._progress(self._step, self._total, self._total, self._pages)


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


def _write(writer: Any, tables: Tables, report: Report) -> None:
    started = time.perf_counter()
    for table in WRITTEN:
        writer.write(table, tables[table])
    report.stage_seconds["write"] += time.perf_counter() - started
    for stage in tables["seconds"].to_pylist():
        report.stage_seconds[stage["stage"]] += stage["seconds"]
    _account(tables, report)


def _account(tables: Tables, report: Report) -> None:
    """Count rows, by table and by site, and note the first records that ended badly."""
    for table in TABLES:
        report.rows[table] += tables[table].num_rows
    count_sites(tables["articles"], tables["removed"], report.by_site)
    for row in tables["rejected"].slice(0, max(0, TROUBLES_SHOWN - len(report.troubles))).to_pylist():
        report.troubles.append(
            Trouble(row["source_path"], row["source_record"], row["outcome"], row["reason"], row["remedy"])
        )


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
    found, ignored = find_sources(arguments, settings.ignore, output)
    return await_settled(found, settings.settle), ignored


def _count(plan: Plan) -> dict[str, int]:
    names = ("new", "changed", "done", "stale", "copies", "unreadable", "unsettled", "moved", "missing")
    return {name: len(getattr(plan, name)) for name in names} | {"todo": len(plan.todo)}


def _recordable(report: Report) -> dict[str, Any]:
    """The report as the run record keeps it."""
    report.by_site = largest(report.by_site)
    report.stage_seconds.update({stage: round(seconds, 3) for stage, seconds in report.stage_seconds.items()})
    fields: dict[str, Any] = msgspec.to_builtins(report)
    return fields
