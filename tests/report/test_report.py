"""The report's numbers are those of the tables, its pages are the pages, and its file is safe and self-contained."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
import shlex
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report import hostile

from ingest.config import Settings
from ingest.dataset import open_dataset
from ingest.errors import DatasetError
from ingest.report import write_report
from ingest.report.gather import gather
from ingest.report.page import rebuild
from ingest.report.render import as_json, render
from ingest.run import run


@pytest.fixture(scope="module")
def dataset(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reported")
    hostile.write_pages(folder / "hostile")
    (folder / "bad.jsonl").write_text('{"text": 5}\n')
    run([raw, folder / "hostile", folder / "bad.jsonl"], folder / "out", Settings())
    return folder / "out"


def test_commands_name_the_dataset_so_that_a_shell_takes_them(dataset: Path) -> None:
    """The option that the report adds to its commands is one argument, and the dataset."""
    [flag, named] = shlex.split(gather(dataset, pages=0).option)
    assert (flag, Path(named)) == ("-d", dataset)


def test_totals_are_those_of_the_tables(dataset: Path) -> None:
    """Counted anew from the rows: outcomes, languages, dates, lengths, sites, removed lines and characters."""
    report = gather(dataset, pages=10)
    tables = open_dataset(dataset).tables()
    articles, removed = tables["articles"].to_pylist(), tables["removed"].to_pylist()
    assert report.records == sum(report.outcomes.values()) == len(articles) + len(tables["rejected"])
    assert dict(report.languages) == Counter(row["language"] for row in articles)
    assert dict(report.months) == Counter(row["published"].strftime("%Y-%m") for row in articles if row["published"])
    assert report.undated == sum(row["published"] is None for row in articles)
    assert sum(report.words) == sum(report.shares) == len(articles)
    assert report.kept_characters == sum(len(row["text"]) for row in articles)
    went = [row for row in removed if row["stage"] != "repair"]
    assert sum(share.lines for share in report.removed) == len(went)
    assert sum(share.characters for share in report.removed) == sum(len(row["text"]) for row in went)
    sites = Counter(row["site"] or "" for row in articles)
    assert {site.site: site.articles for site in report.sites} == sites
    assert report.n_sites == len(set(sites) - {""})
    site_of = {row["id"]: row["site"] for row in articles}
    for site, lines in report.top.items():
        for line in lines:
            pages = {
                r["id"]
                for r in went
                if site_of.get(r["id"]) == site and r["text"].strip() == line.text and r["role"] == line.role
            }
            assert line.pages == len(pages)


def test_the_sample_draws_on_every_site_and_is_stable(dataset: Path) -> None:
    """A small sample takes one page of each site before a second of any; the same dataset gives the same file."""
    n = gather(dataset, pages=0).n_sites
    pages = [page for page in gather(dataset, pages=n).pages if page.outcome in ("kept", "duplicate")]
    assert len({page.site for page in pages}) == len(pages)
    assert render(gather(dataset, pages=7)) == render(gather(dataset, pages=7))


def test_pages_are_put_together_exactly(dataset: Path, raw: Path) -> None:
    """The lines of each sample page in order are all lines of the source that are not blank."""
    seen = 0
    for page in gather(dataset, pages=1000).pages:
        source = raw / page.source
        if (
            page.outcome != "kept"
            or source.suffix != ".txt"
            or not source.is_file()
            or page.repairs
            or page.encoding != "utf-8"
        ):
            continue
        lines = source.read_text(encoding="utf-8").split("\n")
        assert page.exact
        if not any(line.cut for line in page.lines):
            assert [(line.line, line.text.strip()) for line in page.lines] == [
                (number, text.strip()) for number, text in enumerate(lines, 1) if text.strip()
            ]
            seen += 1
    assert seen > 5


@given(st.lists(st.sampled_from(["kept", "gone", "blank"]), max_size=30))
def test_any_order_of_kept_and_removed_lines_comes_back(kinds: list[str]) -> None:
    """Whatever the pattern of lines, rebuild gives them in order; without line numbers it says that it guesses."""
    numbered = list(enumerate(kinds, 1))
    kept = [(number, f"kept {number}") for number, kind in numbered if kind == "kept"]
    gone = [(number, f"gone {number}") for number, kind in numbered if kind == "gone"]
    article = {"text": "\n\n".join(text for _, text in kept), "text_lines": [number for number, _ in kept]}
    common = {
        "altered_to": None,
        "role": "share",
        "evidence": "rule",
        "rule": "x",
        "score": 1.0,
        "stage": "label",
        "language": "en",
    }
    removed = [{"line": number, "text": text} | common for number, text in gone]
    lines, exact = rebuild(article, reversed(removed))
    assert exact
    assert [(line.line, line.text) for line in lines] == sorted(kept + gone)
    guessed, exact = rebuild(article | {"text_lines": None}, removed)
    assert exact == (not kept)
    assert sorted(line.text for line in guessed) == sorted(text for _, text in kept + gone)
    assert [line.text for line in guessed if line.kept] == [text for _, text in kept]


def test_mended_and_trimmed_lines_tell_what_they_were() -> None:
    """The cut part and the broken characters stand at the line that stayed."""
    article = {"text": "The café opened.", "text_lines": [2]}
    row = {"line": 2, "role": "read-more", "evidence": "rule", "rule": "r", "score": 1.0, "language": "en"}
    removed = [
        row | {"text": "Read more", "altered_to": "The café opened.", "stage": "trim"},
        row | {"text": "The cafÃ© opened. Read more", "altered_to": "The café opened. Read more", "stage": "repair"},
    ]
    [line] = rebuild(article, removed)[0]
    assert (line.cut, line.mended_from) == ("Read more", "The cafÃ© opened. Read more")


class _Scripts(HTMLParser):
    """Elements of a file as a browser would see them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str | None]] = []
        self.bodies: list[tuple[dict[str, str | None], str]] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags[tag] += 1
        self.attributes += attrs
        if tag in ("script", "style"):
            self.bodies.append((dict(attrs), ""))

    def handle_data(self, data: str) -> None:
        if self.bodies and self.cdata_elem:
            self.bodies[-1] = (self.bodies[-1][0], self.bodies[-1][1] + data)


def test_the_file_holds_only_what_its_policy_names(dataset: Path, tmp_path: Path) -> None:
    """Four script elements, two of them data; the other two and the style by hash; nothing is loaded from anywhere."""
    size = write_report(dataset, tmp_path / "r.html")
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert size == len(text.encode())
    parsed = _Scripts()
    parsed.feed(text)
    assert (parsed.tags["script"], parsed.tags["style"], parsed.tags["img"], parsed.tags["link"]) == (4, 1, 0, 0)
    assert not [name for name, _ in parsed.attributes if name in ("src", "href", "style") or name.startswith("on")]
    policy = next(value for name, value in parsed.attributes if name == "content" and value and "default-src" in value)
    hashes = re.findall(r"'sha256-([^']+)'", policy)
    runnable = [body for attributes, body in parsed.bodies if attributes.get("type") is None]
    assert sorted(hashes) == sorted(base64.b64encode(hashlib.sha256(b.encode()).digest()).decode() for b in runnable)
    assert "unsafe" not in policy
    data = {attributes["id"]: body for attributes, body in parsed.bodies if "id" in attributes}
    assert json.loads(data["report-data"])["records"] > 0
    pages = json.loads(gzip.decompress(base64.b64decode(data["page-data"])))
    assert any(hostile.HOSTILE[1] in json.dumps(page) or "</script>" in json.dumps(page) for page in pages)
    assert hostile.MARK not in text


@given(st.text())
def test_json_in_a_script_element_cannot_end_it(text: str) -> None:
    """No `<`, `>` or `&` is left, and the value is the same."""
    written = as_json([text])
    assert not set("<>&\u2028\u2029") & set(written)
    assert json.loads(written) == [text]


def test_no_dataset_and_no_place_to_write_are_told(dataset: Path, tmp_path: Path) -> None:
    """Plain messages; a file that is there stays whole."""
    with pytest.raises(DatasetError, match="is no dataset"):
        write_report(tmp_path / "nowhere", tmp_path / "r.html")
    with pytest.raises(DatasetError, match="cannot be written"):
        write_report(dataset, tmp_path / "missing/r.html")


def test_an_empty_dataset_has_a_report(tmp_path: Path) -> None:
    """Nothing read yet is no error."""
    (tmp_path / "raw").mkdir()
    run([tmp_path / "raw"], tmp_path / "out", Settings())
    report = gather(tmp_path / "out", pages=10)
    assert (report.records, report.pages, report.sites) == (0, [], [])
    assert "</html>" in render(report)
