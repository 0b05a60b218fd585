"""Renderings of a page by other flatteners."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from line_model.renderings import RENDERINGS, WIDTH, glued, sentence_per_line, wrapped

PAGE = st.lists(st.text("abc .。!•\t中文", max_size=120), max_size=12)


@pytest.mark.parametrize("name", sorted(RENDERINGS))
@given(lines=PAGE)
def test_no_text_is_lost_and_every_line_has_its_sources(name: str, lines: list[str]) -> None:
    """Renderings move white space and put in bullets; letters stay, in order, with their source lines."""

    def bare(text: str) -> str:
        return "".join(c for c in text if c not in " \t\r-")

    out, sources = RENDERINGS[name](lines)
    assert len(out) == len(sources)
    assert bare("".join(out)) == bare("".join(lines))
    flat = [i for source in sources for i in source]
    assert flat == sorted(flat)
    for line, source in zip(out, sources, strict=True):
        assert bare(line) in bare("".join(lines[i] for i in source))


def test_wrapped_lines_are_no_wider_than_asked() -> None:
    """Lines are cut at 80 columns, at spaces where there are any, and in mid-word where there are none."""
    out, sources = wrapped(["word " * 60, "漢" * 200])
    assert max(map(len, out)) <= WIDTH
    assert {i for source in sources for i in source} == {0, 1}
    assert all(not line.startswith(" ") for line in out)


def test_glued_joins_short_neighbours_only() -> None:
    """Short neighbours share a line; a long line stays by itself."""
    long = "A long line that is longer than the limit for short ones, by far."
    assert glued(["Home", "News", long, "Share"]) == (["Home News", long, "Share"], [(0, 1), (2,), (3,)])


def test_sentences_keep_their_quotation_marks() -> None:
    """A sentence ends after its closing quotation mark, in scripts with and without spaces."""
    assert sentence_per_line(["“Yes.” He went. “No!”"])[0] == ["“Yes.”", "He went.", "“No!”"]
    assert sentence_per_line(["他说。她说。"])[0][:2] == ["他说。", "她说。"]
