"""Where a dataset lies: a folder on disk, or objects below a URL, behind the same few verbs.

Files are called by names relative to that place, with `/` separators. All verbs raise OSError, and FileNotFoundError
for what is not there, so that those who use them need not know which kind of place it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from ingest.storage.locations import Place

if TYPE_CHECKING:
    from ingest.storage.owner import Owner


class Sink(Protocol):
    """A file that is being written, with the methods that pyarrow asks of a Python file object. It exists under no name
    that a reader would look at until it is published.
    """

    @property
    def name(self) -> str:
        """Where the closed sink lies until it is published: for `Storage.publish`, also that of another process."""

    @property
    def size(self) -> int: ...
    @property
    def closed(self) -> bool: ...
    @property
    def sha256(self) -> str: ...
    def write(self, data: bytes) -> int: ...
    def tell(self) -> int: ...
    def flush(self) -> None: ...

    def close(self) -> None:
        """Make what was written durable; only then may it be published."""

    def discard(self) -> None:
        """Throw away what was written, if it is not published yet; never raises."""


class Storage(Protocol):
    """The verbs. An instance can be pickled; that of another process reaches the same place, without the lock.

    `fenced` says that a process which wrongly believes to hold the lock may still be writing here: a lease can be lost,
    a lock of the operating system cannot.
    """

    @property
    def place(self) -> Place: ...
    @property
    def fenced(self) -> bool: ...

    def at(self, name: str) -> Place:
        """Path or URL of a file, to be shown or given to other programs."""

    def read(self, name: str) -> bytes:
        """The whole content."""

    def read_all(self, names: Sequence[str]) -> Iterator[bytes | None]:
        """The contents of small files, in order; None for one that is not there."""

    def open(self, name: str) -> BinaryIO:
        """A seekable stream of the content, which stays whole when the file is replaced or removed meanwhile, or
        raises.
        """

    def size(self, name: str) -> int:
        """In bytes."""

    def is_missing(self, name: str) -> bool:
        """True if there certainly is no such file; False also if the storage will not say."""

    def has_folder(self, folder: str) -> bool:
        """Whether a folder that was made with `found` is still there."""

    def list(self, folder: str) -> list[str]:
        """Names of the files in a folder, relative to it, sorted; none if there is no such folder."""

    def walk(self, folder: str) -> Iterator[str]:
        """Names of all files below a folder, in any order."""

    def prepare(self, folders: Iterable[str]) -> None:
        """Make folders, and the place itself, where folders are real."""

    def found(self, folder: str) -> None:
        """Make a folder that `has_folder` will know, also where folders are not real."""

    def replace(self, name: str, data: bytes) -> None:
        """Write a small file in one step: whatever happens, it holds either its old or its new content."""

    def create(self, name: str, data: bytes) -> None:
        """Write a small file that must not be there yet, else FileExistsError is raised."""

    def sink(self, name: str) -> Sink:
        """Begin a file that is to be published under this name or another one."""

    def publish(self, names: Sequence[tuple[str, str]]) -> None:
        """Give closed sinks, by `Sink.name`, their names, each in one step, and make that durable."""

    def remove(self, names: Iterable[str], *, durable: bool = False) -> None:
        """Remove files; those that are gone already are no matter. `durable`: certain when this returns."""

    def discard(self, name: str) -> None:
        """Remove a file if possible; never raises."""

    def lock(self, name: str, *, wait: bool = False) -> AbstractContextManager[Any]:
        """Be the only one who writes here; raises LockedError at once, or waits, if another process is."""

    def owner(self, name: str) -> Owner | None:
        """Who holds, or last held, the lock; None if that is not known."""
