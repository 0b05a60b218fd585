"""Worker processes: what a bad document does to its worker costs that document and nothing else."""

from __future__ import annotations

import faulthandler
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from random import Random

import numpy as np
import pyarrow as pa
import pytest

from ingest.config import Settings
from ingest.document import Ending, Kind, Record, Records
from ingest.engines import Tables, available_cpus, local
from ingest.engines.factory import open_engine
from ingest.engines.inline import InlineEngine
from ingest.engines.local import LocalEngine
from ingest.errors import EngineError

MEMORY = 60_000_000


class Echo:
    """Gives back numbers and contents; some contents do to the process what bad pages do."""

    def __call__(self, batch: Records) -> Tables:
        for record in batch:
            assert isinstance(record, Record)
            misdeed = getattr(self, record.content.split()[0], None)  # type: ignore[arg-type]
            if misdeed:
                misdeed()
        return _table([(record.number, "done") for record in batch])

    def lost(self, record: Record, ending: Ending) -> Tables:
        return _table([(record.number, ending.outcome.value)])

    def warm(self, kinds: Iterable[Kind]) -> None:
        pass

    def exits(self) -> None:
        os._exit(7)

    def is_killed(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def crashes(self) -> None:
        faulthandler.disable()  # the test runner's own would report it
        os.kill(os.getpid(), signal.SIGSEGV)

    def loops_in_python(self) -> None:
        while True:
            pass

    def loops_in_c(self) -> None:
        re.match("(a+)+$", "a" * 60 + "b")

    def sleeps(self) -> None:
        time.sleep(1000)

    def raises(self) -> None:
        raise RuntimeError("not caught by the work")

    def allocates(self) -> None:
        hoard = []
        while True:
            hoard.append(bytearray(10_000_000))

    def labours(self) -> None:
        started = time.process_time()
        while time.process_time() < started + 0.01:
            pass

    def lingers(self) -> None:
        time.sleep(0.02)


def _table(rows: list[tuple[int | None, str]]) -> Tables:
    number, outcome = zip(*rows, strict=True)
    return {"echo": pa.table({"number": pa.array(number, pa.int64()), "outcome": pa.array(outcome, pa.string())})}


class Threads(Echo):
    """Gives back how many threads NumPy's linear algebra has, and whose memory Arrow takes."""

    def __call__(self, batch: Records) -> Tables:
        from threadpoolctl import threadpool_info

        threads = max(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")
        return _table([(threads, pa.default_memory_pool().backend_name)])


def records(contents: list[str]) -> list[Record]:
    return [Record("s", number, content, "text") for number, content in enumerate(contents)]


def cut(items: list[Record], size: int) -> Iterator[list[Record]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def outcomes(engine: LocalEngine | InlineEngine, contents: list[str], size: int) -> list[tuple[int, str]]:
    """(number, outcome) in the order of the results."""
    with closing(engine.map(Echo(), cut(records(contents), size))) as results:
        return [
            (row["number"], row["outcome"]) for _, tables in results for row in tables["echo"].to_pylist() if tables
        ]


def engine(workers: int = 2, seconds: float = 20, memory: int = MEMORY) -> LocalEngine:
    return LocalEngine(workers, seconds=seconds, memory=memory)


@pytest.mark.parametrize("misdeed", ["exits", "is_killed", "crashes", "raises", "allocates"])
@pytest.mark.parametrize("workers", [1, 2])
def test_death_of_a_worker_costs_one_document(misdeed: str, workers: int) -> None:
    """The guilty document alone ends badly, in its place; the others of its batch and of other batches are done."""
    contents = ["fine"] * 100
    contents[37] = contents[99] = misdeed
    ending = "too-large" if misdeed == "allocates" else "failed"
    expected = [(number, ending if number in (37, 99) else "done") for number in range(100)]
    assert outcomes(engine(workers), contents, 32) == expected


def test_workers_are_one_thread_and_share_memory_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """However NumPy and Arrow were set up: a worker's linear algebra has one thread, and what Arrow frees goes back."""
    from threadpoolctl import threadpool_limits

    monkeypatch.delenv("ARROW_DEFAULT_MEMORY_POOL", raising=False)
    np.ones((2, 2)) @ np.ones((2, 2))
    engine = open_engine(Settings(workers=1))
    with threadpool_limits(2, user_api="blas"), closing(engine.map(Threads(), [records(["fine"])])) as results:
        [(_, tables)] = results
    assert tables["echo"].to_pylist() == [{"number": 1, "outcome": "system"}]


@pytest.mark.parametrize("misdeed", ["loops_in_python", "loops_in_c", "sleeps"])
def test_hanging_document_ends_as_timeout(misdeed: str) -> None:
    """A document that does not come to an end is given up after its time; its neighbours are done."""
    contents = ["fine"] * 20
    contents[7] = misdeed
    # what only waits gets ten times as long
    found = dict(outcomes(engine(seconds=0.1 if misdeed == "sleeps" else 0.3), contents, 20))
    assert found.pop(7) == "timeout"
    assert set(found.values()) == {"done"}


def test_slow_batch_is_not_mistaken_for_a_hanging_document(monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch of slow documents takes longer than one may: it is cut and done, and later ones get more time."""
    overdue = 0
    real = local._Pool._overdue

    def counted(pool: local._Pool) -> Ending:
        nonlocal overdue
        overdue += 1
        return real(pool)

    monkeypatch.setattr(local._Pool, "_overdue", counted)
    found = outcomes(engine(workers=1, seconds=0.1), ["labours"] * 100, 20)
    assert found == [(number, "done") for number in range(100)]
    assert 1 <= overdue < 5


def test_order_is_that_of_the_batches() -> None:
    """Results come in the order of the batches, however long each takes; an empty batch keeps its place."""
    items = records(["lingers" if number % 7 == 0 else "fine" for number in range(60)])
    batches: list[list[Record]] = []
    for batch in cut(items, 3):
        batches += [batch, []]
    with closing(engine(2).map(Echo(), batches)) as results:
        seen = [batch for batch, _ in results]
    assert seen == batches


def test_batches_are_taken_only_as_results_are_consumed() -> None:
    """Back-pressure: an engine reads a bounded number of batches ahead of its consumer."""
    taken = 0

    def feed() -> Iterator[list[Record]]:
        nonlocal taken
        for batch in cut(records(["fine"] * 200), 1):
            taken += 1
            yield batch

    with closing(engine(2).map(Echo(), feed())) as results:
        for consumed, _ in enumerate(results):
            assert taken - consumed <= 8
    assert taken == 200


@pytest.mark.parametrize("seed", range(2))
def test_workers_killed_at_random_lose_nothing(seed: int) -> None:
    """Workers that are killed from outside, at any instant, cost no document: what they had is done by others."""
    random, kills = Random(seed), 0
    before = set(workers_of(os.getpid()))
    found: list[dict[str, object]] = []
    with closing(engine(2).map(Echo(), cut(records(["lingers"] * 150), 10))) as results:
        for _, tables in results:
            found += tables["echo"].to_pylist()
            time.sleep(random.uniform(0, 0.1))
            if (victims := sorted(set(workers_of(os.getpid())) - before)) and random.random() < 0.7:
                os.kill(random.choice(victims), signal.SIGKILL)
                kills += 1
    assert kills > 3
    assert found == [{"number": number, "outcome": "done"} for number in range(150)]


def test_workers_that_die_whatever_they_get_end_the_run() -> None:
    """Where no batch at all succeeds, the documents are not at fault: they stay, and the run says why."""
    with pytest.raises(EngineError, match="in a row died"):
        outcomes(engine(2), ["exits"] * 300, 50)


def test_no_worker_is_left_when_results_are_no_longer_wanted() -> None:
    """Closing the generator ends the workers, also those in an endless loop."""
    before = set(workers_of(os.getpid()))  # what other tests have begun, such as the tracker of shared memory
    with closing(engine(2).map(Echo(), cut(records(["fine"] * 8 + ["loops_in_c"] * 8), 1))) as results:
        next(results)
    assert not set(workers_of(os.getpid())) - before


def test_worker_is_replaced_after_some_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Recycled workers lose nothing, and what they had been given already is done by the next."""
    monkeypatch.setattr("ingest.engines.worker.BATCHES", 3)
    assert outcomes(engine(2), ["fine"] * 50, 2) == [(number, "done") for number in range(50)]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a worker notices between two batches")
def test_workers_end_when_their_run_is_killed(tmp_path: Path) -> None:
    """After kill -9 of the run no worker stays, not even one in an endless loop that never looks at its channel."""
    script = tmp_path / "run.py"
    script.write_text(
        "import sys; sys.path[:0] = sys.argv[1:3]\n"
        "from engines import test_local as t\n"
        "list(t.engine(2, seconds=1000).map(t.Echo(), t.cut(t.records(['loops_in_c', 'sleeps']), 1)))\n"
    )
    folder = Path(__file__).parents[1]
    process = subprocess.Popen([sys.executable, script, folder, folder.parent])
    deadline = time.monotonic() + 20
    while len(workers := workers_of(process.pid)) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.kill()
    process.wait()
    while any(Path(f"/proc/{worker}/stat").exists() and not is_zombie(worker) for worker in workers):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_inline_engine_gives_the_same() -> None:
    """Without processes the same results come in the same order."""
    assert outcomes(InlineEngine(), ["fine"] * 10, 3) == outcomes(engine(2), ["fine"] * 10, 3)


def test_available_cpus_is_at_least_one() -> None:
    """`auto` never means no worker."""
    assert 1 <= available_cpus() <= (os.cpu_count() or 1)


def workers_of(pid: int) -> list[int]:
    """Living children of a process."""
    return [child for child in map(int, _children(pid)) if not is_zombie(child)]


def _children(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:
        return []


def is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True
