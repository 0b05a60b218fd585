"""From header to header through a tar archive (POSIX.1-2001 pax, ustar, GNU), in one pass and past what is damaged.

The standard library parses each header; it ends at the first one that is damaged, and reads names of any length into
memory, so the walk between headers is our own.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Literal

from ingest.readers.broken import damaged

BLOCK = 512
_NAMES = 1 << 20  # bytes of an extended header; more is no header
_CHUNK = 1 << 16
_LINKS = (tarfile.LNKTYPE, tarfile.SYMTYPE)
_FILES = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)
_LONG_NAMES = (tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK)


@dataclass(slots=True)
class Member:
    """A member; `content` is read before the next one is asked for, what is left of it is passed over."""

    name: str
    kind: Literal["file", "link", "other"]
    size: int
    offset: int
    content: _Content

    def open(self) -> BinaryIO:
        return io.BufferedReader(self.content, _CHUNK)


@dataclass(frozen=True, slots=True)
class Stray:
    """Bytes where a header should be and none is; none at all where the archive ends without the mark of its end."""

    offset: int
    size: int


def walk(stream: BinaryIO) -> Iterator[Member | Stray]:
    """Members and stray bytes in the order of the archive."""
    offset = 0
    stray: int | None = None
    extended: dict[str, str] = {}
    ended = False
    while block := _exactly(stream, BLOCK):
        header = _header(block)
        if header is None:
            ended = not block.strip(b"\0")
            if not ended and stray is None:
                stray = offset
            offset += len(block)
            continue
        if stray is not None:
            yield Stray(stray, offset - stray)
            stray = None
        start, offset = offset, offset + BLOCK
        if header.type in (*_LONG_NAMES, tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE):
            if header.size > _NAMES:
                stray = start
                continue
            data = _exactly(stream, _padded(header.size))
            offset += len(data)
            extended |= _extended(header, data[: header.size])
            continue
        size = int(extended.get("size", "")) if extended.get("size", "").isdigit() else header.size
        content = _Content(stream, size if header.type not in _LINKS else 0)
        name = extended.get("path", header.name)
        sparse = any(key.startswith("GNU.sparse") for key in extended)
        extended = {}
        if header.type != tarfile.DIRTYPE:
            kind: Literal["file", "link", "other"] = "link" if header.type in _LINKS else "other"
            if header.type in _FILES and not sparse:
                kind = "file"
            yield Member(name, kind, size, start, content)
        offset += content.finish()
    if stray is not None or not ended:
        yield Stray(offset if stray is None else stray, 0 if stray is None else offset - stray)


def _header(block: bytes) -> tarfile.TarInfo | None:
    try:
        return tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError):
        return None


def _extended(header: tarfile.TarInfo, data: bytes) -> dict[str, str]:
    """What the next header's fields really are: `<length> <key>=<value>` lines, or one long name."""
    if header.type == tarfile.XGLTYPE or header.type == tarfile.GNUTYPE_LONGLINK:
        return {}
    if header.type == tarfile.GNUTYPE_LONGNAME:
        return {"path": data.rstrip(b"\0").decode("utf-8", "replace")}
    found: dict[str, str] = {}
    while data:
        length, _, _ = data.partition(b" ")
        if not length.isdigit() or not 0 < int(length[:9]) <= len(data):
            break
        line, data = data[: int(length[:9])], data[int(length[:9]) :]
        key, _, value = line.partition(b" ")[2].rstrip(b"\n").partition(b"=")
        found[key.decode("utf-8", "replace")] = value.decode("utf-8", "replace")
    return found


def _padded(size: int) -> int:
    return -(-size // BLOCK) * BLOCK


def _exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    while len(data) < size and (more := stream.read(size - len(data))):
        data += more
    return data


class _Content(io.RawIOBase):
    """The bytes of one member of a stream that goes on behind it."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self._stream, self._size = stream, size
        self._left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._left:
            return 0
        piece = self._stream.read(min(len(buffer), self._left))
        if not piece:
            raise damaged(f"the archive ends in the midst of this member: {self._left:,} bytes are missing")
        self._left -= len(piece)
        buffer[: len(piece)] = piece
        return len(piece)

    def finish(self) -> int:
        """Go to the end of the member, padding included; the bytes from its beginning to there."""
        left = self._left + _padded(self._size) - self._size
        self._left = 0
        missing = left
        while missing and (piece := self._stream.read(min(_CHUNK, missing))):
            missing -= len(piece)
        return _padded(self._size) - missing
