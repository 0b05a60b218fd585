"""Lines that are the site's and not the page's: they stand beside the same line on several pages of the site.

A title stands in lists of other pages, too, but among other lines there. Lines with numbers are left alone: they count
as equal whatever the numbers are, and «Minutes of session 12» is the title of one page.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ingest.sites.fingerprint import SHAPE_BITS, marks
from ingest.sites.profiles import Profile
from ingest.sites.template import By, Sum, of_kind, pairs

PAGES = 3


def repeats(profile: Profile, texts: Sequence[str]) -> npt.NDArray[np.bool_]:
    """bool[n]: which of the n lines of a page, or of a part of it, are the site's. What stands at the ends of a part is
    taken to stand at the ends of the page.
    """
    result = np.zeros(len(texts), bool)
    if profile.pages < PAGES:
        return result
    found = marks(texts)
    full = np.flatnonzero(found.line)
    key = found.line[full] & ~SHAPE_BITS
    kinds = ((By.LINE, key), *zip((By.BEFORE, By.AFTER), pairs(key, np.array([0, len(key)])), strict=True))
    line, before, after = (profile.tally.find(of_kind(keys, by))[:, Sum.PAGES] for by, keys in kinds)
    result[full] = (line >= PAGES) & (np.maximum(before, after) >= PAGES)
    for row in np.flatnonzero(result).tolist():
        result[row] = not any(map(str.isdigit, texts[row]))
    return result
