"""The storage at a path or URL; each kind is imported where it is used."""

from __future__ import annotations

import os

from ingest.storage import Storage
from ingest.storage.locations import as_place


def storage_at(given: str | os.PathLike[str]) -> Storage:
    """The storage at a path or URL; nothing is touched yet. Raises ConfigError for a URL that cannot be used."""
    place = as_place(given)
    if isinstance(place, str):
        from ingest.storage.bucket import Bucket

        return Bucket(place)
    from ingest.storage.folder import Folder

    return Folder(place)
