"""Parts: what is written, how it is checked, and when it exists."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dataset.conftest import World
from dataset.fake_pipeline import rows_of, run, sources_in, to_batch

from ingest import stopping
from ingest.dataset import Dataset, SourceFile, open_dataset, table_writer
from ingest.dataset.plan import make_plan
from ingest.dataset.status import status_of
from ingest.errors import DatasetError
from ingest.schema import ARTICLES, SCHEMAS, TABLES


@pytest.fixture
def locked(world: World) -> Iterator[Dataset]:
    """A new dataset under its lock, beside two sources."""
    world.put("a", "text one", "short", "text three")
    world.put("b", "text two")
    dataset = Dataset.open(world.out, create=True)
    with dataset.lock():
        yield dataset


def files(world: World) -> Any:
    return sorted(path.relative_to(world.out).as_posix() for path in world.out.rglob("*") if path.is_file())


def article(**columns: Any) -> Any:
    row = {"id": "1", "source_path": "a", "source_record": 0, "text": "x"}
    return {
        name: pa.array([{**row, **columns}.get(name)], SCHEMAS["articles"].field(name).type) for name in ARTICLES.names
    }


def test_record_names_everything_in_the_part(world: World) -> None:
    """The commit record is readable JSON with files, counts and sources."""
    world.put("a", "text one", "short", "text three")
    world.run()
    (path,) = (world.out / "_ingest/ledger").iterdir()
    record = json.loads(path.read_text())
    assert path.name == f"{record['key']}.json"
    assert record["rows"] == {"articles": 2, "removed": 2, "rejected": 1}
    assert [file["path"] for file in record["files"]] == [
        f"{table}/part-{record['key']}.parquet" for table in ("articles", "rejected", "removed")
    ]
    (source,) = record["sources"]
    assert (source["path"], source["records"]) == ("a", 3)
    assert source["outcomes"] == {"kept": 2, "too-short": 1}
    assert source["removed_lines"] == 2


def test_tables_without_rows_write_no_file(world: World) -> None:
    """A table with no rows has no file, and the record says 0 rows."""
    world.put("a", "short")
    world.run()
    assert not [name for name in files(world) if name.startswith(("articles", "removed"))]
    (record,) = world.dataset.ledger().records.values()
    assert record.rows == {"articles": 0, "removed": 0, "rejected": 1}
    world.assert_sound()


def test_a_source_without_records_is_known(world: World, locked: Dataset) -> None:
    """A part may have no rows at all: its sources are done all the same."""
    source = SourceFile.at(world.raw, "a")
    with locked.writer([source], "c1", "r") as part:
        part.commit()
    assert [entry.records for entry in locked.ledger().entries()] == [0]
    assert [s.path for s in make_plan(locked.ledger(), [source], "c1").done] == ["a"]
    world.assert_sound()


def test_nothing_exists_before_commit(world: World, locked: Dataset) -> None:
    """While a part is written, readers see nothing of it, and its files do not look like Parquet files."""
    with locked.writer([SourceFile.at(world.raw, "a")], "c1", "r") as part:
        part.write("articles", pa.table(article(), schema=ARTICLES))
        names = [name for name in files(world) if name.startswith("articles/")]
        assert names
        assert all(name.startswith("articles/.") and not name.endswith(".parquet") for name in names)
        assert open_dataset(world.out).table("articles").num_rows == 0
        part.commit()
    assert open_dataset(world.out).table("articles").num_rows == 1


@pytest.mark.parametrize("how", ["return", "raise"])
def test_leaving_without_commit_leaves_nothing(world: World, locked: Dataset, how: Any) -> None:
    """A part that is not committed is gone when its block is left."""
    before = files(world)
    expected = pytest.raises(KeyboardInterrupt) if how == "raise" else nullcontext()
    with expected, locked.writer([SourceFile.at(world.raw, "a")], "c1", "r") as part:
        part.write("articles", pa.table(article(), schema=ARTICLES))
        if how == "raise":
            raise KeyboardInterrupt
    assert files(world) == before


def test_files_carry_the_declared_schema_and_its_version(world: World) -> None:
    """Footer metadata names table and schema version; rows are zstd; all-null columns keep their type."""
    world.put("a", "text one", "short")
    world.run()
    for path in world.out.glob("*/part-*.parquet"):
        table, metadata = path.parent.name, pq.read_metadata(path)
        assert metadata.metadata[b"ingest.table"].decode() == table
        assert metadata.metadata[b"ingest.schema_version"] == SCHEMAS[table].metadata[b"ingest.schema_version"]
        assert metadata.row_group(0).column(0).compression == "ZSTD"
        assert pq.read_schema(path).names == SCHEMAS[table].names
    for table in TABLES:
        assert open_dataset(world.out).table(table).schema.equals(SCHEMAS[table])


def test_same_rows_make_the_same_bytes(world: World, new_world: Callable[[str], World]) -> None:
    """Two datasets of the same input have byte-identical data files, whatever the sizes of the batches."""
    other = new_world("other")
    for place in (world, other):
        place.put("a", *(f"text number {n} " + "x" * (n * 37 % 2000) for n in range(5000)))
    world.run()
    with Dataset.open(other.out, create=True).lock() as dataset:
        (source,) = make_plan(dataset.ledger(), sources_in(other.raw), "c1").todo
        with dataset.writer([source], "c1", "another run") as part:
            for table, rows in rows_of(source, "c1").items():
                for start in range(0, len(rows), 701):
                    part.write(table, pa.Table.from_batches([to_batch(table, rows[start : start + 701])]))
            part.commit()
    contents = [{p.name: p.read_bytes() for p in place.out.glob("*/*.parquet")} for place in (world, other)]
    assert contents[0] == contents[1]
    assert contents[0]


def test_row_groups_are_bounded(world: World, locked: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """Row groups end at a number of rows or bytes, whichever comes first, wherever batches end."""
    monkeypatch.setattr(table_writer, "ROW_GROUP_ROWS", 10)
    monkeypatch.setattr(table_writer, "ROW_GROUP_BYTES", 5000)
    sizes = [10] * 25 + [3000] * 4 + [20000] + [10] * 3
    rows = [{"id": str(n), "source_path": "a", "source_record": n, "text": "x" * size} for n, size in enumerate(sizes)]
    with locked.writer([SourceFile.at(world.raw, "a")], "c1", "r") as part:
        for start in range(0, len(rows), 4):
            part.write("articles", to_batch("articles", rows[start : start + 4]))
        record = part.commit()
    metadata = pq.read_metadata(world.out / record.files[0].path)
    # 10 + 10 by rows; 5 small and 2 of 3000 by bytes; 2 of 3000; the large one alone; the rest
    assert [metadata.row_group(n).num_rows for n in range(metadata.num_row_groups)] == [10, 10, 7, 2, 1, 3]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_words": pa.array(["3"])}, "column n_words is string, not int64"),
        ({"title": pa.array([3])}, "column title is int64, not string"),
        ({"authors": pa.array([[3]])}, "column authors is list"),
        ({"id": pa.array([None], pa.string())}, "column id holds a null"),
        ({"published": pa.array([1], pa.timestamp("us"))}, "column published does not fit"),
        ({"extra": pa.array([1])}, "column extra is not in the schema"),
        ({"title": None}, "column title is missing"),
        ({"source_path": pa.array(["unknown"])}, "column source_path holds 'unknown'"),
        ({"languages": pa.array([[{"language": "en"}]])}, "column languages is list"),
    ],
)
def test_misfits_name_table_and_column(world: World, locked: Dataset, change: Any, message: str) -> None:
    """Data that does not fit the declared schema is refused by the name of its column, and nothing is left of
    it.
    """
    columns = {name: column for name, column in {**article(), **change}.items() if column is not None}
    before = files(world)
    with locked.writer([SourceFile.at(world.raw, "a")], "c1", "r") as part:
        with pytest.raises(DatasetError, match=re.escape(message)):
            part.write("articles", pa.table(columns))
        with pytest.raises(DatasetError, match="closed"):
            part.commit()
    assert files(world) == before


def test_other_widths_of_the_same_kind_are_cast(world: World, locked: Dataset) -> None:
    """Large strings, dictionaries, small integers, nulls and finer whole timestamps become the declared
    types.
    """
    columns = article() | {
        "title": pa.array(["t"], pa.large_string()),
        "site": pa.array(["s"]).dictionary_encode(),
        "n_words": pa.array([3], pa.int16()),
        "section": pa.nulls(1),
        "published": pa.array([5_000_000], pa.timestamp("us")),
        "tags": pa.array([["x"]], pa.large_list(pa.large_string())),
    }
    with locked.writer([SourceFile.at(world.raw, "a")], "c1", "r") as part:
        part.write("articles", pa.table({name: columns[name] for name in reversed(ARTICLES.names)}))
        part.commit()
    table = open_dataset(world.out).table("articles")
    assert table.schema.equals(ARTICLES)
    row = table.to_pylist()[0]
    assert (row["title"], row["site"], row["n_words"], row["tags"]) == ("t", "s", 3, ["x"])
    assert row["published"].second == 5


def test_unknown_outcome_is_refused(world: World, locked: Dataset) -> None:
    """Outcomes come from the closed set."""
    row = {"id": "1", "source_path": "a", "outcome": "lost"}
    writer = locked.writer([SourceFile.at(world.raw, "a")], "c1", "r")
    with writer as part, pytest.raises(DatasetError, match="'lost'"):
        part.write("rejected", to_batch("rejected", [row]))


def test_records_must_balance(world: World, locked: Dataset) -> None:
    """A part whose rows do not account for each record that was read is not committed."""
    with locked.writer([SourceFile.at(world.raw, "a")], "c1", "r") as part:
        part.write("articles", pa.table(article(), schema=ARTICLES))
        with pytest.raises(DatasetError, match="a: 2 records were read, but 1 have an outcome"):
            part.commit(records={"a": 2})
    assert locked.ledger().records == {}


def test_signal_within_a_commit(world: World, locked: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """A commit is given up as long as no file has its name; one that is publishing its files comes to its end."""
    monkeypatch.setattr(stopping, "_Signals", type("_Signals", (), {"received": 0, "finishing": 0}))

    def commit_with_signal_at(owner: Any, name: str) -> None:
        called = getattr(owner, name)

        def interrupted(*args: Any, **kwargs: Any) -> Any:
            stopping._receive(signal.SIGTERM, None)
            return called(*args, **kwargs)

        with monkeypatch.context() as patch, locked.writer([SourceFile.at(world.raw, "a")], "c1", "r") as part:
            part.write("articles", pa.table(article(), schema=ARTICLES))
            patch.setattr(owner, name, interrupted)
            with pytest.raises(stopping.Stopped):
                part.commit()
        stopping._Signals.received = 0

    before = files(world)
    commit_with_signal_at(table_writer.TableWriter, "finish")
    assert (locked.ledger().records, files(world)) == ({}, before)
    commit_with_signal_at(type(locked.storage), "publish")
    assert len(locked.ledger().records) == 1
    assert locked.verify(deep=False).ok


def test_part_that_ends_before_a_source(world: World, locked: Dataset) -> None:
    """Sources without rows can be left to another part; those with rows cannot."""
    both = [SourceFile.at(world.raw, name) for name in ("a", "b")]
    with locked.writer(both, "c1", "r") as part:
        part.write("articles", pa.table(article(), schema=ARTICLES))
        with pytest.raises(DatasetError, match="a has rows in a part that is to end before it"):
            part.narrow(both[1:])
    with locked.writer(both, "c1", "r") as part:
        part.write("articles", pa.table(article(), schema=ARTICLES))
        part.narrow(both[:1])
        assert [entry.path for entry in part.commit().sources] == ["a"]


def test_no_source_is_searched_for_among_all(world: World, locked: Dataset) -> None:
    """What is given as a list is not searched once for each source: time would grow by the square of their number."""

    class Unsearchable(list[Any]):
        def __contains__(self, item: object) -> bool:
            raise AssertionError("searched from end to end")

    sources = Unsearchable(SourceFile.at(world.raw, name) for name in ("a", "b"))
    with locked.writer(sources, "c1", "r") as part:
        part.narrow(sources)
        part.commit(records={}, learned=Unsearchable(["a"]))
    assert [entry.learned for entry in locked.ledger().entries()] == [True, False]


def test_duplicates_are_counted_apart(world: World, locked: Dataset) -> None:
    """An article with `duplicate_of` counts as duplicate."""
    with locked.writer([SourceFile.at(world.raw, "a")], "c1", "r") as part:
        part.write("articles", pa.table(article(), schema=ARTICLES))
        part.write("articles", pa.table(article(id="2", duplicate_of="1"), schema=ARTICLES))
        part.commit(learned=["a"])
    (entry,) = locked.ledger().entries()
    assert entry.outcomes == {"kept": 1, "duplicate": 1}
    assert entry.learned


def test_writing_needs_the_lock(world: World) -> None:
    """No part, state file or recovery without the lock."""
    world.put("a", "text one")
    dataset = Dataset.open(world.out, create=True)
    for write in (
        lambda: dataset.writer([SourceFile.at(world.raw, "a")], "c1", "r").__enter__(),
        lambda: dataset.put_state("x", b""),
        dataset.recover,
        lambda: dataset.retire(["a"], "r"),
    ):
        with pytest.raises(DatasetError, match="not locked"):
            write()


def test_two_sources_of_one_content_are_refused(world: World, locked: Dataset) -> None:
    """Copies do not enter a part."""
    world.put("c", "text two")
    with pytest.raises(DatasetError, match="same content"):
        locked.writer([SourceFile.at(world.raw, "b"), SourceFile.at(world.raw, "c")], "c1", "r").__enter__()


def test_replacing_one_source_keeps_its_neighbours(world: World) -> None:
    """A grown file takes its old rows out of a part that other sources share, and their rows move
    unchanged.
    """
    for name in "abc":
        world.put(name, f"text of {name}", "short")
    world.run()
    before = world.rows()
    (old,) = world.dataset.ledger().records
    world.put("b", "text of b", "short", "more of b")
    world.run()
    (record,) = world.dataset.ledger().records.values()
    assert record.replaces == [old]
    assert world.texts() == {"a": ["text of a"], "b": ["more of b", "text of b"], "c": ["text of c"]}
    for table in TABLES:
        others = [row for row in before[table] if row["source_path"] != "b"]
        assert [row for row in world.rows()[table] if row["source_path"] != "b"] == others
    assert sum(name.endswith(".parquet") for name in files(world)) == 3
    world.assert_sound()


def test_neighbours_keep_their_own_configuration(world: World) -> None:
    """Rows that move to a new part keep the configuration that they were made with, so they stay stale."""
    world.put("a", "text one")
    world.put("b", "text two")
    world.run(config="c1")
    world.put("b", "text three")
    world.run(config="c2")
    plan = world.plan("c2")
    assert [source.path for source in plan.stale] == ["a"]
    assert [source.path for source in plan.done] == ["b"]
    assert status_of(world.dataset).configs == {"c1": 1, "c2": 1}


def test_a_source_can_go_back_to_an_earlier_content(world: World) -> None:
    """Content, change, and the first content again: the part has its first key again and is not hidden by the
    past.
    """
    world.put("a", "text one")
    world.put("b", "text two")
    for text in ("text one", "other text", "text one", "other text"):
        world.put("a", text)
        world.run()
        assert world.texts() == {"a": [text], "b": ["text two"]}
        world.assert_sound()


def test_two_parts_of_one_run_may_replace_the_same_part(world: World) -> None:
    """Each changed source of a shared part may be redone in a part of its own."""
    for name in "abcd":
        world.put(name, f"text of {name}")
    world.run(group=4)
    for name in "abc":
        world.put(name, f"new text of {name}")
    world.run(group=1)
    assert world.texts() == {
        "a": ["new text of a"],
        "b": ["new text of b"],
        "c": ["new text of c"],
        "d": ["text of d"],
    }
    world.assert_sound()


def test_reprocessing_does_not_overwrite_the_live_part(world: World) -> None:
    """Redoing a committed part gives it another name, so that the old one is whole until the new one is."""
    world.put("a", "text one")
    world.run()
    (first,) = world.dataset.ledger().records
    world.run(reprocess="all")
    (second,) = world.dataset.ledger().records
    assert first != second
    world.assert_sound()


def test_parts_can_be_merged(world: World) -> None:
    """A commit that takes over several parts and adds nothing is a compaction."""
    for name in "abcde":
        world.put(name, f"text of {name}", "short")
    world.run(group=1)
    before = world.rows()
    with world.dataset.lock() as dataset:
        keys = list(dataset.ledger().records)
        with dataset.writer([], "c1", "compact") as part:
            part.commit([dataset.without(key) for key in keys])
    assert len(world.dataset.ledger().records) == 1
    assert world.rows() == before
    assert world.plan().todo == []
    world.assert_sound()


def test_retired_sources_leave_with_all_their_rows(world: World) -> None:
    """`retire` takes sources out of shared parts and removes parts that become empty."""
    for name in "abcd":
        world.put(name, f"text of {name}", "short")
    world.run(group=2)
    with world.dataset.lock() as dataset:
        assert dataset.retire(["a", "c", "d", "unknown"], "r") == ["a", "c", "d"]
    assert world.texts() == {"b": ["text of b"]}
    world.assert_sound()


def test_a_damaged_part_is_not_carried_over(world: World) -> None:
    """If a part that is to be replaced has lost rows, the commit is refused and the old part stays."""
    for name in "ab":
        world.put(name, f"text of {name}", "short")
    world.run()
    (path,) = world.out.glob("rejected/*.parquet")
    table = pq.read_table(path)
    pq.write_table(table.slice(0, 1), path)
    world.put("a", "new text")
    with pytest.raises(DatasetError, match="does not hold the rows"):
        world.run()
    path.write_bytes(b"no parquet")
    with pytest.raises(DatasetError, match="cannot read"):
        world.run()
    assert "text of a" in open_dataset(world.out).table("articles")["text"].to_pylist()


def test_columns_added_to_the_schema_are_null_in_older_parts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of an earlier schema are read, and carried over, with nulls in columns that they lack."""
    schema = SCHEMAS["articles"]
    older = pa.schema([f for f in schema if f.name not in ("tags", "modified")], schema.metadata)
    world.put("a", "text one")
    world.put("b", "text two")
    with monkeypatch.context() as patch:
        patch.setitem(SCHEMAS, "articles", older)
        run(world.raw, world.out)
    world.assert_sound()
    assert open_dataset(world.out).table("articles").schema.equals(schema)
    world.put("a", "text three")
    world.run()
    assert world.texts() == {"a": ["text three"], "b": ["text two"]}
    assert open_dataset(world.out).table("articles", ["tags"]).to_pylist() == [{"tags": None}] * 2
    world.assert_sound()
