"""Places as users name them: paths of the file system, and URLs of objects."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TypeAlias

from ingest.errors import ConfigError

Place: TypeAlias = "Path | str"
"""A path of the file system, or the URL of objects as a string."""

SCHEMES = ("s3", "gs", "az")
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")


def as_place(given: str | os.PathLike[str]) -> Place:
    """What a user gave as a place: URLs of objects stay what they are, without a slash at the end; `file://` and
    everything else is a path. Raises ConfigError for other URLs.
    """
    text = os.fspath(given)
    found = _URL.match(text)
    if found is None:
        return Path(given)
    if found[1] in SCHEMES:
        if not text[found.end() :].strip("/"):
            raise ConfigError(f"{text} names no bucket", source=text, hint=f"write {found[1]}://BUCKET/FOLDER")
        return text.rstrip("/")
    if found[1] == "file":
        from urllib.parse import urlsplit
        from urllib.request import url2pathname

        return Path(url2pathname(urlsplit(text).path))
    known = ", ".join(f"{scheme}://" for scheme in SCHEMES)
    raise ConfigError(
        f"{text}: {found[1]}:// is no storage that can be used", source=text, hint=f"use {known}, file://, or a path"
    )


def is_url(location: str | os.PathLike[str]) -> bool:
    """True for the URL of an object, or of what lies below one."""
    found = _URL.match(location) if isinstance(location, str) else None
    return found is not None and found[1] in SCHEMES


def absolute(place: Place) -> str:
    """The place by a name that holds in other working directories too."""
    return str(place) if is_url(place) else os.path.abspath(place)


def joined(root: str, path: str) -> str:
    """The location of a source, as `SourceFile` names root and path."""
    return f"{root}/{path}" if is_url(root) else os.path.join(root, path)


def exists(location: str) -> bool:
    """Whether there is such a file or object. Raises OSError if an object store does not say."""
    if not is_url(location):
        return os.path.exists(location)
    from ingest.storage.objects import find

    try:
        find(location)
    except FileNotFoundError:
        return False
    return True
