"""What the pages of a site tell of the lines of one page that may be its title, section or date.

A value that stands at the same slot of several pages is the site's and not the page's: beside the same line, or next to
the same line of the template (`ingest.sites.template`). A title stands in lists of other pages, too, but among other
lines there. A line with numbers is the same only with these numbers: «Minutes of session 12» is the title of one page.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ingest.lines.fingerprints import SHAPE_BITS, Marks
from ingest.sites.profiles import Profile
from ingest.sites.template import By, Sum, of_kind, others_of_anchor, pairs, slots

PAGES = 3
MOST = 0.8  # share of a site's pages that are most of them
ONE = 1.2  # lines a page that are one, mostly

Bools = npt.NDArray[np.bool_]
F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]


class Repeats:
    """n lines of a page, or of a part of it, beside the pages of its site. What stands at the ends of a part is taken
    to stand at the ends of the page.
    """

    def __init__(self, profile: Profile, found: Marks) -> None:
        self._n, self._pages, self._tally = len(found.line), profile.pages, profile.tally
        self._rows = np.flatnonzero(found.line if profile.pages >= PAGES and len(profile.tally.keys) else [])
        self._key, self._exact = found.line[self._rows] & ~SHAPE_BITS, found.exact[self._rows]
        self._mask = found.mask[self._rows]
        self._line = self._find(By.LINE, self._key)

    def of_site(self) -> Bools:
        """bool[n]: lines that are the site's."""
        on, beside = self._pages_with(), self._beside_the_same()
        anchor = self._line[:, Sum.PAGES] > others_of_anchor(self._pages - 1)
        _, _, between = slots(self._key, anchor, np.array([0, len(self._key)]))
        slot = self._find(By.BETWEEN, between)[:, Sum.PAGES]
        same = (beside >= PAGES) | (anchor & (slot >= PAGES))
        return self._of_all((on >= PAGES) & same)

    def of_most(self) -> Bools:
        """bool[n]: lines that stand on most of the site's pages, with whatever numbers. Such a line names no section
        and nobody: «Most read», «Share», «In association with».
        """
        least = max(PAGES, MOST * self._pages)
        return self._of_all((self._line[:, Sum.PAGES] >= least) & (self._beside_the_same() >= least))

    def fields(self) -> Bools:
        """bool[n]: lines like which other pages have one each, by the line but for its numbers and names or by the slot
        that it fills, and not this very one: such a line holds the value of a field, as the date of an article is.
        """
        often = others_of_anchor(self._pages - 1)
        anchor = self._line[:, Sum.PAGES] > often
        below, above, _ = slots(self._key, anchor, np.array([0, len(self._key)]))
        field = np.zeros(len(self._key), bool)
        for by, keys in ((By.LINE, self._key), (By.MASK, self._mask), (By.BELOW, below), (By.ABOVE, above)):
            found = self._find(by, keys)
            pages, lines = found[:, Sum.PAGES], found[:, Sum.LINES]
            field |= (pages >= max(PAGES, often)) & (lines <= ONE * pages)
        same = self._find(By.EXACT, self._exact)[:, Sum.PAGES]
        return self._of_all(field & ((same < PAGES) | (same < MOST * self._line[:, Sum.PAGES])))

    def _pages_with(self) -> I64:
        """int64[k]: pages with each line, numbers included."""
        exact = self._find(By.EXACT, self._exact)[:, Sum.PAGES]
        return np.minimum(self._line[:, Sum.PAGES], exact)

    def _beside_the_same(self) -> I64:
        """int64[k]: pages on which each line has one of its neighbours here."""
        before, after = pairs(self._key, np.array([0, len(self._key)]))
        found = (self._find(by, keys)[:, Sum.PAGES] for by, keys in ((By.BEFORE, before), (By.AFTER, after)))
        most: I64 = np.maximum(*found)
        return most

    def _find(self, by: By, keys: npt.NDArray[np.uint64]) -> I64:
        return self._tally.find(of_kind(keys, by))

    def _of_all(self, found: Bools) -> Bools:
        result = np.zeros(self._n, bool)
        result[self._rows] = found
        return result
