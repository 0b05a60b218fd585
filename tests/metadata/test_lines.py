"""What is told of all lines at once is what is told of each, and a page is some rows of it."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingest.metadata.lines import Mark, Page, body_span, describe, has, prepare
from ingest.roles import Role

LINES = st.lists(
    st.text(st.one_of(st.sampled_from("aB 1.-•*:»)\t\n\u3042字\u200b\U0001d7ce"), st.characters()), max_size=9),
    max_size=9,
)


@settings(max_examples=500)
@given(LINES)
@example(["", "*  *  *"])  # a bullet and two blanks, of which a line before once took the mark
@example(["a", "•  b"])
def test_a_line_is_described_by_itself(lines: list[str]) -> None:
    """A line's row does not depend on its neighbours."""
    table = describe(lines)
    for i, line in enumerate(lines):
        alone = describe([line])
        for column in ("texts", "blank", "size", "bullet", "sentence", "begins", "ends", "holds", "first"):
            assert getattr(table, column)[i] == getattr(alone, column)[0], column


def test_bullets_numbers_and_blanks_go() -> None:
    """Bullets, indented numbers and odd blanks are no part of a text; wide characters count twice."""
    page = prepare(["• Tea  and\u00a0cake", "  2. Scones.", "2. Scones", "-5 °C", "• ", "", "水。", "•  Jam"])
    assert [(line.index, line.text, line.size, line.bullet, line.apart, line.sentence) for line in page[0:9]] == [
        (0, "Tea and cake", 12, True, False, False),
        (1, "Scones.", 7, True, False, True),
        (2, "2. Scones", 9, False, False, False),
        (3, "-5 °C", 5, False, False, False),
        (6, "水。", 3, False, False, True),
        (7, "Jam", 3, True, False, False),
    ]


def test_digits_of_any_script_are_seen() -> None:
    """No line with a digit passes for one without."""
    assert has(describe(["5", "٣", "\U0001d7ce"]).holds, Mark.DIGIT).all()
    assert not has(describe(["five"]).holds, Mark.DIGIT).any()


ROWS = st.lists(
    st.sampled_from(
        [
            "Menu",
            "• " + "A long item. " * 9,
            "Words without end " * 4,
            "Half a hundred characters, closed. Yes, so.",
            "A paragraph of some length that ends. " * 4,
            "Said in full. " * 60,
        ]
    ),
    max_size=12,
)


@given(ROWS, st.lists(st.sampled_from([Role.UNKNOWN, Role.UNKNOWN, Role.BODY, Role.SHARE, Role.DATE]), min_size=12))
def test_the_body_is_the_heaviest_run(lines: list[str], roles: list[Role]) -> None:
    """Of all runs of lines none weighs more than the body, and none that is as heavy ends before it."""
    page = prepare(lines, roles[: len(lines)])
    weights = [_weight(page, i) for i in range(len(page))]
    runs = [(a, b) for b in range(1, len(page) + 1) for a in range(b)]
    most = max((sum(weights[a:b]) for a, b in runs), default=0)
    found = body_span(page)
    if most <= 0:
        assert found == (0, 0)
    else:
        assert sum(weights[slice(*found)]) == most
        assert found[1] == min(b for a, b in runs if sum(weights[a:b]) == most)


def _weight(page: Page, i: int) -> int:
    line = page[i]
    if line.role.is_boilerplate or line.role.is_metadata:
        return -40
    if (line.paragraph and not line.bullet) or line.role is Role.BODY:
        return min(line.size, 400)
    if line.size >= 40:
        return 10 if line.sentence and not line.bullet else -15
    return -35
