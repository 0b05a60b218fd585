"""Records in quarantine, processed again with the program and settings of today.

A record comes from its bytes where all of them are kept, else from its source where that is unchanged. What has become
something else takes the place of its old row, in one commit for each part.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from ingest import duplicates, stopping
from ingest.config import Settings
from ingest.dataset import CommitRecord, Dataset, SourceEntry, open_dataset
from ingest.dataset.layout import QUARANTINE, WRITTEN
from ingest.dataset.runs import new_run_id
from ingest.document import Outcome, Record, Records, Reject
from ingest.engines import Engine
from ingest.engines.factory import open_engine
from ingest.engines.tables import join
from ingest.pipeline import Chain
from ingest.quarantine.keep import record_of
from ingest.quarantine.listing import Held, find, held
from ingest.quarantine.replaced import Replaced, replaced
from ingest.readers import Input, Limits, records
from ingest.readers.batches import batches
from ingest.readers.sidecars import of_entry
from ingest.sites.names import recorded
from ingest.sites.store import ContributionStore, names_of, save_names
from ingest.stages.assemble import Stamp
from ingest.steps.work import Learn, Process
from ingest.storage import Storage
from ingest.storage.locations import Place

Progress = Callable[[int, int], None]
"""Called with the number of records done, and of all."""

_AGAIN = "`ingest run` reads its source again once it can be read"
_ANEW = "`ingest run --reprocess all` reads it anew"
_GONE = "its bytes are not all kept, and its source is gone or has changed"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a record: `after` is its outcome now, `id` that of its new row, `reason` says why it is bad."""

    id: str
    source_path: str
    source_record: int | None
    before: str
    after: str
    reason: str | None


class Retried(msgspec.Struct, frozen=True, kw_only=True):
    """`changed` and `unchanged` records, and those `left` alone, since there is nothing to process, with the reason."""

    changed: list[Change]
    unchanged: list[Change]
    left: list[Change]


def retry(
    output: Place,
    identifiers: Sequence[str],
    settings: Settings,
    *,
    wait: bool = False,
    engine: Engine | None = None,
    progress: Progress = lambda done, total: None,
) -> Retried:
    """Process the records with these ids, or all in quarantine, again.

    Raises:
        QuarantineError: an id names nothing.
        LockedError, DatasetError, ConfigError, EngineError: as for `ingest.run.run`.
    """
    duplicates.check_installed(settings.dedup)
    dataset = Dataset.open(output)
    result = Retried(changed=[], unchanged=[], left=[])
    with dataset.lock(wait=wait):
        dataset.recover()
        wanted = find(held(open_dataset(output)), identifiers)
        if not wanted:
            return result
        by_part: dict[str, list[Held]] = defaultdict(list)
        for item in wanted:
            by_part[dataset.ledger().by_path[item.source_path][0]].append(item)
        chain = Chain(settings)
        engine = engine or open_engine(settings)
        found = {key: _items(dataset, key, items, settings, result) for key, items in by_part.items()}
        chain = _learn(dataset, chain, engine, [item for items in found.values() for item in items.values()])
        run_id = new_run_id()
        done = 0
        for key, items in found.items():
            _replace(dataset, key, by_part[key], items, chain, engine, run_id, result)
            done += len(by_part[key])
            progress(done, len(wanted))
        if result.changed:
            drop = settings.drop_duplicates and settings.dedup != "off"
            duplicates.mark(dataset, run_id, mode=settings.dedup, drop=drop)
    return result


def _items(
    dataset: Dataset, key: str, wanted: list[Held], settings: Settings, result: Retried
) -> dict[str, Record | Reject]:
    """What there is to process, by the id of the old row; what is not there is told."""
    record = dataset.ledger().records[key]
    ids = pa.array([item.id for item in wanted], pa.string())
    kept = {row["id"]: row for row in _rows(dataset.storage, record, QUARANTINE, ids)}
    found: dict[str, Record | Reject] = {}
    missing: dict[str, list[Held]] = defaultdict(list)
    for item in wanted:
        if item.outcome == Outcome.UNREADABLE.value or item.source_record is None:
            result.left.append(_change(item, item.outcome, _AGAIN))
        elif item.id in kept and (whole := record_of(kept[item.id])):
            found[item.id] = whole
        else:
            missing[item.source_path].append(item)
    for path, items in missing.items():
        entry = dataset.ledger().by_path[path][1]
        from_source, why_not = _from_source(entry, {item.source_record or 0 for item in items}, settings)
        for item in items:
            again = from_source.get(item.source_record or 0) or _from_bytes(item, kept.get(item.id), settings)
            if again is None:
                result.left.append(_change(item, item.outcome, why_not))
            else:
                found[item.id] = again
    return found


def _from_source(entry: SourceEntry, numbers: set[int], settings: Settings) -> tuple[dict[int, Record | Reject], str]:
    """Records of a source, by number, if it is still what it was and reads as it did; else why there are none.

    A refusal may have stood for all that followed it. So the source is read to its end: where records come to light
    that nobody has seen, it is a matter for a run.
    """
    try:
        source = of_entry(entry, settings).with_digest()
    except OSError:
        return {}, _GONE
    if source.digest != entry.digest:
        return {}, _GONE
    found: dict[int, Record | Reject] = {}
    count = min(numbers)
    for batch in batches(source, settings, Limits.of(settings), skip=count):
        found |= {item.number: item for item in batch if item.number in numbers}
        count += len(batch)
    if count != entry.records + len(entry.forgotten):
        return {}, f"its source now reads as {count} records: {_ANEW}"
    return found, ""


def _from_bytes(item: Held, row: dict[str, Any] | None, settings: Settings) -> Record | Reject | None:
    """What a reader makes of the bytes of a record that no reader could make a page of before."""
    if row is None or not row["is_whole"]:
        return None
    input = Input.of_bytes(row["content"], row["source_path"], Path(row["source_path"]).name)
    found = list(records(input, Limits.of(settings)))
    return replace(found[0], number=item.source_record or 0, offset=item.byte_offset) if len(found) == 1 else None


def _learn(dataset: Dataset, chain: Chain, engine: Engine, items: list[Record | Reject]) -> Chain:
    """Add what the pages tell of their sites, as the run would have that read them whole; the chain that knows it."""
    if not chain.settings.learn:
        return chain
    store = ContributionStore(dataset, chain.learning_version)
    digests = {entry.path: entry.digest for entry in dataset.ledger().entries()}
    with closing(engine.map(Learn(chain, digests), _batches(items, chain.settings))) as results:
        fresh = [batch for _, tables in results for batch in tables["contributions"].to_batches()]
    places = sorted(f"{digests[item.source]}#{item.number}" for item in items)
    if any(batch.num_rows for batch in fresh):
        store.add(places, fresh)
    known = names_of(dataset)
    chain = chain.freeze(store.living(), known)
    save_names(dataset, recorded(known, chain.profiles.unnamed))
    return chain


def _replace(
    dataset: Dataset,
    key: str,
    wanted: list[Held],
    items: dict[str, Record | Reject],
    chain: Chain,
    engine: Engine,
    run_id: str,
    result: Retried,
) -> None:
    """Process the records of one part, and replace the rows of those that have become something else."""
    work = Process(chain, Stamp.now(chain.config_hash))
    with closing(engine.map(work, _batches(list(items.values()), chain.settings))) as results:
        fresh = join([tables for _, tables in results])
    after: dict[tuple[str, int | None], tuple[str, str, str | None]] = {}
    for row in fresh["articles"].select(["source_path", "source_record", "id"]).to_pylist() if fresh else []:
        after[row["source_path"], row["source_record"]] = (row["id"], Outcome.KEPT.value, None)
    for row in fresh["rejected"].to_pylist() if fresh else []:
        after[row["source_path"], row["source_record"]] = (row["id"], row["outcome"], row["reason"])
    gone: list[Held] = []
    for item in wanted:
        if item.id not in items:
            continue
        id_, outcome, reason = after[item.source_path, item.source_record]
        same = (outcome, reason) == (item.outcome, item.reason)
        (result.unchanged if same else result.changed).append(_change(item, outcome, reason, id_))
        if not same:
            gone.append(item)
    if gone:
        places = pa.array([item.id for item in gone], pa.string())
        new_ids = pa.array([after[item.source_path, item.source_record][0] for item in gone], pa.string())
        only = {table: fresh[table].filter(pc.is_in(fresh[table]["id"], new_ids)) for table in WRITTEN}
        with stopping.finishing():
            dataset.rewrite(replaced(dataset.without(key), places, only), run_id)


def _batches(items: Sequence[Record | Reject], settings: Settings) -> Iterator[Records]:
    for start in range(0, len(items), settings.batch_documents):
        yield list(items[start : start + settings.batch_documents])


def _rows(storage: Storage, record: CommitRecord, table: str, ids: Any) -> Iterator[dict[str, Any]]:
    for batch in Replaced.all_rows(storage, record, table):
        yield from batch.filter(pc.is_in(batch.column("id"), ids)).to_pylist()


def _change(item: Held, after: str, reason: str | None, id_: str | None = None) -> Change:
    return Change(
        id=id_ or item.id,
        source_path=item.source_path,
        source_record=item.source_record,
        before=item.outcome,
        after=after,
        reason=reason,
    )
