"""Runs that are stopped, as a shell sees them: exit codes, a valid dataset, no worker left, and the rest later."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from inprocess import ingest

from ingest.dataset import Dataset, open_dataset
from ingest.dataset.status import status_of

ROOT = Path(__file__).parents[2]
WORDS = "The surveyors came back on {} with a longer rope and measured the pond from the north to the south side.\n\n"
PART = 20_000


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Sources for some seconds of work in several parts."""
    (tmp_path / "raw").mkdir()
    for name in range(6):
        pages = [{"text": "A pond\n\n" + WORDS.format(f"day {name} {page}") * 6} for page in range(30)]
        (tmp_path / f"raw/{name}.jsonl").write_text("\n".join(map(json.dumps, pages)))
    return tmp_path


def parts(size: int, sources: int) -> dict[str, str]:
    return {"INGEST_PART_BYTES": str(size), "INGEST_PART_SOURCES": str(sources), "INGEST_BATCH_DOCUMENTS": "8"}


def start(home: Path, *arguments: str, size: int = PART, sources: int = 5000) -> subprocess.Popen[bytes]:
    env = {**os.environ, "PYTHONPATH": str(ROOT), **parts(size, sources)}
    return subprocess.Popen(
        [sys.executable, "-m", "ingest", "run", "--no-learn", "--workers", "2", *arguments],
        cwd=home,
        env=env,
        stderr=subprocess.PIPE,
        # a background shell has its children ignore SIGINT; the run is to see it all the same
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def go_on(home: Path, size: int = PART, sources: int = 5000) -> None:
    """The next run, as after a `start`."""
    done = ingest("run", "--no-learn", cwd=home, env=parts(size, sources))
    assert done.returncode == 0, done.stderr


def wait_for(process: subprocess.Popen[bytes], pattern: str, home: Path) -> None:
    while not any((home / "processed").glob(pattern)):
        assert process.poll() is None, process.stderr and process.stderr.read()
        time.sleep(0.01)


def workers_of(pid: int) -> list[int]:
    with suppress(FileNotFoundError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def alive(pids: list[int]) -> Iterator[int]:
    for pid in pids:
        with suppress(FileNotFoundError, ProcessLookupError):
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX":
                yield pid


def texts(home: Path) -> list[str]:
    return sorted(open_dataset(home / "processed").table("articles", ["text"])["text"].to_pylist())


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)]
)
def test_stopped_run_keeps_what_is_whole_and_leaves_no_worker(home: Path, number: signal.Signals, code: int) -> None:
    """After the first part is committed a signal ends run and workers; the next run adds the rest."""
    process = start(home)
    wait_for(process, "_ingest/ledger/*.json", home)
    workers = workers_of(process.pid)
    process.send_signal(number)
    _, told = process.communicate(timeout=60)
    assert process.returncode == code
    assert b"Traceback" not in told
    if code > 0:
        assert f"stopped by {number.name}".encode() in told
    deadline = time.monotonic() + 10
    while list(alive(workers)):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    committed = status_of(Dataset.open(home / "processed")).records
    assert 30 <= committed < 180
    go_on(home)
    assert Dataset.open(home / "processed").verify().ok
    assert len(texts(home)) == 180


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_stopped_among_many_small_files(tmp_path: Path, number: signal.Signals) -> None:
    """Far from the size of a part, what is done is kept part by part; nothing is lost or doubled by the next run."""
    (tmp_path / "raw").mkdir()
    for name in range(400):
        (tmp_path / f"raw/{name}.txt").write_text("A pond\n\n" + WORDS.format(f"day {name}") * 6)
    process = start(tmp_path, size=64_000_000, sources=20)
    wait_for(process, "_ingest/ledger/*.json", tmp_path)
    began = time.monotonic()
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode == (143 if number == signal.SIGTERM else -number)
    assert time.monotonic() - began < 10
    kept = status_of(Dataset.open(tmp_path / "processed"))
    assert 20 <= kept.records < 400
    go_on(tmp_path, 64_000_000, 20)
    dataset = Dataset.open(tmp_path / "processed")
    assert dataset.verify().ok
    assert status_of(dataset).parts == 20
    rows = open_dataset(tmp_path / "processed").table("articles", ["source_path"])
    assert sorted(rows["source_path"].to_pylist()) == sorted(f"{name}.txt" for name in range(400))


def test_second_signal_ends_at_once(tmp_path: Path) -> None:
    """The first signal waits for what must be brought to its end, the second waits for nothing."""
    script = tmp_path / "commit.py"
    script.write_text(
        "import sys, time; from ingest import stopping; stopping.listen()\n"
        "with stopping.finishing():\n"
        "    print('in', flush=True)\n"
        "    for _ in range(int(sys.argv[1])): time.sleep(0.01)\n"
        "    print('out', flush=True)\n"
        "print('on', flush=True)\n"
    )
    for ticks, signals, said in ((30, 1, b"out\n"), (6000, 2, b"")):
        command = [sys.executable, str(script), str(ticks)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)})
        assert process.stdout
        assert process.stdout.readline() == b"in\n"
        for _ in range(signals):
            process.terminate()
            time.sleep(0.1)
        assert process.wait(10) == 143
        assert process.stdout.read() == said


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs a small file system of its own")
def test_full_disk_is_told_and_leaves_a_valid_dataset(home: Path) -> None:
    """The run ends with 1 and a remedy; what was committed is whole; with space again the next run does the rest."""
    disk = home / "processed"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", disk], capture_output=True).returncode:
        pytest.skip("file systems cannot be mounted here")
    try:
        process = start(home)
        _, told = process.communicate(timeout=120)
        assert process.returncode == 1
        assert b"No space left on device" in told
        assert b"free space" in told
        assert b"Traceback" not in told
        assert Dataset.open(disk).verify().ok
        subprocess.run(["mount", "-o", "remount,size=50m", disk], check=True)
        go_on(home)
        assert len(texts(home)) == 180
    finally:
        subprocess.run(["umount", "-l", disk], check=True)
