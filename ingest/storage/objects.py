"""Objects by URL, through obstore (https://developmentseed.org/obstore), which is loaded when the first URL is met.

Credentials and endpoint come from the environment, as obstore reads it: AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL, the role
of the machine, and so on. All errors become OSError, FileNotFoundError for what is not there.
"""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from typing import Any, BinaryIO, NamedTuple

from ingest.errors import ConfigError

BLOCK = 2 << 20  # bytes of one ranged read
_SMALL = ("20s", 5, timedelta(seconds=30))  # timeout of a request, retries, seconds after which there are no more
_LARGE = ("180s", 8, timedelta(seconds=180))
_NO_BUCKET = "no such bucket"
_NO_CREDENTIALS = "no credentials: neither the environment nor the machine gives any"
_MACHINE = "://169.254.169.254/"  # where machines of the clouds ask for theirs, when the environment has none
_forked = False


def _after_fork() -> None:
    global _forked
    _forked = bool(_store.cache_info().currsize)


class Changed(OSError):
    """The object is not, or no longer, the one that was meant."""


class Found(NamedTuple):
    """Size in bytes, time of the last change in ns since the epoch by the store's clock, and the store's name for
    this content, which changes with it; empty if it has none.
    """

    size: int
    mtime_ns: int
    etag: str


def connect(url: str, *, small: bool = False) -> tuple[Any, str]:
    """The store of a URL's bucket, and the key of the object in it. `small`: for requests that must end soon.

    Raises:
        ConfigError: obstore is not installed, or the environment does not say what the store needs.
    """
    if _forked:  # the threads of the store's client are gone, and whoever waits for them waits forever
        raise OSError(errno.EIO, "object storage cannot be used in a forked process")
    scheme, _, rest = url.partition("://")
    bucket, _, key = rest.partition("/")
    return _store(f"{scheme}://{bucket}", small), key.strip("/")


@cache
def _store(bucket: str, small: bool) -> Any:
    try:
        from obstore.store import from_url
    except ImportError:
        hint = "pip install 'ingest[object-storage]'"
        raise ConfigError(
            f"{bucket} is object storage, for which obstore is not installed", source=bucket, hint=hint
        ) from None
    timeout, retries, seconds = _SMALL if small else _LARGE
    endpoints = (value for name, value in os.environ.items() if "ENDPOINT" in name.upper())
    plain = any(value.startswith("http://") for value in endpoints)  # said so by whoever set it
    try:
        return from_url(
            bucket,
            client_options={"timeout": timeout, "allow_http": plain},
            retry_config={"max_retries": retries, "retry_timeout": seconds},
        )
    except Exception as error:  # obstore's own, ValueError, and others, by store
        reason = str(error).split("\n")[0]
        raise ConfigError(
            f"{bucket}: {reason}", source=bucket, hint="see docs/object-storage.md on credentials"
        ) from None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


@contextmanager
def errors(what: str) -> Iterator[None]:
    """Turn what obstore raises into OSError with one line of text; `what` is the object."""
    from obstore import exceptions

    try:
        yield
    except FileNotFoundError as error:
        reason = _NO_BUCKET if "NoSuchBucket" in str(error) else "no such object"
        raise FileNotFoundError(errno.ENOENT, reason, what) from None
    except exceptions.AlreadyExistsError:
        raise FileExistsError(errno.EEXIST, "the object exists", what) from None
    except (exceptions.PreconditionError, exceptions.NotModifiedError):
        raise Changed(errno.ESTALE, "the object has changed meanwhile", what) from None
    except (exceptions.PermissionDeniedError, exceptions.UnauthenticatedError):
        raise PermissionError(errno.EACCES, "the store refuses these credentials", what) from None
    except (exceptions.BaseError, ValueError) as error:
        if "NoSuchBucket" in str(error):
            raise FileNotFoundError(errno.ENOENT, _NO_BUCKET, what) from None
        if _MACHINE in str(error):
            raise PermissionError(errno.EACCES, _NO_CREDENTIALS, what) from None
        raise OSError(errno.EIO, str(error).split("\n")[0][:400], what) from None


def find(url: str) -> Found:
    """What the store says of an object. Raises FileNotFoundError, or another OSError."""
    import obstore

    store, key = connect(url, small=True)
    if not key:
        raise FileNotFoundError(errno.ENOENT, "a bucket is no object", url)
    with errors(url):
        return _found(obstore.head(store, key))


def below(url: str) -> Iterator[tuple[str, Found]]:
    """All objects below a URL, by names relative to it; some 1,000 of them come with each request."""
    import obstore

    store, key = connect(url)
    prefix = f"{key}/" if key else ""
    with errors(url):
        for chunk in obstore.list(store, key or None, chunk_size=1000):
            for meta in chunk:
                if meta["path"].startswith(prefix):
                    yield meta["path"][len(prefix) :], _found(meta)


def open_object(url: str, found: Found | None = None) -> BinaryIO:
    """A seekable, buffered stream of an object, read in blocks. Raises OSError if it changes while it is read."""
    store, key = connect(url)
    return io.BufferedReader(ObjectFile(store, key, url, found), BLOCK)


class ObjectFile(io.RawIOBase):
    """An object by ranged reads, all of the same content."""

    def __init__(self, store: Any, key: str, url: str, found: Found | None = None) -> None:
        import obstore

        self._store, self._key, self._url = store, key, url
        if found is None:
            with errors(url):
                found = _found(obstore.head(store, key))
        self._size, self._etag = found.size, found.etag
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, start + offset)
        return self._position

    def readinto(self, buffer: Any) -> int:
        import obstore

        view = memoryview(buffer).cast("B")
        end = min(self._position + len(view), self._size)
        if self._position >= end:
            return 0
        options: Any = {"range": (self._position, end)}
        if self._etag:
            options["if_match"] = self._etag
        with errors(self._url):
            piece = memoryview(obstore.get(self._store, self._key, options=options).bytes())
        view[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)


def version_of(meta: Any) -> dict[str, str]:
    """What a conditional write has to name: the ETag, or for some stores the number of the version."""
    return {name: meta[name] for name in ("e_tag", "version") if meta[name] is not None}


def _found(meta: Any) -> Found:
    modified = meta["last_modified"]
    return Found(meta["size"], int(modified.timestamp() * 1_000_000) * 1000, meta["e_tag"] or "")
