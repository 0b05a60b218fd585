"""Writing one part: stream rows to unpublished files, or by way of segments, then make them exist in one step."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from ingest import stopping
from ingest.dataset import layout
from ingest.dataset.conform import conform
from ingest.dataset.draft import Draft, DraftFile, written
from ingest.dataset.ledger import Ledger
from ingest.dataset.records import (
    RECORD_VERSION,
    CommitRecord,
    PartFile,
    SourceEntry,
    encode_record,
    part_key,
    sequence_key,
    shared_outcomes,
)
from ingest.dataset.recovery import remove_records
from ingest.dataset.remaining import Remaining
from ingest.dataset.segments import clear_key
from ingest.dataset.sources import SourceFile
from ingest.dataset.staging import Staging
from ingest.dataset.table_writer import TableWriter
from ingest.dataset.tally import SourceTally, Tally
from ingest.errors import DatasetError, LockedError
from ingest.schema import SCHEMA_VERSION, TABLES
from ingest.storage import Storage
from ingest.storage.disk import disk_errors

_serial = itertools.count()


class PartWriter:
    """Collects the rows of a group of sources; made by `Dataset.writer`, used in a `with` block.

    Nothing of it exists for readers before `commit` returns, and all of it does afterwards. Leaving the block
    without a commit removes what was written.
    """

    def __init__(
        self,
        storage: Storage,
        ledger: Callable[[], Ledger],
        sources: Iterable[SourceFile],
        config_hash: str,
        run_id: str,
        pipeline_version: str,
        staging: Staging | None = None,
        draft: Draft | None = None,
    ) -> None:
        self._storage = storage
        self._ledger = ledger
        self._sources = [source.with_digest() for source in sources]
        _check_distinct(self._sources)
        self._config_hash = config_hash
        self._run_id = run_id
        self._pipeline_version = pipeline_version
        self._staging = staging
        self._tally = Tally(source.path for source in self._sources)
        self._tables: dict[str, TableWriter] = {}
        self._name = f"part-{next(_serial)}"
        self._record = ""
        self._files: list[str] = []
        self._closed = False
        self._forgotten: dict[str, list[str]] = {}
        self._staged = staging.key if staging is not None else ""
        if draft is not None:
            self._take_up(draft)

    def __enter__(self) -> PartWriter:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._closed:
            self._abort()

    def write(self, table: str, data: Any) -> None:
        """Add rows (pyarrow RecordBatch or Table) to `articles`, `removed`, `rejected`, or `quarantine`.

        Raises DatasetError if a column does not fit the declared schema, if a row belongs to no source of
        this part, or if the disk refuses.
        """
        self._check_open()
        if table not in layout.WRITTEN:
            raise DatasetError(f"there is no table {table!r}", hint=f"tables: {', '.join(layout.WRITTEN)}")
        try:
            for batch in conform(table, data):
                if self._staging is not None:
                    self._staging.write(table, batch)
                else:
                    self._tally.add(table, batch)
                    self._append(table, batch)
        except BaseException:
            self._abort()  # what is half written must not be committed by someone who goes on after the error
            raise

    def leave_out(self, pages: Iterable[tuple[str, str]]) -> None:
        """Say that records have no rows because they are forgotten: the path of the source, and the page that it is."""
        self._check_open()
        for path, page in pages:
            if self._staging is not None:
                self._staging.leave_out([page])
            else:
                self._forgotten.setdefault(path, []).append(page)

    def checkpoint(self, records: int, size: int) -> None:
        """Say that all rows of the first `records` records of the source are written, which took `size` bytes of input
        since the last call. Of a large source they are made durable from time to time, see `Staging`.
        """
        self._check_open()
        if self._staging is not None:
            try:
                self._staging.checkpoint(records, size)
            except BaseException:
                self._abort()
                raise

    def narrow(self, sources: Collection[SourceFile]) -> None:
        """Leave all other sources to other parts; raises DatasetError if one of them has rows here."""
        self._check_open()
        paths = {source.path for source in sources}
        for source in self._sources:
            if source.path not in paths and self._tally.sources.pop(source.path) != SourceTally():
                raise DatasetError(
                    f"{source.path} has rows in a part that is to end before it",
                    source=source.path,
                    hint="this is a defect of the pipeline; nothing of this part was committed",
                )
        self._sources = [source for source in self._sources if source.path in paths]

    def finish(self, records: Mapping[str, int]) -> Draft:
        """Make the files durable under their temporary names, and close this writer, for a run in another process to
        commit them: see `Dataset.writer`. `records` as for `commit`.
        """
        self._check_open()
        try:
            if self._staging is not None:
                self._unstage(self._staging, records)
            files = []
            with disk_errors("write", self._storage.place):
                for table, writer in sorted(self._tables.items()):
                    writer.finish()
                    files += [
                        DraftFile(table=table, temp=file.name, rows=file.rows, bytes=file.size, sha256=file.sha256)
                        for file in writer.files
                    ]
        except BaseException:
            self._abort()
            raise
        self._closed = True
        return Draft(self._sources, files, self._tally.sources, self._staged, self._forgotten)

    def _take_up(self, draft: Draft) -> None:
        """Go on where the process that made the draft has ended."""
        self._tally.sources = dict(draft.tally)
        self._staged = draft.staged
        self._forgotten = {path: list(pages) for path, pages in draft.forgotten.items()}
        for table, files in written(self._storage, draft).items():
            self._tables[table] = TableWriter(table, self._storage, self._name, files)

    def commit(
        self,
        replaces: Iterable[Remaining] = (),
        *,
        records: Mapping[str, int] | None = None,
        learned: Collection[str] = (),
    ) -> CommitRecord:
        """Make the part exist and return its record.

        Rows that the dataset already holds of these sources, by path or by content, go in the same step: the
        parts that hold them are replaced, and what else those parts hold moves into this one. `replaces`
        names further parts to take over, in this order, see `Dataset.without`. `records` is how many records the reader
        found in each source, by path; if the rows do not add up to it, nothing is committed and DatasetError
        is raised. `learned` are the paths of the sources that site profiles have counted. A signal stops the run until
        the files are about to get their names: a part whose record is not written does not exist.
        """
        self._check_open()
        try:
            if self._staging is not None:
                self._unstage(self._staging, records or {})
            taken = self._taken_over(replaces)
            entries = self._own_entries(records or {}, frozenset(learned))
            for old in taken:
                entries += self._copy(old)
            if not entries:
                raise DatasetError("a part needs at least one source", hint="use Dataset.retire to take sources out")
            with disk_errors("write", self._storage.place):
                for writer in self._tables.values():
                    writer.finish()
            stopping.check()
        except BaseException:
            self._abort()
            raise
        with stopping.finishing():
            return self._make_exist(entries, taken)

    def _make_exist(self, entries: list[SourceEntry], taken: list[Remaining]) -> CommitRecord:
        """Publish, and clear what is replaced."""
        try:
            record = self._publish(entries, [old.key for old in taken])
            ledger = self._ledger()
            for key in record.replaces:
                ledger.drop(key)
            ledger.add(record)
        except BaseException:
            self._abort()
            raise
        self._closed = True
        with disk_errors("remove replaced parts from", self._storage.place):
            remove_records(self._storage, [old.record for old in taken])
        self._clear_staging()
        return record

    def _unstage(self, staging: Staging, records: Mapping[str, int]) -> None:
        """Take over the rows of all segments."""
        [source] = self._sources
        staging.seal(records.get(source.path, staging.records))
        self._forgotten[source.path] = staging.forgotten
        for table in layout.WRITTEN:
            for batch in staging.batches(table):
                self._tally.add(table, batch)
                self._append(table, batch)

    def _clear_staging(self) -> None:
        if self._staged:
            clear_key(self._storage, self._staged)

    def _append(self, table: str, batch: Any) -> None:
        with disk_errors("write", self._storage.at(layout.table_folder(table))):
            if batch.num_rows and table not in self._tables:
                self._tables[table] = TableWriter(table, self._storage, self._name)
            if batch.num_rows:
                self._tables[table].append(batch)

    def _taken_over(self, replaces: Iterable[Remaining]) -> list[Remaining]:
        ledger = self._ledger()
        gone: dict[str, set[str]] = {}
        given: dict[str, Remaining] = {}
        for old in replaces:
            if old.key not in ledger.records:
                raise DatasetError(
                    f"part {old.key} is not in the ledger", hint="call Dataset.without just before commit"
                )
            given[old.key] = old
            gone.setdefault(old.key, set()).update(old.paths)
        for source in sorted(self._sources, key=lambda source: source.path):
            for known in (ledger.by_path.get(source.path), ledger.by_digest.get(source.digest)):
                if known is not None:
                    gone.setdefault(known[0], set()).add(known[1].path)
        return [
            replace(given[key], paths=frozenset(paths))
            if key in given
            else Remaining(self._storage, ledger.records[key], frozenset(paths))
            for key, paths in gone.items()
        ]

    def _own_entries(self, records: Mapping[str, int], learned: AbstractSet[str]) -> list[SourceEntry]:
        entries = []
        for source in self._sources:
            counts = self._tally.sources[source.path]
            forgotten = self._forgotten.get(source.path, [])
            found = records.get(source.path, counts.records + len(forgotten)) - len(forgotten)
            if found != counts.records:
                self._clear_staging()  # else the next run would go on from what is wrong
                raise DatasetError(
                    f"{source.path}: {found} records were read, but {counts.records} have an outcome",
                    source=source.path,
                    hint="this is a defect of the pipeline; nothing of this part was committed",
                )
            entries.append(
                SourceEntry(
                    path=source.path,
                    root=source.root,
                    digest=source.digest,
                    size=source.size,
                    mtime_ns=source.mtime_ns,
                    seen_ns=source.seen_ns,
                    config_hash=self._config_hash,
                    records=counts.records,
                    outcomes=shared_outcomes(counts.outcomes),
                    removed_lines=counts.removed_lines,
                    learned=source.path in learned,
                    etag=source.etag,
                    forgotten=tuple(forgotten),
                )
            )
        return entries

    def _copy(self, old: Remaining) -> list[SourceEntry]:
        """Take over the rows of another part that stay, and check that none is missing."""
        entries = old.entries
        tally = Tally(entry.path for entry in entries)
        for table in layout.STORED:
            for batch in old.batches(table):
                tally.add(table, batch)
                self._append(table, batch)
        if any(not tally.sources[entry.path].agrees_with(entry) for entry in entries):
            raise DatasetError(
                f"part {old.key} does not hold the rows that its record says",
                hint="run `ingest verify`; nothing was changed",
            )
        return entries

    def _publish(self, entries: list[SourceEntry], replaces: list[str]) -> CommitRecord:
        storage, ledger = self._storage, self._ledger()
        sequence = ledger.last_sequence + 1
        if storage.fenced:
            key = sequence_key(sequence)
            files_key = part_key(entries, sequence, self._run_id)
        else:
            files_key = key = _free_key(ledger, entries)
        files: list[PartFile] = []
        names: list[tuple[str, str]] = []
        for table, writer in sorted(self._tables.items()):
            for number, file in enumerate(writer.files):
                name = layout.part_path(table, files_key, number)
                files.append(PartFile(table=table, path=name, rows=file.rows, bytes=file.size, sha256=file.sha256))
                names.append((file.name, name))
        record = CommitRecord(
            version=RECORD_VERSION,
            key=key,
            sequence=sequence,
            schema_version=SCHEMA_VERSION,
            pipeline_version=self._pipeline_version,
            config_hash=self._config_hash,
            run_id=self._run_id,
            committed_at=datetime.now(timezone.utc).replace(microsecond=0),
            rows=dict.fromkeys(TABLES, 0) | {table: writer.rows for table, writer in sorted(self._tables.items())},
            files=files,
            sources=sorted(entries, key=lambda entry: entry.path),
            replaces=replaces,
        )
        self._record = layout.record_path(key)  # from here on `_abort` has more than unpublished files to remove
        self._files = [file.path for file in files]
        with disk_errors("commit to", storage.place):
            storage.publish(names)
            try:
                storage.create(self._record, encode_record(record))
            except FileExistsError:
                raise LockedError(
                    f"{storage.place}: another run has made the commit that this one was about to make",
                    source=storage.place,
                    hint="this run had lost its hold of the dataset; the next one does what is left",
                ) from None
        return record

    def _abort(self) -> None:
        """Remove what was written; never raises. A record that made it to its place stays, and its files with
        it.
        """
        self._closed = True
        if self._staging is not None:
            self._staging.drop_open()
        for writer in self._tables.values():
            writer.abort()
        # A record that was sent off without an answer may still come to be: then its files are left to the next start.
        if self._record and not self._storage.fenced and self._storage.is_missing(self._record):
            for name in self._files:
                self._storage.discard(name)

    def _check_open(self) -> None:
        if self._closed:
            raise DatasetError("this writer is closed", hint="open another one for the next part")


def _free_key(ledger: Ledger, entries: list[SourceEntry]) -> str:
    generation = 0
    while (key := part_key(entries, generation)) in ledger.records or key in ledger.replaced:
        generation += 1
    return key


def _check_distinct(sources: list[SourceFile]) -> None:
    for name, values in (("path", [s.path for s in sources]), ("content", [s.digest for s in sources])):
        if len(set(values)) < len(values):
            raise DatasetError(f"two sources of one part have the same {name}", hint="process Plan.todo, not copies")
