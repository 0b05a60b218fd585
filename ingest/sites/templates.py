"""The templates of a site that has a name: sections, print pages, redesigns, each counted by its own pages.

    pages ─ cluster ─▶ templates ─ lines on half of their pages ─▶ signatures ─ most alike ─▶ the template of a page

Templates are found as sites without a name are (`ingest.sites.cluster`), on a sample of the pages. What is kept of each
is a signature, so that a page of a later run, too, finds its template; pages that are like none are told by the whole
site.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ingest.sites.cluster import HALF, KNOWN, LEAST, cluster
from ingest.sites.page_lines import PageLines

SAMPLE = 1024  # pages in which templates are looked for,
MOST = 64  # and templates, the largest ones, that are told apart
ALIKE = HALF  # of the lines of signatures that a page and its template have together, those that both have: so much
LEAST_ALIKE = (
    0.25  # is asked of a page at most, and at least, and else what all pages by which the template is known have
)
ODD = 0.1  # share of the pages that are like no template, from which on a site's one template is counted without them
EVEN = 0.7  # share of the lines common to a site's pages that each page of its one template has

U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]
NONE = -1


@dataclass(frozen=True, slots=True)
class Signatures:
    """keys: uint64[k], sorted, of lines · has: bool[templates, k], the lines on half of the pages of each template ·
    alike: float64[templates], how much a page of it is like it at least, see `likeness`.
    """

    keys: U64
    has: npt.NDArray[np.bool_]
    alike: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.has)

    def template_of(self, key: U64, page: I64, pages: int) -> I64:
        """int64[pages]: the template that each page is most like, `NONE` where it is like none; see `likeness`."""
        alike = self.likeness(key, page, pages)
        alike[alike < self.alike[:, None]] = 0
        best = alike.argmax(0) if len(self) else np.zeros(pages, np.int64)
        found: I64 = np.where((alike > 0).any(0), best, NONE)
        return found

    def likeness(self, key: U64, page: I64, pages: int) -> npt.NDArray[np.float64]:
        """float64[templates, pages]: of the lines of signatures that a page and a template have together, the share
        that both have.

        key: uint64[n], the lines of all pages · page: int64[n], the page of each.
        """
        if not len(self.keys):
            return np.zeros((len(self), pages))
        place = np.minimum(np.searchsorted(self.keys, key), len(self.keys) - 1)
        known = self.keys[place] == key
        of, line = np.divmod(np.unique(page[known] * len(self.keys) + place[known]), len(self.keys))
        every = np.bincount(of, minlength=pages)
        both = np.stack([np.bincount(of[has[line]], minlength=pages) for has in self.has])
        found: npt.NDArray[np.float64] = both / (every + self.has.sum(1)[:, None] - both)
        return found


NO_TEMPLATES = Signatures(np.empty(0, np.uint64), np.empty((0, 0), bool), np.empty(0))


def signatures(seen: PageLines, generic: U64) -> Signatures:
    """What tells the templates of a site from each other, and from its pages without one; none where all are of one.

    seen: different pages of the site, in the order of their hashes · generic: see `cluster`.
    """
    pages = len(seen.offsets) - 1
    if pages <= KNOWN:
        return NO_TEMPLATES
    some = seen.pages(0, min(pages, SAMPLE))
    if _is_one(some):
        return NO_TEMPLATES
    label = cluster(some.line, some.page, np.arange(len(some.offsets) - 1, dtype=np.uint64), generic)
    while True:
        numbers, size = np.unique(label[label != NONE], return_counts=True)
        largest = numbers[np.argsort(-size, kind="stable")[:MOST]]
        known = largest[np.bincount(label[label != NONE])[largest] >= KNOWN]
        found = _signatures(some, label, known)
        assigned = found.template_of(some.key, some.page, len(label))
        size = np.bincount(assigned[assigned != NONE], minlength=len(found))
        if (size >= KNOWN).all():
            return found if len(found) > 1 or np.mean(assigned != 0) >= ODD else NO_TEMPLATES
        # a template that few pages are most like is none: without it, others may have its pages
        label[np.isin(label, known[size < KNOWN])] = NONE


def _is_one(seen: PageLines) -> bool:
    """Whether all pages have most of what is common to them."""
    pages = len(seen.offsets) - 1
    key, page = _distinct(seen)
    _, number, on = np.unique(key, return_inverse=True, return_counts=True)
    common = (on >= HALF * pages)[number]
    lines = np.count_nonzero(on >= HALF * pages)
    even = np.bincount(page[common], minlength=pages) >= EVEN * lines
    return bool(lines >= LEAST and even.all())


def _signatures(seen: PageLines, label: I64, numbers: I64) -> Signatures:
    if not len(numbers):
        return NO_TEMPLATES
    key, page = _distinct(seen)
    parts: list[U64] = []
    for number in numbers.tolist():
        lines, on = np.unique(key[label[page] == number], return_counts=True)
        parts.append(lines[on >= HALF * np.count_nonzero(label == number)])
    keys = np.unique(np.concatenate(parts))
    found = Signatures(keys, np.stack([np.isin(keys, part) for part in parts]), np.full(len(parts), ALIKE))
    alike = found.likeness(key, page, len(label))
    least = [float(of[label == number].min()) for of, number in zip(alike, numbers.tolist(), strict=True)]
    return replace(found, alike=np.clip(least, LEAST_ALIKE, ALIKE))


def _distinct(seen: PageLines) -> tuple[U64, I64]:
    """(uint64[k], int64[k]): the lines of each page, each once, and their pages."""
    order = np.lexsort((seen.key, seen.page))
    key, page = seen.key[order], seen.page[order]
    first = np.append(True, (key[1:] != key[:-1]) | (page[1:] != page[:-1]))[: len(key)]
    return key[first], page[first]
