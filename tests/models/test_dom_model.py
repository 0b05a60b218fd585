"""The line model of HTML pages: exact, independent of the batch, and moved by the tree."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ingest.html.evidence import N_DENSE, DomEvidence, evidence
from ingest.html.flatten import Flat, flatten
from ingest.html.hints import Hints, hints
from ingest.html.kinds import Kinds
from ingest.html.parse import parse
from ingest.lines.scan import scan
from ingest.metadata import jsonld
from ingest.metadata.page import collect
from ingest.models import dom_model

SENTENCE = "The surveyors came back on Tuesday with a longer rope and measured the pond from north to south."
PAGES = [
    f"<nav><ul><li><a href=a>Ponds</a></ul></nav><article><h1>Pond</h1>{f'<p>{SENTENCE}</p>' * 6}</article>",
    "<p>One line only.</p>",
    f"<div class='comment-list'>{f'<div class=comment><p>{SENTENCE}</p></div>' * 3}</div><pre>a\n b</pre>",
    "<table><tr><td>a</td><td><span class=author>b</span> c</td></tr></table>",
]


def seen(pages: list[str]) -> tuple[list[Flat], DomEvidence]:
    flats, heads, kinds = [], [], Kinds()
    for page in pages:
        tree, _ = parse(page)
        found = collect(tree)
        flats.append(flatten(tree, kinds))
        heads.append(hints(found, jsonld.parse_blocks(found.blocks)))
    return flats, evidence(flats, heads, kinds)


def judge(pages: list[str]) -> list[npt.NDArray[np.float32]]:
    """Content and roles of each page's lines."""
    flats, dom = seen(pages)
    texts = [line for flat in flats for line in flat.lines]
    offsets = np.cumsum([0, *(len(flat.lines) for flat in flats)])
    p = dom_model.load().judge(scan(texts), offsets, dom)
    return np.split(np.concatenate([p.content[:, None], p.roles], 1), offsets[1:-1])


def test_verdict_does_not_depend_on_the_batch() -> None:
    """Each page gets the same numbers, to the last bit, alone, among others and in another order."""
    alone = [judge([page])[0] for page in PAGES]
    for order in ([0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 0, 1]):
        together = judge([PAGES[i] for i in order])
        for i, rows in zip(order, together, strict=True):
            assert np.array_equal(rows, alone[i])


def test_the_tree_matters() -> None:
    """The same lines are judged by what they stand in: an article's paragraphs stay, those of a comment list go."""
    body = f"<p>{SENTENCE}</p>" * 5
    plain, amid_comments = (
        judge([f"<article><h1>Pond</h1>{body}</article><div class='{names}'>{body}</div>"])[0][:, 0]
        for names in ("article-body", "comments comment-list")
    )
    last = slice(-5, None)
    assert amid_comments[last].mean() < plain[last].mean()


def test_evidence_of_pages_without_lines() -> None:
    """Empty pages in a batch are no trouble."""
    _, dom = seen(["<p></p>", PAGES[1], "<script>x</script>"])
    assert dom.dense.shape == (1, N_DENSE)
    assert evidence([Flat()], [Hints()], Kinds()).dense.shape == (0, N_DENSE)


def test_blank_lines_have_no_evidence() -> None:
    """Rows of blank lines are zero, those of the others are not."""
    flats, dom = seen(PAGES[:1])
    full = np.array([bool(line) for line in flats[0].lines])
    assert not dom.dense[~full].any()
    assert dom.dense[full].any(axis=1).all()
    assert (dom.place[full] != 0).all()
