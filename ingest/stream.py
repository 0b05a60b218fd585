"""Sources to a sink, batch by batch, without a dataset: `ingest run … -o -`.

Files are read twice, as in a run, so that what the pages of a site share is known before the first row goes out.
Standard input can be read once only: there, rows use what a dataset has learned, if one is named, and nothing else.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

from ingest.config import Settings
from ingest.dataset import Dataset, SourceFile
from ingest.dataset.sources import digested
from ingest.document import HARMLESS, Outcome, Records
from ingest.engines import Engine
from ingest.engines.factory import open_engine
from ingest.pipeline import Chain
from ingest.readers import Input, Limits
from ingest.readers.batches import batches, batches_of, gathered
from ingest.readers.sidecars import find
from ingest.readers.sources import Found
from ingest.sinks import Sink
from ingest.sites.store import ContributionStore, names_of
from ingest.stages.assemble import Stamp
from ingest.steps.run_stats import DONE, QUARANTINED
from ingest.steps.work import Learn, Process
from ingest.storage.locations import Place

STDIN = Path("-")
NAME = "stdin"  # as a source of rows
_BLOCK = 1 << 20


@dataclass(slots=True)
class Streamed:
    """What went through, in numbers that balance: `records` is the sum of `outcomes`."""

    records: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    absent: int = 0  # arguments that are not there, beside others that are

    @property
    def exit_code(self) -> int:
        good = not self.absent and set(self.outcomes) <= {outcome.value for outcome in HARMLESS}
        return DONE if good else QUARANTINED


def stream(
    arguments: Sequence[Place],
    sink: Sink,
    settings: Settings,
    *,
    stdin: BinaryIO,
    dataset: Place | None = None,
    told: Callable[[dict[str, Any]], None] = lambda rejected: None,
) -> Streamed:
    """Clean all pages of the sources, in order, into the sink. Memory is bounded by some batches, and what is learned.

    Args:
        arguments: files and folders, and `STDIN`, which is read last.
        sink: takes the rows, table by table.
        settings: as of a run; what concerns the dataset alone has no effect.
        stdin: what `STDIN` stands for.
        dataset: use what this dataset has learned of sites, too.
        told: is called with each row of `rejected`, as it comes, and first for each argument that is not there.

    Raises:
        SourceError: none of the arguments exists.
        DatasetError: there is no dataset at `dataset`.
        EngineError: workers die whatever they are given.
        OSError: the sink cannot write.
    """
    files = [argument for argument in arguments if argument != STDIN]
    found = find(files, settings) if files else Found([], [], [], [])
    sources = [source for source in digested(found.sources) if source is not None]  # others are gone since listed
    chain, engine, done = Chain(settings), open_engine(settings), Streamed(absent=len(found.absent))
    done.notes.update(found.notes)
    for argument, reason, remedy in found.absent:
        place = {"source_path": argument, "source_record": None}
        told({**place, "outcome": Outcome.UNREADABLE.value, "reason": reason, "remedy": remedy})
    if settings.learn:
        opened = Dataset.open(dataset) if dataset else None
        known = ContributionStore(opened, chain.learning_version).living() if opened else []
        chain = chain.freeze([*known, *_learned(sources, chain, engine)], names_of(opened))
    limits = Limits.of(settings, done.notes)

    def feed() -> Iterator[Records]:
        yield from gathered((batch for source in sources for batch in batches(source, settings, limits)), settings)
        if STDIN in arguments:
            yield from batches_of(Input.of_stream(stdin, NAME), settings, limits)

    work = Process(chain, Stamp.now(chain.config_hash))
    with closing(engine.map(work, feed())) as results:
        for batch, tables in results:
            sink.write(tables)
            done.records += len(batch)
            done.outcomes[Outcome.KEPT.value] += tables["articles"].num_rows
            for row in tables["rejected"].to_pylist():
                done.outcomes[row["outcome"]] += 1
                told(row)
    sink.close()
    done.outcomes = +done.outcomes
    assert done.records == done.outcomes.total(), f"{done.records} records, outcomes {dict(done.outcomes)}"
    return done


def _learned(sources: Sequence[SourceFile], chain: Chain, engine: Engine) -> list[pa.Table]:
    """What the pages of the sources contribute to the knowledge of their sites."""
    limits = Limits.of(chain.settings)
    parts = (batch for source in sources for batch in batches(source, chain.settings, limits))
    work = Learn(chain, {source.path: source.digest for source in sources})
    with closing(engine.map(work, gathered(parts, chain.settings))) as results:
        return [tables["contributions"] for _, tables in results]


@contextmanager
def spooled(stdin: BinaryIO) -> Iterator[Path]:
    """The stream as a file that is gone afterwards; named by its content, which is how a dataset knows sources."""
    with tempfile.TemporaryDirectory(prefix="ingest-") as folder:
        path, digest = Path(folder, NAME), sha256()
        with path.open("wb") as file:
            while block := stdin.read(_BLOCK):
                digest.update(block)
                file.write(block)
        yield path.rename(path.with_name(f"{NAME}-{digest.hexdigest()[:12]}"))
