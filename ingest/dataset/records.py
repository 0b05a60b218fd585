"""Commit records: what a part is made of, as JSON that can be read by eye.

A part exists because its record does. Fields may be added with a default; anything else raises
`RECORD_VERSION`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import blake2b

import msgspec
from msgspec.structs import force_setattr

from ingest.errors import DatasetError

RECORD_VERSION = 1
_MOST_KNOWN = 10_000  # different counts that are held in common
_KEY_BYTES = 10  # 80 bits: no clash to fear below some 10^10 parts


class PartFile(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One Parquet file of a part. `path` is relative to the dataset, `bytes` its size, `sha256` of the whole
    file.
    """

    table: str
    path: str
    rows: int
    bytes: int
    sha256: str


class SourceEntry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One source whose rows a part holds.

    `digest` names the content: `sha256:<hex>`, or `empty:`/`unreadable:`/`damaged:` plus a hash of the path for files
    that have no content to tell them apart by; where a sidecar spoke of the page, `+` and a hash of that follow.
    `seen_ns` is the clock just before size and mtime were taken, ns since the epoch. `records` = sum of `outcomes` =
    rows in `articles` and `rejected`. `config_hash` is that of the rows, which may be older than the record's own
    when the part was rewritten. `learned` says that site profiles counted this source. `etag`: what an object store
    called the content. `forgotten`: for each record that was left out because its page is forgotten, the id of that
    page, see `ingest.dataset.forgotten`.
    """

    path: str
    root: str
    digest: str
    size: int
    mtime_ns: int
    seen_ns: int
    config_hash: str
    records: int
    outcomes: dict[str, int]
    removed_lines: int
    learned: bool = False
    etag: str = ""
    forgotten: tuple[str, ...] = ()

    @property
    def has_sidecar(self) -> bool:
        """Whether a file beside the page said something of it."""
        return "+" in self.digest


class CommitRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Says that a part exists. `sequence` grows by one with each commit; `replaces` names parts that this one
    takes the place of, and only those with a lower sequence.
    """

    version: int
    key: str
    sequence: int
    schema_version: int
    pipeline_version: str
    config_hash: str
    run_id: str
    committed_at: datetime
    rows: dict[str, int]
    files: list[PartFile]
    sources: list[SourceEntry]
    replaces: list[str] = []


def sequence_key(sequence: int) -> str:
    """Key of a record whose place nobody else can take: of two that follow on the same commit, one is refused."""
    return f"{sequence:020x}"


def part_key(sources: Iterable[SourceEntry], generation: int = 0, run_id: str = "") -> str:
    """Key of the part that holds these sources: a hash of their paths, digests and configurations.

    A retry of the same work gives the same key, so it overwrites what a broken run left. `generation` sets
    apart the redoing of a part that is already committed, which must not be overwritten in place; `run_id` what a run
    writes from what another one may still be writing.
    """
    parts = sorted((entry.path, entry.digest, entry.config_hash) for entry in sources)
    return blake2b(
        json.dumps([generation, parts, run_id] if run_id else [generation, parts]).encode(), digest_size=_KEY_BYTES
    ).hexdigest()


_known_outcomes: dict[tuple[tuple[str, int], ...], dict[str, int]] = {}


def shared_outcomes(outcomes: Mapping[str, int]) -> dict[str, int]:
    """One and the same dict, not to be changed, for all sources with these counts: most small ones have one page."""
    key = tuple(sorted(outcomes.items()))
    if len(_known_outcomes) > _MOST_KNOWN:
        _known_outcomes.clear()
    return _known_outcomes.setdefault(key, dict(key))


def _share(entry: SourceEntry) -> None:
    """Have entries hold in common what is the same in most of them."""
    for name in ("root", "config_hash"):
        force_setattr(entry, name, sys.intern(getattr(entry, name)))
    force_setattr(entry, "outcomes", shared_outcomes(entry.outcomes))


def encode_record(record: CommitRecord) -> bytes:
    """A commit record as JSON that can be read by eye."""
    return msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n"


def decode_record(data: bytes, key: str, path: str) -> CommitRecord:
    """Parse the commit record that lies at `path` under the name of `key`. A damaged or newer one raises
    `DatasetError`, because to ignore it would lose its part.
    """
    try:
        version = msgspec.json.decode(data, type=_Versioned).version
        if version > RECORD_VERSION:
            raise DatasetError(
                f"{path} has record version {version}, this program knows {RECORD_VERSION}",
                source=path,
                hint="use the version of ingest that wrote the dataset, or a newer one",
            )
        record = msgspec.json.decode(data, type=CommitRecord)
        for entry in record.sources:
            _share(entry)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise DatasetError(
            f"commit record {path} is damaged: {error}",
            source=path,
            hint="restore it from a backup, or delete it to have its sources read again",
        ) from error
    if record.key != key:
        raise DatasetError(
            f"commit record {path} says that its key is {record.key}", source=path, hint="give it back its own name"
        )
    return record


class _Versioned(msgspec.Struct):
    version: int
