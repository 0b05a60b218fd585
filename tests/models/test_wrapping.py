"""Paragraphs that were broken at a fixed width are judged as one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from line_model.renderings import wrapped

from ingest.lines.scan import Codes, scan
from ingest.models import line_model
from ingest.models.wrapping import broken, rejoin

PAGE = (Path(__file__).with_name("data") / "news_page.txt").read_text(encoding="utf-8").splitlines()
HAN = ["本报讯", "", "城外的池塘昨天结了冰，孩子们带着冰鞋去看望住在那里的老人，" * 6 + "直到天黑。", "", "版权所有"]


def offsets(*pages: list[str]) -> npt.NDArray[np.int64]:
    return np.cumsum([0, *map(len, pages)])


def read(lines: Codes) -> list[str]:
    """The lines, each behind the blanks that stood before it."""
    rows = zip(lines.start.tolist(), lines.lengths.tolist(), lines.indent.tolist(), strict=True)
    return [
        " " * indent + "".join(map(chr, lines.points[start : start + size].tolist())) for start, size, indent in rows
    ]


def rejoined(*pages: list[str]) -> tuple[list[str], npt.NDArray[np.int64], npt.NDArray[np.int64]] | None:
    texts = [line for page in pages for line in page]
    found = rejoin(scan(texts), texts, offsets(*pages))
    if found is None:
        return None
    joined, bounds, place = found
    again = scan(lines := read(joined.codes))
    # what was put together is what would have been measured of the whole
    for name in ("kinds", "size"):
        np.testing.assert_array_equal(getattr(joined, name), getattr(again, name))
    for name in ("hashes", "row", "first", "start"):
        np.testing.assert_array_equal(getattr(joined.words, name), getattr(again.words, name))
    return lines, bounds, place


@pytest.mark.parametrize(("page", "width"), [(PAGE, 80), (PAGE, 60), (HAN, 40)], ids=["latin", "narrow", "han"])
def test_wrapping_is_undone(page: list[str], width: int) -> None:
    """What was broken at a width becomes the paragraphs that it was, menus and titles stay by themselves."""
    lines, _ = wrapped(page, width)
    found = rejoined(lines)
    assert found is not None
    joined, bounds, place = found
    assert [" ".join(line.split()) for line in joined if line.strip()] == [
        " ".join(line.split()) for line in page if line.strip()
    ]
    assert bounds.tolist() == [0, len(joined)]
    assert len(place) == len(lines)


@pytest.mark.parametrize(
    "page",
    [PAGE, [f"Headline number {n} of the day, about the pond" for n in range(40)], ["x" * 79] * 3, [], [""]],
    ids=["article", "headlines", "few-lines", "empty", "blank"],
)
def test_other_pages_are_left_alone(page: list[str]) -> None:
    """Lines that end where they mean to are not joined, even if many are nearly as long as the longest."""
    assert rejoined(page) is None


def test_only_the_wrapped_page_of_a_batch_changes() -> None:
    """Each page is looked at by itself; line numbers of all pages can be found back."""
    lines, _ = wrapped(PAGE)
    batch = [*PAGE, *lines, *PAGE]
    found = rejoined(PAGE, lines, PAGE)
    assert found is not None
    joined, bounds, place = found
    assert joined[: bounds[1]] == PAGE
    assert joined[bounds[2] :] == PAGE
    assert all(batch[i].strip() in joined[k] for i, k in enumerate(place.tolist()))


def test_a_wrapped_paragraph_gets_one_verdict() -> None:
    """All lines of a paragraph share its probability, so none falls out of it."""
    lines, sources = wrapped(PAGE)
    content = line_model.load().predict(lines, offsets(lines)).content
    for number in range(len(PAGE)):
        assert len({float(p) for p, source in zip(content, sources, strict=True) if source == (number,)}) <= 1


@given(st.lists(st.lists(st.text("ab .\n漢。", max_size=90), max_size=12), max_size=4))
def test_no_text_is_lost(pages: list[list[str]]) -> None:
    """Joined lines hold all characters but spaces, in order; documents keep their own."""
    texts = [line for page in pages for line in page]
    found = rejoined(*pages)
    if found is not None:
        joined, bounds, place = found
        assert "".join("".join(joined).split()) == "".join("".join(texts).split())
        assert (np.diff(place) >= 0).all()
        assert len(bounds) == len(pages) + 1


def test_paragraph_broken_at_links_goes_on() -> None:
    """A long line without an end, its links, and what begins as no sentence does are one paragraph."""
    page = [
        "Published on 13 March 2017",
        "The guard of the old bridge has sued the company that replaced its cables. According to the papers",
        "The Quay",
        "and",
        "The Roads",
        ", he asks for six thousand crowns and a new chair.",
        "In February a cable broke at dawn without hurting anybody.",
    ]
    assert broken(page).tolist() == [False, True, True, True, True, False, False]


def test_short_beginning_below_a_closed_line_goes_on() -> None:
    """Below a date or the end of a sentence a short line begins the paragraph whose links follow."""
    page = [
        "12 March 2022, 10:15",
        "The town council of Larkmouth",
        "said",
        ", that the old bridge is closed for three weeks, because its ropes and rails are worn. According to",
        "The Quay",
        ", a weekly, reports, the ropes are new.",
    ]
    assert broken(page).tolist() == [False, True, True, True, True, False]


NOT_BROKEN = {
    "answer in small letters": ["28 March 2017, 10:15", "Reply to Ada", "Hidden comment", "i do not think it is so."],
    "list of links": ["", "News of the town", "» Bridge closed, 28.11.2012", "» Ferry starts, 27.11.2012 at dawn."],
    "share row": ["On 30/04/2024 - 16:17", "Share this article", "facebooktwitterflipboardsend and whatever else is"],
    "headline and byline": ["A long headline about the bridge over the quiet river and its ropes", "by Ada Quill"],
    "headline and tags": ["A long headline about the bridge over the quiet river and its ropes", "bridge", "ropes"],
    "comment below a name and a time": [
        "A long line of the form that says nothing at its end and goes on with nobody",
        "Ada Quill", "28 March 2017, 10:15", "i do not think so.",
    ],
    "verse": ["the bridge is long and the river is wide and the ropes are old again", "and the kettle sings its song."],
    "blank between": ["The guard of the old bridge has sued the company. According to the paper", "", "it is old."],
}  # fmt: skip


@pytest.mark.parametrize("page", NOT_BROKEN.values(), ids=NOT_BROKEN)
def test_other_short_lines_stay_apart(page: list[str]) -> None:
    """Names, dates, tags and verse are no links of a sentence."""
    assert not broken(page).any()
