"""The lines of flattened pages as the readers of this package see them, and where the body of a page lies.

What can be told of a line by its characters alone is told for all lines of a batch at once, from one array of their
code points; only lines with bullets, numbers or odd blanks are looked at one by one. A page is some rows of that table.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import IntFlag
from functools import cache
from itertools import chain
from typing import overload

import numpy as np
import numpy.typing as npt

from ingest.lines.chunks import chunks
from ingest.lines.scan import NO_CODES, Codes, codes
from ingest.lines.unicode import PLANE
from ingest.metadata.titles import FIRST, first_letters
from ingest.roles import Role

I64 = npt.NDArray[np.int64]
U16 = npt.NDArray[np.uint16]
Bools = npt.NDArray[np.bool_]

#: A line of at least this many characters (Han, Kana and Hangul count double) that ends a sentence is a
#: paragraph.
PARAGRAPH = 90
#: A line of at least so many that ends with a full stop is prose, be it too short for a paragraph.
PROSE = 60
#: A shorter line that ends a sentence does not end a body.
SENTENCE = 40


class Mark(IntFlag):
    """What can be told of a character, or of the characters of a line. Of blanks, the space alone is printable."""

    WIDE = 1
    ODD = 2  # not printable
    DIGIT = 4
    BULLET = 8
    STOP = 16  # ends a sentence
    CLOSING = 32  # may stand behind a stop
    FULL_STOP = 64
    OPEN_END = 128
    CALL = 256  # a question, an exclamation, the end of a quote
    LOW = 512  # a small letter, or what else begins no sentence
    BAR = 1024
    UNSTOPPED = 2048  # of scripts that end no sentence with a mark


_BULLETS = "•●▪‣◦*·–—-"
_NUMBER = re.compile(r"\s+\d{1,2}\.\s+(?=\D)")
_STOPS, _CLOSING = ".!?…。！？؟۔।:;", "'\"”»“’)]"  # characters that end a sentence, and that may stand behind them
SENTENCE_END = re.compile(rf"[{_STOPS}][{re.escape(_CLOSING)}]*$")
_FULL_STOPS = ".。…۔।։"
_PROSE_END = re.compile(rf"[{_FULL_STOPS}][{re.escape(_CLOSING)}]*$")
_MARKED = {
    Mark.BULLET: _BULLETS,
    Mark.STOP: _STOPS,
    Mark.CLOSING: _CLOSING,
    Mark.FULL_STOP: ".。",
    Mark.OPEN_END: ",;:：、",
    Mark.CALL: '?!？！»”"',
    Mark.LOW: ":,.)»”…",
    Mark.BAR: "|",
}
_DENSE = ((0x3040, 0x30FF), (0x3400, 0x9FFF), (0xAC00, 0xD7AF))  # Kana, Han, Hangul
WIDE = re.compile(f"[{''.join(f'{chr(first)}-{chr(last)}' for first, last in _DENSE)}]")
_ROLES = {int(role): role for role in Role}


@dataclass(slots=True)  # not frozen: that makes them four times as slow to build
class Line:
    """One non-blank line: its index among all lines, its text without bullet and outer blanks, its width."""

    index: int
    text: str
    size: int
    bullet: bool
    apart: bool  # blank lines (or an edge) on both sides
    role: Role
    sentence: bool  # its end ends a sentence

    @property
    def paragraph(self) -> bool:
        return self.sentence and self.size >= PARAGRAPH


@dataclass(frozen=True, slots=True)
class Table:
    """What n lines are by themselves, whatever page they stand on.

    Attributes:
        texts: without bullet and outer blanks.
        blank: bool[n].
        size: int64[n], characters of the text, wide ones twice.
        bullet, sentence: bool[n], as in `Line`.
        begins, ends: uint16[n], the `Mark`s of the text's first and last character.
        holds: uint16[n], marks that some character may have, and all others have not.
        first: int64[n], `titles.first_letters` of the text and of the line, 0 where they differ.
    """

    texts: list[str]
    blank: Bools
    size: I64
    bullet: Bools
    sentence: Bools
    begins: U16
    ends: U16
    holds: U16
    first: I64


def describe(lines: Sequence[str], seen: Codes | None = None) -> Table:
    """The table of some lines, which may be those of many pages. seen: the lines, where they are encoded."""
    seen = codes(lines) if seen is None else seen
    pieces = [_describe(lines[first:last], seen.part(first, last)) for first, last in chunks(seen.lengths)]
    if len(pieces) < 2:
        return pieces[0] if pieces else _describe([], NO_CODES)
    texts = list(chain.from_iterable(piece.texts for piece in pieces))
    names = [field.name for field in fields(Table)][1:]
    return Table(texts, *(np.concatenate([getattr(piece, name) for piece in pieces]) for name in names))


_BEYOND = PLANE - 1  # what stands for all above the Basic Multilingual Plane: odd, so that such lines are looked at


@cache
def _marks() -> U16:
    """uint16[65536]: the marks of each code point."""
    chars = list(map(chr, range(PLANE)))
    marks = np.zeros(PLANE, np.uint16)
    for mark, holds in ((Mark.DIGIT, str.isdecimal), (Mark.LOW, str.islower)):
        marks[np.fromiter(map(holds, chars), bool, PLANE)] |= np.uint16(mark)
    marks[~np.fromiter(map(str.isprintable, chars), bool, PLANE)] |= np.uint16(Mark.ODD)
    for first, last in _DENSE:
        marks[first : last + 1] |= np.uint16(Mark.WIDE)
    marks[0x0E00:0x0F00] |= np.uint16(Mark.UNSTOPPED)  # Thai, Lao
    for mark, known in _MARKED.items():
        marks[list(map(ord, known))] |= np.uint16(mark)
    marks[_BEYOND] |= np.uint16(Mark.DIGIT)
    return marks


def has(marks: U16, mark: Mark) -> Bools:
    """bool[n]: which of some marks have this one."""
    found: Bools = (marks & np.uint16(mark)) != 0
    return found


def _describe(lines: Sequence[str], seen: Codes) -> Table:
    texts = list(map(str.strip, lines))
    size, start = seen.lengths.copy(), seen.start.copy()
    blank = size == 0
    points = np.append(seen.points, np.full(FIRST, ord("\n"), np.uint32))
    space = points == ord(" ")
    marks = _marks().take(np.minimum(points, _BEYOND).astype(np.intp))
    marks[:-1][space[:-1] & space[1:]] |= np.uint16(Mark.ODD)
    marks[start + size] = marks[-FIRST:] = 0  # the ends of the lines
    bullet = has(marks[start], Mark.BULLET) & space[start + 1] & ~space[start + 2]
    for row in np.flatnonzero(bullet).tolist():
        texts[row] = texts[row][2:]
    marks[start[bullet]] = marks[start[bullet] + 1] = 0  # they are no part of the line before
    start[bullet] += 2
    size[bullet] -= 2
    begins, holds = marks[start], np.bitwise_or.reduceat(marks, start)
    ends, before = (np.where(size >= back, marks[start + size - back], np.uint16(0)) for back in (1, 2))
    closed = has(ends, Mark.CLOSING)
    sentence = has(ends, Mark.STOP) | closed & has(before, Mark.STOP)
    for row in np.flatnonzero(closed & has(before, Mark.CLOSING)).tolist():
        sentence[row] = _ends_sentence(texts[row])
    odd = has(holds, Mark.ODD) | has(begins, Mark.BULLET) & (size == 1)
    numbered = np.flatnonzero(has(begins, Mark.DIGIT) & ~odd)
    odd[numbered] = [lines[row][0].isspace() for row in numbered.tolist()]
    if has(holds, Mark.WIDE).any():
        size += np.add.reduceat(has(marks, Mark.WIDE), start, dtype=np.int64)
    table = Table(texts, blank, size, bullet, sentence, begins, ends, holds, first_letters(points, start))
    for row in np.flatnonzero(odd).tolist():
        _look_closer(table, row, lines[row])
    return table


def _look_closer(table: Table, row: int, line: str) -> None:
    """Take the bullet or number off a line that may have one, and make its blanks single spaces."""
    text, bullet = line.strip(), True
    if text[0] in _BULLETS and (line[-1] if len(text) == 1 else text[1]).isspace():
        text = text[1:].lstrip()
    elif text[0].isdecimal() and (number := _NUMBER.match(line)):
        text = line[number.end() :].rstrip()
    else:
        bullet = False
    table.texts[row] = text = " ".join(text.split())
    table.size[row] = len(text) if text.isascii() else len(text) + len(WIDE.findall(text))
    table.bullet[row], table.sentence[row] = bullet, _ends_sentence(text)
    table.begins[row], table.ends[row] = (_marks_of(char) for char in (text[:1], text[-1:]))
    if bullet:
        table.first[row] = 0


def _marks_of(char: str) -> np.uint16:
    if char > chr(_BEYOND):
        return np.uint16(Mark.LOW if char.islower() else 0)
    return _marks()[ord(char)] if char else np.uint16(0)


def _ends_sentence(text: str) -> bool:
    return SENTENCE_END.search(text[-6:]) is not None


class Page:
    """The non-blank lines of a page of `table`: as `Line`s, or column by column."""

    def __init__(
        self,
        table: Table,
        rows: range,
        roles: npt.NDArray[np.int8] | None = None,
    ) -> None:
        span = slice(rows.start, rows.stop)
        self.rows = len(rows)  # blank ones among them
        texts, blank = table.texts[span], table.blank[span]
        self.index: I64 = np.flatnonzero(np.fromiter(map(bool, texts), bool, len(texts)))
        self.texts = [texts[i] for i in self.index.tolist()]
        edge = np.ones(len(texts) + 2, bool)
        edge[1:-1] = blank
        self.apart: Bools = (edge[:-2] & edge[2:])[self.index]
        self.size, self.bullet = table.size[span][self.index], table.bullet[span][self.index]
        self.sentence, self.first = table.sentence[span][self.index], table.first[span][self.index]
        self.begins, self.ends = table.begins[span][self.index], table.ends[span][self.index]
        self.holds = table.holds[span][self.index]
        self.paragraph: Bools = self.sentence & (self.size >= PARAGRAPH)
        self.paragraph |= has(self.holds, Mark.UNSTOPPED) & (self.size >= 2 * PARAGRAPH)
        self.prose: Bools = self.sentence & (self.size >= PROSE)
        for i in np.flatnonzero(self.prose).tolist():
            self.prose[i] = _PROSE_END.search(self.texts[i][-6:]) is not None
        self.role: npt.NDArray[np.int8] = np.zeros(len(self.texts), np.int8)
        if roles is not None:
            self.role = roles[self.index]
        # what the site's other pages tell: lines on most of them, and values of fields (`ingest.sites.repeats`)
        self.template: Bools = np.zeros(len(self.texts), bool)
        self.field: Bools = np.zeros(len(self.texts), bool)

    def close(self, goes_on: Bools) -> None:
        """Take the pieces of paragraphs that a flattener broke for paragraphs: no name or date is sought there.

        goes_on: bool[rows], whether the next line goes on with a line.
        """
        pieces = goes_on | np.append(False, goes_on[:-1])
        self.paragraph = self.paragraph | pieces[self.index]

    def __len__(self) -> int:
        return len(self.texts)

    @overload
    def __getitem__(self, i: int) -> Line: ...
    @overload
    def __getitem__(self, i: slice) -> list[Line]: ...
    def __getitem__(self, i: int | slice) -> Line | list[Line]:
        if isinstance(i, slice):
            return [self[j] for j in range(*i.indices(len(self)))]
        return Line(
            self.index.item(i), self.texts[i], self.size.item(i), self.bullet.item(i), self.apart.item(i),
            _ROLES[self.role.item(i)], self.sentence.item(i),
        )  # fmt: skip

    def first_of_those(self, which: Bools) -> I64:
        """int64[n]: `first`, negative for other lines than `which`."""
        return np.where(which, self.first, -1)

    def usable(self, i: int) -> bool:
        """Whether a line is not known as boilerplate."""
        return self.role.item(i) < Role.NAVIGATION


def prepare(lines: Sequence[str], roles: Sequence[Role] | None = None) -> Page:
    """The non-blank lines of one page, described."""
    known = None if roles is None else np.fromiter(map(int, roles), np.int8, len(lines))
    return Page(describe(lines), range(len(lines)), known)


def body_span(page: Page) -> tuple[int, int]:
    """[start, end) of the run of lines with the largest weight: paragraphs count for, everything else
    against.

    (The maximum subarray of the line weights, as BTE of Finn, Kushmerick and Smyth does with words and tags.)
    """
    if not len(page):
        return 0, 0
    size, role, plain = page.size, page.role, ~page.bullet
    value = np.where(size < SENTENCE, -35, -15)
    value[page.sentence & plain & (size >= SENTENCE)] = 10
    text = (page.paragraph & plain) | (role == int(Role.BODY))
    value[text] = np.minimum(size[text], 400)
    value[role >= int(Role.BYLINE)] = -40  # metadata, boilerplate
    sums = np.concatenate(([0], np.cumsum(value)))
    least = np.minimum.accumulate(sums[:-1])
    weight = sums[1:] - least  # of the heaviest run that ends with a line
    end = int(weight.argmax())
    if weight[end] <= 0:
        return 0, 0
    return int(np.flatnonzero(sums[: end + 1] == least[end])[-1]), end + 1
