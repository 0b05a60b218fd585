"""`Dataset`: what a run writes to."""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec

from ingest.dataset import layout, state
from ingest.dataset.ledger import Ledger, read_ledger
from ingest.dataset.remaining import Remaining
from ingest.dataset.sources import SourceFile
from ingest.errors import DatasetError, LockedError
from ingest.schema import SCHEMA_VERSION, TABLES
from ingest.storage import Storage
from ingest.storage.disk import disk_errors
from ingest.storage.factory import storage_at
from ingest.storage.locations import Place

if TYPE_CHECKING:
    from ingest.dataset.draft import Draft
    from ingest.dataset.records import CommitRecord
    from ingest.dataset.recovery import Recovered
    from ingest.dataset.segments import Purpose
    from ingest.dataset.staging import Staging
    from ingest.dataset.verify import Verification
    from ingest.dataset.writer import PartWriter


SHOWN = 5  # names of what is in the way


class Dataset:
    """A dataset, on disk or on object storage: three tables in parts, each made to exist by a commit record.

    Everything that writes needs the lock: `with dataset.lock(): …`. One process and one thread write at a
    time; any number of processes read, see `ingest.dataset.open_dataset`.
    """

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self._locked = False
        self._assists = False
        self._open_writers = 0
        # kept while locked, so that a commit does not read all records again
        self._ledger: Ledger | None = None

    @property
    def path(self) -> Place:
        return self.storage.place

    @classmethod
    def open(cls, path: str | os.PathLike[str], create: bool = False, *, force: bool = False) -> Dataset:
        """Open the dataset at `path`, a folder or a URL, or make one of a missing or empty folder if `create`; with
        `force` also of one that holds other files.

        Raises DatasetError if there is none, if it was written by a newer program, or if its ledger is gone:
        then its parts must not be taken for leftovers of a broken run.
        """
        storage = storage_at(path)
        root = storage.place
        marker, parts = None, False
        with disk_errors("read", root):
            with suppress(FileNotFoundError):
                marker = storage.read(layout.MARKER)
            if marker is None:
                names = (name for folder in layout.table_folders() for name in storage.list(folder))
                parts = any(name.endswith(".parquet") for name in names)
        if marker is not None:
            _check_marker(storage, marker)
        elif parts:
            raise DatasetError(
                f"{root} holds Parquet files but no ledger ({layout.MARKER} is missing)",
                source=root,
                hint="restore _ingest from a backup, or give another folder",
            )
        elif not create:
            raise DatasetError(f"{root} is no dataset", source=root, hint="`ingest run` makes one")
        else:
            if not force:
                _check_free(storage)
            _create(storage)
        return cls(storage)

    @classmethod
    def exists(cls, path: str | os.PathLike[str]) -> bool:
        """Whether a dataset was begun at `path`. Raises DatasetError if an object store does not say."""
        storage = storage_at(path)
        with disk_errors("read", storage.place):
            return any(True for _ in storage.walk(layout.META))

    @contextmanager
    def lock(self, wait: bool = False) -> Iterator[Dataset]:
        """Hold the dataset for writing; raises LockedError naming the owner if another process has it, unless
        `wait`.
        """
        if self._locked:
            raise DatasetError("the lock is already held by this object", hint="lock once around the whole run")
        with self.storage.lock(layout.LOCK, wait=wait):
            self._locked = True
            try:
                yield self
            finally:
                self._locked, self._ledger = False, None

    @contextmanager
    def assist(self) -> Iterator[Dataset]:
        """Work for a run that holds the lock in another process, perhaps on another machine. What may be written in
        this block is named by its content or by nobody else: drafts, segments of large sources, state files. So the
        same work may be done twice at a time.
        """
        self._assists = True
        try:
            yield self
        finally:
            self._assists = False

    def recover(self) -> Recovered:
        """Clear what a broken run left behind. Needs the lock; the first `ledger` or `writer` under a lock
        does it too, so that it cannot be forgotten.
        """
        from ingest.dataset.recovery import recover

        self._check_locked()
        if self._open_writers:
            raise DatasetError("cannot recover while a writer is open", hint="recover right after taking the lock")
        recovered, self._ledger = recover(self.storage)
        return recovered

    def ledger(self) -> Ledger:
        """All live commit records as they stand now."""
        if not self._locked:
            return read_ledger(self.storage)
        if self._ledger is None:
            if self._open_writers:  # their files must not be taken for leftovers
                self._ledger = read_ledger(self.storage)
            else:
                self.recover()
        assert self._ledger is not None
        return self._ledger

    @contextmanager
    def writer(
        self,
        sources: Iterable[SourceFile],
        config_hash: str,
        run_id: str,
        *,
        pipeline_version: str = "",
        staging: Staging | None = None,
        draft: Draft | None = None,
    ) -> Iterator[PartWriter]:
        """Write a part that holds the rows of `sources`; leaving the block without `commit` or `finish` leaves nothing
        behind, except the finished segments of the one source that `staging` is for. With the `draft` of another
        process, for the same sources, its rows are written already.
        """
        from ingest.dataset.writer import PartWriter

        self._check_writable()
        if self._locked:
            self.ledger()
        own = self._own_ledger
        part = PartWriter(self.storage, own, sources, config_hash, run_id, pipeline_version, staging, draft)
        self._open_writers += 1
        try:
            with part:
                yield part
        except BaseException:
            self._ledger = None  # a commit may have got through before the error
            raise
        finally:
            self._open_writers -= 1

    def staging(
        self,
        purpose: Purpose,
        source: SourceFile,
        work: Iterable[str],
        schemas: Mapping[str, Any],
        segment_bytes: int,
        segment_seconds: float = float("inf"),
    ) -> Staging:
        """The finished segments of a large source, to go on from; see `ingest.dataset.staging`. Needs the lock.

        `work` names all that decides what the rows of its tables, declared by `schemas`, will be.
        """
        from ingest.dataset.staging import Staging

        self._check_writable()
        work = (str(SCHEMA_VERSION), *work)
        return Staging(self.storage, purpose, source, work, schemas, segment_bytes, segment_seconds)

    def clear_staging(self, todo: Iterable[SourceFile], roots: Iterable[str]) -> list[str]:
        """Remove segments that no run will go on from: see `ingest.dataset.segments.clear_stale`. Needs the lock."""
        from ingest.dataset.segments import clear_stale

        self._check_locked()
        return clear_stale(self.storage, todo, roots)

    def without(self, key: str, paths: Collection[str] = ()) -> Remaining:
        """What stays of the live part `key` when the rows of the sources `paths` go, to be given to
        `commit`.
        """
        try:
            return Remaining(self.storage, self.ledger().records[key], frozenset(paths))
        except KeyError:
            raise DatasetError(f"part {key} is not in the ledger") from None

    def rewrite(self, old: Remaining, run_id: str) -> CommitRecord:
        """Replace a live part by what a subclass of `Remaining` makes of its rows, in one commit. Needs the lock.

        Raises DatasetError, and changes nothing, if the rows do not add up to the entries that it gives.
        """
        self._check_locked()
        record = old.record
        with self.writer([], record.config_hash, run_id, pipeline_version=record.pipeline_version) as part:
            return part.commit([old])

    def retire(self, paths: Iterable[str], run_id: str) -> list[str]:
        """Take sources out, with all their rows; returns the paths that were known, sorted. Each part that
        held some is replaced in one step by one without them.
        """
        from ingest.dataset.recovery import remove_records

        self._check_locked()
        ledger = self.ledger()
        wanted = sorted(path for path in set(paths) if path in ledger.by_path)
        of_part: dict[str, list[str]] = {}
        for path in wanted:
            of_part.setdefault(ledger.by_path[path][0], []).append(path)
        for key, of_this in sorted(of_part.items()):
            ledger = self.ledger()
            old = self.without(key, of_this)
            if old.entries:
                self.rewrite(old, run_id)
            else:
                self._ledger = None  # if the disk refuses, the record may be there or not: it is read again
                with disk_errors("remove parts from", self.path):
                    remove_records(self.storage, [old.record])
                ledger.drop(key)
                self._ledger = ledger
        return wanted

    def put_state(self, name: str, data: bytes) -> None:
        """Write a small file under `_ingest/` atomically, e.g. `runs/<run id>.json`. Needs the lock, or `assist`."""
        self._check_writable()
        state.put_state(self.storage, name, data)

    def get_state(self, name: str) -> bytes | None:
        return state.get_state(self.storage, name)

    def list_state(self, prefix: str = "") -> list[str]:
        return state.list_state(self.storage, prefix)

    def delete_state(self, name: str) -> bool:
        """Delete a state file; False if there was none. Needs the lock."""
        self._check_locked()
        return state.delete_state(self.storage, name)

    def verify(self, deep: bool = True) -> Verification:
        """Check the dataset against its contract; see `ingest.dataset.verify`. While a run is writing, files
        that it is about to commit look like leftovers: hold the lock for an answer that stands.
        """
        from ingest.dataset.verify import verify

        return verify(self.storage, deep=deep)

    def _own_ledger(self) -> Ledger:
        self._check_locked()
        return self.ledger()

    def _check_writable(self) -> None:
        if not self._assists:
            self._check_locked()

    def _check_locked(self) -> None:
        if not self._locked:
            raise DatasetError("the dataset is not locked", hint="write inside `with dataset.lock():`")


class _Marker(msgspec.Struct):
    format_version: int
    schema_version: int


def _check_marker(storage: Storage, data: bytes) -> None:
    try:
        found = msgspec.json.decode(data, type=_Marker)
    except msgspec.MsgspecError as error:
        raise DatasetError(
            f"cannot read {storage.at(layout.MARKER)}: {error}",
            source=storage.at(layout.MARKER),
            hint="restore it from a backup",
        ) from error
    if found.format_version > layout.FORMAT_VERSION or found.schema_version > SCHEMA_VERSION:
        raise DatasetError(
            f"{storage.place} was written by a newer version of ingest",
            source=storage.place,
            hint="update ingest to read it",
        )


def _check_free(storage: Storage) -> None:
    """Raise DatasetError where something else has its place, a folder of pages for instance. What a repository, a file
    system or a report leaves in an empty folder does not count.
    """
    with disk_errors("read", storage.place):
        names = set(_first_names(storage.place))
        strange = {name for name in names if not _is_expected(name)}
        for folder in names & set(TABLES):
            strange |= {f"{folder}/{name}" for name in storage.list(folder) if not layout.is_temporary(name)}
    if strange:
        shown = ", ".join(sorted(strange)[:SHOWN])
        more = f" and {len(strange) - SHOWN} more" if len(strange) > SHOWN else ""
        raise DatasetError(
            f"{storage.place} is no dataset and holds other things: {shown}{more}",
            source=storage.place,
            hint="give a new or empty folder with -o, or --force to make a dataset among them",
        )


def _first_names(place: Place) -> Iterator[str]:
    """Names in a folder, or of the first thousand objects below a URL."""
    if isinstance(place, str):
        from ingest.storage.objects import below

        return (name.partition("/")[0] for name, _ in islice(below(place), 1000))
    try:
        return iter(os.listdir(place))
    except FileNotFoundError:
        return iter(())


def _is_expected(name: str) -> bool:
    return name in {*layout.OWN, layout.REPORT, "lost+found"} or name.startswith((".", "README"))


def _create(storage: Storage) -> None:
    with disk_errors("create", storage.place):
        storage.prepare((layout.META, *layout.table_folders()))
        storage.found(layout.LEDGER)
        marker = msgspec.json.encode(_Marker(layout.FORMAT_VERSION, SCHEMA_VERSION)) + b"\n"
        while storage.is_missing(layout.MARKER):
            try:
                with storage.lock(layout.LOCK):  # against another run that begins the same dataset
                    if storage.is_missing(layout.MARKER):
                        storage.replace(layout.MARKER, marker)
            except LockedError:  # by that run; without a marker it will not be long
                time.sleep(0.02)
