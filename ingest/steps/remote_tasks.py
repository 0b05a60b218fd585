"""The steps on a cluster: what a worker does with a group of sources, with nothing of the run at hand but this.

The worker reads the sources and writes files of the dataset by itself, so both must be at the same paths for all
machines. In the worker a process of its own does the work on pages, so that a page that crashes, hangs or wants too
much memory costs itself there, too, and neither its neighbours nor the worker.
"""

from __future__ import annotations

import multiprocessing
import os
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from ingest import __version__
from ingest.dataset import Dataset
from ingest.dataset.draft import Draft
from ingest.dataset.forgotten import Filter, load
from ingest.dataset.runs import is_running
from ingest.engines import Engine, Results
from ingest.engines.factory import open_engine
from ingest.errors import EngineError
from ingest.pipeline import Chain
from ingest.readers import Limits
from ingest.sites.contributions import to_bytes
from ingest.sites.freezing import reduced
from ingest.sites.store import File, Stored, save
from ingest.stages.assemble import Stamp
from ingest.steps.groups import Feed, Group
from ingest.steps.parts import contribute, staged_contributions, staged_rows, write_part
from ingest.steps.run_stats import PartStats
from ingest.steps.work import Learn, Process
from ingest.storage.locations import absolute, is_url

MERGED = "merged/"  # state files of a run
LOOKS = 10.0  # seconds between two looks whether the run goes on


@dataclass(frozen=True, slots=True)
class JobContext:
    """What a worker needs to know of the run: where the dataset is, and with what to work."""

    dataset: str
    run_id: str
    pipeline: Chain
    config_hash: str

    @classmethod
    def of(cls, dataset: Dataset, run_id: str, pipeline: Chain) -> JobContext:
        """Paths are made absolute: workers have working directories of their own."""
        folders = {
            name: tuple(map(os.path.abspath, getattr(pipeline.settings, name))) for name in ("rules", "site_configs")
        }
        chain = Chain(replace(pipeline.settings, **folders), pipeline.profiles)
        return cls(absolute(dataset.path), run_id, chain, pipeline.config_hash)

    @contextmanager
    def work(self, group: Group) -> Iterator[tuple[Dataset, Engine]]:
        """The dataset, to write what the run will commit, and the engine of this worker.

        Raises:
            EngineError: this machine does not see what the run sees, or has another program.
        """
        if self.pipeline.config_hash != self.config_hash:
            self._refuse(
                "has another version of ingest, its rules, models, plug-ins or libraries", "install the same everywhere"
            )
        for folder in {self.dataset, *(source.root for source in group if source.root)}:
            if not is_url(folder) and not Path(folder).is_dir():
                self._refuse(f"does not see {folder}", "mount it at the same path everywhere")
        dataset = Dataset.open(self.dataset)
        settings = self.pipeline.settings
        _allow_children()
        with dataset.assist():
            yield dataset, open_engine(replace(settings, workers=settings.part_workers))

    def watched(self, dataset: Dataset, results: Results) -> Results:
        """The results, as long as the run that wants them goes on."""
        looked = time.monotonic()
        with closing(results):
            for result in results:
                yield result
                if time.monotonic() - looked > LOOKS:
                    if not is_running(dataset, self.run_id):
                        self._refuse(f"works for the run {self.run_id}, which is over", "nothing is to be done")
                    looked = time.monotonic()

    def _refuse(self, what: str, hint: str) -> None:
        raise EngineError(f"worker {os.getpid()} on {socket.gethostname()} {what}", hint=hint)


@dataclass(frozen=True, slots=True)
class WritePart:
    """The sources of one part → its draft, and its account."""

    context: JobContext
    stamp: Stamp

    def __call__(self, group: Group) -> tuple[Draft, PartStats]:
        pipeline, notes = self.context.pipeline, PartStats().notes
        with self.context.work(group) as (dataset, engine):
            staged = staged_rows(dataset, group, pipeline)
            pages = Feed([group], pipeline.settings, Limits.of(pipeline.settings, notes), staged)
            staging = staged.get(group[0].path)
            with (
                closing(self.context.watched(dataset, engine.map(Process(pipeline, self.stamp), pages))) as results,
                dataset.writer(
                    group, pipeline.config_hash, self.context.run_id, pipeline_version=__version__, staging=staging
                ) as writer,
            ):
                account = write_part(group, writer, staging, results, forgotten=Filter(load(dataset.storage)))
                account.notes.update(notes)
                return writer.finish(account.records), account


@dataclass(frozen=True, slots=True)
class Contribute:
    """The sources of one part → what they contribute, stored in the dataset; returns how many records there are."""

    context: JobContext

    def __call__(self, group: Group) -> int:
        pipeline = self.context.pipeline
        with self.context.work(group) as (dataset, engine):
            staged = staged_contributions(dataset, group, pipeline)
            work = Learn(pipeline, {source.path: source.digest for source in group})
            pages = Feed([group], pipeline.settings, Limits.of(pipeline.settings), staged)
            with closing(self.context.watched(dataset, engine.map(work, pages))) as results:
                keep = partial(save, dataset, pipeline.learning_version)
                return contribute(lambda: group, keep, staged.get(group[0].path), results)


class Level(NamedTuple):
    """What a merge has made: the state file, and pages before and after."""

    file: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Merge:
    """Files of contributions → one with those pages that profiles may count, named by what went into it."""

    context: JobContext

    def __call__(self, files: Sequence[File]) -> Level:
        with self.context.work([]) as (dataset, _):
            tables = list(Stored(dataset, files))
            table = reduced(tables)
            key = blake2b("".join(name for name, _ in files).encode(), digest_size=10).hexdigest()
            name = f"{MERGED}{key}.contributions"
            dataset.put_state(name, to_bytes(table.to_batches()))
            return Level(name, sum(map(len, tables)), len(table))


def _allow_children() -> None:
    """Let this process have child processes. Dask marks its workers as daemons, which the standard library then forbids
    it; ours end with their parent, which is all that the mark is for.
    """
    multiprocessing.current_process()._config["daemon"] = False  # type: ignore[attr-defined]
