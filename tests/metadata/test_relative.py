"""Dates told from the day of reading are known as such, in many languages, and become no date."""

from __future__ import annotations

from pathlib import Path

import pytest
import tomli

import ingest
from ingest.metadata.relative import is_relative

LINES = tomli.loads((Path(__file__).parent / "data" / "dates.toml").read_text(encoding="utf-8"))["relative"]
PAGE = """Harbour bridge closed for three weeks

{line}

Larkmouth council is to close the harbour bridge for three weeks while engineers replace the worn cables.

A free ferry will cross the bay every half hour in the meantime, the council said on Tuesday.
"""


@pytest.mark.parametrize("line", LINES["lines"])
def test_relative_date_is_known(line: str) -> None:
    """The whole line is such a date."""
    assert is_relative(line)


@pytest.mark.parametrize("line", LINES["not"])
def test_other_lines_are_no_relative_date(line: str) -> None:
    """Words of days and times in sentences, names and headings are none."""
    assert not is_relative(line)


@pytest.mark.parametrize("line", ["3 hours ago", "Вчера, 18:20", "昨天 12:30"])
def test_relative_date_is_kept_as_printed(line: str) -> None:
    """The line leaves the text as a date; the page has no day of publication."""
    article = ingest.clean(PAGE.format(line=line))
    assert article.published is None
    assert article.published_raw == line
    assert line not in article.text
    assert [gone.role for gone in article.removed if gone.text == line] == ["date"]
