"""A page as template and slots: lines that repeat on the pages of a site are anchors, between two of them is a slot.

For each line nine things are counted over the pages: the line itself but for numbers, with them, and but for names; it
together with the line before, and with that after it; the slot that it stands in, by the anchor above, by that below,
and by both; and its place in the tree of an HTML page. An anchor counts in slots of its own: those tell which anchors
follow each other.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import numpy.typing as npt

from ingest.lines.words import pair_hashes
from ingest.sites.page_lines import PageLines
from ingest.sites.tally import Tally, joined, tally

U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

OFTEN = 0.08  # share of the other pages from which a line that repeats is an anchor,
ENOUGH = 8  # and number of them that is enough on any site
PARTS = 4096  # of the text of a page
RARE = 500  # a key that stands on fewer pages than the site's by this, or on one, is left out


_KIND = np.uint64(15)  # bits of a key that tell its kind


class By(IntEnum):
    """What is counted of a line."""

    LINE = 0
    MASK = 1
    BEFORE = 2
    AFTER = 3
    BELOW = 4  # the slot below an anchor
    ABOVE = 5
    BETWEEN = 6
    PLACE = 7
    EXACT = 8


class Sum(IntEnum):
    """Columns of a tally."""

    PAGES = 0
    LINES = 1
    WEIGHT = 2
    OPINION = 3  # by weight, in the steps of `page_lines.opinions`
    WHERE = 4  # share of the page's probable text that stands above, in 255ths
    REPEATED = 5  # weight of lines that stand on several pages,
    PARAGRAPHS = 6  # and of paragraphs
    MASS = 7  # share of the page's probable text that the lines are, in `PARTS`


def others_of_anchor(others: int) -> int:
    """On how many of so many other pages of the site a line stands that is an anchor."""
    return int(np.clip(np.ceil(OFTEN * others), 1, ENOUGH))


def keys_of(seen: PageLines, anchor: Flags) -> U64:
    """uint64[len(By), n]: what is counted of each line, 0 for nothing. anchor: bool[n]."""
    n, key = len(seen), seen.key
    out = np.zeros((len(By), n), np.uint64)
    if not n:
        return out
    out[By.LINE], out[By.MASK], out[By.EXACT], out[By.PLACE] = key, seen.mask, seen.exact, seen.place
    out[By.BEFORE], out[By.AFTER] = pairs(key, seen.offsets)
    out[By.BELOW], out[By.ABOVE], out[By.BETWEEN] = slots(key, anchor, seen.offsets)
    for by in By:
        out[by] = of_kind(out[by], by)
    return out


def slots(key: U64, anchor: Flags, offsets: I64) -> tuple[U64, U64, U64]:
    """(uint64[n], uint64[n], uint64[n]): the slot of each line by the anchor above, by that below, and by both."""
    above, below = nearest(anchor, offsets)
    up = np.where(above < 0, 0, key[above])
    down = np.where(below < 0, 0, key[below])
    own = np.where(anchor, key, 0)
    return pair_hashes(up, own), pair_hashes(own, down), pair_hashes(pair_hashes(up, own), down)


def pairs(key: U64, offsets: I64) -> tuple[U64, U64]:
    """(uint64[n], uint64[n]): each line together with that before it on its page, and with that after it."""
    before, after = np.append(np.zeros(1, np.uint64), key[:-1]), np.append(key[1:], np.zeros(1, np.uint64))
    first = offsets[:-1][np.diff(offsets) > 0]
    before[first] = 0
    after[first[1:] - 1] = 0
    return pair_hashes(before, key), pair_hashes(key, after)


def of_kind(values: U64, by: By) -> U64:
    """uint64[n]: keys of a kind, told by their lowest bits; 0 stays 0."""
    keys: U64 = np.where(values == 0, np.uint64(0), (values & ~_KIND) | np.uint64(by + 1))
    return keys


def repeated_lines(tally: Tally) -> int:
    """How many lines a tally knows."""
    return int(np.count_nonzero((tally.keys & _KIND) == np.uint64(By.LINE + 1)))


def nearest(marked: Flags, offsets: I64) -> tuple[I64, I64]:
    """(int64[n], int64[n]): the row of the nearest marked line above each line, and below, on its page; -1 for none."""
    n = len(marked)
    row = np.arange(n)
    first = np.repeat(offsets[:-1], np.diff(offsets))
    last = np.repeat(offsets[1:], np.diff(offsets))
    above = np.maximum.accumulate(np.append(-1, np.where(marked, row, -1)))[:-1]
    below = np.minimum.accumulate(np.append(n, np.where(marked, row, n)[::-1]))[:-1][::-1]
    return np.where(above < first, -1, above), np.where(below >= last, -1, below)


def values_of(seen: PageLines, repeated: Flags) -> I64:
    """int64[n, 6]: what is summed of each line, the columns of `Sum` from `WEIGHT` on.

    repeated: bool[n], lines that stand on several pages of the site.
    """
    weight, mass = seen.weight, seen.mass
    run = np.concatenate([[0], np.cumsum(mass)])
    whole = np.repeat(np.diff(run[seen.offsets]), np.diff(seen.offsets))
    columns = [
        weight,
        weight * (seen.opinion.astype(np.int64) - 128),
        where(seen),
        np.where(repeated, weight, 0),
        np.where(seen.is_paragraph, weight, 0),
        PARTS * mass // np.maximum(whole, 1),
    ]
    return np.stack(columns, 1)


def where(seen: PageLines) -> I64:
    """int64[n]: the share of its page's probable text that stands above each line, the line half, in 255ths."""
    mass = seen.mass
    run = np.concatenate([[0], np.cumsum(mass)])
    size = np.diff(seen.offsets)
    above = run[:-1] - np.repeat(run[seen.offsets[:-1]], size)
    whole = np.repeat(run[seen.offsets[1:]] - run[seen.offsets[:-1]], size)
    found: I64 = (255 * (2 * above + mass)) // np.maximum(2 * whole, 1)
    return found


def learned(seen: PageLines) -> Tally:
    """What the pages of one site tell together."""
    pages = len(seen.offsets) - 1
    page = seen.page
    least = max(2, pages // RARE)
    line = of_kind(seen.key, By.LINE)
    often = tally(line, page, np.empty((len(seen), 0), np.int64), least)
    anchors = often.keys[often.sums[:, Sum.PAGES] > others_of_anchor(pages - 1)]
    values = values_of(seen, np.isin(line, often.keys))
    keys = keys_of(seen, np.isin(line, anchors))
    return joined([tally(some, page, values, least) for some in keys])
