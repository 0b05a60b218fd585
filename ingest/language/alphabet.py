"""Code point tables: what a letter folds to, which script it belongs to, and which letters only look alike.

All tables cover the Basic Multilingual Plane as arrays indexed by code point, so that a whole batch is folded by one
`take`. Folding is lower-casing plus compatibility forms (Arabic presentation forms, full-width Latin); anything that
cannot be part of a word folds to 0, which is the word boundary everywhere in this package.
"""

from __future__ import annotations

import unicodedata
from enum import IntEnum
from functools import cache

import numpy as np
import numpy.typing as npt


class Script(IntEnum):
    """Scripts that the package tells apart. Han and Kana are one, because Japanese mixes them inside a word."""

    NONE = 0
    CYRILLIC = 1
    LATIN = 2
    ARABIC = 3
    CJK = 4
    GREEK = 5
    HEBREW = 6
    ARMENIAN = 7
    GEORGIAN = 8
    HANGUL = 9
    OTHER = 10


# First and last code point, in rising order; a letter outside all ranges is of script OTHER.
_RANGES: tuple[tuple[int, int, Script], ...] = (
    (0x0041, 0x02AF, Script.LATIN),
    (0x0370, 0x03FF, Script.GREEK),
    (0x0400, 0x052F, Script.CYRILLIC),
    (0x0531, 0x0587, Script.ARMENIAN),
    (0x05D0, 0x05F4, Script.HEBREW),
    (0x0620, 0x077F, Script.ARABIC),
    (0x08A0, 0x08FF, Script.ARABIC),
    (0x10A0, 0x10FF, Script.GEORGIAN),
    (0x1100, 0x11FF, Script.HANGUL),
    (0x1C80, 0x1C88, Script.CYRILLIC),
    (0x1C90, 0x1CBF, Script.GEORGIAN),
    (0x1E00, 0x1EFF, Script.LATIN),
    (0x1F00, 0x1FFF, Script.GREEK),
    (0x3005, 0x3007, Script.CJK),
    (0x3041, 0x30FF, Script.CJK),
    (0x3131, 0x318E, Script.HANGUL),
    (0x31F0, 0x31FF, Script.CJK),
    (0x3400, 0x9FFF, Script.CJK),
    (0xAC00, 0xD7A3, Script.HANGUL),
    (0xF900, 0xFAFF, Script.CJK),
    (0xFF66, 0xFF9F, Script.CJK),
)

# Symbols that belong to a word only where letters stand beside them.
APOSTROPHE = 0x27
LOST = 0x3F  # '?' where a letter was lost
_APOSTROPHES = "'`´ʹʻʼʽˈ‘’‛′"
_LOST = "?\ufffd"

# Marks inside a word that carry no evidence: they are skipped, so that the letters on both sides meet.
_SKIPPED = (
    (0x00AD, 0x00AD),  # soft hyphen
    (0x0300, 0x036F),  # combining accents: stress marks; decoded text is NFC
    (0x0483, 0x0489),
    (0x0591, 0x05C7),  # Hebrew points
    (0x0610, 0x061A),
    (0x0640, 0x0640),  # tatweel
    (0x064B, 0x0653),  # Arabic vowel marks; hamza above and below (U+0654, U+0655) stay
    (0x0656, 0x065F),
    (0x0670, 0x0670),
    (0x200B, 0x200B),
    (0x200D, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x2069),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
)
_KEPT_MARKS = (0x0654, 0x0655)

# Letters that stand in for a Cyrillic letter inside a Cyrillic word: the same shape in another block, or a rare
# letter of the same block. Escapes, as the eye cannot tell them apart: open o, barred o, gamma, fita, hooked n and k.
_TWINS = dict(
    zip(
        "acekopxyhijs\u0259\u0275\u00f8\u00ef\u00eb\u00e4\u00f6\u03b3\u0263\u03bf\u03b1"
        "ABCEHIKMOPTXYJS\u018f\u019f\u00d8\u00cb\u0473\u04c8\u04ca\u04c4\u04fb",
        "асекорхуһіјѕәөөїёәөүғоа" + "АВСЕНІКМОРТХУЈЅӘӨӨЁөңңқғ".lower(),
        strict=True,
    )
)


def _in(table: npt.NDArray[np.bool_], ranges: tuple[tuple[int, int], ...]) -> None:
    for first, last in ranges:
        table[first : last + 1] = True


def _folded(code: int) -> int:
    """Lower-cased letter for a code point that is a letter, else 0."""
    char = chr(code)
    if code >= 0xFB00:  # presentation and full-width forms
        plain = unicodedata.normalize("NFKC", char)
        char = plain if len(plain) == 1 else char
    if char == "İ":
        return ord("i")
    if not char.isalpha():
        return 0
    low = char.lower()
    return ord(low) if len(low) == 1 else ord(char)


@cache
def fold_table() -> npt.NDArray[np.uint16]:
    """uint16[65536]: code point to folded symbol; 0 is no letter, `APOSTROPHE` and `LOST` need letters beside them."""
    table = np.zeros(0x10000, np.uint16)
    for first, last in ((0x0041, 0x1FFF), (0x2C00, 0x2FFF), (0xA640, 0xA7FF), (0xFB00, 0xFFDC)):
        for code in range(first, last + 1):
            table[code] = _folded(code)
    for first, last in ((0x3005, 0x3007), (0x3041, 0x3096), (0x3099, 0x309F), (0x30A1, 0x30FA), (0x30FC, 0x318E)):
        table[first : last + 1] = np.arange(first, last + 1)
    for first, last in ((0x31F0, 0x31FF), (0x3400, 0x9FFF), (0xA000, 0xA4CF), (0xAC00, 0xD7A3), (0xF900, 0xFAFF)):
        table[first : last + 1] = np.arange(first, last + 1)
    table[list(_KEPT_MARKS)] = _KEPT_MARKS
    table[[0x00AA, 0x00B5, 0x00BA]] = 0  # ordinal and micro signs: letters by category, evidence of nothing
    for char in _APOSTROPHES:
        table[ord(char)] = APOSTROPHE
    for char in _LOST:
        table[ord(char)] = LOST
    for first, last in _SKIPPED:
        table[first : last + 1] = 0
    return table


@cache
def script_table() -> npt.NDArray[np.uint8]:
    """uint8[65536]: folded symbol to `Script`; 0 and punctuation are NONE."""
    fold = fold_table()
    letters = np.unique(fold)
    table = np.zeros(0x10000, np.uint8)
    table[letters] = Script.OTHER
    for first, last, script in _RANGES:
        inside = letters[(letters >= first) & (letters <= last)]
        table[inside] = script
    table[list(_KEPT_MARKS)] = Script.ARABIC
    table[[0, APOSTROPHE, LOST]] = Script.NONE
    return table


@cache
def skipped_table() -> npt.NDArray[np.bool_]:
    """bool[65536]: marks that are dropped from inside a word."""
    table = np.zeros(0x10000, np.bool_)
    _in(table, _SKIPPED)
    return table


@cache
def latin_twin_table() -> npt.NDArray[np.uint16]:
    """uint16[65536]: the other way round, code point to the lower-case Latin letter that it looks like."""
    table = np.zeros(0x10000, np.uint16)
    for letter, twin in zip("аеорсухіјѕәһАЕОРСХІЈЅӘВКМНТ", "aeopcyxijs\u0259haeopcxijs\u0259bkmht", strict=True):
        table[ord(letter)] = ord(twin)
    return table


@cache
def twin_table() -> npt.NDArray[np.uint16]:
    """uint16[65536]: code point to the Cyrillic letter that it looks like, 0 for none. Case matters: H is н, h is һ."""
    table = np.zeros(0x10000, np.uint16)
    for twin, letter in _TWINS.items():
        table[ord(twin)] = ord(letter)
    return table
