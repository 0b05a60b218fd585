"""Reading while a run writes."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset
import pytest
from dataset.conftest import World

from ingest.dataset import open_dataset, reader
from ingest.dataset.ledger import read_ledger
from ingest.errors import DatasetError
from ingest.schema import SCHEMAS


@pytest.fixture
def filled(world: World) -> World:
    for name in "abcd":
        world.put(name, f"text of {name}", "short")
    world.run(group=2)
    return world


def test_tables_have_the_declared_schema_and_columns_asked_for(filled: World) -> None:
    """Whole tables and projections, in the order asked for; an unknown name is an error that lists the known
    ones.
    """
    snapshot = open_dataset(filled.out)
    assert snapshot.table("articles").schema.equals(SCHEMAS["articles"])
    assert snapshot.table("articles", ["text", "id"]).column_names == ["text", "id"]
    with pytest.raises(DatasetError, match="no column 'txt'"):
        snapshot.table("articles", ["txt"])
    with pytest.raises(DatasetError, match="no table 'article'"):
        snapshot.files("article")


def test_rows_come_in_the_order_of_sources(filled: World) -> None:
    """Parts are read in the order of their first source."""
    paths = open_dataset(filled.out).table("articles")["source_path"].to_pylist()
    assert paths == ["a", "b", "c", "d"]


def test_batches_are_bounded_and_complete(filled: World) -> None:
    """Streaming gives the rows of the table."""
    snapshot = open_dataset(filled.out)
    batches = list(snapshot.to_batches("articles", batch_size=1))
    assert {batch.num_rows for batch in batches} == {1}
    assert pa.Table.from_batches(batches).equals(snapshot.table("articles"))


def test_files_can_be_read_by_other_programs(filled: World) -> None:
    """Each file stands for itself as Parquet."""
    files = open_dataset(filled.out).files("articles")
    assert len(files) == 2
    assert pyarrow.dataset.dataset(files).count_rows() == 4


def test_a_snapshot_outlives_replacement(filled: World) -> None:
    """A listing whose parts were replaced is taken anew: each source comes once, in its new version."""
    snapshot = open_dataset(filled.out)
    for name in "ac":
        filled.put(name, f"new text of {name}")
        filled.run()
    assert sorted(snapshot.table("articles")["text"].to_pylist()) == [
        "new text of a",
        "new text of c",
        "text of b",
        "text of d",
    ]


def test_a_stream_is_not_torn_by_a_commit(filled: World) -> None:
    """A stream that has begun gives the rows of its beginning to the end, although their files are gone
    meanwhile.
    """
    stream = open_dataset(filled.out).to_batches("articles")
    first = next(stream)
    for name in "abcd":
        filled.put(name, f"new text of {name}")
    filled.run(group=4)
    texts = [text for batch in (first, *stream) for text in batch.column("text").to_pylist()]
    assert sorted(texts) == ["text of a", "text of b", "text of c", "text of d"]


def test_a_lost_part_is_an_error(filled: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is missing for good is not read over."""
    monkeypatch.setattr(reader, "_PAUSE", 0)
    Path(open_dataset(filled.out).files("removed")[0]).unlink()
    with pytest.raises(DatasetError, match="a committed part is missing"):
        open_dataset(filled.out).table("removed")


def test_too_few_open_files_is_said_clearly(filled: World) -> None:
    """A stream over more files than may be open says what to do, and closes what it had opened."""
    resource = pytest.importorskip("resource")
    opened = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else pytest.skip("no /proc")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    snapshot = open_dataset(filled.out)
    next(snapshot.to_batches("articles"))  # imports done
    highest = max(int(fd) for fd in os.listdir("/proc/self/fd"))
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 1, hard))
    fillers = []
    try:
        with suppress(OSError):
            while True:
                fillers.append(os.open("/dev/null", os.O_RDONLY))
        os.close(fillers.pop())
        with pytest.raises(DatasetError, match="ulimit"):
            list(snapshot.to_batches("articles"))
    finally:
        for fd in fillers:
            os.close(fd)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert len(os.listdir("/proc/self/fd")) <= opened + 1


def test_a_torn_listing_is_noticed(filled: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A listing that missed both a replaced record and its successor is taken again."""
    original = os.listdir
    torn: list[int] = []

    def listing(path: str) -> Any:
        names = original(path)
        if not torn:  # the folder is read up to here; then one part takes the place of all others
            torn.append(1)
            with filled.dataset.lock() as dataset:
                keys = list(dataset.ledger().records)
                with dataset.writer([], "c1", "r") as part:
                    part.commit([dataset.without(key) for key in keys])
            return []  # the new record was not yet there, the old ones were already gone
        return names

    monkeypatch.setattr(os, "listdir", listing)
    assert sorted(read_ledger(filled.dataset.storage).by_path) == ["a", "b", "c", "d"]
    assert torn


def test_snapshots_are_whole_while_a_run_commits(filled: World) -> None:
    """A reader beside a writer that replaces sources all the time sees each source once and in one
    version.
    """
    done = threading.Event()
    versions = {name: [f"text of {name}"] for name in "abcd"}

    def write() -> None:
        try:
            for number in range(15):
                for name in "abcd"[: number % 4 + 1]:
                    versions[name].append(f"text of {name}, version {number}")
                    filled.put(name, versions[name][-1], versions[name][-1] + " again", "short")
                filled.run(group=number % 3 + 1)
        finally:
            done.set()

    writer = threading.Thread(target=write)
    writer.start()
    seen = set()
    while not done.is_set():
        tables = open_dataset(filled.out).tables({"articles": ["source_path", "text"], "rejected": ["source_path"]})
        found: dict[str, list[str]] = {}
        for row in tables["articles"].to_pylist():
            found.setdefault(row["source_path"], []).append(row["text"].removesuffix(" again"))
        assert sorted(found) == ["a", "b", "c", "d"]
        for name, texts in found.items():
            assert len(set(texts)) == 1
            assert len(texts) == (2 if "version" in texts[0] else 1)
            assert texts[0] in versions[name]
            seen.add(texts[0])
        assert sorted(tables["rejected"]["source_path"].to_pylist()) == ["a", "b", "c", "d"]
    writer.join()
    assert len(seen) > 5
    filled.assert_sound()
