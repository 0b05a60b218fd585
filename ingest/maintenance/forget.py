"""Taking sources and pages out of a dataset for good, and allowing them again."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingest import duplicates
from ingest.config import Settings
from ingest.dataset import CommitRecord, Dataset, Ledger, SourceEntry
from ingest.dataset.forgotten import Filter, Forgotten, ForgottenPage, ForgottenSource, load, save
from ingest.dataset.layout import DROPPED
from ingest.dataset.remaining import Remaining
from ingest.dataset.runs import new_run_id
from ingest.dataset.segments import read_staging, remove_segments
from ingest.dataset.tally import SourceTally, Tally
from ingest.errors import DatasetError
from ingest.storage.disk import disk_errors
from ingest.storage.locations import Place, is_url

SHORTEST_ID = 4  # characters of an id that is not given in full
_COLUMNS = ("id", "source_path", "text_sha256", "duplicate_of")


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """`sources` (paths) and `pages` (ids) that the call was about, `copies` of these pages (ids) that stay, and how
    many `rows` of articles and rejected records went.
    """

    sources: list[str]
    pages: list[str]
    copies: list[str]
    rows: int


class _Row(msgspec.Struct, frozen=True, gc=False):
    """An article, also one that was dropped as a duplicate, or a rejected record."""

    id: str
    path: str
    text: str | None
    original: str | None


def forget(
    output: Place, names: Sequence[str], settings: Settings, *, copies: bool = False, wait: bool = False
) -> Done:
    """Take sources (as the tables call them, or by their place on disk; folders for all below) and pages (by id, or its
    start) out of all tables and of the quarantine, and keep runs from reading them again. `copies`: so, too, pages of
    the same text and those marked as near copies, wherever they stand.

    May be cut off at any instant: what is to be forgotten is written down first, and the next run does the rest.

    Raises:
        DatasetError: a name is that of nothing in the dataset; nothing was changed then.
        LockedError: a run holds the dataset, unless `wait` lets this one wait for its end.
    """
    dataset = Dataset.open(output)
    with dataset.lock(wait=wait):
        dataset.recover()
        known = load(dataset.storage)
        rows = list(_rows(dataset, dataset.ledger()))
        paths, ids = _named(dataset, names, rows, known)
        chosen = [row for row in rows if row.id in ids or (copies and row.path in paths and row.text)]
        also = _copies_of([row for row in rows if row.id in ids or row.path in paths], rows, paths)
        if copies:
            chosen += also
        now = datetime.now(timezone.utc).replace(microsecond=0)
        by_path = dataset.ledger().by_path
        sources = {source.path: source for source in known.sources}
        sources |= {path: ForgottenSource(path=path, digest=by_path[path][1].digest, at=now) for path in sorted(paths)}
        pages = {page.id: page for page in known.pages}
        for row in sorted(chosen, key=lambda row: row.id):
            pages[row.id] = ForgottenPage(id=row.id, source_path=row.path, text_sha256=row.text, copies=copies, at=now)
        save(dataset.storage, Forgotten(sources=list(sources.values()), pages=list(pages.values()), applied=False))
        gone = enforce(dataset, new_run_id(), rows)
        duplicates.mark(
            dataset,
            new_run_id(),
            mode=settings.dedup,
            drop=settings.drop_duplicates and settings.dedup != "off",
        )
        left = {row.id for row in also} - gone
        return Done(sources=sorted(paths), pages=sorted(row.id for row in chosen), copies=sorted(left), rows=len(gone))


def allow(output: Place, names: Sequence[str], *, copies: bool = False, wait: bool = False) -> Done:
    """Take sources and pages, by path or start of the id, from the list of what is forgotten: the next run reads them
    again where their source is still there. `copies`: so, too, what was forgotten with the same text.

    Raises:
        DatasetError: a name is not on the list; nothing was changed then.
    """
    dataset = Dataset.open(output)
    with dataset.lock(wait=wait):
        known = load(dataset.storage)
        paths: set[str] = set()
        ids: set[str] = set()
        for name in names:
            found_paths = {s.path for s in known.sources if s.path == name or s.path.startswith(_folder(name))}
            found_ids = {page.id for page in known.pages if page.id.startswith(name) and len(name) >= SHORTEST_ID}
            if not found_paths and not found_ids:
                raise DatasetError(f"{name!r} is not forgotten", hint="`ingest forget --list` shows what is")
            paths |= found_paths
            ids |= found_ids
        if copies:
            ids |= {page.id for page in known.pages if page.source_path in paths}
            texts = {page.text_sha256 for page in known.pages if page.id in ids} - {None}
            ids |= {page.id for page in known.pages if page.text_sha256 in texts}
        left = Forgotten(
            sources=[source for source in known.sources if source.path not in paths],
            pages=[page for page in known.pages if page.id not in ids],
            applied=known.applied,
        )
        save(dataset.storage, left)
        _clear_staging(dataset)
    return Done(sources=sorted(paths), pages=sorted(ids), copies=[], rows=0)


def enforce(dataset: Dataset, run_id: str, rows: Iterable[_Row] | None = None) -> set[str]:
    """Take out what is forgotten, and note that it is out; returns the ids of the rows that went. Needs the lock."""
    forgotten = load(dataset.storage)
    if forgotten.applied:
        return set()
    wanted = Filter(forgotten)
    found = list(_rows(dataset, dataset.ledger())) if rows is None else rows
    _clear_staging(dataset)  # what is finished of large sources holds rows, too
    paths = {entry.path for entry in dataset.ledger().entries() if entry.path in wanted.paths}
    paths |= {entry.path for entry in dataset.ledger().entries() if entry.digest in wanted.digests}
    gone = {row.id for row in found if row.path in paths}
    of_part: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
    for row in found:
        reason = None if row.path in paths else wanted.page(row.id, row.path, row.text)
        if reason is not None:
            of_part[dataset.ledger().by_path[row.path][0]][row.id] = (row.path, reason)
    dataset.retire(paths, run_id)
    for pages in of_part.values():
        path, _ = next(iter(pages.values()))
        dataset.rewrite(_without(dataset.without(dataset.ledger().by_path[path][0]), pages), run_id)
        gone |= pages.keys()
    save(dataset.storage, msgspec.structs.replace(forgotten, applied=True))
    return gone


@dataclass(frozen=True, slots=True)
class _WithoutPages(Remaining):
    """What stays of a part. ids: of the pages that go. less: their rows, why: what was forgotten, by source path."""

    ids: Any
    less: dict[str, SourceTally]
    why: dict[str, list[str]]

    @property
    def entries(self) -> list[SourceEntry]:
        return [self._recounted(entry) for entry in Remaining.entries.__get__(self)]

    def batches(self, table: str) -> Iterator[Any]:
        for batch in Remaining.batches(self, table):
            rows = batch.filter(pc.invert(pc.is_in(batch.column("id"), value_set=self.ids)))
            if rows.num_rows:
                yield rows

    def _recounted(self, entry: SourceEntry) -> SourceEntry:
        less = self.less[entry.path]
        outcomes = Counter(entry.outcomes)
        outcomes.subtract(less.outcomes)
        return msgspec.structs.replace(
            entry,
            records=entry.records - less.records,
            outcomes={name: count for name, count in sorted(outcomes.items()) if count},
            removed_lines=entry.removed_lines - less.removed_lines,
            forgotten=(*entry.forgotten, *self.why.get(entry.path, ())),
        )


def _without(part: Remaining, pages: dict[str, tuple[str, str]]) -> _WithoutPages:
    ids = pa.array(sorted(pages), pa.string())
    less = Tally(entry.path for entry in part.entries)
    for table in ("articles", "rejected", "removed"):
        for batch in part.batches(table):
            less.add(table, batch.filter(pc.is_in(batch.column("id"), value_set=ids)))
    why: dict[str, list[str]] = defaultdict(list)
    for path, reason in pages.values():
        why[path].append(reason)
    return _WithoutPages(part.storage, part.record, part.paths, ids, less.sources, why)


def _rows(dataset: Dataset, ledger: Ledger) -> Iterator[_Row]:
    """All rows that stand for a record, each id once."""
    for record in ledger.records.values():
        dropped = {row.id: row for row in _read(dataset, record, DROPPED)}
        yield from _read(dataset, record, "articles")
        for row in _read(dataset, record, "rejected"):
            yield dropped.get(row.id, row)


def _read(dataset: Dataset, record: CommitRecord, table: str) -> Iterator[_Row]:
    for file in record.files:
        if file.table == table:
            with (
                disk_errors("read", dataset.storage.at(file.path)),
                dataset.storage.open(file.path) as stream,
                pq.ParquetFile(stream) as parquet,
            ):
                names = [name for name in _COLUMNS if name in parquet.schema_arrow.names]
                rows = parquet.read(columns=names)
            nothing = [None] * len(rows)
            columns = (rows[name].to_pylist() if name in names else nothing for name in _COLUMNS)
            yield from map(_Row, *columns)


def _named(dataset: Dataset, names: Sequence[str], rows: Sequence[_Row], known: Forgotten) -> tuple[set[str], set[str]]:
    """Paths of the sources and ids of the pages that are meant."""
    paths: set[str] = set()
    ids: set[str] = set()
    done = Filter(known)
    by_path = dataset.ledger().by_path
    for name in names:
        below = [path for path in by_path if path == name or path.startswith(_folder(name))] or _on_disk(dataset, name)
        matching = [row.id for row in rows if row.id.startswith(name)] if len(name) >= SHORTEST_ID else []
        if below:
            paths.update(below)
        elif len(matching) == 1:
            ids.update(matching)
        elif matching:
            shown = ", ".join(matching[:3])
            raise DatasetError(f"{name!r} is the start of several ids: {shown}", hint="give more of the id")
        elif name not in done.paths and not any(id.startswith(name) for id in done.ids):
            raise DatasetError(
                f"{dataset.path} has no source and no page called {name!r}",
                source=dataset.path,
                hint="sources are in the column `source_path` of the tables, ids in `id`",
            )
    return paths, ids


def _on_disk(dataset: Dataset, name: str) -> list[str]:
    """The known sources that a place on disk stands for: a file, or all below a folder."""
    if is_url(name):
        return []
    place = os.path.realpath(name)
    whole = {os.path.join(entry.root, entry.path): entry.path for entry in dataset.ledger().entries() if entry.root}
    return [path for full, path in whole.items() if full == place or full.startswith(_folder(place))]


def _folder(name: str) -> str:
    return name.rstrip("/") + "/"


def _copies_of(pages: Sequence[_Row], rows: Sequence[_Row], paths: set[str]) -> list[_Row]:
    """Other pages of the same text as one of these, or of one group of near copies, in sources that stay."""
    own = {row.id for row in pages}
    texts = {row.text for row in pages} - {None}
    groups = {row.original or row.id for row in pages}
    return [
        row
        for row in rows
        if row.id not in own and row.path not in paths and (row.text in texts or (row.original or row.id) in groups)
    ]


def _clear_staging(dataset: Dataset) -> None:
    with disk_errors("clear", dataset.path):
        for key, segments in read_staging(dataset.storage).items():
            if segments[0].purpose == "apply":
                remove_segments(dataset.storage, key, segments)
