"""What a reader reads: bytes under a name, wherever they come from."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from ingest.dataset import SourceFile
from ingest.readers.broken import BrokenInputError
from ingest.storage.locations import is_url

HEAD_BYTES = 4096
AT_ONCE = 1 << 20  # bytes of an object that are fetched with one request


@dataclass(frozen=True, slots=True)
class Input:
    """A file, a member of an archive, what a compressed file holds, or standard input.

    `source` is the name that rows get. `filename` has the suffix that hints at the format. `head` holds the first
    `HEAD_BYTES`. `open` gives a stream of all bytes; it may raise OSError, the stream need not be seekable, and of a
    stream that cannot be read twice it is called once only. `size` in bytes, where it is known beforehand. `location`
    is set for files only. `member` names the place inside an archive; it is text to show, never a path to use.
    `depth` counts the archives and compressions around these bytes.
    """

    source: str
    filename: str
    head: bytes
    open: Callable[[], BinaryIO]
    size: int | None = None
    location: Path | None = None
    member: str | None = None
    depth: int = 0

    @property
    def suffix(self) -> str:
        """The last suffix of the name, in lower case, with its dot; empty where there is none."""
        return PurePosixPath(self.filename).suffix.lower()

    @classmethod
    def of_path(cls, location: Path, source: str) -> Input:
        """The file at `location`. Raises OSError where it cannot be opened."""
        with location.open("rb") as file:
            head = file.read(HEAD_BYTES)
            size = file.seek(0, io.SEEK_END) if file.seekable() else None
        return cls(source, location.name, head, lambda: location.open("rb"), size, location)

    @classmethod
    def of_source(cls, source: SourceFile) -> Input:
        """A file, or an object of object storage; a small one is fetched here and now. Raises OSError where it cannot
        be opened.
        """
        if not is_url(source.location):
            return cls.of_path(Path(source.location), source.path)
        name = PurePosixPath(source.location).name
        if source.size <= AT_ONCE:
            with source.open() as file:
                return cls.of_bytes(file.read(), source.path, name)
        with source.open() as file:
            head = file.read(HEAD_BYTES)
        return cls(source.path, name, head, source.open, source.size)

    @classmethod
    def of_bytes(cls, content: bytes, source: str, filename: str = "") -> Input:
        """Bytes in memory, e.g. a page that came over an interface."""
        return cls(source, filename or source, content[:HEAD_BYTES], lambda: io.BytesIO(content), len(content))

    @classmethod
    def of_stream(cls, stream: BinaryIO, source: str, filename: str = "") -> Input:
        """A stream that is read once, e.g. standard input; with a `read1` it need not wait for more than it needs."""
        head = b""
        with suppress(BrokenInputError):  # streams raise it again
            while len(head) < HEAD_BYTES and (piece := stream.read1(HEAD_BYTES - len(head))):  # type: ignore[attr-defined]
                head += piece
        return cls(source, filename or source, head, lambda: io.BufferedReader(_Rejoined(head, stream)))


class _Rejoined(io.RawIOBase):
    """A stream whose first bytes were taken off for a look."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        self._head, self._stream = head, stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._head[: len(buffer)] if self._head else self._stream.read1(len(buffer))  # type: ignore[attr-defined]
        self._head = self._head[len(piece) :]
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        self._stream.close()
        super().close()
