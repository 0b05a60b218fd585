"""What the other pages of its site say of each line of a page, as features for the line model.

Shares of the other pages on which a line stands, on which it stands but for numbers and names, and on which it follows,
or is followed by, the same line as here. The last two tell a menu from a label of the body: both repeat, but the
label's neighbours do not. All are zero where nothing is known, which the first feature says.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from ingest.models.told import N_EVIDENCE
from ingest.models.words import pair_hashes
from ingest.sites.fingerprint import PARAGRAPH_BIT, SHAPE_BITS, Marks

U64 = npt.NDArray[np.uint64]
F32 = npt.NDArray[np.float32]

SHARE = 2  # the column with the share of the other pages on which a line stands
COPY = 0.5  # a page of whose paragraphs more than this share is repeated may be a copy of another page,
COPIED = 3  # if these are at least so many; a form or a picture page has one or two, and they are the site's


def keys_of(marks: Marks, begins: npt.NDArray[np.bool_] | None = None) -> U64:
    """uint64[4, n]: what is counted of n lines, none blank: line, mask, pair with the line before, and after.

    begins: bool[n], the first lines of pages, where there are several.
    """
    line = marks.line & ~SHAPE_BITS
    before, after = np.append(np.zeros(1, np.uint64), line[:-1]), np.append(line[1:], np.zeros(1, np.uint64))
    if begins is not None:
        before[begins] = 0
        after[:-1][begins[1:]] = 0
    return np.stack([line, marks.mask, pair_hashes(before, line), pair_hashes(line, after)])


def evidence(marks: Marks, others: int, count: Callable[[U64], npt.NDArray[np.integer]]) -> F32:
    """float32[n, N_EVIDENCE] for the n lines of one page.

    others: how many other pages of its site are known · count: on how many of them each key of an array stands.

    A page that shares most of its paragraphs with another is taken for a copy, of which nothing is known: what its
    versions share is its text.
    """
    out = np.zeros((len(marks.line), N_EVIDENCE), np.float32)
    full = np.flatnonzero(marks.line)
    if others < 1 or not len(full):
        return out
    lines = marks.line[full]
    keys = keys_of(Marks(lines, marks.mask[full], marks.exact[full], marks.size[full]))
    on = np.where(keys == 0, 0, count(keys.reshape(-1)).reshape(keys.shape))
    paragraph = (lines & PARAGRAPH_BIT) != 0
    repeated = paragraph & (on[0] > 0)
    if repeated.sum() >= COPIED and repeated.sum() > COPY * paragraph.sum():
        return out
    out[:, 0] = 1
    out[:, 1] = np.log1p(others) / 3
    out[full, SHARE : SHARE + 4] = (on / others).T
    out[full, 6] = np.log1p(on[0]) / 2
    return out
