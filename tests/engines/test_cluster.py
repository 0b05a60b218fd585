"""Clusters: whoever does the work, the rows are the same; what dies is done again; what is not there is told."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from noting import noted

from ingest.config import Settings
from ingest.dataset import Dataset, SourceFile, open_dataset
from ingest.dataset.runs import recorded
from ingest.engines.cluster import AHEAD, spread
from ingest.engines.factory import open_cluster
from ingest.errors import ConfigError, DatasetError, EngineError, IngestError
from ingest.pipeline import Chain
from ingest.run import run
from ingest.schema import TABLES
from ingest.stages.assemble import Stamp
from ingest.stages.label import label
from ingest.steps import apply, merge
from ingest.steps.remote_tasks import Contribute, JobContext, Merge, WritePart
from ingest.steps.run_stats import Report

PART = 15_000
WORDS = ["pond", "rope", "surveyor", "north", "mayor", "relief", "map", "road", "school", "council", "budget", "river"]
needs_dask = pytest.mark.skipif(find_spec("distributed") is None, reason="needs the extra `dask`")


def page(site: int, number: int, draw: random.Random) -> dict[str, str]:
    paragraphs = [" ".join(draw.choices(WORDS, k=30)).capitalize() + "." for _ in range(4)]
    lines = [f"Gazette {site}", "Home | News | Sport", f"Report {number}", *paragraphs, "Send to a friend"]
    return {"text": "\n\n".join(lines), "url": f"http://site{site}.example/{number}"}


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some ten parts: small sources and one that is done in segments, text and HTML, good and bad."""
    folder, draw = tmp_path_factory.mktemp("raw"), random.Random(4)
    for name in range(12):
        pages = [page(name % 3, 100 * name + number, draw) for number in range(8)]
        (folder / f"{name:02}.jsonl").write_text("\n".join(map(json.dumps, pages)))
    many = [page(number % 3, 5000 + number, draw) for number in range(40)]
    (folder / "large.jsonl").write_text("\n".join(map(json.dumps, [*many, many[0]])) + "\n{broken\n")
    (folder / "page.html").write_text(f"<html><body><p>{'The pond was measured. ' * 30}</p></body></html>")
    (folder / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20)
    return folder


def go(raw: Path, output: Path, progress: Callable[..., None] = lambda *_: None, **settings: Any) -> Report:
    options = {"part_bytes": PART, "batch_documents": 8, **settings}
    return run([raw], output, Settings(**options), progress=progress)


def rows(output: Path) -> dict[str, list[dict[str, object]]]:
    """All rows without what tells of the run, in a fixed order."""
    tables = open_dataset(output).tables()
    return {
        name: sorted(tables[name].drop_columns(["ingested_at"] if name != "removed" else []).to_pylist(), key=repr)
        for name in TABLES
    }


def told(report: Report) -> dict[str, object]:
    """What a report says of the sources, whatever did the work."""
    shares = {site: round(counts.removed_share, 6) for site, counts in report.by_site.items()}
    names = ("sources", "records", "outcomes", "rows", "notes", "troubles", "sites", "profiles", "exit_code")
    timed = "label" in report.stage_seconds
    return {name: getattr(report, name) for name in names} | {"shares": shares, "timed": timed}


@pytest.fixture(scope="module")
def expected(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, list[Any]], dict[str, object]]:
    """Rows and report of a run without any worker."""
    output = tmp_path_factory.mktemp("expected") / "out"
    report = go(raw, output, workers=0)
    return rows(output), told(report)


@pytest.mark.parametrize("workers", [1, 2])
def test_local_workers_give_the_same_rows(raw: Path, tmp_path: Path, expected: Any, workers: int) -> None:
    """One and two worker processes make the rows and the report that none makes."""
    report = go(raw, tmp_path / "out", workers=workers)
    assert (rows(tmp_path / "out"), told(report)) == expected


def dies_at_work(after: Path) -> Any:
    """A Dask plug-in: once `after` is there, the first worker that begins its share of a step is killed in it."""
    # made here, since workers cannot import this module: what stands in functions is sent by value
    import distributed

    class Dies(distributed.WorkerPlugin):  # type: ignore[misc]  # the library has no types
        name = "dies"

        def setup(self, worker: Any) -> None:
            self.after = after

        def transition(self, key: Any, start: Any, finish: Any, **_: Any) -> None:
            if finish == "executing" and str(key).startswith("_do") and self.after.exists():
                with suppress(FileExistsError):
                    self.after.with_name(f"{self.after.name}.killed").touch(exist_ok=False)
                    os.kill(os.getpid(), signal.SIGKILL)

    return Dies()


@needs_dask
def test_dask_gives_the_same_rows_and_loses_nothing_with_a_worker(
    raw: Path, tmp_path: Path, expected: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four Dask workers, of which one is killed in the middle of its part, make the rows that none makes; what was
    learned goes through a tree of merges.
    """
    import distributed

    merges: list[JobContext] = []
    # what its workers do is measured where the cluster is this process; their event loops take twice as long if traced
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
    monkeypatch.setattr(merge, "FAN_IN", 2)
    monkeypatch.setattr(merge, "Merge", lambda job: noted(merges, job, Merge(job)))
    writing = tmp_path / "writing"

    def write_part(*args: Any) -> WritePart:
        writing.touch()  # nothing is written before there is what writes
        return WritePart(*args)

    monkeypatch.setattr(apply, "WritePart", write_part)
    with (
        distributed.LocalCluster(n_workers=4, threads_per_worker=1, dashboard_address=None, memory_limit=0) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        client.register_plugin(dies_at_work(writing))
        report = go(raw, tmp_path / "killed", engine="dask", engine_address=cluster.scheduler_address)
    assert merges
    assert writing.with_name("writing.killed").exists()
    assert (rows(tmp_path / "killed"), told(report)) == expected
    result = Dataset.open(tmp_path / "killed").verify()
    assert result.ok, result.findings
    assert not result.findings


@dataclass(eq=False)
class Piece:
    task: Callable[[Any], Any]
    group: Any


class InProcess:
    """A cluster in this process; in a `confused` one pieces are done in another order than they were given."""

    def __init__(self, confused: bool = False) -> None:
        self._confused, self.open, self.most, self.cancelled = confused, 0, 0, 0

    def slots(self) -> int:
        return 2

    def share(self, task: Any) -> Any:
        return task

    def submit(self, shared: Any, group: Any) -> Any:
        self.open += 1
        self.most = max(self.most, self.open)
        return Piece(shared, group)

    def wait(self, handles: list[Any]) -> list[Any]:
        return handles[-1:] if self._confused else handles[:1]

    def result(self, handle: Any) -> Any:
        self.open -= 1
        return handle.task(handle.group)

    def cancel(self, handles: list[Any]) -> None:
        self.cancelled += len(handles)


def sources(count: int) -> list[list[SourceFile]]:
    return [[SourceFile.of_bytes(f"source {number}", b"content")] for number in range(count)]


def test_results_come_in_order_and_work_is_bounded() -> None:
    """Results are in the order of the groups, and no more of these are taken than the cluster needs."""
    cluster, groups = InProcess(confused=True), sources(20)
    taken: list[int] = []
    feed = (noted(taken, number, group) for number, group in enumerate(groups))
    with closing(spread(cluster, lambda group: group[0].path, feed)) as results:
        for number, (group, path) in enumerate(results):
            assert (group, path) == (groups[number], groups[number][0].path)
            assert len(taken) <= number + 2 * AHEAD * 2
    assert cluster.most <= 2 * AHEAD
    assert cluster.cancelled == 0


def test_work_is_given_up_when_the_run_stops() -> None:
    """What is under way when the results are no longer wanted is cancelled."""
    cluster = InProcess()
    results = spread(cluster, lambda group: 0, iter(sources(20)))
    next(results)
    results.close()
    assert cluster.cancelled >= cluster.open > 0


@pytest.mark.parametrize("error", [RuntimeError("killed 4 workers"), DatasetError("the disk is full")])
def test_an_error_names_the_part_and_stops_the_rest(error: Exception) -> None:
    """Errors of the engine name the part; those of ingest come as they are; the rest is given up."""

    def fail(group: Any) -> None:
        raise error

    cluster = InProcess()
    with pytest.raises(IngestError) as found:
        list(spread(cluster, fail, sources(9)))
    assert found.value is error or "source " in found.value.message
    assert cluster.cancelled >= cluster.open > 0


def test_a_cluster_that_is_lost_is_told() -> None:
    """When the engine itself fails, the run ends with an error that says so, whatever the engine raises."""

    class Lost(InProcess):
        def wait(self, handles: list[Any]) -> list[Any]:
            raise OSError("no connection")

        def cancel(self, handles: list[Any]) -> None:
            raise OSError("no connection")

    with pytest.raises(EngineError, match="the cluster is lost: OSError: no connection"):
        list(spread(Lost(), lambda group: 0, sources(3)))


def job(raw: Path, output: Path, run_id: str = "r", **settings: Any) -> JobContext:
    chain = Chain(Settings(part_bytes=PART, batch_documents=8, **settings))
    return JobContext.of(Dataset.open(output, create=True), run_id, chain)


def test_a_page_that_kills_its_process_costs_itself_on_a_worker(
    raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker of a cluster goes on, and the neighbours of the page are kept."""

    def deadly(batch: Any, *args: Any) -> Any:
        if any(document.record.number == 7 for document in batch.documents):
            os.kill(os.getpid(), signal.SIGKILL)
        return label(batch, *args)

    monkeypatch.setattr("ingest.stages.order.label", deadly)
    here = job(raw, tmp_path / "out")
    source = SourceFile.at(raw, "00.jsonl").with_digest()
    dataset = Dataset.open(tmp_path / "out")
    with dataset.lock(), recorded(dataset, "r"):
        draft, account = WritePart(here, Stamp.now(here.config_hash))([source])
        assert account.records == {"00.jsonl": 8}
        assert draft.tally["00.jsonl"].outcomes == {"kept": 7, "failed": 1}
        assert [(trouble.record, trouble.outcome) for trouble in account.troubles] == [(7, "failed")]


def test_work_for_a_run_that_is_over_stops(raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that nobody waits for any more notices, and leaves nothing behind."""
    monkeypatch.setattr("ingest.steps.remote_tasks.LOOKS", 0.0)
    here = job(raw, tmp_path / "out", part_workers=0)
    source = SourceFile.at(raw, "00.jsonl").with_digest()
    with pytest.raises(EngineError, match="over"):
        WritePart(here, Stamp.now(here.config_hash))([source])
    with pytest.raises(EngineError, match="over"):
        Contribute(here)([source])
    assert not list((tmp_path / "out").rglob("*.tmp"))


def test_a_worker_that_sees_something_else_refuses(raw: Path, tmp_path: Path) -> None:
    """Another version, no dataset, no sources: an error that names the worker, not a table of unreadable sources."""
    here = job(raw, tmp_path / "out", part_workers=0)
    source = SourceFile.at(raw, "00.jsonl").with_digest()
    with pytest.raises(EngineError, match="another version"):
        Contribute(JobContext(here.dataset, "r", here.pipeline, "other"))([source])
    with pytest.raises(EngineError, match="does not see"):
        Contribute(JobContext(str(tmp_path / "elsewhere"), "r", here.pipeline, here.config_hash))([source])
    with pytest.raises(EngineError, match="does not see"):
        Contribute(here)([SourceFile("a.txt", str(tmp_path / "gone"), str(tmp_path / "gone/a.txt"), 1, 1, 1, "x")])


def test_an_engine_that_is_not_installed_is_told(raw: Path, tmp_path: Path, monkeypatch: Any) -> None:
    """The message names the extra, before anything is done."""
    monkeypatch.setattr("ingest.engines.factory.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"ingest\[dask\]"):
        go(raw, tmp_path / "out", engine="dask")
    assert not (tmp_path / "out").exists()


@needs_dask
def test_a_scheduler_that_does_not_answer_is_told(raw: Path, tmp_path: Path, monkeypatch: Any) -> None:
    """No cluster at the address: an error with the address, and a dataset that is as it was."""
    monkeypatch.setattr("ingest.engines.dask.SECONDS_TO_ANSWER", 0.2)
    with (
        pytest.raises(EngineError, match=r"tcp://127\.0\.0\.1:9"),
        open_cluster(Settings(engine="dask", engine_address="tcp://127.0.0.1:9")),
    ):
        pass


@needs_dask
@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGKILL, -9)])
def test_a_run_on_dask_can_be_stopped(
    raw: Path, tmp_path: Path, expected: Any, number: signal.Signals, code: int
) -> None:
    """A signal ends the run and its cluster; the next run does the rest, and all is as if nothing had happened."""
    output = tmp_path / "out"
    settings = {"INGEST_PART_BYTES": str(PART), "INGEST_BATCH_DOCUMENTS": "8"}
    command = [sys.executable, "-m", "ingest", "run", str(raw), "-o", str(output), "--engine", "dask", "--workers", "2"]
    process = subprocess.Popen(command, env={**os.environ, **settings}, start_new_session=True)
    for _ in children_until(process, lambda: any(output.glob("_ingest/ledger/*.json"))):
        pass
    process.send_signal(number)
    assert process.wait(60) == code
    deadline = time.monotonic() + 20
    while alive_in_session(process.pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not alive_in_session(process.pid)
    go(raw, output, workers=0)
    assert rows(output) == expected[0]
    result = Dataset.open(output).verify()
    assert result.ok, result.findings


def children_until(process: subprocess.Popen[bytes], done: Callable[[], bool]) -> Iterator[None]:
    while not done():
        assert process.poll() is None
        time.sleep(0.01)
        yield


def alive_in_session(session: int) -> list[int]:
    """Processes of a session that still run; Linux."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = path.read_text().rsplit(")", 1)[1].split()
            if int(fields[3]) == session and fields[0] not in "ZX":
                found.append(int(path.parent.name))
    return found
