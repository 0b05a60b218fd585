"""The heads of WARC (ISO 28500, versions 1.0 and 1.1) and ARC (Internet Archive, versions 1 and 2) records."""

from __future__ import annotations

import re
from typing import NamedTuple

HEAD_LIMIT = 1 << 16  # bytes of a head; more is no head

_WARC_START = re.compile(rb"WARC/\d\.\d+[ \t]*\r?\n")
_ARC_START = re.compile(
    rb"(?P<url>[A-Za-z][A-Za-z0-9+.-]{1,20}:[^\r\n]{0,8000}?) (?P<ip>[0-9A-Fa-f.:-]{1,45}) (?P<date>\d{12,17}) "
    rb"(?P<type>[^\r\n]{0,1000}?) (?P<length>\d{1,15})\r?\n"
)
_ARC_LINE = re.compile(rb"\n(?=" + re.sub(rb"\?P<\w+>", b"", _ARC_START.pattern) + rb")")
_HEAD_END = re.compile(rb"\r?\n\r?\n")


class Head(NamedTuple):
    """The fields of a record, names in lower case, the number of bytes of its head and of its block, and what
    may follow the block.
    """

    fields: dict[str, str]
    size: int
    length: int
    after: tuple[bytes, ...] = (b"\r\n\r\n", b"\n\n")


def is_start(data: bytes | bytearray) -> bool:
    """Whether the bytes begin with the head of a record."""
    return bool(_WARC_START.match(data) or _ARC_START.match(data))


def find_start(data: bytes | bytearray, begin: int) -> int:
    """Index of the next line at or behind `begin` that begins a record; -1 where there is none."""
    if is_start(data[begin : begin + HEAD_LIMIT]):
        return begin
    # from one possible place to the next: what is searched may be gigabytes of nothing
    place = begin
    while (place := data.find(b"WARC/", place)) >= 0 and not _begins_at(data, place):
        place += 1
    line = _ARC_LINE.search(data, max(0, begin - 1), place if place >= 0 else len(data))
    return line.end() if line else place


def _begins_at(data: bytes | bytearray, place: int) -> bool:
    return data[place - 1 : place] in (b"\n", b"\0", b"") and _WARC_START.match(data, place) is not None


def parse(data: bytes | bytearray) -> Head | str:
    """The head at the beginning of `data`; in words why there is none; the empty string: more bytes are needed."""
    if arc := _ARC_START.match(data):
        return _arc(arc)
    if not data.startswith(b"WARC/"):
        unfinished = data[:1].isalpha() and b"\n" not in data and len(data) < HEAD_LIMIT
        return "" if unfinished else "no record begins here"
    end = _HEAD_END.search(data, 0, HEAD_LIMIT)
    if end is None:
        return "" if len(data) < HEAD_LIMIT else "the head of the record does not end"
    if not _WARC_START.match(data):
        return "no record begins here"
    fields = fields_of(bytes(data[: end.start()]))
    length = fields.get("content-length", "")
    if not (length.isascii() and length.isdigit() and len(length) <= 15):
        return f"its length is {length[:20]!r}" if length else "the record does not tell its length"
    return Head(fields, end.end(), int(length))


def fields_of(head: bytes) -> dict[str, str]:
    """`Name: value` lines behind a first line; the first of several values counts, folded lines are joined."""
    fields: dict[str, str] = {}
    last = ""
    for line in _text(head).split("\n")[1:]:
        if line[:1] in (" ", "\t") and last:
            fields[last] += f" {line.strip()}"
            continue
        name, colon, value = line.partition(":")
        last = name.strip().lower() if colon else ""
        if last in fields:
            last = ""
        elif last:
            fields[last] = value.strip()
    return fields


def _text(head: bytes) -> str:
    try:
        return head.decode()
    except UnicodeDecodeError:
        return head.decode("latin-1")


def _arc(found: re.Match[bytes]) -> Head:
    """An ARC line in the words of WARC. Version 2 has further fields between type and length."""
    date = found["date"].decode().ljust(14, "0")[:14]
    url = _text(found["url"])
    kind = "warcinfo" if url.startswith("filedesc:") else "response"
    fields = {
        "warc-type": kind,
        "warc-target-uri": url,
        "warc-date": f"{date[:4]}-{date[4:6]}-{date[6:8]}T{date[8:10]}:{date[10:12]}:{date[12:14]}Z",
        "content-type": "application/http" if url.startswith("http") else _text(found["type"]).partition(" ")[0],
        "arc-content-type": _text(found["type"]).partition(" ")[0],
    }
    return Head(fields, found.end(), int(found["length"]), (b"\n", b"\r\n"))
