"""Trimming of interface words from the edges of article lines."""

from __future__ import annotations

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from ingest.models import trim

DATA = tomli.loads(trim.PHRASES.read_text(encoding="utf-8"))
ENTRIES = [*DATA["phrase"], DATA["credit"]]
CUT = [(entry["rule"], line, kept) for entry in ENTRIES for line, kept in entry["trim"]]
KEEP = [(entry["rule"], line) for entry in ENTRIES for line in entry["keep"]]


@pytest.mark.parametrize(("rule", "line", "kept"), CUT)
def test_cuts_the_phrase(rule: str, line: str, kept: str) -> None:
    """A phrase at the line's edge is cut off under its own rule."""
    cut = trim.trim_line(line)
    assert cut is not None
    assert (cut.kept, cut.rule) == (kept, rule)


@pytest.mark.parametrize(("rule", "line"), KEEP)
def test_leaves_lines_that_only_look_alike(rule: str, line: str) -> None:
    """The same words in a sentence, or alone on a line, stay."""
    assert trim.trim_line(line) is None


TEXT = st.text(max_size=60)
ENDING = st.sampled_from([p for e in DATA["phrase"] for p in e["text"]] + ["[Getty]", "(Photo: AP)"])


@given(TEXT, st.sampled_from(["", " ", ". ", "。"]), ENDING, st.booleans())
def test_nothing_is_lost(text: str, between: str, phrase: str, title: bool) -> None:
    """Kept and removed part, in place, are the whole line but for white space at the cut."""
    line = text + between + (phrase.title() if title else phrase)
    cut = trim.trim_line(line)
    if cut is not None:
        assert line[cut.start : cut.end] == cut.removed
        assert cut.kept.strip()
        rest = line[: cut.start] + line[cut.end :]
        assert rest.split() == cut.kept.split()


def test_unknown_role_is_an_error() -> None:
    """A phrase file with a role that does not exist is refused."""
    entry = {"rule": "x", "where": "tail", "after": "any", "role": "nonsense", "text": ["x"]}
    with pytest.raises(KeyError):
        trim.compile_phrases({"phrase": [entry]})
