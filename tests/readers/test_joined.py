"""Text files of many pages: cut where `records` says, with nothing lost and nothing guessed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inprocess import ingest

from ingest.config import load
from ingest.document import Outcome, Record, Reject
from ingest.errors import ConfigError
from ingest.readers import Input, Limits, joined_documents
from ingest.readers.registry import records

PROSE = "The people of the village cleaned the pond on Monday, and the council had asked them to for many years. " * 5


def read(
    data: bytes, how: str, *, limit: int = 10_000, skip: int = 0, name: str = "dump.txt"
) -> tuple[list[Record | Reject], Limits]:
    limits = Limits(limit, records=how)
    return list(records(Input.of_bytes(data, name), limits, skip)), limits


def texts(items: list[Record | Reject]) -> list[str]:
    found = []
    for item in items:
        assert isinstance(item, Record), item
        found.append(item.content.decode() if isinstance(item.content, bytes) else item.content)
    return found


LINES = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1).filter(
    lambda s: ":" not in s and s != "====="
)
PAGES = st.lists(st.lists(LINES, min_size=1).map("\n".join), min_size=1)


@given(PAGES, st.sampled_from(["\n", "\r\n"]), st.integers(0, 3))
def test_joined_by_a_separator_and_read_the_pages_come_back(pages: list[str], end: str, skip: int) -> None:
    """Byte for byte but for white space at the ends, from any record on."""
    data = f"{end}====={end}".join(pages).encode()
    items, _ = read(data, "separator:={5}", limit=1 << 20)
    assert [text.strip() for text in texts(items)] == [page.strip() for page in pages]
    assert [item.number for item in items] == list(range(len(pages)))
    assert read(data, "separator:={5}", limit=1 << 20, skip=skip)[0] == items[skip:]


@given(st.lists(LINES, min_size=1))
def test_lines_come_back(pages: list[str]) -> None:
    """One page a line, and one between blank lines; blank lines have no number."""
    for how, between in (("lines", "\n"), ("lines", "\n\n"), ("blank-lines", "\n\n"), ("blank-lines", "\n \n\n")):
        items, _ = read(between.join(pages).encode(), how, limit=1 << 20)
        assert [text.strip() for text in texts(items)] == [page.strip() for page in pages]


@given(PAGES)
def test_offsets_and_lengths_cut_the_pages_out_again(pages: list[str]) -> None:
    """`source_offset` and `source_length` lead to the page in the file, with its head."""
    data = "".join(f"<doc id='{number}'>\n{page}\n</doc>\n" for number, page in enumerate(pages)).encode()
    items, _ = read(data, "header:<doc", limit=1 << 20)
    for item, page in zip(items, pages, strict=True):
        assert isinstance(item, Record)
        assert item.offset is not None
        cut = data[item.offset : item.offset + (item.length or 0)].decode()
        assert cut.startswith("<doc ")
        assert page in cut
    assert [text.removesuffix("\n") for text in texts(items)] == pages


HEADS = {
    "separator": (
        "separator:=+",
        "=====\nURL: https://a.example/1\nTitle: Ponds\nDate: 2024-05-01\n\n",
        {"title": "Ponds"},
    ),
    "address": ("header:URL:", "URL: https://a.example/1\nDate: 2024-05-01\nTitle: P\n", {"published": "2024-05-01"}),
    "doc": ("header:<doc", '<doc id="7" url="https://a.example/1" title="P &amp; Q">\n', {"id": "7", "title": "P & Q"}),
    "group": (r"header:=== (?P<title>.+) === (?P<url>\S+)", "=== Ponds === https://a.example/1\n", {"title": "Ponds"}),
    "cyrillic": ("header:Ссылка:", "Ссылка: https://a.example/1\nЗаголовок: Пруды\n", {"title": "Пруды"}),
}


@pytest.mark.parametrize("name", HEADS)
def test_keys_of_a_head_are_metadata(name: str) -> None:
    """They give address, title and date, in the names that tables use, and leave the text."""
    how, head, expected = HEADS[name]
    items, _ = read((head + PROSE + "\n" + head + PROSE).encode(), how)
    assert [text.strip() for text in texts(items)] == [PROSE.strip()] * 2
    for item in items:
        assert isinstance(item, Record)
        assert item.url == "https://a.example/1"
        assert expected.items() <= dict(item.given).items()


@pytest.mark.parametrize(
    ("how", "data"),
    [
        ("separator:=+", "Title: of a page without an address\nText.\n=====\nAuthor: unknown, said the mayor.\nText."),
        ("separator:=+", "Note: see https://a.example\nText.\n=====\nSummary: it rained.\nText."),
        ("header:Chapter", "Chapter one\nText.\nChapter two\nText."),
        ("header:URL:", "What stands before the first head.\nURL: https://a.example/1\nSummary: it rained."),
        ("lines", "Title: Ponds\nURL: https://a.example/1"),
    ],
)
def test_what_is_no_head_stays_in_the_text(how: str, data: str) -> None:
    """Prose with a colon, marks that tell nothing, and what stands above the first mark are text."""
    items, _ = read(data.encode(), how)
    kept = "\n".join(texts(items))
    gone = [line for line in data.split("\n") if line not in kept]
    assert len(items) == 2
    assert all(line == "=====" or line.startswith("URL: ") for line in gone)


def test_a_page_that_is_too_large_or_empty_costs_itself() -> None:
    """Its row names record, size and remedy; its neighbours come through, also behind one line without an end."""
    data = b"a b\n==\n" + b"x" * 5000 + b"\n==\n" + b"y\n" * 3000 + b"==\n\n \n==\nc d\n"
    items, _ = read(data, "separator:==", limit=1000)
    assert [item.number for item in items] == [0, 1, 2, 3]
    for item in items[1:3]:
        assert isinstance(item, Reject)
        assert item.outcome is Outcome.TOO_LARGE
        assert "max_document_bytes" in str(item.remedy)
    assert isinstance(items[0], Record)
    assert isinstance(items[3], Record)
    [empty] = read(b"URL: https://a.example/1\n\n", "header:URL:")[0]
    assert isinstance(empty, Reject)
    assert empty.outcome is Outcome.EMPTY


def test_a_setting_that_fits_no_line_is_told() -> None:
    """The file is one page then, and a note says so."""
    items, limits = read(b"a\nb\n", "separator:=+")
    assert texts(items) == ["a\nb\n"]
    assert "no line of it fits" in next(iter(limits.notes))
    assert not read(b"a\n==\nb\n", "separator:=+")[1].notes


def test_other_formats_are_read_as_ever() -> None:
    """The setting is for text: HTML by its name, tables and JSON are not cut."""
    html = b"<html><body><p>one</p>\n==\n<p>two</p></body></html>"
    assert len(read(html, "separator:==", name="page.html")[0]) == 1
    assert len(read(b'{"text": "a b"}\n{"text": "c d"}\n', "separator:==", name="rows.jsonl")[0]) == 2


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("linez", "lines, blank-lines, separator:PATTERN"),
        ("header:(", "no regular expression"),
        ("header:", "no pattern"),
    ],
)
def test_wrong_values_name_the_valid_ones(value: str, message: str) -> None:
    """Before anything is read."""
    with pytest.raises(ConfigError, match=message.replace("(", r"\(")):
        load({"records": value})


SHAPES = {
    "lines": "\n".join([PROSE * 2] * 30),
    "separator:[=*#_~-]{8,}": "\n==========\n".join([PROSE] * 30),
    r"separator:<\|end(?:of|_of_)text\|>": "\n<|endoftext|>\n".join([PROSE] * 30),
    "header:<doc": "".join(f'<doc id="{n}">\n{PROSE}\n</doc>\n' for n in range(30)),
    "header:={3,} (?P<title>.{1,80}?) ={3,}$": "".join(f"=== Pond {n} ===\n{PROSE}\n" for n in range(30)),
    "header:(?i:url|link): ?https?://": "\n\n".join(f"URL: https://a.example/{n}\n\n{PROSE}" for n in range(30)),
}


@pytest.mark.parametrize("how", SHAPES)
def test_what_is_proposed_cuts_the_file(how: str) -> None:
    """Each common shape is known, and read with what is proposed it gives its pages; without, it is one."""
    data = SHAPES[how].encode()
    found = joined_documents.found_in(data)
    assert found is not None
    assert found.records == how
    assert "30" in found.what
    assert len(texts(read(data, found.records, limit=1 << 20)[0])) == 30
    assert len(read(data, "file", limit=1 << 20)[0]) == 1


@pytest.mark.parametrize(
    "text",
    [
        PROSE,
        "\n\n".join([PROSE] * 60),
        "\n".join(["---------", "short"] * 40),
        "\n".join(f"{PROSE}\nSource: https://a.example/{n}" for n in range(30)),
    ],
)
def test_nothing_is_proposed_for_one_page(text: str) -> None:
    """Long articles, rules between rows of a table, and links below paragraphs are no marks."""
    assert joined_documents.found_in(text.encode()) is None


def test_plan_proposes_and_run_reads(tmp_path: Path) -> None:
    """As a newcomer does it: what `plan` prints, given to `run`, makes an article of each page."""
    (tmp_path / "raw").mkdir()
    pages = [f"URL: https://a.example/{n}\nTitle: Pond {n}\n\n{PROSE}Number {n} it was." for n in range(30)]
    (tmp_path / "raw" / "dump.txt").write_text("\n\n".join(pages))
    (tmp_path / "raw" / "one.txt").write_text(PROSE)
    planned = ingest("plan", cwd=tmp_path).stdout
    assert "header:(?i:url|link): ?https?://" in planned
    assert "one.txt:" not in planned
    how = "header:(?i:url|link): ?https?://"
    assert "joined" not in ingest("plan", "--records", how, cwd=tmp_path).stdout
    done = ingest("run", "--records", how, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    import pyarrow.parquet as pq

    rows = pq.read_table(tmp_path / "processed" / "articles").to_pylist()
    assert {row["url"] for row in rows if row["url"]} == {f"https://a.example/{n}" for n in range(30)}
    assert {row["title"] for row in rows} >= {f"Pond {n}" for n in range(30)}
    assert ingest("verify", cwd=tmp_path).returncode == 0
