"""Reverse a wrong decoding: the bytes behind mojibake, and their right reading.

One table per charset maps characters back to bytes, as leniently as decoders are in the wild: open bytes may have come
out as C1 controls, and Windows-1251's only open byte (0x98) also as U+FFFD.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ingest.encoding.charsets import REPLACEMENT, decoding_table

NO_BYTE = 256  # in the tables: a character that has no byte in the charset
# UTF-8 sequences of two to four bytes. A non-breaking space within one is often a plain space by now; it is taken as
# part of the letter Р only before another letter of two bytes.
_SEQUENCES = re.compile(
    "(?:[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
    "|\xd0 (?=[\xd0-\xd3][\x80-\xbf])|(?<=[\x80-\xbf])[\xd0-\xd3]\ufffd)+"
)
_LOST = re.compile("[\xd0-\xd3]\ufffd")  # a Cyrillic letter whose second byte is gone
_FULL_OF_LETTERS = ("koi8-r", "koi8-u", "ibm866", "mac-cyrillic")  # no byte came out as a C1 control


@lru_cache(maxsize=32)
def byte_of(wrong: str) -> npt.NDArray[np.uint16]:
    """(65536,) the byte that a character had in `wrong`, or `NO_BYTE`."""
    table = decoding_table(wrong)
    if table is None:
        raise ValueError(f"{wrong} is not an 8-bit charset")
    back = np.full(0x10000, NO_BYTE, np.uint16)
    if wrong not in _FULL_OF_LETTERS:
        back[0x80:0xA0] = np.arange(0x80, 0xA0)
    if wrong == "windows-1252" and (turkish := decoding_table("windows-1254")):
        back[[ord(char) for char in turkish]] = np.arange(256)
    if wrong == "windows-1251":
        back[ord(REPLACEMENT)] = 0x98
    back[[ord(char) for char in table if char != REPLACEMENT]] = [i for i, c in enumerate(table) if c != REPLACEMENT]
    return back


@lru_cache(maxsize=32)
def char_of(right: str) -> npt.NDArray[np.uint16]:
    """(257,) the character of each byte in `right`; U+FFFF for `NO_BYTE`."""
    table = decoding_table(right)
    if table is None:
        raise ValueError(f"{right} is not an 8-bit charset")
    return np.array([*map(ord, table), 0xFFFF], np.uint16)


@lru_cache(maxsize=32)
def _byte_chars(wrong: str) -> dict[int, str]:
    back = byte_of(wrong)
    return {int(code): chr(back[code]) for code in np.flatnonzero(back < NO_BYTE) if code >= 0x80}


@lru_cache(maxsize=64)
def _reading(right: str) -> dict[int, str]:
    table = decoding_table(right) or ""
    return {byte: char for byte, char in enumerate(table) if byte >= 0x80}


def _as_bytes(text: str, wrong: str) -> str:
    """One Latin-1 character per character of `text`: its byte in `wrong`, or U+FFFF where it has none; U+FFFD stays."""
    back = _byte_chars(wrong)
    beyond = {code: "\uffff" for code in set(map(ord, set(text))) if code > 0x7F and code not in back}
    if 0xFFFD in beyond:
        beyond[0xFFFD] = REPLACEMENT  # a byte that is gone blocks nothing
    return text.translate(back | beyond if beyond else back)


def reread(text: str, wrong: str, right: str) -> str:
    """`text` as it reads in `right`, if it had been read in `wrong`.

    With UTF-8, stretches that are sequences of it are read and all else stays, so one good word, or one lost byte, does
    not block the rest. With other charsets, words with a character that does not come from a byte stay.
    """
    raw = _as_bytes(text, wrong)
    if right == "utf-8":
        return _reread_utf8(text, raw)
    table = _reading(right)
    if "\uffff" not in raw:
        return raw.translate(table)
    cuts = [0, *(match.end() for match in re.finditer(r"[ \t\xa0]+", raw)), len(raw)]
    return "".join(text[a:b] if "\uffff" in raw[a:b] else raw[a:b].translate(table) for a, b in pairwise(cuts))


def _reread_utf8(text: str, raw: str) -> str:
    out: list[str] = []
    position = 0
    for match in _SEQUENCES.finditer(raw):
        found = _LOST.sub("\xef\xbf\xbd", match[0].replace("\xd0 ", "\xd0\xa0"))
        try:
            decoded = found.encode("latin-1").decode("utf-8")
        except UnicodeDecodeError:  # overlong, or a surrogate
            continue
        out += [text[position : match.start()], decoded]
        position = match.end()
    return "".join([*out, text[position:]])
