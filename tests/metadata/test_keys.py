"""Lines that say the same as a title or a name are found among all lines of a page."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.metadata.titles import Printed, key, places_of

LINES = st.lists(
    st.text(st.one_of(st.sampled_from("abAB 1-•*_«»'\u0130ßé字"), st.characters(max_codepoint=0x2FFF)), max_size=8),
    max_size=12,
)


@given(LINES, LINES)
def test_places_are_those_of_equal_keys(lines: list[str], wanted: list[str]) -> None:
    """The look at the first letters passes over no line that has one of the keys."""
    keys = {key(text) for text in wanted}
    assert places_of(lines, keys) == [(i, key(line)) for i, line in enumerate(lines) if key(line) in keys]


@given(LINES, st.text(max_size=8))
def test_equal_keys_are_counted(lines: list[str], wanted: str) -> None:
    """Lines are counted by their keys, whatever their first letters are."""
    assert Printed(lines).times(key(wanted)) == sum(key(line) == key(wanted) for line in lines)
