"""What a long-lived process has freed goes back to the system."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

SCRIPT = """
from pathlib import Path
from ingest.engines.memory import trim

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

blocks = [bytes(100_000) for _ in range(600)]  # too small for blocks of their own
kept = blocks[::20] + [bytes(100_000)]         # the last one holds the end of the heap
del blocks
before = resident()
trim()
print(before - resident())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries are left alone")
def test_holes_of_the_heap_go_back() -> None:
    """Blocks that were freed among blocks that are in use take no memory after `trim`."""
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 30_000_000
