"""Each run leaves a record of how it ended, and `status` tells what became of the last one."""

from __future__ import annotations

import os
import socket
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ingest.dataset import Dataset, runs
from ingest.dataset.runs import read_runs, recorded
from ingest.dataset.status import status_of
from ingest.errors import LockedError, SourceError
from ingest.storage.owner import Owner


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return Dataset.open(tmp_path / "out", create=True)


def go(dataset: Dataset, run_id: str, error: Any = None, exit_code: int = 0) -> None:
    with dataset.lock(), recorded(dataset, run_id) as log:
        log.exit_code = exit_code
        log.report = {"records": 3, "outcomes": {"kept": 2, "empty": 1}, "sources": {"new": 2}}
        if error is not None:
            raise error


def test_a_good_run(dataset: Dataset) -> None:
    """State, exit code, times, and what it reports; nothing failed."""
    go(dataset, "1", exit_code=3)
    status = status_of(dataset)
    run = status.last_run
    assert run is not None
    assert (run.run_id, run.state, run.exit_code, run.error) == ("1", "done", 3, None)
    assert (run.records, run.outcomes, run.sources) == (3, {"kept": 2, "empty": 1}, {"new": 2})
    assert (status.failed, status.last_good, status.running) == (False, run.ended, None)
    assert 0 <= (status.age_seconds or 0) < 60


@pytest.mark.parametrize(
    ("error", "state", "code", "failed"),
    [
        (SourceError("no such folder"), "failed", 1, True),
        (ZeroDivisionError("by zero"), "failed", 1, True),
        (KeyboardInterrupt(), "stopped", 130, False),
        (SystemExit(143), "stopped", 143, False),
    ],
)
def test_a_run_that_ends_otherwise(dataset: Dataset, error: Any, state: str, code: int, failed: Any) -> None:
    """The error and the exit code are kept; the last good run is still told."""
    go(dataset, "1")
    with pytest.raises(type(error)):
        go(dataset, "2", error)
    status = status_of(dataset)
    assert status.last_run is not None
    assert (status.last_run.run_id, status.last_run.state, status.last_run.exit_code) == ("2", state, code)
    assert (status.last_run.error or "").endswith(str(error) if failed else "")
    assert (status.failed, status.last_good) == (failed, list(read_runs(dataset))[1].ended)


def test_a_run_that_was_killed(dataset: Dataset) -> None:
    """A record that says `running` while nobody holds the dataset is that of a killed run."""
    child = os.fork()
    if not child:
        with dataset.lock(), recorded(dataset, "1"):
            os.kill(os.getpid(), 9)
    os.waitpid(child, 0)
    status = status_of(dataset)
    assert status.last_run is not None
    assert (status.last_run.state, status.failed, status.running, status.last_good) == ("killed", True, None, None)
    go(dataset, "2")  # its lock is free
    assert not status_of(dataset).failed


def test_a_run_at_work(dataset: Dataset) -> None:
    """While a run holds the dataset its record is that of a running one, and the owner is told."""
    with dataset.lock(), recorded(dataset, "1"):
        status = status_of(Dataset.open(dataset.path))
        assert status.last_run is not None
        assert status.running is not None
        assert (status.last_run.state, status.failed) == ("running", False)
        assert status.running.pid == os.getpid()
    assert status_of(dataset).running is None


def test_owners_that_are_dead() -> None:
    """Gone processes, and those from before the system was started, are dead; of other hosts nothing is known."""
    now, host = datetime.now(timezone.utc), socket.gethostname()
    gone = os.fork()
    if not gone:
        os._exit(0)
    os.waitpid(gone, 0)
    assert not Owner(os.getpid(), host, now).is_dead()
    assert Owner(gone, host, now).is_dead()
    assert Owner(os.getpid(), host, now - timedelta(days=10_000)).is_dead()
    assert not Owner(gone, "elsewhere", now).is_dead()


def test_old_and_unreadable_records(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the latest records stay; one that is damaged is passed over."""
    monkeypatch.setattr(runs, "KEPT", 3)
    for n in range(5):
        go(dataset, str(n))
    assert [run.run_id for run in read_runs(dataset)] == ["4", "3", "2"]
    (Path(dataset.path) / "_ingest/runs/4.json").write_bytes(b"\xff{")
    assert [run.run_id for run in read_runs(dataset)] == ["3", "2"]
    assert msgspec.json.encode(status_of(dataset))


@pytest.mark.parametrize(("host", "hint"), [("elsewhere", "file server"), (socket.gethostname(), "use --wait")])
def test_who_holds_the_lock(dataset: Dataset, host: str, hint: str) -> None:
    """The message names process, host and time; of a lock that another machine holds it says when it goes."""
    owner = Owner(4711, host, datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc))
    with dataset.lock():
        (Path(dataset.path) / "_ingest/lock.owner").write_bytes(msgspec.json.encode(owner))
        with pytest.raises(LockedError) as error, Dataset.open(dataset.path).lock():
            pass
    assert f"process 4711 on {host}, since 2026-01-02 03:04:05 UTC" in error.value.message
    assert hint in error.value.hint


def test_the_lock_of_a_dead_process_is_free(dataset: Dataset) -> None:
    """Whatever is left of it, after a kill or a reboot, keeps nobody from working."""
    child = os.fork()
    if not child:
        with dataset.lock():
            os.kill(os.getpid(), 9)
    os.waitpid(child, 0)
    assert (Path(dataset.path) / "_ingest/lock.owner").exists()
    go(dataset, "1")
    assert not (Path(dataset.path) / "_ingest/lock.owner").exists()
