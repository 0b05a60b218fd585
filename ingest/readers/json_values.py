"""JSON files that hold an array of objects, one object, or several in a row, on as many lines as they like.

An array need not be held whole: the ends of its elements are found by counting brackets outside of strings.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from ingest import encoding
from ingest.document import Outcome, Record, Reject
from ingest.readers import jsonl
from ingest.readers.input import Input
from ingest.readers.limits import Limits

_CHUNK = 1 << 16
_BETWEEN = b" \t\r\n,[]\xef\xbb\xbf"
_MARK = re.compile(rb'["{}\[\]]')
_BACKSLASH = ord("\\")
_STEPS = {b"{": 1, b"[": 1, b"}": -1, b"]": -1}
_SCALAR_END = re.compile(rb"[,\]\s]")
# charsets, and what decodes them, in which the second byte of a character may be that of a backslash or a bracket
_BY_BRACKET = {"gb18030": "gb18030", "big5": "big5hkscs", "shift_jis": "cp932"}


@dataclass(frozen=True, slots=True)
class _Element:
    """`content` is None where it is larger than the limit; without an `end`, it is not closed."""

    content: bytes | None
    offset: int
    size: int
    closed: bool = True


def read(input: Input, limits: Limits, skip: int = 0) -> Iterator[Record | Reject]:
    """The objects of a JSON file as records, numbered from 0; memory is bounded by one of them."""
    number = 0
    charset = _to_transcode(input.head)
    if charset in _BY_BRACKET:
        limits.notes[f"file in {charset} instead of UTF-8"] += 1
    with input.open() as stream:
        elements = _elements(stream if charset is None else _AsUtf8(stream, charset), limits.max_bytes)
        for element in elements:
            if number >= skip:
                # offsets in a transcoded stream would mislead
                offset = element.offset if charset is None else None
                yield _item(element, offset, input.source, number, limits)
            number += 1
    if not number and not skip:
        remedy = "fetch the dump again, or delete the file"
        yield Reject(input.source, 0, Outcome.EMPTY, "the file holds no record", remedy, offset=0, size=0)


def _to_transcode(head: bytes) -> str | None:
    """The charset of a file whose brackets cannot be counted in its bytes, by its first bytes."""
    if (wide := jsonl.wide_charset(head)) is not None:
        return wide
    found = encoding.decode(head).encoding
    return found if found in _BY_BRACKET else None


class _AsUtf8:
    """A stream in another charset, read as UTF-8; what is damaged in it is replaced."""

    def __init__(self, stream: BinaryIO, charset: str) -> None:
        self._text = io.TextIOWrapper(stream, _BY_BRACKET.get(charset, charset), errors="replace", newline="")

    def read(self, size: int) -> bytes:
        return self._text.read(size).encode("utf-8", "replace")


def _item(element: _Element, offset: int | None, source: str, number: int, limits: Limits) -> Record | Reject:
    if element.content is None or element.size > limits.max_bytes:
        return jsonl.too_long(source, number, offset, element.size, limits)
    if not element.closed:
        reason, remedy = "a bracket is opened that is not closed", "fetch the file again, or repair it at this place"
        sample = element.content[:200].decode("utf-8", "replace")
        return Reject(source, number, Outcome.INVALID, reason, remedy, offset, element.size, sample)
    return jsonl.parse(element.content, source, number, offset, limits)


def _elements(stream: BinaryIO | _AsUtf8, limit: int) -> Iterator[_Element]:
    """The values between the outermost brackets, commas and white space."""
    buffer, offset = b"", 0
    while True:
        rest = buffer.lstrip(_BETWEEN)
        offset += len(buffer) - len(rest)
        buffer = rest
        if not buffer:
            buffer = stream.read(_CHUNK)
            if not buffer:
                return
            continue
        scan = _Scan(buffer)
        while scan.end is None and (more := stream.read(max(_CHUNK, min(scan.size, 1 << 22)))):
            scan.add(more, limit)
        if scan.end is not None:
            yield _Element(scan.content[: scan.end] if scan.dropped == 0 else None, offset, scan.dropped + scan.end)
            buffer, offset = scan.content[scan.end :], offset + scan.dropped + scan.end
            continue
        # not closed before the end: go on at the next line that begins as this one did
        resume = scan.content.find(b"\n" + buffer[:1], 1) if not scan.dropped else -1
        size = scan.size if resume < 0 else resume
        yield _Element(scan.content[:size] if not scan.dropped else None, offset, size, closed=False)
        if resume < 0:
            return
        buffer, offset = scan.content[resume:], offset + resume


class _Scan:
    """Finds the index in `content` behind the value that it begins with. What is over the limit is dropped."""

    def __init__(self, content: bytes) -> None:
        self.content, self.dropped = content, 0
        self.end: int | None = None
        self._depth = self._at = 0
        self._in_string = False
        self._is_scalar = content[:1] not in (b"{", b'"')
        self._look()

    @property
    def size(self) -> int:
        return self.dropped + len(self.content)

    def add(self, more: bytes, limit: int) -> None:
        self.content += more
        self._look()
        if self.end is None and self.size > limit:
            self.dropped += self._at
            self.content, self._at = self.content[self._at :], 0

    def _look(self) -> None:
        if self._is_scalar:
            found = _SCALAR_END.search(self.content, max(1, self._at))
            self._at = len(self.content)
            self.end = found.start() if found else None
            return
        while self._at < len(self.content) and self.end is None:
            if self._in_string:
                self._pass_string()
                if self._in_string:
                    return
            elif token := _MARK.search(self.content, self._at):
                self._at = token.end()
                self._in_string = token[0] == b'"'
                self._depth += _STEPS.get(token[0], 0)
            else:
                self._at = len(self.content)
                return
            if not self._depth and not self._in_string:
                self.end = self._at

    def _pass_string(self) -> None:
        """To the end of the string, or of what is there of it; a last backslash waits for what it is about."""
        while (quote := self.content.find(b'"', self._at)) >= 0:
            escaped = self._slashes_before(quote) % 2
            self._at = quote + 1
            if not escaped:
                self._in_string = False
                return
        self._at = len(self.content) - self._slashes_before(len(self.content)) % 2

    def _slashes_before(self, end: int) -> int:
        start = end
        while start > self._at and self.content[start - 1] == _BACKSLASH:
            start -= 1
        return end - start
