"""What the models are not taught, since the known text of a set does not say it; and text set into others' pages."""

from __future__ import annotations

import importlib

import numpy as np

from ingest.html.flatten import flatten
from ingest.html.kinds import Kinds
from ingest.html.parse import parse

# of the scripts mypy reads only what tests name
gold, grafts = (importlib.import_module(f"scripts.line_model.{name}") for name in ("gold", "grafts"))

SENTENCES = [
    f"The {name} was measured again on Tuesday by two surveyors, who had brought a longer rope for it this time."
    for name in ("pond", "mill", "church tower", "bridge", "tithe barn", "wall of the old garden")
]
ARTICLE = "\n\n".join(SENTENCES[:4])
PAGE = (
    f"<h1>Pond</h1><div class=story>{''.join(f'<p>{some}</p>' for some in SENTENCES[:4])}</div><footer>About</footer>"
)


def row(number: int, text: str = ARTICLE, html: str = PAGE) -> dict[str, str | None]:
    """A row of a page set, its site in the first fold."""
    return {
        "id": f"{number}", "site": "fold.example" if number else "page.fold.example", "page_type": "article",
        "language": None, "gold_title": f"Title {number}", "gold_text": text, "html": html,
    }  # fmt: skip


def lines(html: str) -> list[str]:
    """The page as the product lays it out."""
    return [line for line in flatten(parse(html)[0], Kinds()).lines if line]


def test_header_is_silent() -> None:
    """Title, date and byline around the text are masked where they are short; paragraphs and lines amid them never."""
    text = np.array([False, True, True, True, True, True, True, False])
    characters = np.array([30, 40, 20, 300, 25, 400, 18, 12])
    assert gold.header(text, characters, 4, 3).tolist() == [False, True, True, False, False, False, True, False]
    assert gold.header(text, characters, 1, 0).tolist() == [False, True, False, False, False, False, False, False]
    assert not gold.header(text, np.full(8, 20), 4, 3).any()


def test_gaps_are_silent() -> None:
    """A single line between two of text and a lead above the first are masked; runs of other lines are not."""
    text = np.array([False, False, True, False, True, False, False, True])
    words = np.array([3, 12, 40, 4, 40, 9, 9, 40], np.float32)
    assert gold.gaps(text, words).tolist() == [False, True, False, True, False, False, False, False]


def test_grafts_leave_the_article_whole() -> None:
    """Every line of the page stays, in its order, and what is added is text of others; the same page gets the same."""
    others = [row(n, "\n\n".join(f"{some} It is number {n}." for some in SENTENCES[4:])) for n in range(1, 12)]
    texts = grafts.library(iter(others))
    before = lines(PAGE)
    for number in range(40):
        page = row(0) | {"id": f"page {number}"}
        html = grafts.graft(page, texts)
        assert html
        assert html == grafts.graft(page, texts)
        after = lines(html)
        kept = [line for line in after if line in before]
        assert kept == before
        assert any("It is number" in line or "tithe barn" in line for line in after)


def test_grafts_need_an_article_and_others() -> None:
    """No page of another kind, no page whose text is not found on it, and no page without others' text is changed."""
    others = grafts.library(iter([row(n) for n in range(1, 12)]))
    assert grafts.graft(row(0) | {"page_type": "forum"}, others) is None
    assert (
        grafts.graft(row(0, "Nothing of this stands on the page at all, whatever else may stand there."), others)
        is None
    )
    assert grafts.graft(row(0), {}) is None
