"""Opening, locking, recovering, state files, status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from dataset.conftest import World

from ingest.dataset import Dataset, open_dataset
from ingest.dataset.layout import LOCK
from ingest.dataset.status import status_of
from ingest.errors import DatasetError, LockedError
from ingest.storage import disk

HOLD = """
import sys, time
from ingest.dataset import Dataset
with Dataset.open(sys.argv[1], create=True).lock():
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def dataset(world: World) -> Dataset:
    return Dataset.open(world.out, create=True)


@pytest.fixture
def holder(dataset: Dataset) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, dataset.path], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_open_needs_a_dataset_unless_it_may_make_one(tmp_path: Path) -> None:
    """A missing folder is an error, or becomes a dataset; opening is repeatable."""
    with pytest.raises(DatasetError, match="is no dataset"):
        Dataset.open(tmp_path / "x" / "y")
    with pytest.raises(DatasetError, match="is no dataset"):
        open_dataset(tmp_path)
    Dataset.open(tmp_path / "x" / "y", create=True)
    Dataset.open(tmp_path / "x" / "y", create=True)
    assert open_dataset(tmp_path / "x" / "y").table("articles").num_rows == 0


def test_two_runs_may_begin_one_dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second run that begins the same dataset in the middle of the first one's beginning: both open it."""
    others = []
    second = threading.Thread(target=lambda: others.append(Dataset.open(tmp_path / "out", create=True)))
    rename = disk.rename

    def interrupted(source: Path, target: Path) -> None:
        monkeypatch.setattr(disk, "rename", rename)
        second.start()
        second.join(0.1)
        rename(source, target)

    monkeypatch.setattr(disk, "rename", interrupted)
    first = Dataset.open(tmp_path / "out", create=True)
    second.join()
    assert [other.path for other in others] == [first.path]


def test_parts_without_ledger_are_not_taken_for_leftovers(world: World) -> None:
    """If the ledger is lost, opening fails instead of clearing all data."""
    world.put("a", "text one")
    world.run()
    os.rename(world.out / "_ingest", world.out / "_gone")
    with pytest.raises(DatasetError, match="no ledger"):
        Dataset.open(world.out, create=True)
    os.rename(world.out / "_gone", world.out / "_ingest")
    os.rename(world.out / "_ingest/ledger", world.out / "_ingest/elsewhere")
    with pytest.raises(DatasetError, match="has no ledger"):
        world.run()
    assert list(world.out.glob("articles/*.parquet"))


def test_newer_or_damaged_files_stop_everything(world: World) -> None:
    """A dataset or record of a newer version, or a damaged record, is an error with its name, never
    ignored.
    """
    world.put("a", "text one")
    world.run()
    (record,) = (world.out / "_ingest/ledger").iterdir()
    good = record.read_text()
    for bad, message in (
        (good.replace('"version": 1', '"version": 99', 1), "record version 99"),
        (good[:50], "damaged"),
        (good.replace('"sequence": 1', '"sequence": "one"'), "damaged"),
        (good.replace(record.stem, "0" * 20), "says that its key is"),
    ):
        record.write_text(bad)
        with pytest.raises(DatasetError, match=message) as error:
            world.run()
        assert record.name in str(error.value)
    record.write_text(good)
    marker = world.out / "_ingest/dataset.json"
    marker.write_text('{"format_version": 99, "schema_version": 1}')
    with pytest.raises(DatasetError, match="newer version"):
        world.run()
    marker.write_text("{")
    with pytest.raises(DatasetError, match="cannot read"):
        world.run()


def test_second_run_is_told_who_holds_the_lock(dataset: Dataset, holder: subprocess.Popen[str]) -> None:
    """A second process fails at once with the owner's process id, and the exit code for a held lock."""
    with pytest.raises(LockedError, match=f"process {holder.pid} on ") as error, dataset.lock():
        pass
    assert error.value.exit_code == 75


def test_the_lock_of_a_killed_process_is_free_at_once(dataset: Dataset, holder: subprocess.Popen[str]) -> None:
    """`kill -9` frees the lock; what the dead process wrote about itself does not matter."""
    holder.kill()
    holder.wait()
    owner = dataset.storage.owner(LOCK)
    assert owner is not None
    assert owner.pid == holder.pid
    with dataset.lock():
        owner = dataset.storage.owner(LOCK)
        assert owner is not None
        assert owner.pid == os.getpid()
    assert dataset.storage.owner(LOCK) is None


def test_waiting_for_the_lock(dataset: Dataset, holder: subprocess.Popen[str]) -> None:
    """With `wait` the lock is taken as soon as it is free."""
    code = HOLD.replace("lock()", "lock(wait=True)").replace("time.sleep(60)", "")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    waiter = subprocess.Popen([sys.executable, "-c", code, dataset.path], stdout=subprocess.PIPE, env=environment)
    with pytest.raises(subprocess.TimeoutExpired):
        waiter.wait(1.5)
    holder.kill()
    out, _ = waiter.communicate(timeout=20)
    assert out == b"held\n"


def test_workers_do_not_keep_the_lock_of_a_dead_parent(dataset: Dataset) -> None:
    """A forked child that outlives the process that took the lock does not hold it."""
    if not hasattr(os, "fork"):
        pytest.skip("no fork")
    code = (
        "import os, sys, time\nfrom ingest.dataset import Dataset\n"
        "lock = Dataset.open(sys.argv[1]).lock(); lock.__enter__()\n"
        "child = os.fork()\n"
        "if not child: os.close(1); time.sleep(30); os._exit(0)\n"
        "print(child, flush=True); os.kill(os.getpid(), 9)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code, dataset.path],
        stdout=subprocess.PIPE,
        env=environment,
        timeout=20,
        check=False,
    )
    child = int(done.stdout)
    try:
        os.kill(child, 0)  # still there
        with dataset.lock():
            pass
    finally:
        os.kill(child, 9)


def test_the_lock_is_not_reentrant(dataset: Dataset) -> None:
    """Taking the lock twice with one object is a mistake and says so."""
    with dataset.lock(), pytest.raises(DatasetError, match="already held"), dataset.lock():
        pass
    with dataset.lock():
        pass


def test_recovery_clears_what_is_not_committed_and_nothing_else(world: World) -> None:
    """Temporary files and parts without a record go; committed parts, state and files of others stay."""
    world.put("a", "text one")
    world.run()
    before = {path: path.read_bytes() for path in world.out.rglob("*") if path.is_file()}
    leftovers = [
        world.out / "articles/.part-1-1.tmp",
        world.out / "removed/part-0123456789abcdef0123.parquet",
        world.out / "_ingest/ledger/.0123456789abcdef0123.json.tmp",
        world.out / "_ingest/runs/.x.json.tmp",
    ]
    foreign = [world.out / "articles/notes.txt", world.out / "articles/mine.parquet"]
    for path in leftovers + foreign:
        path.write_bytes(b"")
    with world.dataset.lock() as dataset:
        recovered = dataset.recover()
    assert recovered.uncommitted == ["removed/part-0123456789abcdef0123.parquet"]
    assert len(recovered.temporary) == 3
    assert not any(path.exists() for path in leftovers)
    assert all(path.exists() for path in foreign)
    assert all(path.read_bytes() == data for path, data in before.items())


def test_recovery_restores_empty_folders(world: World) -> None:
    """A table's folder that a copying tool lost because it was empty is made again."""
    world.put("a", "text one")
    world.run()
    (world.out / "rejected").rmdir()
    world.assert_sound()
    world.put("b", "short")
    world.run()
    world.assert_sound()


def test_state_files(dataset: Dataset) -> None:
    """State is written whole, listed by prefix, and keeps out of the way of the ledger and of Parquet
    readers.
    """
    with dataset.lock():
        dataset.put_state("sites/counts-1.arrow", b"one")
        dataset.put_state("sites/counts-1.arrow", b"two")
        dataset.put_state("runs/r.json", b"{}")
        assert dataset.list_state() == ["runs/r.json", "sites/counts-1.arrow"]
        assert dataset.list_state("sites/") == ["sites/counts-1.arrow"]
        assert dataset.get_state("sites/counts-1.arrow") == b"two"
        assert dataset.get_state("sites/none") is None
        assert dataset.delete_state("runs/r.json")
        assert not dataset.delete_state("runs/r.json")
        for name in ("ledger/x.json", "lock", "x.parquet", "../x", "/x", "", "a//b", ".x", "a/../b", "x.tmp"):
            with pytest.raises(DatasetError):
                dataset.put_state(name, b"")


def test_status_adds_up(world: World) -> None:
    """Totals come from the records, without the tables."""
    world.put("a", "text one", "short")
    world.put("b", "text two")
    world.run(group=1, run_id="first")
    world.put("c", "short")
    world.run(run_id="second")
    status = status_of(world.dataset)
    assert (status.parts, status.sources, status.records) == (3, 3, 4)
    assert status.outcomes == {"kept": 2, "too-short": 2}
    assert status.rows == {"articles": 2, "removed": 2, "rejected": 2}
    assert status.last_commit is not None
    assert time.time() - status.last_commit.timestamp() < 60
    assert all(status.bytes.values())


def test_an_empty_dataset_has_a_status(dataset: Dataset) -> None:
    """No part, no last run, all zero."""
    status = status_of(dataset)
    assert (status.parts, status.last_run, status.rows["articles"]) == (0, None, 0)
    json.dumps(status.rows)
