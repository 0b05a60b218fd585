"""Which lines of a batch need a closer look: one vectorised pass over the code points, and no look at most lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ingest.encoding.clean import flag_table
from ingest.encoding.plausibility import SCALE, class_tables, mark_costs
from ingest.lines.chunks import chunks
from ingest.lines.scan import BREAK, Codes, whole

# All in nats. A repair must gain some 12 nats, so lines that could not give them are left alone.
LIMIT_CYRILLIC = (
    4.1  # mean per pair in lines with Cyrillic letters; text read in another Cyrillic charset starts at 4.5
)
LIMIT_OTHER = 7.0  # the same in other lines, whose few accented letters vary more
HOT = 8.0  # a pair above this is odd
HOT_SUM = 7.0  # what odd pairs of one line may be above HOT in sum
BEST = 2.4  # mean per pair of the most ordinary text
POTENTIAL = 20.0  # what the best reading of a line without odd pairs could gain at most, for the line to be worth a try
BLOCK = 32_768  # characters at a time: arrays stay in the processor's cache

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
_ENTITY = re.compile("&[#A-Za-z]")  # an ampersand between words begins none
_ORDINARY = bytes(range(0x20, 0x7F)) + b"\t\n"


def triage(texts: Sequence[str], seen: Codes | None = None) -> tuple[list[int], list[int]]:
    """Numbers of the lines with flagged characters (`clean`), and of those that are unlikely as text.

    seen: the lines without the blanks at their ends, where they are encoded.
    """
    others = [number for number, text in enumerate(texts) if not text.isascii()]
    flagged = _flagged_ascii(texts) if len(others) < len(texts) else []
    if seen is None:
        return _triage(whole([texts[number] for number in others]), others, flagged)
    # blanks of ASCII are to the costs as line breaks are; others are told by themselves
    plain: list[int] = []
    odd: list[int] = []
    for number, size in zip(others, seen.lengths[others].tolist(), strict=True):
        (plain if len(texts[number].strip(" \t")) == size else odd).append(number)
    flagged, suspect = _triage(seen.of(np.array(plain, np.int64)), plain, flagged)
    flagged, more = _triage(whole([texts[number] for number in odd]), odd, flagged)
    return flagged, suspect + more


def _triage(lines: Codes, numbers: Sequence[int], flagged: list[int]) -> tuple[list[int], list[int]]:
    suspect: list[int] = []
    for first, last in chunks(lines.lengths, most=BLOCK):
        block = lines.part(first, last)
        small, starts = np.minimum(np.append(BREAK, block.points), 0xFFFF), block.start
        at = np.flatnonzero(_flags().take(small))
        at = at[~(_joins(small, at) | _joins_words(small, at))]
        found = np.unique(np.searchsorted(starts, at - 1, side="right") - 1)
        flagged += [numbers[first + number] for number in found.tolist()]
        suspect += [numbers[first + number] for number in np.flatnonzero(_unlikely(small, starts)).tolist()]
    return flagged, suspect


def _flagged_ascii(texts: Sequence[str]) -> list[int]:
    """The numbers of those ASCII lines that hold a control or may hold an entity; most batches have few."""
    plain = [text if text.isascii() else "" for text in texts]
    joined = "\n".join(plain)
    places = [match.start() for match in _ENTITY.finditer(joined)]
    if joined.encode("ascii").translate(None, _ORDINARY):
        places += [match.start() for match in _CONTROL.finditer(joined)]
    if not places:
        return []
    ends = np.cumsum(np.fromiter(map(len, plain), np.int64, len(plain)) + 1)
    numbers: list[int] = np.unique(np.searchsorted(ends, places, side="right")).tolist()
    return numbers


def _unlikely(small: npt.NDArray[np.uint32], starts: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    rows, columns, _ = class_tables()
    costs = mark_costs().take(rows.take(small[:-1]) + columns.take(small[1:]))
    total = np.add.reduceat(costs, starts, dtype=np.int64)
    pairs = np.add.reduceat(costs > 0, starts, dtype=np.int64)
    hot = np.maximum(costs, np.uint8(HOT * SCALE)) - np.uint8(HOT * SCALE)
    odd = np.add.reduceat(hot, starts, dtype=np.int64) > HOT_SUM * SCALE
    cyrillic = np.logical_or.reduceat((small[1:] >= 0x400) & (small[1:] < 0x530), starts)
    limit = np.where(cyrillic, LIMIT_CYRILLIC, LIMIT_OTHER)
    dull = (total > limit * SCALE * pairs) & (total > (BEST * pairs + POTENTIAL) * SCALE)
    found: npt.NDArray[np.bool_] = odd | dull
    return found


def _joins(small: npt.NDArray[np.uint32], at: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
    """Which of the flagged places are zero-width (non-)joiners between letters of scripts that write them."""
    joiner = (small[at] == 0x200C) | (small[at] == 0x200D)
    between: npt.NDArray[np.bool_] = joiner & (small[at - 1] >= 0x600) & (small[at - 1] < 0x10A0)
    return between


def _joins_words(small: npt.NDArray[np.uint32], at: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
    """Which of the flagged places are ampersands that begin no entity."""
    after = small[at + 1]
    begins = (after == ord("#")) | ((after | 0x20) - ord("a") < 26)
    found: npt.NDArray[np.bool_] = (small[at] == ord("&")) & ~begins
    return found


@lru_cache(maxsize=1)
def _flags() -> npt.NDArray[np.bool_]:
    return flag_table()
