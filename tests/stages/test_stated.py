"""What a source states of a page goes before what the page says of itself."""

from __future__ import annotations

from typing import Any

import ingest

PAGE = """Lighthouse lamp moved to museum

By Tom Reed

1 May 2021

The harbour authority of Larkmouth said on Tuesday that it had moved the old lighthouse lamp into the museum.

The museum expects to show the lamp from June, between the ship models and the room of knots.
"""


def row(**stated: Any) -> dict[str, Any]:
    [found] = ingest.Pipeline().process([{"text": PAGE, **stated}]).articles.to_pylist()
    return dict(found)


def test_stated_values_win() -> None:
    """Authors, section, tags and language of the row stand in the columns."""
    found = row(author=["Ada Quill"], category="Harbour", tags="lamp, museum")
    assert (found["authors"], found["section"], found["tags"]) == (["Ada Quill"], "Harbour", ["lamp", "museum"])


def test_stated_authors_are_cleaned_like_printed_ones() -> None:
    """Cues, roles and marks between names go."""
    assert row(author="By Ada Quill and Tom Reed, Staff Writer")["authors"] == ["Ada Quill", "Tom Reed"]


def test_nothing_stated_leaves_it_to_the_page() -> None:
    """Empty cells state nothing."""
    assert row(author="", tags=[], category=None)["authors"] == ["Tom Reed"]


def test_description_stands_in_where_the_page_prints_no_standfirst() -> None:
    """The row's description becomes the standfirst and does not enter the text."""
    found = row(description="A crane slipped.")
    assert found["standfirst"] == "A crane slipped."
    assert "crane" not in found["text"]


def test_stated_language_decides_where_the_text_tells_none() -> None:
    """A text in a language that can be told keeps it, whatever the row says."""
    assert row(language="kk")["language"] == "en"
    unknown = "ꓐꓰ ꓡꓲ ꓢꓴ ꓤꓬ ꓮꓠ ꓑꓵ. " * 5  # Lisu, which no profile knows
    told = ingest.Pipeline().process([{"text": unknown, "language": "kk"}]).articles.to_pylist()
    assert [found["language"] for found in told] == ["kk"]
