"""Wrapped pages get their paragraphs back, others keep their lines."""

from __future__ import annotations

import textwrap

from ingest.stages.paragraphs import paragraphs

LONG = (
    "The surveyors came back on Tuesday with a longer rope and measured the pond from the north side to the south side,"
    " which took them the whole morning, since the rope had to be dried twice and the geese would not let go of it."
)


def laid_out(blocks: list[list[str]]) -> tuple[list[str], list[bool]]:
    lines = [line for block in blocks for line in block]
    return lines, [place > 0 for block in blocks for place in range(len(block))]


def test_wrapped_paragraphs_are_joined() -> None:
    """Lines broken at 80 columns become the paragraphs that they were."""
    blocks = [textwrap.wrap(LONG, 80), textwrap.wrap(LONG.upper(), 80)]
    assert paragraphs(*laid_out(blocks)) == [LONG, LONG.upper()]


def test_a_paragraph_a_line_stays_so() -> None:
    """Long lines that follow each other directly are paragraphs of their own."""
    lines = [LONG, LONG + " Again.", LONG + " And again.", LONG, LONG]
    assert paragraphs(*laid_out([lines])) == lines


def test_lists_and_verse_are_no_wrapped_text() -> None:
    """Short lines of unequal length are not glued together."""
    lines = ["Tea", "A very large kettle with two lids", "Cups", "Saucers for the cups", "Spoons"]
    assert paragraphs(*laid_out([lines])) == lines


def test_few_lines_prove_nothing() -> None:
    """Two lines of equal length may be anything."""
    lines = ["The pond is as wide as it was", "The rope is longer than it was"]
    assert paragraphs(*laid_out([lines])) == lines
    assert paragraphs([], []) == []
