"""What stands at the same place on the other pages of a site, for HTML pages.

A place is the three innermost elements around a line, by tag, class and id, digits left out: a template that was seen
on some pages tells where the body sits on the next one. Each page contributes, for each of its lines, the place and how
sure the line model is that the line is article text, in eight steps; a profile holds the sums. On another page the mean
of them moves the log-odds of the lines at that place, less where it speaks against them: lost text costs more than a
stray line. Steps are whole numbers, so sums do not depend on order.

Counts of the lines that repeat at a place, their number and their length were tried instead: they tell nothing that
repeated lines do not tell by themselves.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]
F32 = npt.NDArray[np.float32]

STEP_BITS = np.uint64(7)  # of the fingerprint of a place: how sure the model is of the line
STEP = 1.15  # of log-odds; eight of them reach from one certainty to the other
FOR, AGAINST = 0.7, 0.35  # how much the mean of the other pages counts; by held-out verdicts on the pages of 100 sites
DOUBT = 2  # lines without opinion that are added to those seen
_MOST = 4 * STEP


def told(places: U64, content: F32) -> U64:
    """uint64[n]: what n lines contribute; places: uint64[n], 0 where there is none · content: probabilities."""
    step = np.floor(np.clip(_logit(content), -_MOST, _MOST - 1e-6) / STEP).astype(np.int64) + 4
    return np.where(places == 0, 0, _place(places) | step.astype(np.uint64)).astype(np.uint64)


def sums(told: U64) -> tuple[U64, I64, I64]:
    """(sorted places, int64: lines at each, int64: sums of their opinions in half steps, -7 to 7 a line)."""
    told = told[told != 0]
    places, inverse, lines = np.unique(_place(told), return_inverse=True, return_counts=True)
    opinion = 2 * (told & STEP_BITS).astype(np.int64) - 7
    result = np.zeros(len(places), np.int64)
    np.add.at(result, inverse, opinion)
    return places, lines.astype(np.int64), result


def moved(content: F32, own: U64, known: U64, known_lines: I64, known_opinion: I64) -> F32:
    """The probabilities of a page's lines, with what other pages of its site tell of their places.

    own: what the page contributes, 0 for lines that do not count · known, known_lines, known_opinion: `sums` over the
    pages of the site, the page itself among them.
    """
    if not len(known) or not own.any():
        return content
    own_places, own_lines, own_opinion = sums(own)
    place = _place(own)
    at, here = _find(known, place), _find(own_places, place)
    lines = np.where((at < 0) | (own == 0), 0, known_lines[at] - own_lines[here])
    opinion = np.where(lines > 0, known_opinion[at] - own_opinion[here], 0)
    mean = opinion * (STEP / 2) / (np.maximum(lines, 0) + DOUBT)
    logit = _logit(content) + np.where(mean > 0, FOR, AGAINST) * mean
    result: F32 = np.where((own == 0) | (mean == 0), content, 1 / (1 + np.exp(-logit))).astype(np.float32)
    return result


def _place(places: U64) -> U64:
    result: U64 = places & ~STEP_BITS
    return result


def _find(known: U64, values: U64) -> I64:
    """int64: where each value stands among the sorted `known`, of which there are some, -1 for nowhere."""
    place = np.minimum(np.searchsorted(known, values), len(known) - 1)
    return np.where(known[place] == values, place, -1).astype(np.int64)


def _logit(p: F32) -> npt.NDArray[np.float64]:
    inside = np.clip(p.astype(np.float64), 0.01, 0.99)
    result: npt.NDArray[np.float64] = np.log(inside / (1 - inside))
    return result
