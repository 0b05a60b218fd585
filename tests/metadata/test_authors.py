"""Author lines and author fields: golden cases, lines that must not be read as bylines, and bounds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import tomli
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.metadata.authors import clean_authors, read_byline
from ingest.metadata.names import LONGEST_NAME, looks_like_name

CASES = tomli.loads((Path(__file__).parent / "data" / "bylines.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES["case"], ids=lambda case: case["line"])
def test_golden_bylines(case: dict[str, Any]) -> None:
    """Each author line gives its names, without cue words, roles, places and agencies."""
    byline = read_byline(case["line"])
    assert byline is not None
    assert clean_authors(byline.authors) == case["authors"]


@pytest.mark.parametrize("line", CASES["none"]["lines"])
def test_other_lines_are_no_bylines(line: str) -> None:
    """Sentences, headings, navigation and dates are never read as author lines."""
    byline = read_byline(line)
    assert byline is None or not byline.authors


@pytest.mark.parametrize("case", CASES["clean"], ids=lambda case: str(case["given"])[:40])
def test_author_fields_are_cleaned(case: dict[str, Any]) -> None:
    """Fields are split into names; roles, addresses, handles, doubles and (beside persons) agencies go."""
    assert clean_authors(case["given"]) == case["authors"]


@pytest.mark.parametrize("case", CASES["bare"], ids=lambda case: case["line"])
def test_bare_names_lose_what_is_glued_to_them(case: dict[str, Any]) -> None:
    """Links and buttons that a flattened page glued to a name are no part of it."""
    found = read_byline(case["line"], bare=True)
    assert found is not None
    assert found.authors == case["authors"]


@pytest.mark.parametrize("line", CASES["not_bare"]["lines"])
def test_labels_and_menus_are_no_bare_names(line: str) -> None:
    """Words of the page's frame are nobody, wherever they stand."""
    assert read_byline(line, bare=True) is None


def test_bare_names_only_on_request() -> None:
    """A line of nothing but a name is a byline only for a caller who knows where the line stands."""
    assert read_byline("Darkhan Umirbekov") is None
    found = read_byline("Darkhan Umirbekov", bare=True)
    assert found is not None
    assert found.authors == ["Darkhan Umirbekov"]


def test_listed_agencies_stay_on_request() -> None:
    """An agency that a page lists as an author of its own stays where the caller asks for it."""
    assert clean_authors(["Jane Doe", "AP"]) == ["Jane Doe"]
    assert clean_authors(["Jane Doe", "AP"], agencies=True) == ["Jane Doe", "AP"]


def test_endless_author_is_dropped() -> None:
    """An author field longer than any list of names is dropped, not cut."""
    assert clean_authors(["x" * 10_000]) == []
    assert clean_authors(["Jane Doe " * 1_200, "John Smith"]) == ["John Smith"]


@pytest.mark.parametrize(
    "name", ["Jane Doe", "Marie de la Tour", "J. K. Muster", "Әсел Қалиева", "JANE DOE", "王小明", "محمد علي"]
)
def test_names(name: str) -> None:
    """Names of persons in several scripts have the shape of a name."""
    assert looks_like_name(name)


@pytest.mark.parametrize("text", ["", "Doe", "jane doe", "Jane went home", "The New Arab", "Section 12 B", "a" * 200])
def test_not_names(text: str) -> None:
    """Single words, lower case, sentences, outlets and numbers have not."""
    assert not looks_like_name(text)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=150))
def test_any_text_is_harmless(text: str) -> None:
    """No text raises; what is left are distinct names of bounded length that hold letters."""
    read_byline(text, bare=True)
    names = clean_authors([text])
    assert len({name.casefold() for name in names}) == len(names)
    assert all(len(name) <= LONGEST_NAME and any(c.isalpha() for c in name) for name in names)
