"""What each code point is to the line model: a class of the Unicode repertoire, a width in Latin letters, a
folded form.

Nothing here knows a language. The classes pool the punctuation of all scripts (a full stop is `.`, `。`, `।`,
`۔` or `።`), and the widths make lengths comparable: a line of forty Han characters says as much as a line of
a hundred and thirty Latin letters.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from itertools import repeat

import numpy as np
import numpy.typing as npt

U8 = npt.NDArray[np.uint8]
U32 = npt.NDArray[np.uint32]
F32 = npt.NDArray[np.float32]

PLANE = 0x10000  # the tables cover the Basic Multilingual Plane; what lies above is classed by range


class Kind(IntEnum):
    """Class of a code point; the order is part of the trained weights."""

    OTHER = 0
    LOWER = 1
    UPPER = 2
    CASELESS = 3  # letters of scripts without case, except those below
    IDEOGRAPH = 4  # Han and Kana: words without spaces between them
    HANGUL = 5
    MARK = 6
    DIGIT = 7
    SPACE = 8
    STOP = 9  # ends a sentence
    COMMA = 10
    COLON = 11
    QUOTE = 12
    BRACKET = 13
    DASH = 14
    BULLET = 15
    SEPARATOR = 16  # | / \ and arrows between items
    COPYRIGHT = 17
    CURRENCY = 18
    SYMBOL = 19
    AT = 20
    APOSTROPHE = 21
    ELLIPSIS = 22


N_KINDS = len(Kind)
WORD_KINDS = (Kind.LOWER, Kind.UPPER, Kind.CASELESS, Kind.HANGUL, Kind.MARK, Kind.DIGIT)

_EXACT = {
    Kind.STOP: ".!?。！？．｡؟۔।॥։።፧‼⁇⁈⁉",
    Kind.COMMA: ",;،؛、，；､፣፤",
    Kind.COLON: ":：፥",
    Kind.QUOTE: '"«»“”„‟「」『』＂‹›〝〞｢｣',
    Kind.BRACKET: "()[]{}（）［］｛｝【】《》〈〉〔〕",
    Kind.DASH: "-‐‑‒–—―－−",
    Kind.BULLET: "•‣●○■□▪▫◦▶►▸◆◇★☆✓✔·*※・",
    Kind.SEPARATOR: "|/\\<>→←↑↓⇒＞＜｜／>〉",
    Kind.COPYRIGHT: "©®™℗",
    Kind.AT: "@#＠＃",
    Kind.APOSTROPHE: "'’‘ʼ`´′",
    Kind.ELLIPSIS: "…⋯",
}
_CATEGORY = {
    "Ll": Kind.LOWER,
    "Lu": Kind.UPPER,
    "Lt": Kind.UPPER,
    "Lo": Kind.CASELESS,
    "Lm": Kind.CASELESS,
    "Mn": Kind.MARK,
    "Mc": Kind.MARK,
    "Me": Kind.MARK,
    "Nd": Kind.DIGIT,
    "Nl": Kind.DIGIT,
    "No": Kind.DIGIT,
    "Zs": Kind.SPACE,
    "Zl": Kind.SPACE,
    "Zp": Kind.SPACE,
    "Cc": Kind.SPACE,
    "Sc": Kind.CURRENCY,
    "So": Kind.SYMBOL,
    "Sm": Kind.SYMBOL,
    "Sk": Kind.SYMBOL,
    "Pd": Kind.DASH,
    "Ps": Kind.BRACKET,
    "Pe": Kind.BRACKET,
    "Pi": Kind.QUOTE,
    "Pf": Kind.QUOTE,
}
# Ranges of the scripts that score with one word per character (the score's own definition) or are dense
# otherwise: first, last, class, width in Latin letters. The widths are the usual ratios of parallel texts, in
# sixteenths, so that sums of them are exact in any order.
_RANGES = (
    (0x0590, 0x06FF, None, 1.25),  # Hebrew, Arabic: short vowels unwritten
    (0x0750, 0x077F, None, 1.25),
    (0x0900, 0x0DFF, None, 1.125),  # Brahmic scripts of India
    (0x0E00, 0x0EFF, None, 1.125),  # Thai, Lao
    (0x1100, 0x11FF, Kind.HANGUL, 1.0),
    (0x1200, 0x137F, None, 1.625),  # Ethiopic syllables
    (0x3040, 0x30FF, Kind.IDEOGRAPH, 2.0),
    (0x3130, 0x318F, Kind.HANGUL, 1.0),
    (0x3400, 0x4DBF, Kind.IDEOGRAPH, 3.1875),
    (0x4E00, 0x9FFF, Kind.IDEOGRAPH, 3.1875),
    (0xAC00, 0xD7AF, Kind.HANGUL, 2.1875),
    (0xF900, 0xFAFF, Kind.IDEOGRAPH, 3.1875),
    (0xFB50, 0xFDFF, None, 1.25),
    (0xFE70, 0xFEFF, None, 1.25),
)

# Han and Kana, each character of which counts as a word: first, last
IDEOGRAPHS = tuple((first, last) for first, last, kind, _ in _RANGES if kind == Kind.IDEOGRAPH)
# scripts that are written without spaces between words, and their punctuation: first, last
UNSPACED = ((0x2E80, 0x9FFF), (0xF900, 0xFAFF), (0xFF00, 0xFFEF))


@dataclass(frozen=True)
class Tables:
    """Look-up tables over the BMP: `kind` (uint8), `width` (float32, 0 for spaces), `fold` (uint32, lower case, digits
    as `0`).
    """

    kind: U8
    width: F32
    fold: U32


@lru_cache(maxsize=1)
def tables() -> Tables:
    """Build the tables once per process (some 20 ms) from the running Python's Unicode data."""
    kinds = {name: int(kind) for name, kind in _CATEGORY.items()}
    categories = map(unicodedata.category, map(chr, range(PLANE)))
    kind = np.fromiter(map(kinds.get, categories, repeat(int(Kind.OTHER))), np.uint8, PLANE)
    width = np.ones(PLANE, np.float32)
    fold = np.arange(PLANE, dtype=np.uint32)
    for code in np.flatnonzero(np.isin(kind, (Kind.UPPER, Kind.DIGIT, Kind.SYMBOL))).tolist():  # Ⅻ and Ⓐ have case, too
        lower = chr(code).lower()
        if len(lower) == 1:
            fold[code] = ord(lower)
    for first, last, cls, ratio in _RANGES:
        span = slice(first, last + 1)
        letters = np.isin(kind[span], (Kind.LOWER, Kind.UPPER, Kind.CASELESS))
        width[span][letters] = ratio
        if cls is not None:
            kind[span][letters] = cls
    for cls, chars in _EXACT.items():
        for char in chars:
            kind[ord(char)] = cls
    fold[kind == Kind.DIGIT] = ord("0")
    fold[[ord(c) for c in "’ʼ`´‘"]] = ord("'")
    width[kind == Kind.SPACE] = 0
    return Tables(kind, width, fold)


def codes_of(text: str) -> U32:
    """The code points of `text` as one contiguous array; lone surrogates pass."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def clip_plane(codes: U32) -> U32:
    """Code points above the BMP stand as a rare Han character (planes 2 and 3) or a symbol, so that tables
    apply.
    """
    high = np.flatnonzero(codes >= PLANE)
    if not len(high):
        return codes
    out: U32 = codes.copy()
    above = codes[high]
    han = (above >= 0x20000) & (above < 0x40000)
    letters = above < 0x1F000
    out[high] = np.where(han, 0x4E00, np.where(letters, 0x10D0, 0x25A3))  # Han, caseless Georgian, or a symbol
    return out
