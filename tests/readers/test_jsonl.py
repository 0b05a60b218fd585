"""JSON Lines: each bad line costs itself only."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

import pytest

from ingest.document import Outcome, Record, Reject
from ingest.readers import Input, Limits, json_values, jsonl

CASES = json.loads((Path(__file__).parent / "jsonl_cases.json").read_text(encoding="utf-8"))


LEGACY = {
    "windows-1251": "Жители города собрались на площади, чтобы посмотреть на праздничный парад чайников.",
    "koi8-r": "Жители города собрались на площади, чтобы посмотреть на праздничный парад чайников.",
    "iso-8859-2": "Mieszkańcy miasta zebrali się na placu, żeby obejrzeć świąteczną paradę czajników.",
    "windows-1256": "تجمع سكان المدينة في الساحة لمشاهدة موكب أباريق الشاي الاحتفالي",
    "gb18030": "市民们聚集在广场上观看茶壶的节日游行，并且听了乐队的演奏，乗芢誠",
    "big5": "市民們聚集在廣場上觀看茶壺的節日遊行，並且聽了樂隊的演奏，許功蓋",
    "shift_jis": "市民は広場に集まり、ティーポットの祭りのパレードを見物した。予定表",
    "euc-kr": "시민들은 광장에 모여 찻주전자 축제 행진을 구경하였다.",
}


def read(
    tmp_path: Path, data: bytes, limit: int = 10_000, reader: ModuleType = jsonl
) -> tuple[list[Record | Reject], Limits]:
    path = tmp_path / "dump.jsonl"
    path.write_bytes(data)
    limits = Limits(limit)
    return list(reader.read(Input.of_path(path, "dump.jsonl"), limits)), limits


@pytest.mark.parametrize("case", CASES, ids=[case["line"][:40] for case in CASES])
def test_line_becomes_a_record_or_a_named_refusal(tmp_path: Path, case: dict[str, str]) -> None:
    """Every line ends in a record or in an outcome with a reason; the good line after it is never lost."""
    items, _ = read(tmp_path, (case["line"] + '\n{"text": "after"}\n').encode())
    assert len(items) == 2
    first, second = items
    assert isinstance(second, Record)
    assert (second.content, second.number) == ("after", 1)
    if "outcome" in case:
        assert isinstance(first, Reject)
        assert first.outcome.value == case["outcome"]
        assert case["reason"] in first.reason
    else:
        assert isinstance(first, Record)
        assert (first.kind, first.content) == (case["kind"], case["content"])


def test_given_metadata_and_url_are_kept(tmp_path: Path) -> None:
    """Title, date and id given beside the page travel with it; null counts as not given."""
    line = {"html": "<p>x", "url": "https://a.example/1", "id": 7, "title": "T", "published": None}
    items, _ = read(tmp_path, json.dumps(line).encode())
    assert isinstance(items[0], Record)
    assert items[0].url == "https://a.example/1"
    assert items[0].given == {"id": "7", "title": "T"}


def test_unknown_keys_are_ignored_and_counted(tmp_path: Path) -> None:
    """Keys that mean nothing here cost no document and are told."""
    _, limits = read(tmp_path, b'{"text": "a", "score": 1}\n{"text": "b", "score": 2, "x": null}\n')
    assert limits.notes == {"unknown key 'score' ignored": 2, "unknown key 'x' ignored": 1}


def test_blank_lines_are_no_records(tmp_path: Path) -> None:
    """Blank lines neither count nor shift the numbers of records."""
    items, _ = read(tmp_path, b'\n{"text": "a"}\r\n\n  \n{"text": "b"}')
    assert [item.number for item in items] == [0, 1]


def test_overlong_line_is_refused_and_never_held_whole(tmp_path: Path) -> None:
    """A line beyond the limit is skipped in pieces and the records after it are read."""
    data = b'{"text": "a"}\n{"text": "' + b"x" * 5_000_000 + b'"}\n{"text": "b"}\n'
    items, _ = read(tmp_path, data, limit=1000)
    assert [type(item).__name__ for item in items] == ["Record", "Reject", "Record"]
    assert isinstance(items[1], Reject)
    assert items[1].outcome is Outcome.TOO_LARGE
    assert items[1].size == 5_000_013
    assert isinstance(items[2], Record)
    assert items[2].content == "b"


def test_offsets_point_at_the_line(tmp_path: Path) -> None:
    """A refusal names the byte where its line starts."""
    data = b'{"text": "a"}\n{broken\n'
    items, _ = read(tmp_path, data)
    assert isinstance(items[1], Reject)
    assert data[items[1].offset :].startswith(b"{broken")


@pytest.mark.parametrize("charset", ["utf-8-sig", "utf-16", "utf-32"])
def test_byte_order_marks_are_understood(tmp_path: Path, charset: str) -> None:
    """JSON in UTF-16 and UTF-32 is read like UTF-8."""
    items, _ = read(tmp_path, '{"text": "Қазақ"}\n{"text": "орыс"}\n'.encode(charset))
    assert [item.content for item in items if isinstance(item, Record)] == ["Қазақ", "орыс"]


@pytest.mark.parametrize("reader", [jsonl, json_values], ids=["lines", "array"])
@pytest.mark.parametrize("charset", sorted(LEGACY))
def test_json_in_another_charset_is_decoded(tmp_path: Path, charset: str, reader: ModuleType) -> None:
    """Lines and elements of an array that are not UTF-8 are decoded by detection instead of given up, and told."""
    rows = [json.dumps({"text": LEGACY[charset], "title": str(n)}, ensure_ascii=False) for n in range(3)]
    data = "\n".join(rows) if reader is jsonl else f"[{', '.join(rows)}]"
    items, limits = read(tmp_path, data.encode(charset), reader=reader)
    assert [item.content for item in items] == [LEGACY[charset]] * 3
    assert any(note.endswith(f"in {charset} instead of UTF-8") for note in limits.notes)


@pytest.mark.parametrize("charset", ["utf-16", "utf-16-be", "utf-32", "gb18030"])
def test_array_of_any_layout_in_a_wide_charset(tmp_path: Path, charset: str) -> None:
    """Brackets and quotes are counted in characters, not in bytes; broken elements cost themselves."""
    pages = ['许功盖 \\ " [ {', "乗", "市民们聚集在广场上观看茶壶的节日游行，并且听了乐队的演奏"]
    data = json.dumps([*({"text": page} for page in pages), 5], ensure_ascii=False, indent=1)
    mark = "\ufeff" if charset == "utf-16-be" else ""
    items, _ = read(tmp_path, (mark + data).encode(charset), reader=json_values)
    assert [item.content for item in items[:3]] == pages
    assert isinstance(items[3], Reject)
    assert (items[3].reason, items[3].offset) == ("a number, not an object", None)


@pytest.mark.parametrize("reader", [jsonl, json_values], ids=["lines", "array"])
@pytest.mark.parametrize("charset", ["utf-8", "windows-1251"])
def test_what_is_no_json_stays_refused_in_any_charset(tmp_path: Path, charset: str, reader: ModuleType) -> None:
    """The reason tells what is wrong with the JSON, not with its bytes; no note says that the line was read."""
    bad = '{"text": "' + LEGACY["windows-1251"] + '" "title": "Парад"}'
    good = json.dumps({"text": "after"})
    data = f"{bad}\n{good}" if reader is jsonl else f"[{bad}, {good}]"
    items, limits = read(tmp_path, data.encode(charset), reader=reader)
    assert isinstance(items[0], Reject)
    assert items[0].outcome is Outcome.INVALID
    assert items[0].reason.startswith("not valid JSON: Expecting ',' delimiter: line 1 column ")
    assert isinstance(items[0].content, bytes)
    assert items[0].content.strip() == bad.encode(charset)
    assert [item.content for item in items[1:]] == ["after"]
    assert not limits.notes


def test_line_of_random_bytes_is_refused(tmp_path: Path) -> None:
    """What is no text in any charset is said to be that."""
    items, _ = read(tmp_path, b'{"text": "' + bytes(range(1, 10)) * 20 + b"\xff\xfe" * 50 + b'"}')
    assert isinstance(items[0], Reject)
    assert items[0].reason == "not valid JSON: not text but data with control bytes"


def test_empty_file_is_one_refusal(tmp_path: Path) -> None:
    """A file without records is accounted for."""
    items, _ = read(tmp_path, b"\n\n")
    assert isinstance(items[0], Reject)
    assert items[0].outcome is Outcome.EMPTY
