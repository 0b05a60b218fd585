"""What the known text of a set does not say of its pages: lines of which nothing is learned."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ingest.roles import Role
from scripts.line_model.data import Page
from scripts.line_model.prepared import ROLE_INDEX, Prepared

# Sets whose text holds title, date and byline, which others keep apart: how many lines of them stand above and below
# the text. Of the second only the title is one: the labels that follow belong to the body, and that is what it teaches.
WITH_HEADER = {"sites_dev": (4, 3), "cyrillic_sites_dev": (1, 0)}
WITH_GAPS = ("press5_dev", "romance_silver", "libraries_dev")  # some leads and subheads are missing from their text
LONG, SHORT = 100, 80  # Latin letters' worth of a paragraph, and of a line of a header
LEAD = 8  # words that a lead has at least

Mask = npt.NDArray[np.bool_]


def silence(some: Sequence[Page], a: Prepared) -> None:
    """Take words and roles from the lines that the gold text says nothing of, and the role from short lines of pages
    without a known title, which may be titles. `a` holds the pages in any variant and is changed in place.
    """
    for i, page in enumerate(some):
        rows = slice(int(a.span[i]), int(a.span[i + 1]))
        size = a.size[rows]
        text = a.kept[rows] > 0.5 * np.maximum(a.words[rows], 1)
        silent = np.zeros(len(text), bool)
        if page.set in WITH_HEADER:
            silent |= header(text, size, *WITH_HEADER[page.set])
        if page.set in WITH_GAPS:
            silent |= gaps(text, a.words[rows])
        a.gold[i] -= a.kept[rows][silent].sum()
        a.words[rows][silent] = a.kept[rows][silent] = 0
        role = a.role[rows]
        role[silent] = -1
        if not page.title:
            role[(role == ROLE_INDEX[Role.BODY]) & (a.words[rows] < 25)] = -1


def header(text: Mask, size: npt.NDArray[np.float32], above: int, below: int) -> Mask:
    """The short ones among the first and last lines of text, where no paragraph stands further out."""
    found = np.zeros(len(text), bool)
    rows = np.flatnonzero(text)
    long = np.flatnonzero(size[rows] >= LONG)
    if len(long):
        found[rows[: min(above, int(long[0]))]] = True
        found[rows[max(len(rows) - below, int(long[-1]) + 1) :]] = True
    return found & (size < SHORT)


def gaps(text: Mask, words: npt.NDArray[np.float32]) -> Mask:
    """Single lines between two of text, and what could be a lead right above the first."""
    found = np.zeros(len(text), bool)
    at = np.flatnonzero(text)
    for before, after in pairwise(at.tolist()):
        if after - before == 2:
            found[before + 1] = True
    if len(at) and at[0] and words[at[0] - 1] >= LEAD:
        found[at[0] - 1] = True
    return found
