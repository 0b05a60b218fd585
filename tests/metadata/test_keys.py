"""Lines that say the same as a title or a name are found among all lines of a page."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.metadata.lines import describe
from ingest.metadata.titles import key, letters_of, places_of

LINES = st.lists(
    st.text(st.one_of(st.sampled_from("abAB 1.-•*_«»'\u0130ßé字"), st.characters(max_codepoint=0x2FFF)), max_size=8),
    max_size=12,
)


@given(LINES, LINES)
def test_places_are_those_of_equal_keys(lines: list[str], wanted: list[str]) -> None:
    """The look at the first letters passes over no line that has one of the keys."""
    keys = {key(text) for text in wanted}
    expected = [(i, key(line)) for i, line in enumerate(lines) if key(line) in keys]
    assert places_of(lines, letters_of(lines), keys) == expected


@given(LINES, LINES)
def test_first_letters_are_those_of_line_and_text(lines: list[str], wanted: list[str]) -> None:
    """The first letters in the table of lines pass over no line that has a key, be it with its bullet or number."""
    table, keys = describe(lines), {key(text) for text in wanted}
    for texts in (lines, table.texts):
        assert [i for i, _ in places_of(texts, table.first, keys)] == [
            i for i, text in enumerate(texts) if key(text) in keys
        ]
