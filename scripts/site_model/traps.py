"""Sites made from real ones, of kinds that are rare in the sets: what repeats on them is not what repeats elsewhere.

Of some groups of pages the line model is made to think otherwise, as it does of sites of a kind that it does not know;
furniture that repeats is made to look like text; labels that repeat are set into the body; or most of the body becomes
such labels, as in a form, and all of it doubtful.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ingest.sites.page_lines import MIDDLE, STEPS
from scripts.site_model.pages import Page, together

TRAPPED = 0.6  # share of the groups that are changed,
SHIFTED, RAISED, FORMS, LABELLED = 0.4, 0.3, 0.35, 0.3  # and share of these in each way

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
    n = int(rng.integers(4, 60))
    keys, size, literal = _keys(rng, n), rng.integers(45, 95, n), rng.random(n) < rng.uniform(0.3, 1)
    share, level, longest = rng.uniform(0.3, 0.9), rng.uniform(-2.5, 1.5), int(rng.integers(50, 110))
    out = []
    for page in pages:
        every = np.flatnonzero(page.text > 0.5)
        body = every[:n]
        if len(every) < 3:
            out.append(page)
            continue
        at = body[np.sort(rng.permutation(len(body))[: int(share * len(body))])]
        which = np.sort(rng.permutation(n)[: len(at)])
        line, mask, exact, sizes = (getattr(page.seen, f).copy() for f in ("line", "mask", "exact", "size"))
        line[at] = mask[at] = keys[which]
        exact[at] = np.where(literal[which], keys[which], _keys(rng, len(at)))
        sizes[at] = size[which]
        sizes[every] = np.minimum(sizes[every], longest)
        steps = _steps(page)
        steps[every] = level * STEPS + (steps[every] - steps[every].mean()) / 2 + rng.normal(0, 8, len(every))
        seen = replace(page.seen, line=line, mask=mask, exact=exact, size=sizes)
        out.append(_thinking(replace(page, seen=seen), steps))
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
        seen = page.seen
        steps = np.insert(_steps(page), at, _steps(page)[at] - less * rng.random(len(has)))
        seen = replace(
            seen,
            line=np.insert(seen.line, at, keys[has]),
            mask=np.insert(seen.mask, at, keys[has]),
            exact=np.insert(seen.exact, at, keys[has]),
            place=np.insert(seen.place, at, seen.place[at]),
            opinion=np.insert(seen.opinion, at, seen.opinion[at]),
            size=np.insert(seen.size, at, size[has].astype(np.uint8)),
            offsets=seen.offsets + np.array([0, len(has)]),
        )
        text, weight = np.insert(page.text, at, 1.0), np.insert(page.weight, at, 1.0)
        out.append(_thinking(Page(page.site, seen, text, weight), steps))
    return out
