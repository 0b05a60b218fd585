"""The lines of a flattened page as the readers of this package see them, and where its body lies."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ..document import Role

#: A line of at least this many characters (Han, Kana and Hangul count double) that ends a sentence is a
#: paragraph.
PARAGRAPH = 90
#: A shorter line that ends a sentence does not end a body.
SENTENCE = 40

_BULLETS = frozenset("•●▪‣◦*·–—-")
_NUMBER = re.compile(r"\s+\d{1,2}\.\s+(?=\D)")
SENTENCE_END = re.compile(r"[.!?…。！？؟۔।:;]['\"”»“’)\]]*$")
_LAST = frozenset(".!?…。！？؟۔।:;'\"”»“’)]")  # characters that can end a sentence
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


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


def prepare(lines: Sequence[str], roles: Sequence[Role] | None = None) -> list[Line]:
    """The non-blank lines of a page, described."""
    out: list[Line] = []
    blank = [not line or line.isspace() for line in lines]
    unknown = Role.UNKNOWN
    for i, line in enumerate(lines):
        if blank[i]:
            continue
        text, size, bullet, sentence = _described(line)
        if not text:
            continue
        apart = (i == 0 or blank[i - 1]) and (i + 1 == len(lines) or blank[i + 1])
        out.append(Line(i, text, size, bullet, apart, roles[i] if roles else unknown, sentence))
    return out


@lru_cache(maxsize=1 << 14)  # menus stand on each page of a site
def _described(line: str) -> tuple[str, int, bool, bool]:
    """Text, width, whether it has a bullet, whether its end ends a sentence."""
    text = line.strip()
    bullet = False
    if text[0] in _BULLETS and (line[-1] if len(text) == 1 else text[1]).isspace():
        text, bullet = text[1:].lstrip(), True
    elif text[0].isdecimal() and (number := _NUMBER.match(line)):
        text, bullet = line[number.end() :].rstrip(), True
    if "  " in text or not text.isprintable():  # of blanks, printable is the space alone
        text = " ".join(text.split())
    size = len(text) if text.isascii() else len(text) + len(_WIDE.findall(text))
    return text, size, bullet, text[-1:] in _LAST and SENTENCE_END.search(text[-6:]) is not None


def body_span(page: Sequence[Line]) -> tuple[int, int]:
    """[start, end) of the run of lines with the largest weight: paragraphs count for, everything else
    against.

    (The maximum subarray of the line weights, as BTE of Finn, Kushmerick and Smyth does with words and tags.)
    """
    best = (0.0, 0, 0)
    weight, start = 0.0, 0
    unknown, body = Role.UNKNOWN, Role.BODY
    for i, line in enumerate(page):
        if line.role is not unknown and (line.role.is_boilerplate or line.role.is_metadata):
            value = -40.0
        elif (line.paragraph and not line.bullet) or line.role is body:
            value = min(line.size, 400.0)
        elif line.size >= SENTENCE and not line.bullet and line.sentence:
            value = 10.0
        else:
            value = -35.0 if line.size < 40 else -15.0
        if weight <= 0:
            weight, start = 0.0, i
        weight += value
        if weight > best[0]:
            best = (weight, start, i + 1)
    return best[1], best[2]
