"""What is remembered of the lines of pages: their keys, and coarsely how long they are and what the line model thinks.

All are whole numbers, so that sums over pages do not depend on their order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ingest.lines.fingerprints import PARAGRAPH_BIT, SHAPE_BITS

U64 = npt.NDArray[np.uint64]
U8 = npt.NDArray[np.uint8]
I64 = npt.NDArray[np.int64]
F32 = npt.NDArray[np.float32]

MIDDLE, STEPS = 128, 20.0  # an opinion is the log-odds of content in twentieths, from 1 to 255
MOST = 127 / STEPS
OCTAVE = 16.0  # a size is the logarithm of characters in sixteenths of an octave
LETTERS, HEAVIEST = 4, 100  # characters that a unit of weight has, and units that a line has at most

_CHARACTERS = 2 ** (np.arange(256) / OCTAVE) - 1
_WEIGHT = np.clip(np.rint(_CHARACTERS / LETTERS), 1, HEAVIEST).astype(np.int64)
# how probable content is, in 256ths
_MASS = np.rint(256 / (1 + np.exp(-(np.arange(256) - MIDDLE) / STEPS))).astype(np.int64)


@dataclass(frozen=True, slots=True)
class PageLines:
    """The n lines of d pages, none without letters or digits, page after page.

    line, mask, exact: uint64[n], see `ingest.lines.fingerprints.Marks` · place: uint64[n], where a line stands in the
    tree of its page, 0 in text · opinion, size: uint8[n], see `opinions` and `sizes` · offsets: int64[d + 1], page i
    owns rows offsets[i] to offsets[i + 1].
    """

    line: U64
    mask: U64
    exact: U64
    place: U64
    opinion: U8
    size: U8
    offsets: I64

    def __len__(self) -> int:
        return len(self.line)

    def pages(self, start: int, stop: int) -> PageLines:
        """Some of the pages."""
        rows = slice(int(self.offsets[start]), int(self.offsets[stop]))
        return PageLines(
            self.line[rows], self.mask[rows], self.exact[rows], self.place[rows], self.opinion[rows], self.size[rows],
            self.offsets[start : stop + 1] - rows.start,
        )  # fmt: skip

    def chosen(self, pages: I64) -> PageLines:
        """The pages with these numbers, in this order."""
        size = np.diff(self.offsets)[pages]
        offsets = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
        rows = np.arange(offsets[-1]) + np.repeat(self.offsets[pages] - offsets[:-1], size)
        return PageLines(
            self.line[rows], self.mask[rows], self.exact[rows], self.place[rows], self.opinion[rows], self.size[rows],
            offsets,
        )  # fmt: skip

    @property
    def page(self) -> I64:
        """int64[n]: the page of each line."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))

    @property
    def key(self) -> U64:
        """uint64[n]: the line without its shape."""
        key: U64 = self.line & ~SHAPE_BITS
        return key

    @property
    def is_paragraph(self) -> npt.NDArray[np.bool_]:
        found: npt.NDArray[np.bool_] = (self.line & PARAGRAPH_BIT) != 0
        return found

    @property
    def logit(self) -> F32:
        """float32[n]: log-odds of content."""
        return ((self.opinion.astype(np.float32) - MIDDLE) / np.float32(STEPS)).astype(np.float32)

    @property
    def characters(self) -> F32:
        return _CHARACTERS.astype(np.float32)[self.size]

    @property
    def weight(self) -> I64:
        """int64[n]: how much a line counts, from 1 to `HEAVIEST`."""
        return _WEIGHT[self.size]

    @property
    def mass(self) -> I64:
        """int64[n]: how much probable text a line holds."""
        mass: I64 = _WEIGHT[self.size] * _MASS[self.opinion]
        return mass


def opinions(content: F32) -> U8:
    """uint8[n]: what is kept of probabilities of content."""
    inside = np.clip(content.astype(np.float64), 1e-4, 1 - 1e-4)
    logit = np.clip(np.log(inside / (1 - inside)), -MOST, MOST)
    found: U8 = (np.rint(logit * STEPS) + MIDDLE).astype(np.uint8)
    return found


def sizes(characters: I64) -> U8:
    """uint8[n]: what is kept of the lengths of lines."""
    found: U8 = np.minimum(np.rint(OCTAVE * np.log2(1.0 + characters)), 255).astype(np.uint8)
    return found
