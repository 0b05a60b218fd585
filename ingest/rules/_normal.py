"""The form of a line in which rules are compared: what a reader sees as «the same words».

Compatibility forms and case are folded, any number becomes `0`, look-alike letters and quotes fall together, bullets,
emoji and punctuation at both ends go. Whole batches are folded as one joined string, because a dozen passes of C code
over a megabyte are cheaper than one pass of Python over its lines.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

# Unlike str.translate, a chain of str.replace costs next to nothing for letters that do not occur.
_FOLDS: tuple[tuple[str, str], ...] = (
    *((c, "'") for c in "’‘ʼʻˈ`´ʹ′"),
    *((c, '"') for c in "“”„«»″"),
    *((c, "-") for c in "‐‑–—―−"),
    # joiners, direction marks, soft hyphens and the dot that casefold makes of the Turkish capital İ
    *(
        (c, "")
        for c in "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u2060\ufeff\u0640\u0307\ufe0f"
    ),
    ("(c)", "©"),
    ("(с)", "©"),  # typed on a Cyrillic keyboard
    ("ё", "е"),
    ("ı", "i"),  # so that capitals without a dot, as titles have them, meet the small letters
    ("ي", "ی"),
    ("ى", "ی"),
    ("ك", "ک"),
)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_OUTER = " \t\r\f\v.,:;!?*•·●▪►▶◄»«›‹→←↑↓|/\\-–—_=~+#@^&'\"<>()[]{}…\xa0¡¿،؛؟。、，：；！？（）【】「」『』《》〈〉・"
# The copyright sign stays: with it, a line says what it is.
_NOT_INNER = re.compile(r"^[^\w©]+|[^\w©]+$")


def normalise_many(lines: Sequence[str]) -> list[str]:
    """The comparable form of each of `lines`; a line of punctuation alone becomes ""."""
    joined = "\n".join(lines)
    if joined.count("\n") != max(len(lines) - 1, 0):  # a line end inside a line: never from our own splitting
        return [normalise(line.replace("\n", " ")) for line in lines]
    return [_trim(line) for line in _fold(joined).split("\n")][: len(lines)]


def normalise(line: str) -> str:
    """The comparable form of one line."""
    return _trim(_fold(line.replace("\n", " ")))


def _fold(text: str) -> str:
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).casefold()
        for old, new in _FOLDS:
            text = text.replace(old, new)
    else:
        text = text.casefold().replace("`", "'").replace("(c)", "©")
    return _NUMBER.sub("0", text)


def _trim(line: str) -> str:
    line = line.strip(_OUTER)
    if line and not (line[0].isalnum() and line[-1].isalnum()):
        line = _NOT_INNER.sub("", line)
    if "  " in line or "\t" in line:
        line = " ".join(line.split())
    return line
