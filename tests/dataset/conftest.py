from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from dataset.fake_pipeline import run, sources_in

from ingest.dataset import Dataset, open_dataset
from ingest.dataset.plan import make_plan
from ingest.schema import TABLES

LONG_AGO = 1_600_000_000  # seconds; far enough from any clock for an mtime to be trusted


class World:
    """A folder of sources beside a dataset, and short ways to change the one and look at the other."""

    def __init__(self, root: Path) -> None:
        self.raw = root / "raw"
        self.out: Any = root / "out"  # or the URL of a folder
        self.raw.mkdir(parents=True)
        self.ticks = 0

    def put(self, name: str, *texts: str) -> None:
        """Write a source with one record per text; a new mtime each time."""
        self.put_bytes(name, "".join(json.dumps({"text": f"{text}\nlast line"}) + "\n" for text in texts).encode())

    def put_bytes(self, name: str, data: bytes) -> None:
        path = self.raw / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        self.ticks += 10
        os.utime(path, (LONG_AGO + self.ticks,) * 2)

    def run(self, **options: Any) -> None:
        run(self.raw, self.out, **options)

    def plan(self, config: str = "c1", **options: Any) -> Any:
        return make_plan(Dataset.open(self.out, create=True).ledger(), sources_in(self.raw), config, **options)

    @property
    def dataset(self) -> Dataset:
        return Dataset.open(self.out)

    def rows(self) -> Any:
        """All rows of all tables, in an order that does not depend on parts."""
        tables = open_dataset(self.out).tables()
        return {name: sorted(tables[name].to_pylist(), key=repr) for name in TABLES}

    def texts(self) -> Any:
        """Text of each article, by source path."""
        found: dict[str, list[str]] = {}
        for row in open_dataset(self.out).table("articles", ["source_path", "text"]).to_pylist():
            found.setdefault(row["source_path"], []).append(row["text"])
        return {path: sorted(texts) for path, texts in found.items()}

    def assert_sound(self) -> None:
        result = self.dataset.verify()
        assert result.ok, result.findings
        assert not result.findings, result.findings


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def new_world(tmp_path: Path) -> Callable[[str], World]:
    """Make further worlds in the same test."""
    return lambda name: World(tmp_path / name)


@pytest.fixture
def fast_world(tmp_path: Path) -> Iterator[Callable[[str], World]]:
    """Worlds in memory where that is possible: these tests call fsync some ten thousand times."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield lambda name: World(tmp_path / name)
        return
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield lambda name: World(Path(folder, name))
