"""Sources: files and objects known by the digest of their content."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from hashlib import blake2b, sha256
from typing import TYPE_CHECKING, BinaryIO

import msgspec
from msgspec.structs import replace

from ingest.storage.locations import is_url

if TYPE_CHECKING:
    from ingest.dataset.records import SourceEntry
    from ingest.storage.objects import Found

_BLOCK = 1 << 20
_AT_ONCE = 16  # objects
_SAID = "+"  # in digests, before the hash of what a sidecar says


class SourceFile(msgspec.Struct, frozen=True, gc=False):  # light: there may be a hundred thousand
    """A file, or an object of object storage, that may be ingested.

    `path` is relative to `root`, with `/` separators, and names the source in all tables; `location` opens
    the file. Names that are not UTF-8 are written with backslash escapes in `path` and `root`, not in
    `location`. `size` is in bytes, `mtime_ns` and `seen_ns` (the clock just before they were taken) in ns
    since the epoch. They are taken *before* the content is read, so that a file that changes meanwhile
    differs from its entry at the next run. Of an object `location` is the URL, and `etag` is what the store calls
    this content. `digest` is empty until `with_digest`; `error` says why the file cannot be read.

    `said`: what sidecars say of the page, see `ingest.readers.sidecars`; it is part of the digest. `fault`: what is
    wrong with a file that is a sidecar itself.
    """

    path: str
    root: str
    location: str
    size: int
    mtime_ns: int
    seen_ns: int
    digest: str = ""
    error: str = ""
    etag: str = ""
    said: str = ""
    fault: str = ""

    @classmethod
    def at(cls, root: str | os.PathLike[str], path: str | os.PathLike[str]) -> SourceFile:
        """The file `path` (relative) under `root`; raises FileNotFoundError if there is none."""
        name, folder = os.fspath(path), os.fspath(root)
        if is_url(folder):
            return cls._of_url(folder, name, f"{folder}/{name}")
        location = f"{folder}{os.sep}{name}" if folder and folder[-1] != os.sep else folder + name
        if os.sep != "/":
            name = name.replace(os.sep, "/")
        seen_ns = time.time_ns()
        try:
            stat = os.stat(location)
        except FileNotFoundError:
            raise
        except OSError as error:
            return cls(_printable(name), _printable(folder), location, 0, 0, seen_ns)._unreadable(error)
        size, mtime_ns = stat.st_size, stat.st_mtime_ns
        return cls(_printable(name), _printable(folder), location, size, mtime_ns, seen_ns)

    @classmethod
    def unlistable(cls, root: str, folder: str, error: OSError) -> SourceFile:
        """The folder `folder` under `root`, which cannot be listed; "" for the root itself, whose path is absolute. The
        path ends in a slash, as no file's does.
        """
        location = f"{root}/{folder}" if is_url(root) else os.path.join(root, folder)
        source = cls(_printable(f"{folder or root}/"), _printable(root), location, 0, 0, time.time_ns())
        return source._unreadable(error, "folder cannot be listed: ")

    @property
    def is_folder(self) -> bool:
        """True for a folder that cannot be listed; all other sources are files or objects."""
        return is_folder(self.path)

    def hides(self, entry: SourceEntry) -> bool:
        """Whether an entry may lie in this folder, which cannot be listed."""
        inside = self.path.startswith(self.root) or entry.path.startswith(self.path)
        return entry.root == self.root and inside

    @classmethod
    def of_object(cls, root: str, path: str, found: Found) -> SourceFile:
        """The object `path` below the URL `root`, as a listing has just told it."""
        size, mtime_ns, etag = found
        return cls(path, root, f"{root}/{path}", size, mtime_ns, time.time_ns(), etag=etag)

    @classmethod
    def _of_url(cls, root: str, path: str, location: str) -> SourceFile:
        from ingest.storage.objects import find

        seen_ns = time.time_ns()
        try:
            size, mtime_ns, etag = find(location)
        except FileNotFoundError:
            raise
        except OSError as error:
            return cls(path, root, location, 0, 0, seen_ns)._unreadable(error)
        return cls(path, root, location, size, mtime_ns, seen_ns, etag=etag)

    def open(self) -> BinaryIO:
        """The content, which is that of the listing where the source is an object. Raises OSError."""
        if not is_url(self.location):
            return open(self.location, "rb", buffering=0)
        from ingest.storage.objects import Found, open_object

        return open_object(self.location, Found(self.size, self.mtime_ns, self.etag))

    @staticmethod
    def root_name(root: str | os.PathLike[str]) -> str:
        """How `root` is written for this folder."""
        return _printable(os.fspath(root))

    def again(self) -> SourceFile:
        """The same file as it is now, without its digest; raises FileNotFoundError if it is gone."""
        if is_url(self.location):
            return SourceFile._of_url(self.root, self.path, self.location)
        fresh = SourceFile.at("", self.location)
        return replace(fresh, path=self.path, root=self.root)

    def is_fresh(self, seconds: float) -> bool:
        """True if the file was written to within so many seconds before it was looked at. A time in the future, by a
        clock that is ahead or put back, says nothing.
        """
        return bool(self.location) and 0 <= self.seen_ns - self.mtime_ns < seconds * 1e9

    @classmethod
    def of_bytes(cls, path: str, content: bytes) -> SourceFile:
        """A source without a file, e.g. standard input."""
        source = cls(path, "", "", len(content), 0, time.time_ns())
        return replace(source, digest=_name(sha256(content).hexdigest(), path, len(content)))

    def with_digest(self) -> SourceFile:
        """The same source with its digest, read in blocks; a file that cannot be read gets `error` instead of
        raising, except that one that is gone raises FileNotFoundError.
        """
        if self.digest:
            return self
        digest, length = sha256(), 0
        block = memoryview(bytearray(_BLOCK))
        try:
            with self.open() as file:
                while n := file.readinto(block):  # type: ignore[attr-defined]
                    digest.update(block[:n])
                    length += n
        except FileNotFoundError:
            raise
        except OSError as error:
            return self._unreadable(error)
        return replace(self, digest=_name(digest.hexdigest(), self.path, length) + self.said_key)

    @property
    def said_key(self) -> str:
        """What the digest ends in where a sidecar says something of this page."""
        return _SAID + _short(self.said) if self.said else ""

    def with_fault(self, fault: str) -> SourceFile:
        """The same file as a sidecar that cannot be used as it is; with another fault it is another content."""
        return replace(self, fault=fault, digest=f"damaged:{_short(self.path, fault)}")

    def has_moved(self) -> bool:
        """True if the file is no longer what it was when its size and time were taken, as far as these tell."""
        if not self.location:
            return False
        if is_url(self.location):
            try:
                now = self.again()
            except FileNotFoundError:
                return True
            return (now.size, now.mtime_ns, now.etag) != (self.size, self.mtime_ns, self.etag)
        try:
            stat = os.stat(self.location)
        except OSError:
            return True
        return (stat.st_size, stat.st_mtime_ns) != (self.size, self.mtime_ns)

    def _unreadable(self, error: OSError, what: str = "") -> SourceFile:
        reason = f"{what}{error.strerror or error}"
        return replace(self, digest=f"unreadable:{_short(self.path, reason)}", error=reason)


def of_content(digest: str) -> str:
    """A digest without what it tells of a sidecar."""
    return digest.partition(_SAID)[0]


def is_folder(path: str) -> bool:
    """True for the path of a source that is a folder which cannot be listed."""
    return path.endswith("/")


def digested(sources: Sequence[SourceFile]) -> Iterator[SourceFile | None]:
    """Each source with its digest, in order; None for one that is gone. Objects are read several at a time: most of the
    time of small ones goes into waiting for the store.
    """

    def read(source: SourceFile) -> SourceFile | None:
        try:
            return source.with_digest()
        except FileNotFoundError:
            return None

    if not any(is_url(source.location) and not source.digest for source in sources):
        yield from map(read, sources)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        yield from pool.map(read, sources)


def _name(hexdigest: str, path: str, length: int) -> str:
    # Empty files are no copies of each other: each is to be accounted for under its own path.
    return f"sha256:{hexdigest}" if length else f"empty:{_short(path)}"


def _short(*parts: str) -> str:
    return blake2b("\0".join(parts).encode(), digest_size=10).hexdigest()


def _printable(name: str) -> str:
    if name.isascii():
        return name
    return os.fsencode(name).decode("utf-8", "backslashreplace")
