"""Decompression in pieces of bounded size, for streams of one or several compressed members."""

from __future__ import annotations

import bz2
import io
import lzma
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, NamedTuple, Protocol

from ingest.document import Outcome
from ingest.readers.broken import BrokenInputError, damaged
from ingest.readers.limits import Limits

_CHUNK = 1 << 16
_PADDING = b"\0"
_EXPANSION_COUNTS_FROM = 100_000_000  # bytes; below it even a bomb does no harm
_LARGEST_WINDOW = 27  # log2 of bytes of memory that a zstd frame may ask for; the command line's own limit


FAULTS = (zlib.error, lzma.LZMAError, EOFError, ValueError, OSError)
"""What decompressors raise for bad data; an OSError with an errno is a fault of the disk."""


class Decompressor(Protocol):
    """The interface that bz2, lzma and zstd have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class Gzip:
    """zlib with the interface of the others; checks CRC and length of each member."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail and not self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max(max_length, 0))


class Codec(NamedTuple):
    """A compression: `open` makes a decompressor for one member, which begins with `magic`. `by_record`: web archives
    are stored in it record by record.
    """

    name: str
    magic: bytes
    suffixes: tuple[str, ...]
    open: Callable[[], Decompressor]
    by_record: bool = False

    def begins(self, data: bytes) -> bool:
        """Whether a member begins with these bytes."""
        return data.startswith(self.magic) or (self.open is Zstd and is_skippable(data))

    def peek(self, head: bytes) -> bytes:
        """The first decompressed bytes, as far as they can be told from the first stored ones."""
        try:
            return self.open().decompress(head, len(head))
        except FAULTS:
            return b""


def is_skippable(data: bytes) -> bool:
    """Whether a zstd frame without content begins here (RFC 8878, 3.1.2)."""
    return data[1:4] == b"*M\x18" and data[0] >> 4 == 5


class Zstd:
    """One zstd frame; faults are ValueErrors. Raises ValueError for a dictionary that is none."""

    def __init__(self, dictionary: bytes | None = None) -> None:
        if sys.version_info >= (3, 14):  # pragma: no cover
            from compression import zstd
        else:
            from backports import zstd

        self._error = zstd.ZstdError
        options: dict[int, int] = {zstd.DecompressionParameter.window_log_max: _LARGEST_WINDOW}
        with self._faults():
            known = None if dictionary is None else zstd.ZstdDict(dictionary)
            self._inner: Decompressor = zstd.ZstdDecompressor(known, options)

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except self._error as error:
            raise ValueError(str(error)) from None

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return self._inner.needs_input

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        with self._faults():
            return self._inner.decompress(data, max_length)


CODECS = (
    Codec("gzip", b"\x1f\x8b\x08", (".gz", ".gzip", ".tgz"), Gzip, True),
    Codec("bzip2", b"BZh", (".bz2", ".tbz2", ".tbz"), bz2.BZ2Decompressor),
    Codec("xz", b"\xfd7zXZ\0", (".xz", ".txz"), lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=256 << 20)),
    Codec("zstd", b"(\xb5/\xfd", (".zst", ".zstd", ".tzst"), Zstd, True),
)
_BLOCK = b"1AY&SY"  # after "BZh" and a digit a block of bzip2 begins, or the end of an empty stream
_EMPTY = b"\x17rE8P\x90"


def codec_of(head: bytes) -> Codec | None:
    """The compression that the first bytes show."""
    for codec in CODECS:
        if codec.begins(head):
            # three letters could begin a text
            return codec if codec.name != "bzip2" or head[4:10] in (_BLOCK, _EMPTY) else None
    return None


def codec_named(name: str) -> Codec | None:
    """The compression that the last suffix of a name tells."""
    return next((codec for codec in CODECS if name.lower().endswith(codec.suffixes)), None)


class Meter:
    """Compares what went into a decompressor with what came out."""

    def __init__(self, limits: Limits, name: str) -> None:
        self._limits, self._name = limits, name
        self.taken = self._given = 0

    def count(self, taken: int, given: int) -> None:
        """Raises BrokenInputError where the data has grown too much."""
        self.taken += taken
        self._given += given
        if self._given > max(_EXPANSION_COUNTS_FROM, self._limits.max_expansion * self.taken):
            raise BrokenInputError(
                Outcome.TOO_LARGE,
                f"{self.taken:,} bytes of {self._name} data expand to more than {self._given:,}",
                "if this is no attack, raise max_expansion",
                self.taken,
            )


class Expanded(io.RawIOBase):
    """The decompressed bytes of a stream; raises BrokenInputError where they end before their time or never would."""

    def __init__(self, stream: BinaryIO, codec: Codec, limits: Limits) -> None:
        self._stream, self._codec = stream, codec
        self._decompressor = codec.open()
        self._pending = b""
        self._meter = Meter(limits, codec.name)
        self._error: BrokenInputError | None = None

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._stream.close()
        super().close()

    def readinto(self, buffer: Any) -> int:
        """What came before a fault is given first, the fault is told at the next call."""
        view, filled = memoryview(buffer).cast("B"), 0
        while filled < len(view) and self._error is None:
            try:
                piece = self._next(len(view) - filled)
            except BrokenInputError as error:
                self._error = error
            except FAULTS as error:
                if isinstance(error, OSError) and error.errno is not None:
                    raise
                self._error = damaged(f"the {self._codec.name} data cannot be read on: {error}", self._meter.taken)
            else:
                if not piece:
                    break
                view[filled : filled + len(piece)] = piece
                filled += len(piece)
        if not filled and self._error is not None:
            raise self._error
        return filled

    def _next(self, limit: int) -> bytes:
        """At most `limit` bytes; none at the end."""
        over = False
        while True:
            if self._decompressor.eof and not self._begin_member():
                return b""
            data, self._pending = self._pending, b""
            if not data and self._decompressor.needs_input:
                data = self._fetch()
                over = not data
            # also without further input: zlib may hold back what went beyond the limit
            if piece := self._decompressor.decompress(data, limit):
                self._meter.count(0, len(piece))
                return piece
            if over and not self._decompressor.eof:
                raise damaged(f"the {self._codec.name} data ends in its midst", self._meter.taken)

    def _begin_member(self) -> bool:
        """Whether another member follows the one that has ended."""
        rest = self._decompressor.unused_data
        while not (rest := rest.lstrip(_PADDING)):
            if not (rest := self._fetch()):
                return False
        while len(rest) < len(self._codec.magic) and (more := self._fetch()):
            rest += more
        if not self._codec.begins(rest):
            raise damaged(f"what follows the {self._codec.name} data is no such data", self._meter.taken - len(rest))
        self._decompressor, self._pending = self._codec.open(), rest
        return True

    def _fetch(self) -> bytes:
        data = self._stream.read(_CHUNK)
        self._meter.count(len(data), 0)
        return data
