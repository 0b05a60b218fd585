"""Tables: the columns of known data sets are understood, and a bad row costs itself only."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import tomli

from ingest.config import Columns, load
from ingest.document import Record, Reject
from ingest.errors import ConfigError
from ingest.readers import Input, Limits, records
from ingest.readers.rows import record_of

CASES = tomli.loads((Path(__file__).parent / "tables.toml").read_text(encoding="utf-8"))["row"]
ROWS = [
    {"url": f"https://a.invalid/{i}", "text": f'Line one, "quoted"\nline two; {i}', "date": "2020-01-02T03:04:05Z"}
    for i in range(5)
]


def read(data: bytes, name: str, limit: int = 10_000, skip: int = 0) -> list[Record | Reject]:
    return list(records(Input.of_bytes(data, name), Limits(limit), skip))


def texts(items: list[Record | Reject]) -> list[str]:
    contents = [item.content if isinstance(item, Record) else item.outcome.value for item in items]
    return [content if isinstance(content, str) else content.decode() for content in contents]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_row_of_a_known_data_set_is_understood(case: dict[str, Any]) -> None:
    """Rows as well-known data sets give them are read without any setting, others with the user's names."""
    limits = Limits(1000, columns=Columns(**case.get("columns", {})))
    item = record_of(case["row"], "table", 0, limits)
    if "outcome" in case:
        assert isinstance(item, Reject)
        assert item.outcome.value == case["outcome"]
        assert case["reason"] in item.reason
        return
    assert isinstance(item, Record)
    assert item.content == case["content"]
    assert item.kind == case.get("kind", "text")
    assert item.url == case.get("url", item.url)
    assert item.given == case.get("given", {})


def test_names_of_columns_come_from_file_environment_and_flag(tmp_path: Path) -> None:
    """The same mapping can be given in a file, a variable and a flag; a field that does not exist is an error."""
    (tmp_path / "ingest.toml").write_text('[columns]\ntext = "story"\n')
    assert load(folder=tmp_path, environ={}).settings.columns == Columns(text="story")
    given = {"INGEST_COLUMNS": "text=tale:url=meta.link"}
    assert load(folder=tmp_path, environ=given).settings.columns == Columns(text="tale", url="meta.link")
    flags = {"columns": {"html": "page"}}
    assert load(flags, folder=tmp_path, environ=given).settings.columns == Columns(html="page")
    with pytest.raises(ConfigError, match="txt"):
        load({"columns": {"txt": "page"}}, folder=tmp_path, environ={})


def parquet(table: pa.Table, **options: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, row_group_size=2, **options)
    return sink.getvalue()


def arrow(table: pa.Table, new: Any) -> bytes:
    sink = io.BytesIO()
    with new(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=2)
    return sink.getvalue()


def delimited(rows: list[dict[str, str]], **options: Any) -> str:
    sink = io.StringIO()
    writer = csv.DictWriter(sink, list(rows[0]), **options)
    writer.writeheader()
    writer.writerows(rows)
    return sink.getvalue()


TABLE = pa.Table.from_pylist(ROWS)
FORMS: dict[str, bytes] = {
    "rows.parquet": parquet(TABLE),
    "plain.parquet": parquet(TABLE, use_dictionary=False, compression="none"),
    "file.arrow": arrow(TABLE, pa.ipc.new_file),
    "stream.arrows": arrow(TABLE, pa.ipc.new_stream),
    "commas.csv": delimited(ROWS).encode(),
    "semicolons.csv": delimited(ROWS, delimiter=";").encode(),
    "backslashes.csv": delimited(ROWS, doublequote=False, escapechar="\\").encode(),
    "tabs.tsv": delimited(ROWS, delimiter="\t").encode(),
    "spreadsheet.csv": delimited(ROWS, delimiter="\t").encode("utf-16"),
    "bom.csv": delimited(ROWS).encode("utf-8-sig"),
    "lines.jsonl": "\n".join(map(json.dumps, ROWS)).encode(),
    "lines.json": "\n".join(map(json.dumps, ROWS)).encode(),
    "array.json": json.dumps(ROWS).encode(),
    "pretty.json": json.dumps(ROWS, indent=2).encode(),
    "feed.json": ("[\n" + ",\n".join(map(json.dumps, ROWS)) + "\n]").encode(),
    "nameless": json.dumps(ROWS).encode(),
}


@pytest.mark.parametrize("name", FORMS)
def test_same_rows_from_every_format(name: str) -> None:
    """The format makes no difference to the records, and they can be taken up in the middle."""
    whole = read(FORMS[name], name)
    assert texts(whole) == [row["text"] for row in ROWS]
    for item, row in zip(whole, ROWS, strict=True):
        assert isinstance(item, Record)
        assert (item.url, item.given) == (row["url"], {"fetched_at": row["date"]})
    for skip in range(len(ROWS) + 1):
        assert read(FORMS[name], name, skip=skip) == whole[skip:]


@pytest.mark.parametrize("name", FORMS)
def test_damaged_table_raises_nothing_and_loses_nothing_unsaid(name: str) -> None:
    """Whatever byte is changed, there are records or refusals, numbered without a gap."""
    data = FORMS[name]
    for place in range(0, len(data), max(1, len(data) // 60)):
        hurt = bytearray(data)
        hurt[place] ^= 0x55
        for version in (bytes(hurt), data[:place]):
            items = read(version, name)
            assert items
            assert [item.number for item in items] == list(range(len(items)))


CSV: list[tuple[str, list[str]]] = [
    ('url,text\n1,"a"\n2,"b\n3,"c"\n4,"d"\n', ["a", "invalid", "c", "d"]),
    ('url,text\n1,"a\n2,b\n3,c\n', ["invalid", "b", "c"]),
    ('url,text\n1,say "so" again\n2,"so" it goes\n', ['say "so" again', "so it goes"]),
    ("url,text\n1,a,b\n2,c,d\n3,e\n4\n5,f\n", ["invalid", "e", "invalid", "f"]),
    ("text\nno delimiter; at all\nb\n", ["no delimiter; at all", "b"]),
    ('url,text\n\n1,"a\n\nb"\n\n', ["a\n\nb"]),
    ("url,text\n1," + "x" * 20_000 + "\n2,b\n", ["too-large", "b"]),
    ("url,text\n1," + "x" * 200_000 + "\n2,b\n", ["too-large", "b"]),
    ("a,b\n1,2\n", ["invalid"]),
    ("text,url\n", ["empty"]),
    ("", ["empty"]),
    ("\n\n", ["empty"]),
    ("text,url\r\na,b\r\n", ["a"]),
    ("text,text\na,b\n", ["a"]),
]


@pytest.mark.parametrize(("data", "expected"), CSV, ids=range(len(CSV)))
def test_bad_rows_of_a_csv_file_cost_only_themselves(data: str, expected: list[str]) -> None:
    """Quotes that nobody closes, wrong numbers of columns and huge fields do not swallow what follows."""
    assert texts(read(data.encode(), "a.csv")) == expected


def test_field_longer_than_the_library_allows_is_read() -> None:
    """A page in a cell may be longer than the 128 KiB at which the csv module ends by itself."""
    page = "x" * 300_000
    assert texts(read(f"text,url\n{page},u\n".encode(), "a.csv", limit=1_000_000)) == [page]


def test_cells_keep_their_charset() -> None:
    """A table in a legacy charset gives the page's bytes, to be decoded like any other page."""
    [item] = read("title;text\nПруд;Пруд измерили снова и записали\n".encode("cp1251"), "a.csv")
    assert isinstance(item, Record)
    assert item.content == "Пруд измерили снова и записали".encode("cp1251")


JSON: list[tuple[str, list[str]]] = [
    ('[{"text": "a"}, 5, "x", null, {"text": "b"}]', ["a", "invalid", "invalid", "invalid", "b"]),
    ('{"text": "a"}\n{"text": "b", {\n{"text": "c"}\n', ["a", "invalid", "c"]),
    ('[{"text": "a"},\n{"text": "b"', ["a", "invalid"]),
    ('[{"text": "' + "x" * 30_000 + '"}, {"text": "b"}]', ["too-large", "b"]),
    ('[{"text": "' + "x" * 300_000 + '"}, {"text": "b"}]', ["too-large", "b"]),
    ('[{"text": "brackets ] } and \\" quotes"}]', ['brackets ] } and " quotes']),
    ("[" * 100_000, ["empty"]),
    ('{"text": ' * 5_000, ["too-large"]),
    ("[]", ["empty"]),
    ("", ["empty"]),
]


@pytest.mark.parametrize(("data", "expected"), JSON, ids=range(len(JSON)))
def test_bad_elements_of_a_json_file_cost_only_themselves(data: str, expected: list[str]) -> None:
    """Elements that are no pages, too large, or not closed are refused; those after them are read."""
    assert texts(read(data.encode(), "a.json")) == expected


def test_rows_without_a_page_are_refused_one_by_one() -> None:
    """Nulls and blank pages are rows with an outcome, not holes."""
    table = pa.table({"text": ["a", None, " ", "b"], "when": [1, 2, 3, 4]})
    assert texts(read(parquet(table), "a.parquet")) == ["a", "empty", "empty", "b"]
    assert texts(read(parquet(table.slice(0, 0)), "a.parquet")) == ["empty"]
    assert texts(read(parquet(table.select(["when"])), "a.parquet")) == ["invalid"]


def test_values_that_python_cannot_hold_cost_no_row() -> None:
    """A date beyond the year 9999 is left out, the page is kept."""
    table = pa.table({"text": ["a"], "timestamp": pa.array([10**15], pa.timestamp("ms"))})
    assert texts(read(parquet(table), "a.parquet")) == ["a"]
