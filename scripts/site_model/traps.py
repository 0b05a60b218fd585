"""Sites made from real ones, of kinds that are rare in the sets: what repeats on them is not what repeats elsewhere.

Of some groups of pages the line model is made to think otherwise, as it does of sites of a kind that it does not know;
furniture that repeats is made to look like text; paragraphs that repeat are set above, below or amid the text, on most
pages as the site's own, amid that of few pages as background that articles share; labels that repeat are set into the
body; or most of the body becomes such labels, as in a form, and all of it doubtful.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ingest.lines.fingerprints import PARAGRAPH_BIT, SHAPE_BITS
from ingest.sites.page_lines import MIDDLE, STEPS
from scripts.site_model.pages import Page, together

TRAPPED = 0.6  # share of the groups that are changed, and share of these in each way:
SHIFTED, RAISED, FORMS, LABELLED, PROMOTED, QUOTED = 0.4, 0.3, 0.2, 0.25, 0.3, 0.3
OFTEN = 0.2  # share of the pages from which on a paragraph amid their text is the site's own, and background below it

Rng = np.random.Generator


def trapped(pages: Sequence[Page], rng: Rng) -> list[Page]:
    """The pages of a group, changed or not."""
    out = list(pages)
    if rng.random() >= TRAPPED:
        return out
    if rng.random() < SHIFTED:
        out = _shifted(out, rng)
    if rng.random() < RAISED:
        out = _raised(out, rng)
    if rng.random() < PROMOTED:
        out = _promoted(out, rng)
    if rng.random() < QUOTED:
        out = _quoted(out, rng)
    if rng.random() < FORMS:
        return _as_forms(out, rng)
    return _labelled(out, rng) if rng.random() < LABELLED else out


def _thinking(page: Page, steps: npt.NDArray[np.floating]) -> Page:
    opinion = np.clip(np.rint(steps), 1 - MIDDLE, 255 - MIDDLE) + MIDDLE
    return replace(page, seen=replace(page.seen, opinion=opinion.astype(np.uint8)))


def _steps(page: Page) -> npt.NDArray[np.float64]:
    return page.seen.opinion.astype(np.float64) - MIDDLE


def _shifted(pages: list[Page], rng: Rng) -> list[Page]:
    slope, shift = rng.uniform(0.5, 1), rng.uniform(-2.5, 0.7)
    return [_thinking(page, slope * _steps(page) + shift * STEPS) for page in pages]


def _raised(pages: list[Page], rng: Rng) -> list[Page]:
    seen = together(pages)
    keys, number = np.unique(seen.line, return_inverse=True)
    on = np.bincount(np.unique(number * len(pages) + seen.page) // len(pages), minlength=len(keys))
    share, most = rng.uniform(0.1, 0.8), rng.uniform(1, 7)
    by = np.where((on > 1) & (rng.random(len(keys)) < share), rng.uniform(0, most, len(keys)), 0) * STEPS
    return [
        _thinking(page, _steps(page) + np.where(page.text < 0.2, by[np.searchsorted(keys, page.seen.line)], 0))
        for page in pages
    ]


def _keys(rng: Rng, n: int) -> npt.NDArray[np.uint64]:
    return rng.integers(1, 2**62, n).astype(np.uint64) * np.uint64(4)


def _as_forms(pages: list[Page], rng: Rng) -> list[Page]:
    """Bodies become forms: labels in an order of the site's own, alone or in runs, some on all pages and some on few,
    the page's own lines between them; none of it looks much like text.
    """
    n = int(rng.integers(4, 60))
    keys, size, literal = _keys(rng, n), rng.integers(45, 95, n), rng.random(n) < rng.uniform(0.3, 1)
    often = np.where(rng.random(n) < rng.uniform(0.2, 1), rng.uniform(0.9, 1), rng.uniform(0.02, 1, n))
    answered, level, longest = rng.uniform(0.1, 0.9, n), rng.uniform(-1.8, 1.5), int(rng.integers(50, 110))
    answered[rng.random(n) < rng.uniform(0, 0.6)] = 0
    furniture = rng.uniform(0, 1) * STEPS  # that such a page's furniture looks better, too
    out = []
    for page in pages:
        body = np.flatnonzero(page.text > 0.5)
        if len(body) < 3:
            out.append(page)
            continue
        own, rows = 0, []  # rows of the page, or of labels: -1 - label
        for label in np.flatnonzero(rng.random(n) < often).tolist():
            rows.append(-1 - label)
            answers = int(rng.integers(1, 4)) if rng.random() < answered[label] else 0
            rows += body[own : own + answers].tolist()
            own += answers
        row = np.concatenate([np.arange(body[0]), rows, np.arange(body[-1] + 1, len(page.seen))]).astype(np.int64)
        text = np.concatenate([np.zeros(body[0]), np.ones(len(rows)), np.zeros(len(page.seen) - body[-1] - 1)])
        is_label, which, of = row < 0, np.where(row < 0, -1 - row, 0), np.maximum(row, 0)
        seen = page.seen
        sizes = np.where(is_label, size[which], np.where(text > 0, np.minimum(seen.size[of], longest), seen.size[of]))
        steps = _steps(page)[of] + np.where(text > 0, 0, furniture)
        doubt = level * STEPS + rng.normal(0, 10, len(row)) + np.where(is_label, -5, 0)
        exact = np.where(literal[which], keys[which], _keys(rng, len(row)))
        formed = replace(
            seen,
            line=np.where(is_label, keys[which], np.where(text > 0, seen.line[of] & ~PARAGRAPH_BIT, seen.line[of])),
            mask=np.where(is_label, keys[which], seen.mask[of]),
            exact=np.where(is_label, exact, seen.exact[of]),
            place=seen.place[np.where(is_label, body[0], of)],
            opinion=seen.opinion[of],
            size=sizes.astype(np.uint8),
            offsets=np.array([0, len(row)]),
        )
        weight = np.where(is_label, 1.0, page.weight[of])
        out.append(_thinking(Page(page.site, formed, text, weight), np.where(text > 0, doubt, steps)))
    return out


def _promoted(pages: list[Page], rng: Rng) -> list[Page]:
    """Paragraphs of the site's own stand in, above or below the text of many pages, and look like text."""
    n = int(rng.integers(1, 5))
    keys = _keys(rng, n) | PARAGRAPH_BIT * (rng.random(n) < 0.8).astype(np.uint64)
    size, often, level = rng.integers(90, 150, n), rng.uniform(0.05, 1, n), rng.uniform(-1, 4, n) * STEPS
    spot = rng.choice([0.0, 1.0, 1.0, -1.0], n)  # above the text, below it, or anywhere amid it
    often = np.where(spot < 0, OFTEN + (1 - OFTEN) * often, often)
    out = []
    for page in pages:
        body = np.flatnonzero(page.text > 0.5)
        has = np.flatnonzero(rng.random(n) < often)
        if len(body) < 3 or not len(has):
            out.append(page)
            continue
        amid = body[np.minimum((rng.random(len(has)) * len(body)).astype(np.int64), len(body) - 1)]
        lag = rng.integers(0, 3, len(has))
        below = np.minimum(body[-1] + 1 + lag, len(page.seen))
        at = np.where(spot[has] < 0, amid, np.where(spot[has] > 0, below, body[0]))
        order = np.argsort(at, kind="stable")
        out.append(_with_lines(page, at[order], keys[has[order]], size[has[order]], level[has[order]], 0.0, rng))
    return out


def _quoted(pages: list[Page], rng: Rng) -> list[Page]:
    """Paragraphs of background that some articles share, word for word, amid their text: they are text."""
    n = int(rng.integers(1, 6))
    keys, size, often = _keys(rng, n) | PARAGRAPH_BIT, rng.integers(90, 150, n), rng.uniform(0.02, OFTEN, n)
    out = []
    for page in pages:
        body = np.flatnonzero(page.text > 0.5)
        has = np.flatnonzero(rng.random(n) < often)
        if len(body) < 3 or not len(has):
            out.append(page)
            continue
        at = np.sort(rng.choice(body[1:], len(has)))
        out.append(_with_lines(page, at, keys[has], size[has], _steps(page)[at], 1.0, rng))
    return out


def _labelled(pages: list[Page], rng: Rng) -> list[Page]:
    n = int(rng.integers(2, 14))
    keys, size = _keys(rng, n), rng.integers(40, 90, n)
    often, less, together_ = rng.uniform(0.4, 1), rng.uniform(0, 2.5) * STEPS, rng.random() < 0.2
    out = []
    for page in pages:
        body = np.flatnonzero(page.text > 0.5)
        if len(body) < 3:
            out.append(page)
            continue
        has = np.flatnonzero(rng.random(n) < often)
        at = np.full(len(has), rng.choice(body[1:])) if together_ else np.sort(rng.choice(body[1:], len(has)))
        level = _steps(page)[at] - less * rng.random(len(has))
        out.append(_with_lines(page, at, keys[has], size[has], level, 1.0, rng))
    return out


def _with_lines(
    page: Page,
    at: npt.NDArray[np.int64],
    keys: npt.NDArray[np.uint64],
    size: npt.NDArray[np.int64],
    steps: npt.NDArray[np.floating],
    text: float,
    rng: Rng,
) -> Page:
    """A page with lines put before its rows `at`, which ascend."""
    seen = page.seen
    put = replace(
        seen,
        line=np.insert(seen.line, at, keys),
        mask=np.insert(seen.mask, at, keys & ~SHAPE_BITS),
        exact=np.insert(seen.exact, at, keys & ~SHAPE_BITS),
        place=np.insert(seen.place, at, seen.place[np.minimum(at, len(seen) - 1)]),
        opinion=np.insert(seen.opinion, at, 0),
        size=np.insert(seen.size, at, size.astype(np.uint8)),
        offsets=seen.offsets + np.array([0, len(at)]),
    )
    page_ = Page(page.site, put, np.insert(page.text, at, text), np.insert(page.weight, at, 1.0))
    return _thinking(page_, np.insert(_steps(page), at, steps + rng.normal(0, 4, len(at))))
