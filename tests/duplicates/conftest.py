from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from duplicates.small_world import SmallWorld


@pytest.fixture
def new_world(tmp_path: Path) -> Iterator[Callable[[], SmallWorld]]:
    """Make worlds, in memory where that is possible: commits call fsync often."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else tmp_path) as folder:
        count = iter(range(10_000))
        yield lambda: SmallWorld(Path(folder, str(next(count))))


@pytest.fixture
def world(new_world: Callable[[], SmallWorld]) -> SmallWorld:
    return new_world()
