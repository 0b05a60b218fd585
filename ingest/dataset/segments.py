"""Finished segments on disk: their records, what is wrong with them, and how they go.

_ingest/staging/<key>-<number>.json            the record: a segment exists because it does
_ingest/staging/<key>-<number>-<table>.arrow   its rows
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Literal

import msgspec

from ingest.dataset import layout
from ingest.dataset.sources import SourceFile
from ingest.storage import Storage
from ingest.storage.disk import disk_errors
from ingest.storage.locations import exists, joined

Purpose = Literal["learn", "apply"]

VERSION = 1
_BLOCK = 1 << 20
_NAME = re.compile(r"([0-9a-f]{20})-(\d{6})(?:\.json|-[a-z]+\.arrow)")


class SegmentFile(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of one table, as an Arrow IPC stream. `sha256` is that of the whole file."""

    table: str
    rows: int
    bytes: int
    sha256: str


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """Record of a finished segment. `records` counts those of the source that it and all segments before it hold;
    `work` names what its rows were made with; `forgotten` records were left out, see `SourceEntry`.
    """

    version: int
    purpose: Purpose
    root: str
    path: str
    digest: str
    work: list[str]
    number: int
    records: int
    files: list[SegmentFile]
    forgotten: list[str] = []


def read_staging(storage: Storage) -> dict[str, list[Segment]]:
    """All segments by key, in order of their numbers; what cannot be read counts as not there."""
    found: dict[str, list[Segment]] = {}
    for name in storage.list(layout.STAGING):
        match = _NAME.fullmatch(name)
        if match and name.endswith(".json"):
            try:
                segment = msgspec.json.decode(storage.read(_path(name)), type=Segment)
            except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
                continue
            if segment.version == VERSION and int(match[2]) == segment.number:
                found.setdefault(match[1], []).append(segment)
    return found


def damage(storage: Storage, key: str, segment: Segment, *, deep: bool = True) -> Iterator[tuple[str, str]]:
    """(file name, what is wrong with it) for each file of a segment that is not as its record says."""
    for file in segment.files:
        name = layout.segment_name(key, segment.number, file.table)
        try:
            if (size := storage.size(_path(name))) != file.bytes:
                yield name, f"has {size} bytes, its record says {file.bytes}"
            elif deep and digest_of(storage, _path(name)) != file.sha256:
                yield name, "is not what was written: its SHA-256 differs"
        except OSError as error:
            yield name, f"cannot be read: {error.strerror or error}"


def leftovers(storage: Storage) -> list[str]:
    """Names of files in the staging folder that belong to no segment."""
    owned = {
        name
        for key, segments in read_staging(storage).items()
        for segment in segments
        for name in (
            layout.segment_name(key, segment.number),
            *(layout.segment_name(key, segment.number, file.table) for file in segment.files),
        )
    }
    return [name for name in storage.list(layout.STAGING) if name not in owned and _NAME.fullmatch(name)]


def clear_stale(storage: Storage, todo: Iterable[SourceFile], roots: Iterable[str]) -> list[str]:
    """Remove the segments of sources that have changed, gone, or been committed; returns their paths.

    Those of a source outside of `roots`, which this run is not asked about, stay as long as the file is there.
    """
    wanted = {(source.path, source.digest) for source in todo}
    asked = set(roots)
    removed = []
    with disk_errors("clear", storage.at(layout.STAGING)):
        for key, segments in read_staging(storage).items():
            first = segments[0]
            elsewhere = first.root not in asked and exists(joined(first.root, first.path))
            if (first.path, first.digest) not in wanted and not elsewhere:
                remove_segments(storage, key, segments)
                removed.append(first.path)
    return sorted(set(removed))


def remove_segments(storage: Storage, key: str, segments: list[Segment]) -> None:
    """From the last to the first, so that a crash leaves the beginning."""
    names = []
    for segment in reversed(segments):
        names.append(layout.segment_name(key, segment.number))
        names += [layout.segment_name(key, segment.number, file.table) for file in segment.files]
    storage.remove(map(_path, names), durable=True)


def clear_key(storage: Storage, key: str) -> None:
    """Remove the segments of one source, which are in a part now."""
    with disk_errors("clear", storage.at(layout.STAGING)):
        remove_segments(storage, key, read_staging(storage).get(key, []))


def digest_of(storage: Storage, name: str) -> str:
    """SHA-256 of a file."""
    digest = sha256()
    with storage.open(name) as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _path(name: str) -> str:
    return f"{layout.STAGING}/{name}"
