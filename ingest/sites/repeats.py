"""Lines that are the site's and not the page's: they stand beside the same line on several pages of the site.

A title stands in lists of other pages, too, but among other lines there. Lines with numbers are left alone: they count
as equal whatever the numbers are, and «Minutes of session 12» is the title of one page.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ingest.sites.evidence import keys_of
from ingest.sites.fingerprint import Marks, marks
from ingest.sites.profiles import Profile

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
    on = _pages(profile, keys_of(Marks(found.line[full], found.mask[full]))[[0, 2, 3]])
    result[full] = (on[0] >= PAGES) & (np.maximum(on[1], on[2]) >= PAGES)
    for row in np.flatnonzero(result).tolist():
        result[row] = not any(map(str.isdigit, texts[row]))
    return result


def _pages(profile: Profile, keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.int32]:
    """int32[…]: on how many pages each key stands."""
    if not len(profile.keys):
        return np.zeros(keys.shape, np.int32)
    place = np.minimum(np.searchsorted(profile.keys, keys), len(profile.keys) - 1)
    return np.where(profile.keys[place] == keys, profile.key_pages[place], 0).astype(np.int32)
