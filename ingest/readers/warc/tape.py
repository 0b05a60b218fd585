"""The bytes of a file of records, decompressed member by member, with the places in the file that they come from."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import BinaryIO

from ingest.readers.broken import damaged
from ingest.readers.expand import FAULTS, Codec, Decompressor, Meter, Zstd
from ingest.readers.limits import Limits

_CHUNK = 1 << 16
_PIECE = 1 << 18  # of decompressed bytes
_KEPT = 1 << 26  # bytes kept of a stream that cannot go back
_DICTIONARY_LIMIT = 1 << 24
_PROBE = 4096


class Raw:
    """The stored bytes, in which one can go back: anywhere in a file, some way in other streams."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._seekable = stream, stream.seekable()
        self._kept = bytearray()
        self._end = 0  # position behind the last byte in `_kept`
        self.position = 0

    def read(self, size: int) -> bytes:
        if self._seekable:
            data = self._stream.read(size)
        elif behind := self._end - self.position:
            data = bytes(self._kept[len(self._kept) - behind :][:size])
        else:
            data = self._stream.read(size)
            self._kept += data
            self._end += len(data)
            del self._kept[:-_KEPT]
        self.position += len(data)
        return data

    def go(self, position: int) -> None:
        """To `position`, or as near to it as this stream can."""
        if self._seekable:
            self._stream.seek(position)
            self.position = position
        else:
            self.position = max(position, self._end - len(self._kept))


class Tape:
    """`data` holds what is decompressed and not yet dropped; it grows by `feed` and begins where the next record does.

    Without a codec the stored bytes are the data. `is_start` tells whether bytes begin a record. The zstd form is that
    of the IIPC proposal "WARC zstd": a frame for each record, with an optional dictionary in a leading skippable frame.
    """

    def __init__(self, raw: Raw, codec: Codec | None, limits: Limits, is_start: Callable[[bytes], bool]) -> None:
        self.data = bytearray()
        self._raw, self._codec, self._limits, self._is_start = raw, codec, limits, is_start
        self._starts: list[tuple[int, int]] = []  # index in data, place in the file, of each member
        self._decoder: Decompressor | None = None
        self._pending = b""
        self._dictionary: bytes | None = None
        self._meter = Meter(limits, codec.name if codec else "")
        self._is_over = False

    @property
    def offset(self) -> int:
        """Where the first byte of `data` is stored: its own place, or that of the compressed member that holds it."""
        if self._codec is None:
            return self._raw.position - len(self.data)
        if self.data or self._decoder:
            return next(place for index, place in reversed(self._starts) if index <= 0)
        return self._raw.position - len(self._pending)

    def feed(self, cross: bool = True) -> bool:
        """Add to `data`. False at the end, and without `cross` at the end of a compressed member.

        Raises BrokenInputError where a member cannot be decompressed; `recover` goes on behind it.
        """
        if self._is_over:
            return False
        if self._codec is None:
            piece = self._raw.read(_CHUNK)
            self.data += piece
            return bool(piece)
        while True:
            if self._decoder is None and not (cross and self._open_member()):
                return False
            if self._decode():
                return True

    def drop(self, size: int) -> None:
        """Forget the first `size` bytes of `data`."""
        del self.data[:size]
        starts = [(index - size, place) for index, place in self._starts]
        current = [start for start in starts if start[0] <= 0][-1:]
        self._starts = [(0, place) for _, place in current] + [start for start in starts if start[0] > 0]

    def go_back(self, offset: int) -> bool:
        """Whether `data` could be made to begin at `offset` again; only stored bytes that were not compressed can."""
        if self._codec is not None:
            return False
        self._raw.go(offset)
        self.data.clear()
        return True

    def recover(self, after: int) -> None:
        """To the next compressed member behind the place `after` that begins with a record, or to the end.

        Of an archive that is not compressed by record, what fails is the stream around it, and that gives no more.
        """
        if self._codec is None:
            self.data.clear()
            self._is_over = True
            return
        self._decoder, self._pending = None, b""
        self._meter = Meter(self._limits, self._codec.name)
        self.data.clear()
        self._starts.clear()
        magic = self._codec.magic
        self._raw.go(after + 1)
        start = self._raw.position
        block = b""
        while more := self._raw.read(_CHUNK):
            block += more
            place = -1
            while (place := block.find(magic, place + 1)) >= 0:
                if self._holds_record(start + place):
                    self._raw.go(start + place)
                    return
                self._raw.go(start + len(block))
            kept = len(magic) - 1
            start, block = start + len(block) - kept, block[-kept:]

    def _holds_record(self, offset: int) -> bool:
        self._raw.go(offset)
        try:
            return self._is_start(self._new_decoder().decompress(self._raw.read(_PROBE), _PROBE))
        except FAULTS:
            return False

    def _new_decoder(self) -> Decompressor:
        assert self._codec is not None
        return Zstd(self._dictionary) if self._dictionary is not None else self._codec.open()

    def _take(self, size: int) -> bytes:
        """At least `size` of the stored bytes that come next, if there are so many; they stay pending."""
        while len(self._pending) < size and (more := self._raw.read(max(_CHUNK, size - len(self._pending)))):
            self._pending += more
        return self._pending[:size]

    def _open_member(self) -> bool:
        assert self._codec is not None
        while self._take(8):
            if self._pending.startswith(self._codec.magic):
                self._decoder = self._new_decoder()
                self._starts.append((len(self.data), self._raw.position - len(self._pending)))
                return True
            rest = self._pending.lstrip(b"\0")  # padding
            if len(rest) < len(self._pending):
                self._pending = rest
            elif self._codec.begins(self._pending):
                self._skippable()
            else:
                place = self._raw.position - len(self._pending)
                raise damaged(f"no {self._codec.name} data begins at byte {place:,}", place)
        return False

    def _skippable(self) -> None:
        (size,) = struct.unpack("<I", self._pending[4:8])
        place = self._raw.position - len(self._pending)
        if size > _DICTIONARY_LIMIT or len(self._take(8 + size)) < 8 + size:
            raise damaged(f"the frame of {size:,} bytes at byte {place:,} is too large", place)
        content, self._pending = self._pending[8 : 8 + size], self._pending[8 + size :]
        if not place:
            packed = content.startswith(self._codec.magic) if self._codec else False
            try:
                self._dictionary = Zstd().decompress(content, _DICTIONARY_LIMIT) if packed else content
                self._new_decoder()
            except ValueError as error:
                self._dictionary = None
                raise damaged(f"the dictionary cannot be used: {error}", place) from None

    def _decode(self) -> bool:
        """Whether decoding gave something; the member may have ended with it."""
        assert self._codec is not None
        assert self._decoder is not None
        chunk, self._pending = self._pending, b""
        if not chunk and self._decoder.needs_input:
            chunk = self._raw.read(_CHUNK)
            over = not chunk
        else:
            over = False
        try:
            piece = self._decoder.decompress(chunk, _PIECE)
        except FAULTS as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise damaged(str(error)) from None
        if self._decoder.eof:
            self._pending, self._decoder = self._decoder.unused_data, None
        elif over and not piece:
            raise damaged("the file ends in the midst of a record")
        self._meter.count(len(chunk), len(piece))
        self.data += piece
        return bool(piece)
