"""Where lines stand on their pages, for many pages at once."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import numpy.typing as npt

from ingest.sites.fingerprint import PARAGRAPH_BIT

# The zone takes the place of the shape bits when occurrences are counted by zone.
_ZONE_MASK = np.uint64(3)


class Zone(IntEnum):
    """Where a line stands on its page: before the first paragraph, among the paragraphs, after the last one."""

    HEAD = 0
    CORE = 1
    TAIL = 2


def zones(
    fingerprints: npt.NDArray[np.uint64],
    page: npt.NDArray[np.int64],
    n_pages: int,
    boilerplate: npt.NDArray[np.bool_],
) -> npt.NDArray[np.int8]:
    """int8[n]: the `Zone` of each line.

    Args:
        fingerprints: uint64[n], lines of all pages one after the other.
        page: int64[n], ascending: the page of each line, 0 to `n_pages` - 1.
        boilerplate: bool[n], lines that are no article paragraphs although they look it, e.g. a legal notice.
    """
    core = ((fingerprints & PARAGRAPH_BIT) != 0) & ~boilerplate
    rows = np.flatnonzero(core)
    none = len(fingerprints)
    first = np.full(n_pages, none, np.int64)
    last = np.full(n_pages, none, np.int64)
    last[page[rows]] = rows  # the last write wins, rows ascend
    first[page[rows[::-1]]] = rows[::-1]
    place = np.arange(len(fingerprints))
    result = np.full(len(fingerprints), Zone.HEAD, np.int8)
    result[place >= first[page]] = Zone.CORE
    result[place > last[page]] = Zone.TAIL
    return result


def with_zone(fingerprints: npt.NDArray[np.uint64], zone: npt.NDArray[np.int8]) -> npt.NDArray[np.uint64]:
    """Fingerprints that tell the zone instead of the shape."""
    result: npt.NDArray[np.uint64] = (fingerprints & ~_ZONE_MASK) | zone.astype(np.uint64)
    return result
