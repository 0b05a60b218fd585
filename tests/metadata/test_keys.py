"""Lines that say the same as a title or a name are found among all lines of a page."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.metadata.titles import key, places_of

LINES = st.lists(
    st.text(st.one_of(st.sampled_from("abAB 1-«»'\u0130ßé字"), st.characters(max_codepoint=0x2FFF)), max_size=8),
    max_size=12,
)


@given(LINES, LINES)
def test_places_are_those_of_equal_keys(lines: list[str], wanted: list[str]) -> None:
    """The look at the first letters passes over no line that has one of the keys."""
    keys = {key(text) for text in wanted}
    assert places_of(lines, keys) == [(i, key(line)) for i, line in enumerate(lines) if key(line) in keys]
