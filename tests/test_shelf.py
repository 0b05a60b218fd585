"""What learning made of pages, put aside until it is applied."""

from __future__ import annotations

import os
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from noting import noted

from ingest.config import Settings
from ingest.document import Batch, Record
from ingest.pipeline import Chain
from ingest.shelf import Shelf, shelf_of
from ingest.stages.assemble import Rows, Stamp

STAMP = Stamp("test", "hash", datetime(2026, 1, 1))
SENTENCE = "The surveyors came back on Tuesday with a longer rope and measured the pond from north to south."
HTML = f"<html><head><title>Pond {{}} seen</title></head><body><h1>Pond {{}} seen</h1>{f'<p>{SENTENCE}</p>' * 6}"
RECORDS = [
    *(Record("p.jsonl", i, HTML.format(i, i), "html", url=f"https://pond.example/{i}") for i in range(3)),
    Record("p.jsonl", 3, f"Pond\n\nBy A. Reed\n\n{SENTENCE}\n\n{SENTENCE}", "text", given={"title": "CafÃ© of it"}),
    Record("p.jsonl", 4, b"<html><body><script>x</script>", "html"),
    Record("p.jsonl", 5, "<p>Access denied</p>".encode("utf-16"), "html", charset="utf-16"),
    Record("p.jsonl", 6, b"\x00\x01\x02\xff" * 50, "text"),
]


def rows(chain: Chain) -> list[Any]:
    made: list[Rows] = chain.process(RECORDS, STAMP)
    return [part.to_pylist() for rows in made for part in (rows.articles, rows.removed, rows.rejected)]


def test_no_row_depends_on_the_shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages taken from the shelf give the rows that they give anew, also those that became no article."""
    chain = Chain(Settings(), shelf=Shelf(tmp_path, 1 << 20))
    chain.learn(RECORDS, {"p.jsonl": "digest"})
    assert len(list(tmp_path.iterdir())) == 1
    taken: list[bool] = []
    take = Shelf.take

    def watched(shelf: Shelf, *args: Any) -> Batch | None:
        batch = take(shelf, *args)
        taken.append(batch is not None)
        return batch

    monkeypatch.setattr(Shelf, "take", watched)
    assert rows(chain) == rows(Chain(Settings()))
    assert taken == [True]


def test_what_is_not_there_is_made_again(tmp_path: Path) -> None:
    """A shelf that is full, or gone, costs time only; nothing is taken for other pages."""
    for shelf in (Shelf(tmp_path, 10), Shelf(tmp_path / "none", 1 << 20)):
        chain = Chain(Settings(), shelf=shelf)
        assert chain.learn(RECORDS, {"p.jsonl": "digest"})
        assert rows(chain) == rows(Chain(Settings()))
    assert not list(tmp_path.iterdir())


def test_shelf_is_not_looked_through_for_each_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as there is much room, most batches are put without a look at all that is there; it is never overfull."""
    looks: list[Path] = []
    scan = os.scandir
    monkeypatch.setattr("ingest.shelf.os.scandir", lambda folder: noted(looks, folder, scan(folder)))
    for size, most_looks in ((64_000, 8), (1000, 200)):
        looks.clear()
        folder = tmp_path / str(size)
        folder.mkdir()
        shelf = Shelf(folder, 10 * size)
        kept = sum(shelf._has_room(100) and (folder / str(n)).write_bytes(bytes(100)) for n in range(500))
        assert kept == min(500 * 100, 10 * size // 100 * 100)
        assert len(looks) <= most_looks


def test_shelf_is_cleared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is gone after the run, and what a killed one left is not found by the next."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with shelf_of("corpus") as shelf:
        assert shelf is not None
        (shelf.folder / "left").write_bytes(b"x")
        with shelf_of("corpus") as next_run:  # as if the first had been killed
            assert next_run is not None
            assert not list(next_run.folder.iterdir())
    assert not list(tmp_path.iterdir())


def test_no_shelf_where_none_can_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a place for temporary files a run does without."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    with shelf_of("corpus") as shelf:
        assert shelf is None
