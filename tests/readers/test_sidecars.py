"""Sidecars: what files beside the pages say of these, read with them; nothing guessed, nothing lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from inprocess import ingest

from ingest.config import Settings, load
from ingest.dataset import Dataset, SourceFile
from ingest.errors import ConfigError
from ingest.readers import Limits
from ingest.readers.sidecars import Sidecar, find, parse

PROSE = "The people of the village cleaned pond number {} on Monday, as the council had asked them to for years.\n" * 4


def page(folder: Path, name: str, number: int = 1) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    text = PROSE.format(*[number] * 4)
    paragraphs = "".join(f"<p>{line}</p>" for line in text.splitlines())
    path.write_text(f"<html><body>{paragraphs}</body></html>" if path.suffix == ".html" else text)
    return path


def write(path: Path, value: Any) -> None:
    lines = value if isinstance(value, list) and path.suffix == ".jsonl" else [value]
    path.write_text("".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines))


def run(folder: Path, *flags: str, code: int = 0) -> dict[str, Any]:
    result = ingest("run", "raw", "-o", "out", "--workers", "1", "--json", *flags, cwd=folder)
    assert result.returncode == code, result.stderr
    report: dict[str, Any] = json.loads(result.stdout)
    return report


def rows(folder: Path, table: str = "articles") -> dict[str, dict[str, Any]]:
    return {row["source_path"]: row for row in pq.read_table(folder / "out" / table).to_pylist()}


ROW = {
    "url": "https://a.example/ponds",
    "headline": "Ponds are clean",
    "date": "2024-05-01",
    "author": ["Dana Wells", "Ali Omar"],
    "section": "Village",
}

SHAPES: dict[str, tuple[str, dict[str, Any]]] = {
    "stem": ("{stem}.json", {"a.json": ROW}),
    "name": ("{name}.json", {"a.html.json": ROW}),
    "lines": ("index.jsonl", {"index.jsonl": [{"file": "a.html", **ROW}, {"file": "./b.html", "url": "https://b/"}]}),
    "array": ("index.json", {"index.json": [{"filename": "a.html", **ROW}]}),
    "by name": ("meta.json", {"meta.json": {"a.html": ROW}}),
    "one of several": ("meta.json", {"meta.json": {"path": "a.html", **ROW}}),
    "above": ("index.jsonl", {"../index.jsonl": [{"path": "pages\\a.html", **ROW}]}),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_sidecar_tells_address_title_date_authors(tmp_path: Path, shape: str) -> None:
    """In each shape that scrapers write, read with the names of keys that tables have; it is no document itself."""
    pattern, files = SHAPES[shape]
    pages = tmp_path / "raw" / "pages"
    page(pages, "a.html", 1)
    page(pages, "b.html", 2)
    for name, value in files.items():
        write(pages / name, value)
    report = run(tmp_path, "--sidecars", pattern)
    assert report["outcomes"] == {"kept": 2}
    row = rows(tmp_path)["pages/a.html"]
    assert (row["url"], row["title"], row["section"]) == ("https://a.example/ponds", "Ponds are clean", "Village")
    assert str(row["published"])[:10] == "2024-05-01"
    assert row["authors"] == ["Dana Wells", "Ali Omar"]
    assert rows(tmp_path)["pages/b.html"]["title"] != "Ponds are clean"


def test_a_single_page_needs_no_name_and_the_first_pattern_goes_before(tmp_path: Path) -> None:
    """Where two sidecars speak of a page, each tells what the one before it did not."""
    page(tmp_path / "raw/one", "page.txt")
    write(tmp_path / "raw/one/meta.json", {"title": "Of the folder", "section": "Village"})
    write(tmp_path / "raw/one/page.json", {"title": "Of the page", "url": "https://a.example/1"})
    assert run(tmp_path, "--sidecars", "{stem}.json", "--sidecars", "meta.json")["outcomes"] == {"kept": 1}
    row = rows(tmp_path)["one/page.txt"]
    assert (row["title"], row["section"], row["url"]) == ("Of the page", "Village", "https://a.example/1")


FAULTS: dict[str, tuple[str, Any, str, dict[str, str]]] = {
    "not JSON": ("meta.json", '{"title": ', "not valid JSON", {}),
    "a number": ("meta.json", 7, "not an object", {}),
    "of which page": ("meta.json", {"title": "T"}, "more lie beside it: name its file in the key `file`", {}),
    "a line": ("index.jsonl", ['{"file": "a.txt", "title": "T"}\n', "{\n"], "line 2: not valid JSON", {"a.txt": "T"}),
    "no name": ("index.jsonl", [{"title": "T"}, {"title": "U"}], "line 2: names no page", {}),
    "a list": ("{stem}.json", [ROW], "array, not an object", {}),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_costs_the_sidecar_only(tmp_path: Path, fault: str) -> None:
    """It ends in `rejected` with place and remedy, pages come through with what else is known; mended, it is gone."""
    pattern, value, reason, titles = FAULTS[fault]
    page(tmp_path / "raw", "a.txt", 1)
    page(tmp_path / "raw", "b.txt", 2)
    name = pattern.replace("{stem}", "a")
    write(tmp_path / "raw" / name, value) if name != "a.json" else (tmp_path / "raw" / name).write_text("[{}]")
    assert run(tmp_path, "--sidecars", pattern, code=3)["outcomes"] == {"kept": 2, "damaged": 1}
    [(path, row)] = rows(tmp_path, "rejected").items()
    assert path == name
    assert reason in row["reason"]
    assert row["remedy"]
    assert {path: rows(tmp_path)[path]["title"] for path in titles} == titles
    again = run(tmp_path, "--sidecars", pattern)
    assert again["sources"]["todo"] == 0
    retried = ingest("quarantine", "retry", "-d", "out", cwd=tmp_path)
    assert "Traceback" not in retried.stderr
    assert set(rows(tmp_path)) == {"a.txt", "b.txt"}
    write(tmp_path / "raw" / name, {"file": "b.txt", "title": "Mended"})
    run(tmp_path, "--sidecars", pattern)
    assert not rows(tmp_path, "rejected")
    assert rows(tmp_path)["a.txt" if name == "a.json" else "b.txt"]["title"] == "Mended"
    assert ingest("verify", "out", cwd=tmp_path).returncode == 0


def test_a_changed_sidecar_has_exactly_its_pages_read_again(tmp_path: Path) -> None:
    """Nothing is read where nothing has changed, though the list was written anew; deleted, it takes back its word."""
    for number in range(4):
        page(tmp_path / "raw", f"{number}.txt", number)
    index = tmp_path / "raw" / "index.jsonl"
    said = [{"file": f"{number}.txt", "title": f"Title {number}"} for number in range(4)]
    flags = ("--sidecars", "index.jsonl")
    write(index, said)
    assert run(tmp_path, *flags)["outcomes"] == {"kept": 4}
    write(index, [*said[::-1]])
    assert run(tmp_path, *flags)["sources"]["todo"] == 0
    write(index, [*said, {"file": "2.txt", "title": "Another"}])
    report = run(tmp_path, *flags)
    assert (report["sources"]["changed"], report["outcomes"]) == (1, {"kept": 1})
    assert rows(tmp_path)["2.txt"]["title"] == "Another"
    assert run(tmp_path, *flags)["sources"]["todo"] == 0
    index.unlink()
    assert run(tmp_path, *flags)["sources"]["changed"] == 4
    assert {row["title"] for row in rows(tmp_path).values()}.isdisjoint({"Title 0", "Another"})


def test_switched_on_later_rows_of_sidecars_are_retired(tmp_path: Path) -> None:
    """What had been read as documents is none any more, and `plan` had proposed it."""
    for number in range(3):
        page(tmp_path / "raw", f"{number}.txt", number)
        write(tmp_path / "raw" / f"{number}.json", {"title": f"Title {number}", "text": PROSE.format(*"9999")})
    planned = json.loads(ingest("plan", "raw", "-o", "out", "--json", cwd=tmp_path).stdout)
    assert planned["sidecars"] == [{"sidecars": "{stem}.json", "what": "tells of 3 of 3 pages"}]
    assert "--sidecars '{stem}.json'" in ingest("plan", "raw", "-o", "out", cwd=tmp_path).stdout
    run(tmp_path)
    assert len(rows(tmp_path)) > 3
    run(tmp_path, "--sidecars", "{stem}.json")
    assert {path: row["title"] for path, row in rows(tmp_path).items()} == {f"{n}.txt": f"Title {n}" for n in range(3)}
    assert ingest("verify", "out", cwd=tmp_path).returncode == 0


def test_what_is_no_sidecar_is_not_proposed_and_stays_a_document(tmp_path: Path) -> None:
    """Tables beside pages, and files of the name of a sidecar that have no page, are read as ever."""
    page(tmp_path / "raw", "a.txt", 1)
    write(tmp_path / "raw/other.json", {"text": PROSE.format(*"2222")})
    write(tmp_path / "raw/dump.jsonl", [{"text": PROSE.format(*"3333")}])
    planned = json.loads(ingest("plan", "raw", "-o", "out", "--json", cwd=tmp_path).stdout)
    assert planned["sidecars"] == []
    report = run(tmp_path, "--sidecars", "{stem}.json")
    assert report["outcomes"] == {"kept": 3}


def test_all_verbs_see_the_same(tmp_path: Path) -> None:
    """A page inspected, explained or streamed, by itself too, has the title that the run gave it."""
    for number in range(2):
        page(tmp_path / "raw/pages", f"{number}.txt", number)
    write(tmp_path / "raw/index.jsonl", [{"file": f"pages/{n}.txt", "title": f"Title {n}"} for n in range(2)])
    (tmp_path / "ingest.toml").write_text('sidecars = ["index.jsonl"]\n')
    run(tmp_path)
    row = rows(tmp_path)["pages/1.txt"]
    assert row["title"] == "Title 1"
    [inspected] = json.loads(ingest("inspect", "raw/pages/1.txt", "--json", cwd=tmp_path).stdout)
    assert inspected["metadata"]["title"] == "Title 1"
    explained = ingest("explain", row["id"], "-d", "out", "--json", cwd=tmp_path)
    assert explained.returncode == 0, explained.stderr
    assert "Title 1" in explained.stdout
    streamed = ingest("run", "raw", "-o", "-", cwd=tmp_path)
    titles = {json.loads(line)["title"] for line in streamed.stdout.splitlines()}
    assert titles == {"Title 0", "Title 1"}


def test_a_row_of_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """It may be a page that was not fetched."""
    page(tmp_path / "raw", "a.txt")
    write(tmp_path / "raw/index.jsonl", [{"file": "a.txt", "title": "T"}, {"file": "b.txt", "title": "U"}])
    report = run(tmp_path, "--sidecars", "index.jsonl")
    assert any("b.txt" in note for note in report["notes"]), report["notes"]


@given(st.permutations([{"file": f"{n}.txt", "title": f"T{n}", "url": f"https://a/{n}"} for n in range(5)]))
def test_the_order_of_rows_makes_no_difference(order: list[dict[str, str]]) -> None:
    """Lines, an array, and an object by file name say the same."""
    import tempfile

    expected = {f"{n}.txt": {"title": f"T{n}", "url": f"https://a/{n}"} for n in range(5)}
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder) / "i.jsonl", order)
        write(Path(folder) / "i.json", {row["file"]: row for row in order})
        for name in ("i.jsonl", "i.json"):
            found = parse(SourceFile.at(folder, name), False, Limits.of(Settings()))
            assert found == Sidecar(expected, {}, [])


def test_the_ledger_is_trusted_only_with_the_same_word(tmp_path: Path) -> None:
    """A page of the same size and time is known by what its sidecar says, too, without being read."""
    path = page(tmp_path / "raw", "a.txt")
    write(tmp_path / "raw/a.json", {"title": "T"})
    settings = Settings(sidecars=("{stem}.json",))
    run(tmp_path, "--sidecars", "{stem}.json")
    [entry] = Dataset.open(tmp_path / "out").ledger().entries()
    [source] = find([tmp_path / "raw"], settings).sources
    assert source.with_digest().digest == entry.digest
    assert "+" in entry.digest
    assert SourceFile.at(tmp_path / "raw", path.name).with_digest().digest != entry.digest


@pytest.mark.parametrize("value", ["index.csv", "meta/index.json", "{page}.json"])
def test_a_value_that_is_none_is_told(value: str) -> None:
    """With what it may be."""
    with pytest.raises(ConfigError, match=r"index\.jsonl"):
        load({"sidecars": (value,)})
