"""Fingerprints of lines: equal for lines that are equal but for case, numbers, spacing and punctuation.

The words are found and hashed for many lines at once, as the line model has them (`ingest.lines.scan`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ingest.lines.chunks import chunks
from ingest.lines.scan import Scan, scan
from ingest.lines.unicode import Kind
from ingest.lines.words import blanked_hashes, pair_hashes

U64 = npt.NDArray[np.uint64]

_SENTENCE_END = re.compile(r"[.!?…。！？؟۔։।][\"'»”’)\]]*$")
_WIDE = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]")

# A wide character (Han, Kana, Hangul) carries about as much as three alphabetic ones.
WIDE_WEIGHT = 3
PARAGRAPH = 80  # weighted characters from which a line that ends like a sentence is taken for a paragraph


# The two lowest bits of a fingerprint tell of the line's shape.
PARAGRAPH_BIT = np.uint64(1)
SPECIFIC_BIT = np.uint64(2)
SHAPE_BITS = np.uint64(3)
SPECIFIC = 25  # weighted characters from which a line is hardly a phrase that unrelated sites share


@dataclass(frozen=True, slots=True)
class Marks:
    """What is remembered of n lines. Zero for blank lines and those without letters or digits.

    line: uint64[n], the fingerprint, its two lowest bits telling the shape · mask: uint64[n], the same for lines that
    differ only in numbers and capitalised words; zero where nothing else is left · exact: uint64[n], numbers included ·
    size: int64[n], as `weight`.
    """

    line: U64
    mask: U64
    exact: U64
    size: npt.NDArray[np.int64]

    @classmethod
    def none(cls, n: int) -> Marks:
        """Of n lines that nobody has measured."""
        return cls(np.zeros(n, np.uint64), np.zeros(n, np.uint64), np.zeros(n, np.uint64), np.zeros(n, np.int64))

    def part(self, rows: range) -> Marks:
        """What is remembered of some lines; shares memory."""
        here = slice(rows.start, rows.stop)
        return Marks(self.line[here], self.mask[here], self.exact[here], self.size[here])


def marks(lines: Scan) -> Marks:
    """Fingerprints of lines; what one of them gets depends on no other."""
    found = Marks.none(len(lines))
    for first, last in chunks(lines.codes.lengths):
        rows = slice(first, last)
        found.line[rows], found.mask[rows], found.exact[rows], found.size[rows] = _marks(lines.part(first, last))
    return found


def fingerprints(texts: Sequence[str]) -> U64:
    """uint64[len(texts)] with the shape bits set; 0 for blank lines and those without letters or digits."""
    return marks(scan(texts)).line


def weight(line: str) -> int:
    """Length in characters, wide ones counted `WIDE_WEIGHT` times."""
    n = len(line)
    return n if line.isascii() else n + (WIDE_WEIGHT - 1) * len(_WIDE.findall(line))


def is_paragraph(line: str) -> bool:
    """Whether a line is long and ends as sentences end, in any script."""
    return weight(line) >= PARAGRAPH and _SENTENCE_END.search(line) is not None


def identity(values: U64) -> int:
    """What tells a page from others: a hash of all its fingerprints. A page scraped twice counts once."""
    return int.from_bytes(hashlib.blake2b(np.unique(values).tobytes(), digest_size=8).digest(), "little")


def _marks(lines: Scan) -> tuple[U64, U64, U64, npt.NDArray[np.int64]]:
    n, kinds, words = len(lines), lines.kinds, lines.words
    points, start, lengths = lines.codes.points, lines.codes.start, lines.codes.lengths
    first = kinds[words.start]
    number = first == Kind.DIGIT
    line = blanked_hashes(words, number, n)
    name = number | (first == Kind.UPPER)
    mask = np.where(np.bincount(words.row[~name], minlength=n) > 0, blanked_hashes(words, name, n), 0)

    size = lengths + (WIDE_WEIGHT - 1) * np.add.reduceat(_IS_WIDE.take(kinds), start, dtype=np.int64)
    inner = np.where(_CLOSES.take(kinds), -1, np.arange(len(kinds)))  # the end of a line is a space
    last = np.maximum(np.maximum.reduceat(inner, start), 0)
    paragraph = (size >= PARAGRAPH) & _ENDS[kinds[last]]
    shape = paragraph.astype(np.uint64) | (size >= SPECIFIC).astype(np.uint64) << np.uint64(1)
    shaped = (line & ~SHAPE_BITS) | shape
    shaped = np.where(line == 0, np.uint64(0), np.where(shaped == 0, np.uint64(4), shaped))
    figures = np.where(kinds == Kind.DIGIT, points, 0).astype(np.uint64)
    figures *= _PLACES.take(np.arange(len(kinds)) - np.repeat(start, lengths + 1), mode="wrap")
    exact = np.where(line == 0, np.uint64(0), pair_hashes(line, np.add.reduceat(figures, start)))
    return shaped, mask.astype(np.uint64), exact, size


_PLACES = np.arange(1, 1 << 10, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)  # what a digit counts at its place


def _flags(*kinds: Kind) -> npt.NDArray[np.bool_]:
    table = np.zeros(len(Kind), bool)
    table[list(kinds)] = True
    return table


_IS_WIDE = _flags(Kind.IDEOGRAPH, Kind.HANGUL)
_CLOSES = _flags(Kind.SPACE, Kind.QUOTE, Kind.APOSTROPHE, Kind.BRACKET)
_ENDS = _flags(Kind.STOP, Kind.ELLIPSIS)
