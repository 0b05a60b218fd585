"""Exact and near copies of articles, across all runs of a dataset. See docs/duplicates.md.

What is a duplicate of what follows from the articles that the dataset holds, whenever and in whatever order they came:
it is decided anew for all of them after a run that changed the dataset, and parts whose marks change are replaced.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from importlib.util import find_spec
from typing import TYPE_CHECKING

import msgspec

from ingest.duplicates.result import Found, Mode
from ingest.duplicates.texts import VERSION
from ingest.errors import ConfigError

if TYPE_CHECKING:
    from ingest.dataset import Dataset


def check_installed(mode: Mode) -> None:
    """Raise ConfigError where `mode` needs a library that is not there, before a run has done anything."""
    if mode == "near" and find_spec("datasketch") is None:
        raise ConfigError("--dedup near needs the package datasketch", hint="pip install 'ingest[near]'")


class _Done(msgspec.Struct, frozen=True, kw_only=True):
    """State file: for which ledger, and how, duplicates are marked. See `ingest.dataset.layout.DUPLICATES`."""

    ledger: str
    mode: Mode
    drop: bool
    version: str
    total: int


def mark(dataset: Dataset, run_id: str, *, mode: Mode, drop: bool) -> Found:
    """Bring the duplicates of the dataset in line with its articles and these settings. Needs the lock.

    Reads nothing if nothing has changed since it was last done. May be cut off at any instant: each part is replaced in
    one commit, and the next call does the rest.

    Raises:
        DatasetError: a part cannot be read or written.
    """
    from ingest.dataset.layout import DUPLICATES

    done = _load(dataset.get_state(DUPLICATES))
    wanted = _Done(ledger=dataset.ledger().version, mode=mode, drop=drop, version=VERSION, total=0)
    if done is not None and msgspec.structs.replace(done, total=0) == wanted:
        return Found(total=done.total)
    records = list(dataset.ledger().records.values())
    if mode == "off":
        records = [record for record in records if any("duplicate" in entry.outcomes for entry in record.sources)]
        if not records:
            return Found()
    from ingest.duplicates.marking import apply

    found = apply(dataset, records, run_id, mode=mode, drop=drop)
    wanted = msgspec.structs.replace(wanted, ledger=dataset.ledger().version, total=found.total)
    dataset.put_state(DUPLICATES, msgspec.json.format(msgspec.json.encode(wanted)))
    return found


def rows_unchanged(dataset: Dataset, *, since: str) -> None:
    """Say that parts were rewritten since that version of the ledger, but no row: marks that were right are so now.

    Needs the lock. Where it is not said, because the program was cut off before, the next `mark` looks itself.
    """
    from ingest.dataset.layout import DUPLICATES

    done, version = _load(dataset.get_state(DUPLICATES)), dataset.ledger().version
    if done is not None and done.ledger == since != version:
        done = msgspec.structs.replace(done, ledger=version)
        dataset.put_state(DUPLICATES, msgspec.json.format(msgspec.json.encode(done)))


def outcomes_of(dataset: Dataset, paths: Iterable[str]) -> Counter[str]:
    """What became of the records of some sources, as the ledger states it now."""
    ledger = dataset.ledger()
    counts: Counter[str] = Counter()
    for path in paths:
        counts.update(ledger.by_path[path][1].outcomes)
    return counts


def _load(data: bytes | None) -> _Done | None:
    try:
        return msgspec.json.decode(data, type=_Done) if data else None
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
