"""The form of a line in which rules are compared: what a reader sees as «the same words».

Compatibility forms and case are folded, any number becomes `0`, look-alike letters and quotes fall
together, bullets, emoji and punctuation at both ends go. Whole batches are folded as one joined string,
because a dozen passes of C code over a megabyte are cheaper than one pass of Python over its lines.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

SHORT = 160  # longest line, in characters, that is folded as a whole without further ado
HEAD = 6  # folded characters at the start of a longer line, and
TAIL = 2  # at its end, which say whether any rule may know it
_PROBE = 40  # raw characters at either end that surely hold those,
_NEAR = 12  # and those that are left of them without outer punctuation
SIGN = "©"  # says enough alone

# Unlike str.translate, a chain of str.replace costs next to nothing for letters that do not occur.
_FOLDS: tuple[tuple[str, str], ...] = (
    *((c, "'") for c in "’‘ʼʻˈ`´ʹ′"),
    *((c, '"') for c in "“”„«»″"),
    *((c, "-") for c in "‐‑–—―−"),
    # joiners, direction marks, soft hyphens, and the dot that casefold makes of the Turkish capital İ
    *((c, "") for c in "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u2060\ufeff\u0307\ufe0f"),
    ("(с)", "©"),  # typed on a Cyrillic keyboard
    ("ё", "е"),
    ("ı", "i"),  # so that capitals without a dot, as titles have them, meet the small letters
    ("\u0640", ""),  # tatweel
    ("ي", "ی"),
    ("ى", "ی"),
    ("ك", "ک"),
    *((chr(first + i), "0") for first in (0x0660, 0x06F0) for i in range(10)),
)
# Those of them that typography puts into any text, which is plain without them.
_TYPOGRAPHY = tuple((old, new) for old, new in _FOLDS if old in "’‘“”–—")
_EDGE = " \t\r\f\v•\xa0"  # outer marks that nearly all lists and menus are set with, and that folding does not change
_LETTER_FOLDS = tuple((old, new) for old, new in _FOLDS if not new or old.isalpha())
_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+| [0-9]{3}(?![0-9]))*")  # also «1 234 567»
_OUTER = (
    " \t\r\f\v.,:;!?*•·●▪►▶◄»«›‹→←↑↓|/\\-–—_=~+#@^&'\"<>()[]{}…\xa0¡¿،؛؟"
    "。、，：；！？（）【】「」『』《》〈〉・"  # after NFKC some of these are gone; the others are not
)
# The copyright sign stays: with it, a line says what it is.
_NOT_INNER = re.compile(r"^[^\w©]+|[^\w©]+$")


def normalise_many(lines: Sequence[str]) -> list[str]:
    """The comparable form of each of `lines`; a line of punctuation alone becomes ""."""
    joined = "\n".join(lines)
    if joined.count("\n") != max(len(lines) - 1, 0):  # a line end inside a line: never from our own splitting
        return [normalise(line) for line in lines]
    stripped = [line.strip(_OUTER) for line in fold(joined).split("\n")][: len(lines)]
    return [
        line
        if not line or (line[0].isalnum() and line[-1].isalnum() and "  " not in line and line.isprintable())
        else _tidy(line)
        for line in stripped
    ]


def normalise(line: str) -> str:
    """The comparable form of one line."""
    return _tidy(fold(line.replace("\n", " ")).strip(_OUTER))


def _tidy(line: str) -> str:
    return " ".join(_NOT_INNER.sub("", line).split())


def fold(text: str) -> str:
    """A text with its letters, quotes and numbers in the form in which they are compared; lines stay lines."""
    plain = text.isascii()
    text = text.casefold().replace("`", "'") if plain else _replaced(unicodedata.normalize("NFKC", text), _FOLDS)
    return _NUMBER.sub("0", text.replace("(c)", "©"))


def fold_letters(text: str) -> str:
    """`fold` for a fraction of its price: without marks, numbers and compatibility forms."""
    text = _without_typography(text).replace("•", " ").replace("\xa0", " ").replace("…", " ")
    return text.casefold() if text.isascii() else _replaced(text, _LETTER_FOLDS)


def _without_typography(text: str) -> str:
    if not text.isascii():
        for old, new in _TYPOGRAPHY:
            text = text.replace(old, new)
    return text


def _replaced(text: str, folds: Sequence[tuple[str, str]]) -> str:
    text = text.casefold()
    for old, new in folds:
        text = text.replace(old, new)
    return text


def _normalise_apart(lines: Sequence[str]) -> list[str]:
    """`normalise_many`, ASCII apart: one letter beyond it makes all work on the joined text slower."""
    forms = [_without_typography(line.strip(_EDGE)) for line in lines]
    known: dict[str, str] = {}
    for ascii_ in (True, False):
        some = [form for form in dict.fromkeys(forms) if form.isascii() is ascii_]
        known.update(zip(some, normalise_many(some), strict=True))
    return list(map(known.__getitem__, forms))


def _may_be(near: str, outer: str, known: Collection[str]) -> bool:
    """Whether the outer letters of a text may be among some once they are folded; plain ones fold to small letters."""
    return not (near.isascii() and len(outer) == TAIL and outer.isalpha()) or outer.lower() in known


@dataclass(slots=True)
class Folder:
    """Comparable forms of many lines, with long lines folded only where a rule may know them.

    `starts` holds what long lines that rules know begin with (up to HEAD folded characters), `ends` the last
    TAIL characters.
    """

    starts: set[str] = field(default_factory=set)
    ends: set[str] = field(default_factory=set)

    def keys(self, lines: Sequence[str]) -> list[str]:
        """The comparable form of each line; "" for long lines that no rule can know."""
        unique = dict.fromkeys(lines)
        short = [line for line in unique if len(line) <= SHORT]
        known = dict(zip(short, _normalise_apart(short), strict=True))
        if len(known) < len(unique):
            known.update(self._long([line for line in unique if len(line) > SHORT]))
        return list(map(known.__getitem__, lines))

    def _long(self, lines: list[str]) -> dict[str, str]:
        short_starts = {start[:TAIL] for start in self.starts}
        near = [
            (line, head, tail)
            for line in lines
            if _may_be(head := line[:_PROBE].lstrip(_OUTER)[:_NEAR], head[:TAIL], short_starts)
            | _may_be(tail := line[-_PROBE:].rstrip(_OUTER)[-_NEAR:], tail[-TAIL:], self.ends)
        ]
        heads, tails = (_normalise_apart([edges[side] for edges in near]) for side in (1, 2))
        worth = [
            line
            for (line, _, _), head, tail in zip(near, heads, tails, strict=True)
            if tail[-TAIL:] in self.ends or (head[:TAIL] in short_starts and self._starts(head)) or head[:1] == SIGN
        ]
        return {**dict.fromkeys(lines, ""), **dict(zip(worth, _normalise_apart(worth), strict=True))}

    def _starts(self, head: str) -> bool:
        return not self.starts.isdisjoint({head[:n] for n in range(TAIL, HEAD + 1)})
