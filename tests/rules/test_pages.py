"""How far a rule's reach goes on a page: golden pages, and what must hold on any page."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.lines.shape import is_paragraph
from ingest.roles import Role
from ingest.rules import load

PAGES: list[dict[str, Any]] = msgspec.toml.decode((Path(__file__).parent / "pages.toml").read_bytes())["page"]
SENTENCE = (
    "The harbour master said on day {n} that the storm had damaged two of the {n}0 piers, and that repairs, "
    "which the town cannot pay alone, would take until the end of the summer."
)
RULES = load()


@pytest.mark.parametrize("page", PAGES, ids=[page["name"] for page in PAGES])
def test_golden_page(page: dict[str, Any]) -> None:
    """Lines marked «-» get a boilerplate role, lines marked «+» get none."""
    texts = [line[2:] for line in page["lines"]]
    texts = [SENTENCE.format(n=text[1:]) if text[0] == "P" and text[1:].isdigit() else text for text in texts]
    verdicts = RULES.apply(texts, np.array([0, len(texts)]), [None])
    got = [("- " if Role(int(r)).is_boilerplate else "+ ") + t for r, t in zip(verdicts.role, texts, strict=True)]
    assert got == [line[:2] + text for line, text in zip(page["lines"], texts, strict=True)]


def test_rule_and_score_of_block_lines_are_those_of_their_heading() -> None:
    """A line below a heading carries the heading's rule, its row, and a lower score."""
    texts = [SENTENCE.format(n=1), SENTENCE.format(n=2), "Ең танымал", "Порт қайта ашылды"]
    verdicts = RULES.apply(texts, np.array([0, 4]), [None])
    assert verdicts.rule[2:] == ["most-read.heading", "most-read.heading"]
    assert verdicts.scope_head.tolist() == [-1, -1, -1, 2]
    assert 0 < verdicts.score[3] < verdicts.score[2] <= 1
    assert verdicts.language[2:] == ["kk", None]


LINES = st.lists(
    st.one_of(
        st.sampled_from([case.text for case in RULES.cases()][::7]),
        st.integers(1, 9).map(lambda n: SENTENCE.format(n=n)),
        st.text(max_size=40).map(lambda s: s.replace("\n", " ")),
        st.just(""),
    ),
    max_size=25,
)


@settings(max_examples=150, deadline=None)
@given(pages=st.lists(LINES, min_size=1, max_size=4), data=st.data())
def test_verdicts_of_a_page_depend_on_that_page_alone(pages: list[list[str]], data: st.DataObject) -> None:
    """Alone, in a batch, or in a batch in another order: a page's verdicts are the same."""
    order = data.draw(st.permutations(range(len(pages))))
    alone = [RULES.apply(page, np.array([0, len(page)]), [None]) for page in pages]
    offsets = np.cumsum([0, *(len(pages[i]) for i in order)])
    together = RULES.apply([line for i in order for line in pages[i]], offsets, [None] * len(pages))
    for start, i in zip(offsets, order, strict=False):
        stop = start + len(pages[i])
        assert together.role[start:stop].tolist() == alone[i].role.tolist()
        assert together.rule[start:stop] == alone[i].rule
        heads = together.scope_head[start:stop]
        assert np.where(heads >= 0, heads - start, -1).tolist() == alone[i].scope_head.tolist()


@settings(max_examples=150, deadline=None)
@given(page=LINES)
def test_blocks_never_take_paragraphs_or_blank_lines(page: list[str]) -> None:
    """Whatever stands around it, a paragraph or blank line that no rule itself meets keeps role 0."""
    verdicts = RULES.apply(page, np.array([0, len(page)]), [None])
    for text, role, head, score in zip(page, verdicts.role, verdicts.scope_head, verdicts.score, strict=True):
        if head >= 0:
            assert text
            assert not is_paragraph(text)
        assert (role > 0) == (score > 0)


@pytest.mark.parametrize("text", ["", "\x00", "a\nb", "\ud800", "🎉" * 500, "0" * 200_000, sys.maxunicode * "x"[:0]])
def test_odd_lines_do_no_harm(text: str) -> None:
    """Empty, binary, broken and endless lines get no verdict and raise nothing."""
    assert RULES.apply([text], np.array([0, 1]), [None]).role.tolist() == [0]
