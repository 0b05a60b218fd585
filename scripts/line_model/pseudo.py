"""Pages as if written in another script, so that the model cannot lean on Latin letters, case, spaces or
known words.

`han` gives each word one to three characters without spaces between them and full-width punctuation;
`caseless` maps letters to a script without case and turns commas and question marks; `cased` maps them to
another alphabet with case. Line structure and labels stay as they are.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence

_WORD = re.compile(r"[^\W\d_]+")
_PIECE = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|\s+|.", re.S)
_FULL = str.maketrans('.,!?;:()"', "。，！？；：（）＂")
_ARABIC = str.maketrans(",?;", "،؟؛")
_HIRAGANA = 0x3041


def _han_word(word: str, kana: bool) -> str:
    code = zlib.crc32(word.lower().encode())
    n = 1 if len(word) <= 4 else 2 if len(word) <= 9 else 3
    if kana and code % 3:  # Japanese: two thirds kana, and longer
        return "".join(chr(_HIRAGANA + (code >> (5 * i)) % 80) for i in range(n + 1))
    if not kana and len(word) <= 3 and code % 2:  # articles and prepositions have no counterpart
        return ""
    return "".join(chr(0x4E00 + (code >> (7 * i)) % 0x3000) for i in range(n))


def han(line: str, kana: bool = False) -> str:
    """Words as Han characters (with kana mixed in for Japanese), spaces between words dropped."""
    out: list[str] = []
    for piece in _PIECE.findall(line):
        if piece.isspace():
            if not out or not out[-1] or ord(out[-1][-1]) < 0x3000:
                out.append(piece)
        elif _WORD.match(piece):
            out.append(_han_word(piece, kana))
        else:
            out.append(piece.translate(_FULL))
    return "".join(out)


def _letters(line: str, first: int, cased: bool) -> str:
    def one(char: str) -> str:
        if not char.isalpha() or ord(char) > 0x24F:
            return char
        low = char.lower()
        at = (ord(low[0]) * 7) % 26 if ord(low[0]) < 128 else ord(low[0]) % 26
        mapped = chr(first + at)
        return mapped.upper() if cased and char.isupper() else mapped

    return "".join(map(one, line))


def cased(line: str) -> str:
    """Letters as Armenian ones, which have case."""
    return _letters(line, 0x0561, True)


def caseless(line: str) -> str:
    """Letters as Arabic-like ones, which have none; comma and question mark as there."""
    return _letters(line, 0x0680, False).translate(_ARABIC)


def rewrite(lines: Sequence[str], seed: int) -> list[str]:
    """The page in one of the pseudo scripts, chosen by `seed`."""
    kind = seed % 4
    if kind == 0:
        return [han(line) for line in lines]
    if kind == 1:
        return [han(line, kana=True) for line in lines]
    return [(cased if kind == 2 else caseless)(line) for line in lines]
