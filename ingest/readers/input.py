"""What a reader reads: bytes under a name, wherever they come from."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

HEAD_BYTES = 4096


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
    def of_bytes(cls, content: bytes, source: str, filename: str = "") -> Input:
        """Bytes in memory, e.g. a page that came over an interface."""
        return cls(source, filename or source, content[:HEAD_BYTES], lambda: io.BytesIO(content), len(content))
