"""Input made to exhaust memory or time ends in its outcome, in little of both."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_bombs_need_less_than_300_megabytes(root: Path) -> None:
    """Ten gigabytes of zeros, archives in archives, a line of a gigabyte and the like are read in bounded memory."""
    command = [sys.executable, str(root / "scripts" / "bench_memory.py"), "--bombs"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_large_files_are_read_in_bounded_memory(root: Path) -> None:
    """A file of 300 MB of pages needs no more memory than one of 30 MB, whatever its format."""
    peaks: dict[str, list[float]] = {}
    for size in ("30", "300"):
        command = [
            sys.executable,
            str(root / "scripts" / "bench_memory.py"),
            "--size",
            size,
            "jsonl",
            "csv",
            "warc.gz",
            "json",
        ]
        for line in subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines():
            peaks.setdefault(line.split()[0], []).append(float(line.split("peak")[1].split()[0]))
    for name, (small, large) in peaks.items():
        assert large < small + 50, f"{name}: {small} MB and {large} MB"


def test_mutated_inputs_break_nothing(root: Path, tmp_path: Path) -> None:
    """Some mutated inputs raise nothing; the long runs are made with scripts/fuzz_inputs.py."""
    command = [sys.executable, "-W", "ignore", str(root / "scripts" / "fuzz_inputs.py")]
    options = ["--runs", "240", "--keep", str(tmp_path)]
    done = subprocess.run([*command, *options], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_found_inputs_stay_mended(root: Path, tmp_path: Path) -> None:
    """Inputs that once broke something are run again."""
    folder = root / "tests" / "readers" / "found"
    command = [sys.executable, "-W", "ignore", str(root / "scripts" / "fuzz_inputs.py"), "--replay", str(folder)]
    done = subprocess.run([*command, "--keep", str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
