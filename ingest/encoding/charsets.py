"""Charset names and decoders: the label table, and decoding as browsers do.

Bytes that an 8-bit Windows charset leaves open become the C1 control of the same number, as the WHATWG Encoding
Standard prescribes; so nothing is lost and mojibake that passed through such a byte can still be undone.
"""

from __future__ import annotations

import codecs
import unicodedata
from functools import lru_cache
from importlib.resources import files

import msgspec

REPLACEMENT = "\ufffd"
# Where a codec fails, one that differs only in rare characters may not.
_RELATED = {
    "euc_jis_2004": ("euc_jp",),
    "cp932": ("shift_jis_2004",),
    "iso2022_jp_ext": ("iso2022_jp_2004", "cp932"),
}


class Charset(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One charset of `labels.toml`."""

    labels: tuple[str, ...]
    codec: str | None = None
    beyond: bool = False  # not in the WHATWG standard


class _Table(msgspec.Struct, forbid_unknown_fields=True):
    charset: dict[str, Charset]


@lru_cache(maxsize=1)
def charsets() -> dict[str, Charset]:
    """All charsets known, by the name that is stored."""
    data = files(__package__).joinpath("labels.toml").read_bytes()
    return msgspec.toml.decode(data, type=_Table).charset


@lru_cache(maxsize=1)
def _by_label() -> dict[str, str]:
    return {label: name for name, charset in charsets().items() for label in charset.labels}


def lookup(label: str) -> str | None:
    """The stored name for a label as pages and servers write it, or None: `Latin-1` → `windows-1252`."""
    return _by_label().get(label.strip(" \t\n\f\r\"'").lower())


@lru_cache(maxsize=128)
def codec_of(name: str) -> str:
    """The Python codec for a stored name."""
    known = charsets().get(name)
    return (known and known.codec) or name


@lru_cache(maxsize=64)
def decoding_table(name: str) -> str | None:
    """256 characters of an 8-bit charset by byte value, U+FFFD where open (C1 for Windows charsets); else None."""
    codec = codec_of(name)
    try:
        if len(bytes(range(0x20, 0x7F)).decode(codec)) != 95 or codec.startswith("utf"):
            return None
        table = [bytes([byte]).decode(codec, "replace") for byte in range(256)]
    except (UnicodeError, LookupError):
        return None
    multibyte = codec.startswith(("gb", "big5", "euc", "cp93", "cp94", "johab", "iso2022", "hz", "shift"))
    if multibyte or any(len(char) != 1 for char in table):
        return None
    if codec.startswith("cp125") or codec == "cp874":
        table = [chr(i) if char == REPLACEMENT and 0x80 <= i < 0xA0 else char for i, char in enumerate(table)]
    return "".join(table)


def decode_as(content: bytes, name: str) -> tuple[str, int]:
    """Decode leniently: the text, and how many U+FFFD were put in for bytes that fit nothing."""
    codec = codec_of(name)
    try:
        return content.decode(codec), 0
    except UnicodeDecodeError:
        pass
    table = decoding_table(name)
    if table is not None:
        text = codecs.charmap_decode(content, "replace", table)[0]
        return text, text.count(REPLACEMENT)
    best = content.decode(codec, "replace")
    fewest = best.count(REPLACEMENT)
    for related in _RELATED.get(codec, ()):
        text = content.decode(related, "replace")
        if (n := text.count(REPLACEMENT)) < fewest:
            best, fewest = text, n
    # U+FFFD that were in the text before are few and lie within UTF-8 and UTF-16 only
    own = content.count(b"\xef\xbf\xbd") if codec == "utf-8" else 0
    return best, max(0, fewest - own)


def normalise(text: str) -> str:
    r"""NFC with `\n` line ends and without byte order mark.

    U+2028, U+2029, vertical tab and form feed end a line too, for they do where the text came from. U+0085
    does not: it is nearly always the ellipsis of Windows-1252, and `repair` makes it one.
    """
    if text.startswith("\ufeff"):
        text = text[1:]
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    for other in ("\u2028", "\u2029", "\x0b", "\x0c"):
        if other in text:
            text = text.replace(other, "\n")
    return text if text.isascii() or unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)
