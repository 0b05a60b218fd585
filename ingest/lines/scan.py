"""Lines measured once, for all who look at the same lines: code points, their classes, words.

`whole` encodes texts, and nothing else does: parts of a batch, and lines that are joined, are made of what it gave.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
import numpy.typing as npt

from ingest.lines.chunks import chunks, lengths_of
from ingest.lines.unicode import UNSPACED, clip_plane, codes_of, tables
from ingest.lines.words import Words, split_words

I64 = npt.NDArray[np.int64]
U32 = npt.NDArray[np.uint32]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Codes:
    """n lines, without the blanks at their ends, as one array of c code points, a line break behind each.

    points: uint32[c] · start: int64[n], where each line begins · lengths: int64[n], code points, without the break ·
    indent: int64[n], blanks that stood before the line.
    """

    points: U32
    start: I64
    lengths: I64
    indent: I64

    def __len__(self) -> int:
        return len(self.start)

    def part(self, first: int, last: int) -> Codes:
        """Lines first to last - 1; shares memory."""
        rows, begin, end = _spans(self, first, last)
        return Codes(self.points[begin:end], self.start[rows] - begin, self.lengths[rows], self.indent[rows])

    def of(self, rows: I64) -> Codes:
        """Some lines; rows ascend."""
        if len(rows) == len(self):
            return self
        return self._kept(self.points[_members(self, rows)], rows)

    def points_of(self, row: int) -> U32:
        """The code points of a line, and the break behind it."""
        begin = int(self.start[row])
        return self.points[begin : begin + int(self.lengths[row]) + 1]

    def replaced(self, rows: I64, others: Codes) -> Codes:
        """With other lines in place of some; rows ascend."""
        lengths, indent = self.lengths.copy(), self.indent.copy()
        begin, end = self.start[rows], self.start[rows] + lengths[rows] + 1
        lengths[rows], indent[rows] = others.lengths, others.indent
        pieces, at = [], 0
        for number, (first, last) in enumerate(zip(begin.tolist(), end.tolist(), strict=True)):
            pieces += [self.points[at:first], others.points_of(number)]
            at = last
        return Codes(np.concatenate([*pieces, self.points[at:]]), _starts(lengths), lengths, indent)

    def followed_by(self, others: Codes) -> Codes:
        lengths, indent = (np.append(getattr(self, name), getattr(others, name)) for name in ("lengths", "indent"))
        return Codes(np.append(self.points, others.points), _starts(lengths), lengths, indent)

    def _kept(self, points: U32, rows: I64) -> Codes:
        lengths = self.lengths[rows]
        return Codes(points, _starts(lengths), lengths, self.indent[rows])


@dataclass(frozen=True, slots=True)
class Scan:
    """n lines of c code points, with what these are and the words that they make up.

    codes: the lines · kinds: uint8[c], `Kind` of each code point · size: float32[n], Latin letters' worth of each
    line · words: those of the lines.
    """

    codes: Codes
    kinds: npt.NDArray[np.uint8]
    size: npt.NDArray[np.float32]
    words: Words

    def __len__(self) -> int:
        return len(self.codes)

    def part(self, first: int, last: int) -> Scan:
        """Lines first to last - 1."""
        rows, begin, end = _spans(self.codes, first, last)
        of_words = slice(int(self.words.first[first]), int(self.words.first[last]))
        words = Words(
            self.words.hashes[of_words], self.words.row[of_words] - first,
            self.words.first[first : last + 1] - of_words.start, self.words.start[of_words] - begin,
        )  # fmt: skip
        return Scan(self.codes.part(first, last), self.kinds[begin:end], self.size[rows], words)

    def of(self, rows: I64) -> Scan:
        """Some lines; rows ascend."""
        if len(rows) == len(self):
            return self
        members = _members(self.codes, rows)
        codes = self.codes._kept(self.codes.points[members], rows)
        counts = np.diff(self.words.first)
        chosen = np.zeros(len(self), bool)
        chosen[rows] = True
        of_words = np.repeat(chosen, counts)
        row = np.repeat(np.arange(len(rows)), counts[rows])
        start = self.words.start[of_words] - (self.codes.start[rows] - codes.start)[row]
        words = Words(self.words.hashes[of_words], row, np.append(0, np.cumsum(counts[rows])), start)
        return Scan(codes, self.kinds[members], self.size[rows], words)

    def joined(self, begins: Bools) -> Scan:
        """Lines with those that go on with them, none of which is blank, behind a space, but between characters of
        scripts that are written without. begins: bool[n], whether a line goes on with none before it; the first does.
        """
        codes, first = self.codes, np.flatnonzero(begins)
        inner = codes.start[~begins]
        points = codes.points.copy()
        points[inner - 1] = ord(" ")
        last = np.append(first[1:], len(self)) - 1
        end = codes.start[last] + codes.lengths[last]
        indent = np.where(last > first, 0, codes.indent[first])
        closed = inner[_unspaced(points[inner - 2]) & _unspaced(points[inner])] - 1
        if len(closed):
            stays = np.ones(len(points), bool)
            stays[closed] = False
            at = np.append(0, np.cumsum(stays))
            start = at[codes.start[first]]
            return measured(Codes(points[stays], start, at[end] - start, indent))
        start = codes.start[first]
        group = np.cumsum(begins) - 1
        words = Words(
            self.words.hashes, group[self.words.row], np.append(self.words.first[first], self.words.first[-1]),
            self.words.start,
        )  # fmt: skip
        size = np.add.reduceat(self.size, first).astype(np.float32, copy=False)
        return Scan(Codes(points, start, end - start, indent), self.kinds, size, words)


BREAK = np.uint32(ord("\n"))
NO_CODES = Codes(np.zeros(0, np.uint32), *(np.zeros(0, np.int64) for _ in range(3)))


def codes(texts: Sequence[str]) -> Codes:
    """The code points of lines."""
    found = whole(list(map(str.strip, texts)))
    for row in np.flatnonzero(lengths_of(texts) != found.lengths).tolist():
        found.indent[row] = len(texts[row]) - len(texts[row].lstrip())
    return found


def whole(texts: Sequence[str]) -> Codes:
    """The code points of lines with the blanks at their ends; the one place where lines are encoded."""
    lengths = lengths_of(texts)
    return Codes(codes_of("\n".join([*texts, ""])), _starts(lengths), lengths, np.zeros_like(lengths))


def gathered(texts: Sequence[str], rows: Mapping[str, int], lines: Codes) -> Codes:
    """As `whole`, for texts most of which are lines that are encoded; rows: which of `lines` a text is."""
    others, _, number = distinct([text for text in texts if text not in rows])
    new, next_new = whole(others), iter(number.tolist())
    points = [lines.points_of(rows[text]) if text in rows else new.points_of(next(next_new)) for text in texts]
    lengths = lengths_of(texts)
    return Codes(np.concatenate([NO_CODES.points, *points]), _starts(lengths), lengths, np.zeros_like(lengths))


def distinct(texts: Sequence[str]) -> tuple[list[str], I64, I64]:
    """(texts, row, number): each text once, in order, the first row of each, and which of them stands in each row."""
    numbers: defaultdict[str, int] = defaultdict(count().__next__)
    number = np.fromiter(map(numbers.__getitem__, texts), np.int64, len(texts))
    return list(numbers), np.flatnonzero(np.diff(np.maximum.accumulate(number), prepend=-1)), number


def measured(lines: Codes) -> Scan:
    """Lines with their words."""
    parts = [_measured(lines.part(first, last)) for first, last in chunks(lines.lengths)]
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return _measured(lines)
    hashes = np.concatenate([part.words.hashes for part in parts])
    counts = np.concatenate([np.diff(part.words.first) for part in parts])
    begins = _before([len(part.kinds) for part in parts])
    start = np.concatenate([part.words.start + begin for part, begin in zip(parts, begins, strict=True)])
    words = Words(hashes, np.repeat(np.arange(len(lines)), counts), np.append(0, np.cumsum(counts)), start)
    kinds, size = (np.concatenate([getattr(part, name) for part in parts]) for name in ("kinds", "size"))
    return Scan(lines, kinds, size, words)


def scan(texts: Sequence[str]) -> Scan:
    """Texts encoded and measured."""
    return measured(codes(texts))


def _measured(lines: Codes) -> Scan:
    table, n = tables(), len(lines)
    index = clip_plane(lines.points).astype(np.intp)  # tables are read several times faster by these
    kinds = table.kind.take(index)
    words = split_words(kinds, table.fold.take(index), lines.start, n)
    size = np.add.reduceat(table.width.take(index), lines.start) if n else np.zeros(0, np.float32)
    return Scan(lines, kinds, size, words)


def _starts(lengths: I64) -> I64:
    return _before(lengths + 1)


def _before(counts: Sequence[int] | I64) -> I64:
    """int64[n]: the sum of those before each."""
    sums: I64 = np.cumsum(counts, dtype=np.int64)
    return sums - np.asarray(counts, np.int64)


def _spans(lines: Codes, first: int, last: int) -> tuple[slice, int, int]:
    """The rows, and the first and last code points, of lines first to last - 1."""
    begin, end = (int(lines.start[row]) if row < len(lines) else len(lines.points) for row in (first, last))
    return slice(first, last), begin, end


def _members(lines: Codes, rows: I64) -> Bools:
    """bool[c]: which code points are those of some rows."""
    chosen = np.zeros(len(lines), bool)
    chosen[rows] = True
    return np.repeat(chosen, lines.lengths + 1)


def _unspaced(points: U32) -> Bools:
    """bool[n]: characters of scripts that are written without spaces between words, or of their punctuation."""
    found = np.zeros(len(points), bool)
    for first, last in UNSPACED:
        found |= (points >= first) & (points <= last)
    return found
