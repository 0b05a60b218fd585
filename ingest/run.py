"""The main job: plan, learn, freeze, apply, commit.

    sources ─ plan ─▶ what is new ─ learn ─▶ contributions ─ freeze ─▶ site profiles
                                   └ apply, group by group ─▶ rows ─ commit ─▶ parts

Learning comes wholly before applying and is stored by source, so a run that was killed takes up with the same profiles
and gives the same rows as one that was not.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal, cast

import msgspec

from ingest import duplicates
from ingest.config import Settings
from ingest.dataset import Dataset, Ledger, Plan, SourceFile
from ingest.dataset.forgotten import Filter, load
from ingest.dataset.gone import may_go
from ingest.dataset.output_location import keep_apart
from ingest.dataset.plan import await_settled, make_plan
from ingest.dataset.runs import Reached, new_run_id, recorded
from ingest.document import Outcome
from ingest.engines import Engine
from ingest.engines.factory import check_installed, open_cluster, open_engine
from ingest.maintenance.forget import enforce
from ingest.pipeline import Chain
from ingest.readers import find_sources, roots_of
from ingest.readers.sidecars import paired
from ingest.readers.sources import Found
from ingest.report.counts import largest
from ingest.shelf import shelf_of
from ingest.sites.names import recorded as names_recorded
from ingest.sites.store import Stored, names_of, save_names
from ingest.steps.apply import apply
from ingest.steps.learn import learn
from ingest.steps.merge import merged
from ingest.steps.progress import Progress, Step
from ingest.steps.rename import rename
from ingest.steps.resume_profiles import portions
from ingest.steps.run_stats import Report
from ingest.storage.factory import storage_at
from ingest.storage.locations import Place, absolute


def run(
    arguments: Sequence[Place],
    output: Place,
    settings: Settings,
    *,
    reprocess: Literal["none", "stale", "all"] = "none",
    wait: bool = False,
    engine: Engine | None = None,
    run_id: str | None = None,
    progress: Progress = lambda step, done, total, pages: None,
    force: bool = False,
) -> Report:
    """Bring the dataset at `output` up to date with the sources.

    `engine` maps the work over batches; without one, that of the settings does. `run_id` is made up if not given.
    `force` makes the dataset in a folder that holds other files, or that a source lies in.

    Raises:
        LockedError: another run holds the dataset, unless `wait` lets this one wait for its end.
        SourceError: none of the arguments exists, a source would take another one's place in the dataset, or one is the
            dataset's folder or lies in it.
        ConfigError: a setting needs a library that is not installed.
        DatasetError: the dataset breaks its contract, the folder holds something else, or the totals of this run do not
            balance.
        EngineError: workers die whatever they are given.
    """
    started = time.monotonic()
    duplicates.check_installed(settings.dedup)
    check_installed(settings)
    pipeline = Chain(settings)
    own = keep_apart(arguments, output, force=force)
    dataset = Dataset.open(output, create=True, force=force)
    run_id = run_id or new_run_id()
    with dataset.lock(wait=wait), recorded(dataset, run_id) as log, shelf_of(absolute(dataset.path)) as shelf:
        pipeline = pipeline.with_shelf(shelf)
        dataset.recover()
        enforce(dataset, run_id)  # what a call of `ingest forget` that was cut off has left to do
        found = _found(arguments, own, settings)
        roots = roots_of(arguments)

        def tell(reached: Reached) -> None:
            log.reach(reached)
            if reached.step in ("learn", "apply"):
                progress(cast("Step", reached.step), reached.bytes, reached.bytes_planned, reached.pages)

        plan = make_plan(
            dataset.ledger(),
            found.sources,
            pipeline.config_hash,
            reprocess=reprocess,
            roots=roots,
            settle=settings.settle,
            forgotten=Filter(load(dataset.storage)),
            sidecars=found.sidecars,
            seen=lambda done, planned: log.reach(Reached(step="plan", sources=done, sources_planned=planned)),
        )
        report = Report(run_id, _name(output), plan.counts(), list(map(_name, found.ignored)))
        report.notes.update(f"{_name(folder)} is a dataset: its own files are no sources" for folder in found.datasets)
        report.notes.update(found.notes)
        report.tell_unreadable(plan.unreadable)
        report.tell_absent(found.absent)
        report.config_hash, report.max_failed_share = pipeline.config_hash, settings.max_failed_share
        if plan.retire:
            dataset.retire(plan.retire, report.run_id)
        if settings.gone == "drop":
            _drop_gone(dataset, plan, settings, report)
        dataset.clear_staging(plan.todo, roots)
        if plan.todo:
            report.notes.update(f"site configuration {note}" for note in pipeline.resources.site_configs.notes)
            engine = engine or open_engine(settings)
            with open_cluster(settings) as cluster:
                store = learn(dataset, run_id, plan.todo, pipeline, engine, cluster, tell)

                def freeze(stored: Stored) -> Chain:
                    tell(Reached(step="freeze"))
                    with merged(dataset, run_id, pipeline, cluster, stored) as contributions:
                        frozen = pipeline.freeze(contributions, known := names_of(dataset))
                    save_names(dataset, names_recorded(known, frozen.profiles.unnamed))
                    return frozen

                for chain, sources in portions(dataset, store, plan.todo, pipeline, freeze):
                    report.profiles, report.sites = chain.profiles.version, len(chain.profiles.sites)
                    apply(dataset, plan, sources, chain, engine, cluster, report, tell)
        for old, now in rename(dataset, run_id).items():
            report.notes[
                f"sites {old} and {now} turned out to be one: its name is {now}, in rows of earlier runs, too"
            ] += 1
        tell(Reached(step="duplicates"))
        _mark_duplicates(dataset, plan, settings, report)
        report.seconds = time.monotonic() - started
        log.exit_code, log.report = report.exit_code, _recordable(report)
    return report


def look(
    arguments: Sequence[Place], output: Place, settings: Settings, *, force: bool = False
) -> tuple[Plan, list[str]]:
    """What `run` would do with the sources, and which files it would ignore. Nothing is written."""
    found = _found(arguments, keep_apart(arguments, output, force=force), settings)
    ledger = Dataset.open(output).ledger() if Dataset.exists(output) else Ledger()
    config_hash = Chain(settings).config_hash
    roots, forgotten = roots_of(arguments), Filter(load(storage_at(output)))
    plan = make_plan(
        ledger,
        found.sources,
        config_hash,
        roots=roots,
        settle=settings.settle,
        forgotten=forgotten,
        sidecars=found.sidecars,
    )
    return plan, list(map(_name, found.ignored))


def _drop_gone(dataset: Dataset, plan: Plan, settings: Settings, report: Report) -> None:
    """Take out the rows of sources that are gone, unless these are too many to be believed."""
    go, stay = may_go(plan.missing, dataset.ledger().entries(), settings.gone_limit)
    dataset.retire(go, report.run_id)
    report.dropped, report.not_dropped, report.gone_limit = len(go), len(stay), settings.gone_limit


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


def _found(arguments: Sequence[Place], own: Sequence[Place], settings: Settings) -> Found:
    """The sources and what is none; `own` are the folders of the dataset that is written to."""
    found = find_sources(arguments, settings.ignore, own)
    return paired(found._replace(sources=await_settled(found.sources, settings.settle)), settings)


def _name(place: Place) -> str:
    """A place as tables and records can hold it."""
    return SourceFile.root_name(place)


def _recordable(report: Report) -> dict[str, Any]:
    """The report as the run record keeps it."""
    report.by_site = largest(report.by_site)
    report.stage_seconds.update({stage: round(seconds, 3) for stage, seconds in report.stage_seconds.items()})
    fields: dict[str, Any] = msgspec.to_builtins(report)
    return fields
