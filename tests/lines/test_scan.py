"""Parts of lines that are measured are what would have been measured of the parts."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.lines import chunks
from ingest.lines.scan import Codes, Scan, codes, distinct, gathered, scan, whole

TEXTS = st.lists(st.text(st.one_of(st.characters(), st.sampled_from("ab1. \t字カ・é𠀀‘")), max_size=12), max_size=8)


def same(found: Any, expected: Any) -> None:
    for field in fields(found):
        a, b = getattr(found, field.name), getattr(expected, field.name)
        same(a, b) if not isinstance(a, np.ndarray) else np.testing.assert_array_equal(a, b)


@given(TEXTS, st.data())
def test_some_lines(texts: list[str], data: st.DataObject) -> None:
    """A range of lines, and any lines in their order, of code points and of words."""
    rows = [row for row in range(len(texts)) if data.draw(st.booleans())]
    first = data.draw(st.integers(0, len(texts)))
    last = data.draw(st.integers(first, len(texts)))
    for measure in (codes, scan):
        lines: Codes | Scan = measure(texts)
        same(lines.of(np.array(rows, np.int64)), measure([texts[row] for row in rows]))
        same(lines.part(first, last), measure(texts[first:last]))


@given(TEXTS, st.data())
def test_other_lines_in_place_of_some(texts: list[str], data: st.DataObject) -> None:
    """What is encoded of a line that was mended stands in its place."""
    rows = [row for row in range(len(texts)) if data.draw(st.booleans())]
    new = [data.draw(st.text("xyz 字", max_size=5)) for _ in rows]
    mended = [*texts]
    for row, text in zip(rows, new, strict=True):
        mended[row] = text
    same(codes(texts).replaced(np.array(rows, np.int64), codes(new)), codes(mended))
    same(codes(texts).followed_by(codes(new)), codes(texts + new))


@given(TEXTS, TEXTS)
def test_texts_that_are_lines(lines: list[str], others: list[str]) -> None:
    """Known lines and others, in any order and repeated, are what they are with the blanks at their ends."""
    rows = {text.strip(): row for row, text in enumerate(lines)}
    same(gathered(others + [*rows] * 2, rows, codes(lines)), whole(others + [*rows] * 2))


@given(TEXTS)
def test_distinct_texts_give_all_back(texts: list[str]) -> None:
    """Each text once, in order, with its first row and the number of each row's text."""
    found, row, number = distinct(texts)
    assert found == list(dict.fromkeys(texts))
    assert [texts[i] for i in row.tolist()] == found
    assert [found[i] for i in number.tolist()] == texts


@given(TEXTS)
def test_words_of_a_line_do_not_depend_on_the_chunks(texts: list[str]) -> None:
    """Lines measured a few at a time are as if measured at once."""
    at_once = scan(texts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunks.chunks, "__defaults__", (None, 5))
        same(scan(texts), at_once)
