"""JSON Lines: one page an object. Which keys mean what is told in `rows`; a line that has no page costs itself only."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import IO, Any

import msgspec

from ingest import encoding
from ingest.document import Outcome, Record, Reject
from ingest.readers.input import Input
from ingest.readers.limits import Limits
from ingest.readers.rows import record_of

_CHUNK = 1 << 20
_SAMPLE = 200
_UTF8_BOM = b"\xef\xbb\xbf"
_WIDE_BOMS = {
    b"\xff\xfe\0\0": "utf-32",
    b"\0\0\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}


def read(input: Input, limits: Limits, skip: int = 0) -> Iterator[Record | Reject]:
    """The records of a JSON Lines file, numbered from 0 by non-blank line; memory is bounded by one record."""
    number = 0
    with input.open() as file:
        for offset, size, line in lines_of(as_utf8(file, input.head), limits.max_bytes):
            if line is not None and not line.strip():
                continue
            if number >= skip:
                yield (
                    too_long(input.source, number, offset, size, limits)
                    if line is None
                    else parse(line, input.source, number, offset, limits)
                )
            number += 1
    if not number and not skip:
        remedy = "fetch the dump again, or delete the file"
        yield Reject(input.source, 0, Outcome.EMPTY, "the file holds no record", remedy, offset=0, size=0)


def too_long(source: str, number: int, offset: int | None, size: int, limits: Limits) -> Reject:
    """The refusal of a line above the limit."""
    reason = f"line of {size:,} bytes, the limit is {limits.max_bytes:,}"
    remedy = "raise max_document_bytes, or check whether line breaks are missing"
    return Reject(source, number, Outcome.TOO_LARGE, reason, remedy, offset, size)


def wide_charset(head: bytes) -> str | None:
    """UTF-16 or UTF-32, where a byte order mark says so."""
    return next((charset for mark, charset in _WIDE_BOMS.items() if head.startswith(mark)), None)


def as_utf8(file: IO[bytes], head: bytes) -> _Lines:
    """The lines behind the byte order mark; UTF-16 and UTF-32 are transcoded, as JSON may come in them."""
    if (charset := wide_charset(head)) is not None:
        return _Lines(io.TextIOWrapper(file, charset, errors="replace", newline="\n"))
    bom = len(_UTF8_BOM) if head.startswith(_UTF8_BOM) else 0
    file.read(bom)
    return _Lines(file, bom)


class _Lines:
    """`readline` in UTF-8, and the offset that it is at; None in a transcoded stream, where it would mislead."""

    def __init__(self, stream: IO[bytes] | io.TextIOWrapper, offset: int | None = None) -> None:
        self.stream, self.offset = stream, offset

    def readline(self, limit: int) -> bytes:
        line = self.stream.readline(limit)
        if isinstance(line, str):
            return line.encode("utf-8", "replace")
        self.offset = (self.offset or 0) + len(line)
        return line


def lines_of(file: _Lines, limit: int) -> Iterator[tuple[int | None, int, bytes | None]]:
    """(offset, size, line); the line is None where it is longer than `limit`, and is then never held whole."""
    while True:
        offset = file.offset
        line = file.readline(limit + 1)
        if not line:
            return
        size = len(line)
        if size <= limit or line.endswith(b"\n"):
            yield offset, size, line
            continue
        del line
        while chunk := file.readline(_CHUNK):
            size += len(chunk)
            if chunk.endswith(b"\n"):
                break
        yield offset, size, None


def parse(line: bytes, source: str, number: int, offset: int | None, limits: Limits) -> Record | Reject:
    """A line as a record, or why it is none."""
    try:
        value: Any = decode(line, limits)
    except (ValueError, RecursionError) as error:
        reason, sample = f"not valid JSON: {error}", line[:_SAMPLE].decode("utf-8", "replace")
        remedy = "repair or delete this line"
        return Reject(source, number, Outcome.INVALID, reason, remedy, offset, len(line), sample, content=line)
    item = record_of(value, source, number, limits, offset, len(line), line[:_SAMPLE].decode("utf-8", "replace"))
    return replace(item, content=line) if isinstance(item, Reject) else item


def decode(line: bytes, limits: Limits) -> Any:
    """The JSON value of a line. Raises ValueError with the place of the fault."""
    # which error says "not UTF-8" differs between versions of msgspec, so the line itself is asked
    with suppress(msgspec.DecodeError, UnicodeDecodeError):
        return msgspec.json.decode(line)
    if _is_utf8(line):
        # the standard library is slower, lets lone surrogates pass, and says where the fault is
        return json.loads(line)
    # JSON must be UTF-8; what is not is decoded like any other text before it is given up
    decoded = encoding.decode(line)
    if decoded.outcome is not None:
        raise ValueError(decoded.reason)
    value = json.loads(decoded.text)
    limits.notes[f"line in {decoded.encoding} instead of UTF-8"] += 1
    return value


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
