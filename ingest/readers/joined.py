"""Text files that hold many pages: cut where the setting `records` says, never where it is guessed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from html import unescape

from ingest import encoding
from ingest.config import Columns
from ingest.config.records import SHAPES, pattern_of
from ingest.document import Outcome, Record, Reject
from ingest.readers.input import Input
from ingest.readers.jsonl import as_utf8, lines_of
from ingest.readers.limits import Limits
from ingest.readers.rows import plan, record_of

_ATTRIBUTE = re.compile(r"""([^\W\d][\w.-]*)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_KEY = re.compile(r"\s{0,3}([^\W\d_][\w .-]{0,30}?)\s*:[ \t]+(\S.*)")
_CLOSING = re.compile(rb"\s*</\w+>\s*")
_ADDRESS = re.compile(r"https?://\S+$", re.I)
_FIELDS = ("url", "id", "title", "published", "authors", "section", "tags", "language", "fetched_at")
_HEAD_LINES = 20
_BLANK = " \t\r\n"
_SAMPLE = 200


@dataclass(slots=True)
class _Piece:
    """What stands between two marks. `lines` is empty where the piece is too large, and `size` goes on counting."""

    offset: int | None
    head: bytes = b""
    lines: list[bytes] = field(default_factory=list)
    size: int = 0
    filled: bool = False
    too_large: bool = False

    def add(self, line: bytes | None, size: int, limit: int) -> None:
        self.size += size
        self.filled = self.filled or line is None or bool(line.strip())
        self.too_large = self.too_large or line is None or self.size > limit
        if self.too_large:
            self.lines.clear()
        elif line is not None:
            self.lines.append(line)


def read(input: Input, limits: Limits, skip: int = 0) -> Iterator[Record | Reject]:
    """The pages of a text file, numbered from 0; memory is bounded by one of them.

    Blank pieces have no number. Where no line is a mark, the whole file is one page, and that is told.
    """
    number = marks = 0
    for piece, marked in _pieces(input, limits):
        marks += marked
        if piece is None:
            continue
        if number >= skip:
            yield _page(piece, input.source, number, limits)
        number += 1
    if not number and not skip:
        remedy = "fetch the dump again, or delete the file"
        yield Reject(input.source, 0, Outcome.EMPTY, "the file holds no page", remedy, offset=0, size=0)
    if number and not marks and limits.records not in SHAPES:
        limits.notes[f"{input.source}: no line of it fits records = {limits.records!r}: it is read as one page"] += 1


def _pieces(input: Input, limits: Limits) -> Iterator[tuple[_Piece | None, int]]:
    """The pieces that are not blank, each with the marks met before it ended; a last one is None."""
    is_mark, begins = _marks(limits.records)
    with input.open() as stream:
        file = as_utf8(stream, input.head)
        piece, marks = _Piece(file.offset), 0
        for offset, size, line in lines_of(file, limits.max_bytes):
            if limits.records == "lines" or (line is not None and is_mark(line)):
                if piece.filled or piece.head:
                    yield piece, marks
                    marks = 0
                marks += 1
                piece = _Piece(offset)
                if begins and line is not None:
                    piece.head, piece.size = line, size
                if limits.records != "lines":
                    continue
            if not piece.filled and not piece.head:
                piece.offset = offset
            piece.add(line, size, limits.max_bytes)
        yield (piece if piece.filled or piece.head else None), marks


@lru_cache(maxsize=8)
def _marks(setting: str) -> tuple[Callable[[bytes], bool], bool]:
    """What tells that a line is a mark, and whether it belongs to the page that follows."""
    if setting in SHAPES:
        return (lambda line: not line.strip()), False
    pattern, begins = pattern_of(setting)
    fits = pattern.match if begins else pattern.fullmatch
    return (lambda line: bool(fits(_text(line)))), begins


def _page(piece: _Piece, source: str, number: int, limits: Limits) -> Record | Reject:
    if piece.too_large:
        reason = f"page of {piece.size:,} bytes, the limit is {limits.max_bytes:,}"
        remedy = "raise max_document_bytes, or check whether `records` fits this file"
        return Reject(source, number, Outcome.TOO_LARGE, reason, remedy, piece.offset, piece.size)
    row: dict[str, object] = {}
    body = piece.lines
    if limits.records not in SHAPES:
        row, taken = _head(piece, limits.records)
        body = body[taken:]
        if piece.head.lstrip().startswith(b"<"):
            body = body[: -_closing(body) or None]
        elif piece.head and not row:
            body = [piece.head, *body]  # it told nothing, so it is text
    content = b"".join(body)
    sample = content[:_SAMPLE].decode("utf-8", "replace")
    own = replace(limits, columns=Columns())  # names that the user gave are those of tables
    return record_of(row | {"text": content}, source, number, own, piece.offset, piece.size, sample)


def _closing(lines: list[bytes]) -> int:
    """How many lines a closing tag at the end takes, as after `<doc …>`."""
    blank = next((at for at, line in enumerate(reversed(lines)) if line.strip()), len(lines))
    return blank + 1 if blank < len(lines) and _CLOSING.fullmatch(lines[-blank - 1]) else 0


def _head(piece: _Piece, setting: str) -> tuple[dict[str, object], int]:
    """What the lines above a page say of it, and how many of the lines below the mark say it.

    After a separator a page may begin as it likes, so that there lines are taken for a head only if they give its
    address. Only keys that mean something are taken; other lines end the head, and stay in the page.
    """
    row: dict[str, object] = {}
    if mark := _text(piece.head):
        named = pattern_of(setting)[0].match(mark)
        row |= {name: unescape(double or single) for name, double, single in _ATTRIBUTE.findall(mark)}
        row |= _pair(mark) | {name: value for name, value in (named.groupdict() if named else {}).items() if value}
    lines = piece.lines
    at = next((at for at, line in enumerate(lines) if line.strip()), len(lines)) if not piece.head else 0
    found: dict[str, str] = {}
    while at < len(lines) and len(found) < _HEAD_LINES and (pair := _pair(_text(lines[at]))):
        if pair.keys() & found.keys():
            break
        found |= pair
        at += 1
    if not piece.head and not any(_ADDRESS.match(value) for value in found.values()):
        return {}, 0
    return row | found, at


def _pair(line: str) -> dict[str, str]:
    """`Key: value` as a row, where the key means something."""
    found = _KEY.fullmatch(line.strip())
    if not found or not _means_something(found[1]):
        return {}
    return {found[1]: found[2].strip()}


@lru_cache(maxsize=1024)
def _means_something(key: str) -> bool:
    """A description is not among it: what reads like prose stays in the page."""
    fields = plan((key, "text"), Columns()).fields
    return any((key,) in fields[field] for field in _FIELDS)


def _text(line: bytes) -> str:
    try:
        return line.decode().strip(_BLANK)
    except UnicodeDecodeError:
        return encoding.decode(line).text.strip(_BLANK)
