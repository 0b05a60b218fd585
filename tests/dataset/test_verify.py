"""`verify` finds each way in which a dataset can break its contract."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dataset.conftest import World

from ingest.storage.disk import HashingSink


@pytest.fixture
def sound(world: World) -> World:
    """A dataset of two parts, four sources and all three tables."""
    for name in "abcd":
        world.put(name, f"text of {name}", "short", f"more text of {name}")
    world.run(group=2)
    world.assert_sound()
    return world


def part(world: World, table: str) -> Any:
    return sorted(world.out.glob(f"{table}/*.parquet"))[0]


def change_record(world: World, path: Path, change: Any) -> None:
    """Change the commit record that names the data file `path`."""
    for file in (world.out / "_ingest/ledger").iterdir():
        record = json.loads(file.read_text())
        if path.stem.removeprefix("part-") == record["key"]:
            change(record)
            file.write_text(json.dumps(record))


def rewrite(world: World, path: Path, change: Any) -> None:
    """Change the rows of a part and make its record agree with the new file."""
    pq.write_table(change(pq.read_table(path)), path)
    sink = HashingSink(path.with_suffix(".x"))
    sink.write(path.read_bytes())
    sink.discard()

    def agree(record: Any) -> None:
        for file in record["files"]:
            if file["path"].endswith(f"{path.parent.name}/{path.name}"):
                file.update(bytes=sink.size, sha256=sink.sha256, rows=pq.read_metadata(path).num_rows)
                record["rows"][file["table"]] = file["rows"]

    change_record(world, path, agree)


def set_column(name: str, edit: Any) -> Any:
    def change(table: pa.Table) -> pa.Table:
        index = table.schema.get_field_index(name)
        values = edit(table[name].to_pylist())
        return table.set_column(index, table.schema.field(index), pa.array(values, table.schema.field(index).type))

    return change


def messages(world: World, deep: bool = True) -> Any:
    result = world.dataset.verify(deep=deep)
    assert result.ok == (not any(finding.severity == "error" for finding in result.findings))
    assert all(finding.remedy for finding in result.findings)
    return " | ".join(f"{finding.file}: {finding.message}" for finding in result.findings)


def test_a_missing_file_is_found(sound: World) -> None:
    """A committed file that is gone."""
    part(sound, "removed").unlink()
    assert "is missing" in messages(sound, deep=False)


def test_a_cut_file_is_found(sound: World) -> None:
    """A committed file of another size."""
    path = part(sound, "articles")
    path.write_bytes(path.read_bytes()[:-100])
    assert "bytes, its record says" in messages(sound, deep=False)


def test_a_flipped_bit_is_found(sound: World) -> None:
    """A committed file of the same size with other bytes, which only the deep check sees."""
    path = part(sound, "articles")
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 1
    path.write_bytes(data)
    assert "has SHA-256" in messages(sound)
    assert "SHA-256" not in messages(sound, deep=False)


def test_a_file_without_record_is_found(sound: World) -> None:
    """A part that no record names, and a Parquet file of other origin, each with its own remedy."""
    shutil.copy(part(sound, "articles"), sound.out / "articles/part-0123456789abcdef0123.parquet")
    shutil.copy(part(sound, "articles"), sound.out / "rejected/mine.parquet")
    result = sound.dataset.verify()
    assert [(f.file, "clears" in f.remedy) for f in result.findings] == [
        ("articles/part-0123456789abcdef0123.parquet", True),
        ("rejected/mine.parquet", False),
    ]
    assert not result.ok


def test_temporary_files_are_only_a_warning(sound: World) -> None:
    """What readers cannot see is named, but harms nothing."""
    (sound.out / "articles/.part-1-1.tmp").write_bytes(b"")
    result = sound.dataset.verify()
    assert [finding.severity for finding in result.findings] == ["warning"]
    assert result.ok


def test_a_damaged_record_is_found(sound: World) -> None:
    """A record that cannot be read, and the files that hang in the air for it."""
    (sound.out / "_ingest/ledger" / f"{part(sound, 'articles').stem[5:]}.json").write_text("{")
    found = messages(sound)
    assert "is damaged" in found
    assert found.count("has no commit record") == 3


def test_a_source_in_two_parts_is_found(sound: World) -> None:
    """The same path in two live records."""
    path = part(sound, "articles")
    change_record(sound, path, lambda record: record["sources"].append({**record["sources"][0], "digest": "sha256:0"}))
    assert "a source stands in 2 places of the ledger: path" in messages(sound)


def test_wrong_counts_are_found(sound: World) -> None:
    """Records, outcomes and removed lines that the rows do not bear out."""
    path = part(sound, "articles")
    change_record(sound, path, lambda record: record["sources"][0].update(records=4))
    assert "4 records, but outcomes" in messages(sound)
    change_record(sound, path, lambda record: record["sources"][0].update(records=3, removed_lines=7))
    assert "2 removed lines, 7 in its record" in messages(sound)
    change_record(sound, path, lambda record: record["sources"][0].update(outcomes={"kept": 3}))
    assert "outcomes {" in messages(sound)
    change_record(sound, path, lambda record: record["rows"].update(articles=1))
    assert "states 1 rows of articles, its files 4" in messages(sound, deep=False)


def test_lost_rows_are_found(sound: World) -> None:
    """A file with fewer rows than its record says, also if digest and size agree."""
    rewrite(sound, part(sound, "rejected"), lambda table: table.slice(1))
    assert "outcomes {'kept': 2} in its rows" in messages(sound)


def test_a_foreign_row_is_found(sound: World) -> None:
    """A row of a source that the part does not hold."""
    rewrite(sound, part(sound, "removed"), set_column("source_path", lambda v: ["elsewhere", *v[1:]]))
    assert "'elsewhere', which is no source of this part" in messages(sound)


def test_a_removed_line_without_owner_is_found(sound: World) -> None:
    """A removed line whose id no article and no rejected record has."""
    rewrite(sound, part(sound, "removed"), set_column("id", lambda v: ["nobody", *v[1:]]))
    assert "1 removed lines belong to no record of the part, e.g. of nobody" in messages(sound)


def test_a_doubled_id_is_found(sound: World) -> None:
    """The same id in two parts, or in articles and rejected."""
    first, second = sorted(sound.out.glob("articles/*.parquet"))
    id_ = pq.read_table(first)["id"][0].as_py()
    rewrite(sound, second, set_column("id", lambda v: [id_, *v[1:]]))
    found = messages(sound)
    assert f"1 ids occur more than once (e.g. {id_})" in found


def test_a_changed_text_is_found(sound: World) -> None:
    """A text that its own digest does not fit."""
    rewrite(sound, part(sound, "articles"), set_column("text", lambda v: ["changed", *v[1:]]))
    assert "text_sha256 of" in messages(sound)


def test_another_schema_is_found(sound: World) -> None:
    """A column of the wrong kind, and one that the schema does not have."""
    path = part(sound, "rejected")
    rewrite(sound, path, lambda table: table.append_column("mine", pa.array([1] * len(table))))
    assert "a column that the schema does not: mine" in messages(sound, deep=False)
    index = pq.read_schema(path).get_field_index("n_bytes")
    rewrite(sound, path, lambda t: t.drop_columns("mine").set_column(index, "n_bytes", pa.array(["x"] * len(t))))
    assert "column n_bytes is string, not int64" in messages(sound, deep=False)


def test_a_replaced_part_that_waits_for_removal_is_named(sound: World) -> None:
    """A replacement that was cut off after its commit: readers are right, a glob is not, and the next run
    clears it.
    """
    old = part(sound, "articles")
    record = sound.out / "_ingest/ledger" / f"{old.stem[5:]}.json"
    saved = {path: path.read_bytes() for path in (*sound.out.glob(f"*/{old.name}"), record)}
    sound.put(json.loads(record.read_text())["sources"][0]["path"], "changed text")
    sound.run()
    before = sound.rows()
    for path, data in saved.items():
        path.write_bytes(data)
    assert sound.rows() == before
    found = messages(sound)
    assert "is replaced and waits for removal" in found
    assert found.count("has no commit record") == 3
    with sound.dataset.lock() as dataset:
        assert dataset.recover().replaced == [f"_ingest/ledger/{record.name}"]
    sound.assert_sound()
    assert sound.rows() == before
