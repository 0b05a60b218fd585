"""zip and tar archives: each member is read as if it were a file. Nothing is written to the disk, and no name from an
archive is ever used as a path.
"""

from __future__ import annotations

import io
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from functools import partial
from typing import Any, BinaryIO

from ingest.document import Outcome, Record, Reject
from ingest.readers.broken import BrokenInputError, damaged, too_deep
from ingest.readers.columnar import seekable
from ingest.readers.expand import FAULTS, Meter
from ingest.readers.input import Input
from ingest.readers.limits import Limits
from ingest.readers.tarwalk import Stray, walk

_NAME = 500  # characters of a member's name that are shown
_INSIDE = "!/"  # between the name of an archive inside another one and that of its member
_LINK = "a link; what it points to is not followed"
_OFFICE = (b"[Content_Types].xml", b"_rels/", b"mimetype", b"META-INF/", b"word/", b"xl/", b"ppt/", b"docProps/")
_LOCAL_HEADER = 30  # bytes before the name of the first member


def is_zip(head: bytes) -> bool:
    """Whether this is a zip archive of files, and no office document, book or program in the same wrapping."""
    if head.startswith(b"PK\x05\x06"):
        return True
    return head.startswith(b"PK\x03\x04") and not head[_LOCAL_HEADER:].startswith(_OFFICE)


def is_tar(head: bytes) -> bool:
    """Whether a tar archive begins here: the checksum of its first header fits."""
    try:
        tarfile.TarInfo.frombuf(head[:512], "utf-8", "replace")
    except (tarfile.HeaderError, ValueError):
        return False
    return True


def read_tar(input: Input, limits: Limits, skip: int = 0) -> Iterator[Record | Reject]:
    """The records of all members of a tar archive, in their order."""
    _check_depth(input, limits)
    with input.open() as stream:
        yield from _numbered(input, limits, skip, _tar_members(stream))


def read_zip(input: Input, limits: Limits, skip: int = 0) -> Iterator[Record | Reject]:
    """The records of all members of a zip archive, in their order."""
    _check_depth(input, limits)
    with seekable(input) as stream:
        try:
            archive = zipfile.ZipFile(stream)
        except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
            raise damaged(f"the zip archive cannot be read: {error}") from None
        with archive:
            size = stream.seek(0, io.SEEK_END)
            yield from _numbered(input, limits, skip, _zip_members(archive, limits, size))


def _check_depth(input: Input, limits: Limits) -> None:
    if input.depth >= limits.max_nesting:
        raise too_deep(limits.max_nesting)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A member to read with `open`, or to refuse for what `refused` says."""

    name: str
    size: int | None = None
    open: Callable[[], BinaryIO] | None = None
    refused: tuple[Outcome, str, str] | None = None
    offset: int | None = None


def _numbered(input: Input, limits: Limits, skip: int, entries: Iterator[_Entry]) -> Iterator[Record | Reject]:
    from ingest.readers.registry import records

    number = members = 0
    seen: set[int] = set()
    for entry in entries:
        name = _shown(entry.name)
        parts = [part for part in name.split("/") if part not in ("", ".", "..")]
        if any(fnmatch(part, pattern) for part in parts for pattern in limits.ignore):
            limits.notes["members of archives ignored by their name"] += not skip
            continue
        if hash(name) in seen:
            limits.notes["members of archives that have the name of an earlier one"] += not skip
        seen.add(hash(name))
        members += 1
        place = f"{input.member}{_INSIDE}{name}" if input.member else name
        if entry.refused is not None or entry.open is None:
            items: Iterator[Record | Reject] = iter(_refusal(entry, input.source, place))
        else:
            items = _records_of(entry, input, place, limits, records)
        for item in items:
            if number >= skip:
                yield item if item.number == number else replace(item, number=number)
            number += 1
    if not number and not skip:
        what = "the archive holds no file" if not members else "no file of the archive holds a record"
        yield Reject(input.source, 0, Outcome.EMPTY, what, "check how the archive was made", member=input.member)


def _refusal(entry: _Entry, source: str, place: str) -> Iterator[Reject]:
    if entry.refused is not None:
        yield Reject(source, 0, *entry.refused, offset=entry.offset, size=entry.size, member=place)


def _records_of(entry: _Entry, outer: Input, place: str, limits: Limits, records: Any) -> Iterator[Record | Reject]:
    assert entry.open is not None
    try:
        inner = Input.of_stream(entry.open(), outer.source, place.rpartition("/")[2])
    except BrokenInputError as error:
        yield Reject(outer.source, 0, error.outcome, error.reason, error.remedy, entry.offset, entry.size, member=place)
    else:
        yield from records(replace(inner, member=place, depth=outer.depth + 1), limits)


def _shown(name: str) -> str:
    """A member's name as text: no control characters, no lone surrogates, of bounded length."""
    clean = "".join(char if char.isprintable() else "\ufffd" for char in name.replace("\\", "/"))
    return clean if len(clean) <= _NAME else f"…{clean[-_NAME:]}"


def _zip_members(archive: zipfile.ZipFile, limits: Limits, size: int) -> Iterator[_Entry]:
    told = sum(info.compress_size for info in archive.infolist())
    # some bombs let all members share the same bytes, so that together they are larger than the archive
    share = min(1.0, size / max(1, told))
    for info in archive.infolist():
        meter = Meter(limits, "zip")
        meter.count(int(info.compress_size * share), 0)
        mode = info.external_attr >> 16
        if info.filename.endswith("/") or stat.S_ISDIR(mode):
            continue
        place = (info.header_offset,)
        if stat.S_ISLNK(mode):
            yield _Entry(info.filename, info.file_size, None, (Outcome.UNREADABLE, _LINK, ""), *place)
        elif info.flag_bits & 1:
            remedy = "unpack it with its password, and read what it holds"
            yield _Entry(info.filename, info.file_size, None, (Outcome.UNREADABLE, "is encrypted", remedy), *place)
        else:
            yield _Entry(info.filename, info.file_size, partial(_opened, archive, info, meter), None, *place)


def _opened(archive: zipfile.ZipFile, info: zipfile.ZipInfo, meter: Meter) -> BinaryIO:
    try:
        return io.BufferedReader(_Unpacked(archive.open(info), meter), 1 << 16)
    except NotImplementedError:
        reason = f"its compression method {info.compress_type} is not known"
        raise BrokenInputError(Outcome.UNREADABLE, reason, "pack it anew with deflate") from None
    except (zipfile.BadZipFile, RuntimeError, ValueError, EOFError, UnicodeDecodeError) as error:
        raise damaged(f"the member cannot be read: {error}", info.header_offset) from None


class _Unpacked(io.RawIOBase):
    """A member's bytes; faults are BrokenInputErrors, and are told again."""

    def __init__(self, stream: Any, meter: Meter) -> None:
        self._stream, self._meter = stream, meter
        self._error: BrokenInputError | None = None

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._stream.close()
        super().close()

    def readinto(self, buffer: Any) -> int:
        if self._error is not None:
            raise self._error
        try:
            piece = self._stream.read(len(buffer))
            self._meter.count(0, len(piece))
        except BrokenInputError as error:
            self._error = error
            raise
        except (*FAULTS, zipfile.BadZipFile, NotImplementedError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            self._error = damaged(f"the member cannot be read on: {error}")
            raise self._error from None
        buffer[: len(piece)] = piece
        return len(piece)


def _tar_members(stream: BinaryIO) -> Iterator[_Entry]:
    for found in walk(stream):
        if isinstance(found, Stray):
            why = f"bytes {found.offset:,} to {found.offset + found.size:,} of the tar archive hold no header"
            if not found.size:
                why = "the tar archive ends without the mark of its end: files may be missing"
            refused = (Outcome.DAMAGED, why, "fetch the archive again; what can be read was read")
            yield _Entry("", found.size, None, refused, found.offset)
        elif found.kind == "link":
            yield _Entry(found.name, 0, None, (Outcome.UNREADABLE, _LINK, ""), found.offset)
        elif found.kind == "other":
            reason = "no plain file (a device, a sparse file, or the like)"
            yield _Entry(found.name, found.size, None, (Outcome.UNREADABLE, reason, "pack it as a file"), found.offset)
        else:
            yield _Entry(found.name, found.size, found.open, None, found.offset)
