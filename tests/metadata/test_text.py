"""Metadata of flattened pages: made-up pages, the seed pages, and what holds for any page."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import tomli
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.metadata.dates import DateReading
from ingest.metadata.order import resolve_order
from ingest.metadata.text import TextMetadata, read_text
from ingest.roles import Role

HERE = Path(__file__).resolve()
PAGES = tomli.loads((HERE.parent / "data" / "pages.toml").read_text(encoding="utf-8"))["page"]
HEADLINES = tomli.loads((HERE.parent / "data" / "headlines.toml").read_text(encoding="utf-8"))["case"]
SHARED = Path(os.environ.get("INGEST_SHARED", HERE.parents[2] / ".." / "shared"))


def printed(reading: DateReading | None) -> str | None:
    if reading is None or reading.value is None:
        return None
    return reading.value.isoformat()[: {"day": 10, "minute": 16, "second": 19}[reading.precision]]


def value(found: Any) -> Any:
    return found.value if found else None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page["name"])
def test_made_up_pages(page: dict[str, Any]) -> None:
    """Title, date, authors and, where the case names them, the rest are found; boilerplate lines given are
    passed over.
    """
    lines = page["text"].split("\n")
    roles = [Role.UNKNOWN] * len(lines)
    for i in page.get("boilerplate", []):
        roles[i] = Role.OTHER_BOILERPLATE
    found = read_text(lines, roles)
    assert value(found.title) == page["title"]
    assert printed(value(found.published)) == page.get("published")
    assert (value(found.authors) or []) == page["authors"]
    for name in ("standfirst", "section", "source", "tags"):
        if name in page:
            assert value(getattr(found, name)) == page[name], name
    if "modified" in page:
        assert printed(value(found.modified)) == page["modified"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page["name"])
def test_each_value_names_its_lines(page: dict[str, Any]) -> None:
    """The lines that a value names hold it."""
    lines = page["text"].split("\n")
    found = read_text(lines)
    for name in ("title", "standfirst", "section", "source"):
        if item := getattr(found, name):
            assert all(item.value in lines[i] for i in item.lines)
    if found.authors:
        held = " ".join(lines[i] for i in found.authors.lines)
        assert all(author in held for author in found.authors.value)
    if found.published:
        assert found.published.value.raw in lines[found.published.lines[0]]


@pytest.mark.parametrize("case", HEADLINES, ids=lambda case: case["name"])
def test_a_headline_needs_evidence(case: dict[str, Any]) -> None:
    """A line is the headline where place, neighbours or repetition say so; prose is none, and none is an answer."""
    assert value(read_text(case["text"].strip().split("\n")).title) == case.get("title")


def test_roles_given_are_believed() -> None:
    """A line whose role is known as title is the title, one known as boilerplate is nothing."""
    page = PAGES[4]["text"].split("\n")
    at = page.index("Council votes to rebuild the old harbour bridge")
    roles = [Role.UNKNOWN] * len(page)
    roles[at] = Role.NAVIGATION
    assert value(read_text(page, roles).title) != page[at]
    roles[at] = Role.TITLE
    assert value(read_text(page, roles).title) == page[at]


@pytest.mark.parametrize(
    "lines", [[], [""], ["\n"], ["x"], ["12/10/2019"], ["by Jane Doe"], ["•"] * 5, ["a" * 100_000]]
)
def test_poor_pages(lines: list[str]) -> None:
    """Pages of nothing, of one line and of one endless line are read without complaint."""
    assert isinstance(read_text(lines), TextMetadata)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.one_of(st.text(max_size=60), st.sampled_from([line for p in PAGES for line in p["text"].split("\n")])),
        max_size=30,
    )
)
def test_any_page_is_harmless(lines: list[str]) -> None:
    """No page raises, the same page gives the same, and named lines exist."""
    found = read_text(lines)
    assert found == read_text(lines)
    for name in ("title", "standfirst", "authors", "published", "modified", "section", "source", "tags"):
        if item := getattr(found, name):
            assert all(0 <= i < len(lines) for i in item.lines)


@pytest.fixture(scope="module")
def seeds() -> dict[str, tuple[list[str], list[Role], dict[str, Any]]]:
    gold = SHARED / "gold" / "seeds.json"
    if not gold.exists():
        pytest.skip("the seed pages are not here")
    pages = {}
    for name, entry in json.loads(gold.read_text(encoding="utf-8")).items():
        lines = (SHARED / "seeds" / name).read_text(encoding="utf-8").split("\n")
        roles = [Role.UNKNOWN] * len(lines)
        for number, role in entry["lines"]:
            if role.startswith("chrome"):
                roles[number - 1] = Role.OTHER_BOILERPLATE
        pages[name] = (lines, roles, entry)
    return pages


def test_seed_pages(seeds: dict[str, Any]) -> None:
    """On the seed pages, boilerplate marked, every value and its line come out as in the gold file."""
    first = [read_text(lines, roles) for lines, roles, _ in seeds.values()]
    proofs = Counter(f.published.value.evidence for f in first if f.published)
    order = resolve_order(proofs["day"], proofs["month"])
    assert order == "month"
    for lines, roles, entry in seeds.values():
        found, want = read_text(lines, roles, order=order), entry["metadata"]
        assert value(found.title) == want["title"]
        assert (value(found.authors) or []) == want["authors"]
        assert printed(value(found.published)) == want["published"]
        by_role = {role: number - 1 for number, role in entry["lines"]}
        assert value(found.section) == want.get("section")
        for role in ("title", "standfirst", "source"):
            item = getattr(found, role)
            assert (item.lines[0] if item else None) == by_role.get(role), role
