"""Lines that are the site's and not the page's: they stand beside the same line on several pages of the site.

A title stands in lists of other pages, too, but among other lines there. Lines with numbers are left alone: they count
as equal whatever the numbers are, and «Minutes of session 12» is the title of one page.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ingest.lines.fingerprints import SHAPE_BITS
from ingest.sites.profiles import Profile
from ingest.sites.template import By, Sum, of_kind, pairs

PAGES = 3
MOST = 0.8  # share of a site's pages that are most of them

U64 = npt.NDArray[np.uint64]
Bools = npt.NDArray[np.bool_]


def repeats(profile: Profile, line: U64, texts: Sequence[str]) -> Bools:
    """bool[n]: which of the n lines of a page, or of a part of it, are the site's. What stands at the ends of a part is
    taken to stand at the ends of the page. line: uint64[n], fingerprints of the texts, see `Marks`.
    """
    result = _beside_the_same(profile, line, PAGES)
    for row in np.flatnonzero(result).tolist():
        result[row] = not any(map(str.isdigit, texts[row]))
    return result


def on_most_pages(profile: Profile, line: U64) -> Bools:
    """bool[n]: which of the n lines of a page stand on most of the site's pages, with whatever numbers. Such a line
    names no section and nobody: «Most read», «Share», «In association with».
    """
    return _beside_the_same(profile, line, max(PAGES, MOST * profile.pages))


def _beside_the_same(profile: Profile, line: U64, least: float) -> Bools:
    result = np.zeros(len(line), bool)
    if profile.pages < PAGES or not len(profile.tally.keys):
        return result
    full = np.flatnonzero(line)
    key = line[full] & ~SHAPE_BITS
    kinds = ((By.LINE, key), *zip((By.BEFORE, By.AFTER), pairs(key, np.array([0, len(key)])), strict=True))
    own, before, after = (profile.tally.find(of_kind(keys, by))[:, Sum.PAGES] for by, keys in kinds)
    result[full] = (own >= least) & (np.maximum(before, after) >= least)
    return result
