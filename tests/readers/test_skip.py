"""A source can be taken up in its middle: what is left out changes nothing of the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.config import Settings
from ingest.dataset import SourceFile
from ingest.document import Outcome, Record, Reject
from ingest.readers import Limits
from ingest.readers.batches import batches

SOURCES = {
    "dump.jsonl": b'{"text": "a"}\n\n{"text": 1}\n' + b"x" * 3000 + b'\n{"text": "b"}\n{broken\n{"text": "c"}',
    "bom.jsonl": b'\xef\xbb\xbf{"text": "a"}\n{"text": "b"}\n',
    "wide.jsonl": '{"text": "a"}\n{"text": "b"}\n'.encode("utf-16"),
    "empty.jsonl": b"\n\n",
    "page.txt": b"A page.",
    "page.html": b"<html><p>A page.",
    "large.txt": b"x" * 3000,
    "blank.txt": b" ",
}


def items(folder: Path, name: str, skip: int) -> list[Record | Reject]:
    source, settings = SourceFile.at(folder, name), Settings(batch_documents=2)
    return [item for batch in batches(source, settings, Limits(2000), skip) for item in batch]


@pytest.mark.parametrize("name", SOURCES)
def test_skipping_gives_the_rest_unchanged(tmp_path: Path, name: str) -> None:
    """Whatever number of items is left out, those that follow come with the same numbers, offsets and contents."""
    (tmp_path / name).write_bytes(SOURCES[name])
    whole = items(tmp_path, name, 0)
    assert whole
    assert [item.number for item in whole] == list(range(len(whole)))
    for skip in range(len(whole) + 2):
        assert items(tmp_path, name, skip) == whole[skip:]


def test_source_that_is_gone_is_told_where_it_would_go_on(tmp_path: Path) -> None:
    """A source that cannot be opened again when it is taken up is one refusal, numbered after what was read."""
    (tmp_path / "dump.jsonl").write_bytes(SOURCES["dump.jsonl"])
    source = SourceFile.at(tmp_path, "dump.jsonl")
    (tmp_path / "dump.jsonl").unlink()
    [[item]] = batches(source, Settings(), Limits(2000), skip=3)
    assert isinstance(item, Reject)
    assert (item.number, item.outcome) == (3, Outcome.UNREADABLE)
