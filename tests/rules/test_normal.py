"""The comparable form of lines."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.rules._normal import HEAD, SHORT, TAIL, Folder, normalise, normalise_many
from ingest.rules._prefix import anchor

LINE = st.text(
    alphabet=st.one_of(
        st.sampled_from("aZ0 9.,|•©(c)’`ёЁıİيىكلاـ٣۴ＡＢ１中。\u200c\u00a0\t"),
        st.characters(exclude_characters="\n"),
    ),
    max_size=60,
)
EDGE = st.lists(st.sampled_from(["a", "Z", "é", "e\u0301", "ё", "字", ".", "•", "«", "»", "’", " ", "0"]), max_size=4)


@pytest.mark.parametrize(
    ("line", "form"),
    [
        ("  • READ  More… ", "read more"),
        ("3 Comments", "0 comments"),
        ("1,204 shares", "0 shares"),
        ("Comments (12)", "comments (0"),
        ("Ещё новости »", "еще новости"),
        ("YAZDIR", "yazdir"),
        ("Yazdır", "yazdir"),
        ("İlgili haberler", "ilgili haberler"),
        ("Do‘stga yuborish", "do'stga yuborish"),
        ("الأكثر قراءة يوميا", "الأکثر قراءة یومیا"),
        ("می‌شود", "میشود"),
        ("(c) 2019 Example", "© 0 example"),
        ("（关闭）", "关闭"),
        ("ＡＢＣ １２", "abc 0"),
        ("👍 Share 🔥", "share"),
        ("***", ""),
        ("", ""),
    ],
)
def test_form(line: str, form: str) -> None:
    """What a reader sees as the same words has one form."""
    assert normalise(line) == form


@settings(max_examples=300, deadline=None)
@given(lines=st.lists(LINE, max_size=8))
def test_form_of_a_line_does_not_depend_on_the_lines_beside_it(lines: list[str]) -> None:
    """Folding a batch gives each line what it gets alone, and folding twice changes nothing."""
    assert normalise_many(lines) == [normalise(line) for line in lines]
    assert Folder().keys(lines) == [normalise(line) for line in lines]


@settings(max_examples=300, deadline=None)
@given(EDGE, EDGE)
def test_long_lines_that_a_rule_may_know_are_folded(start: list[str], end: list[str]) -> None:
    """No look at its outer letters passes over a long line that begins or ends as some rule says."""
    line = "".join(start) + " word" * SHORT + "".join(end)
    form = normalise(line)
    assert Folder(starts={form[:HEAD]}).keys([line]) == [form]
    assert Folder(ends={form[-TAIL:]}).keys([line]) == [form]


def test_long_lines_are_folded_only_where_a_rule_may_know_them() -> None:
    """Long lines have the form "" unless they start or end as some rule says."""
    folder = Folder(starts={"we use"}, ends={"ed"})
    tail = " word" * SHORT
    assert folder.keys(["We use" + tail, "We saw" + tail, "It" + tail + " reserved.", "«We  use" + tail]) == [
        normalise("We use" + tail),
        "",
        normalise("It" + tail + " reserved"),
        "" if normalise("«We  use")[:6] != "we use" else normalise("We use" + tail),
    ]


@pytest.mark.parametrize(
    ("pattern", "side", "fixed"),
    [
        ("follow us .+", "start", {"follow u"}),
        ("(?:ab|cd)e.+", "start", {"abe", "cde"}),
        ("(?:please )?send .+", "start", {"please s", "send "}),
        ("(?:ab)+x", "start", {"ab"}),
        ("ab|cd.*", "start", {"ab", "cd"}),
        (".+ reserved", "end", {"ed"}),
        ("©.{3,9}", "start", {"©"}),
        ("a(?:b|c).+", None, set()),
        ("ab?c.+", None, set()),
        ("(?:ab)*x.+", None, set()),
        (".+(?:ab|cd)", None, set()),
        (r".+\\.x", None, set()),
    ],
)
def test_anchor(pattern: str, side: str | None, fixed: set[str]) -> None:
    """Fixed characters are found where they are certain, and only there."""
    found = anchor(pattern)
    assert (found.side, set(found.fixed)) == (side, fixed) if found else side is None
