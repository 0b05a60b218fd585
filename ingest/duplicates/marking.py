"""Decide all duplicates of a dataset and replace the parts whose marks change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ingest.dataset import CommitRecord, Dataset
from ingest.duplicates.clusters import Rows, originals
from ingest.duplicates.index import Index, load_index
from ingest.duplicates.packed import BYTES, unpack
from ingest.duplicates.result import Found, Mode
from ingest.duplicates.rewrite import Marked
from ingest.duplicates.search import Groups, groups_of


def apply(dataset: Dataset, records: Iterable[CommitRecord], run_id: str, *, mode: Mode, drop: bool) -> Found:
    """Mark the duplicates among the articles of these parts; mode `off` unmarks and brings back all of them."""
    known = {record.key: record for record in records}
    index = load_index(dataset, known.values())
    marks = _marks(dataset, index, mode)
    differs = _differs(index, marks, drop)
    total, changed = len(marks) - marks["original"].null_count, int(differs.sum())
    keys, part = _parts(index)
    rewritten = np.unique(part[differs]).tolist()
    for number in rewritten:
        dataset.rewrite(_marked(dataset, known[keys[number]], index, marks, part == number, drop), run_id)
    return Found(total=total, changed=changed, rewritten=len(rewritten))


def _marks(dataset: Dataset, index: Index, mode: Mode) -> pa.Table:
    """Columns `original` (id, packed, null if none) and `same`, whether it is an exact copy; a row for each article."""
    nobody = np.full(len(index.file), -1, np.int64)
    groups = Groups(nobody, nobody) if mode == "off" else groups_of(dataset, index, near=mode == "near")
    original: Rows = originals(groups.alike, index.rank())
    is_copy = original >= 0
    names = index.rows["id"].combine_chunks().take(pa.array(original, mask=~is_copy))
    return pa.table({"original": names, "same": groups.exact[original] == groups.exact})


def _differs(index: Index, marks: pa.Table, drop: bool) -> npt.NDArray[np.bool_]:
    """Which articles are not yet marked, or not yet in the table, where they belong."""
    new, old = marks["original"].combine_chunks(), index.rows["duplicate_of"].combine_chunks()
    nobody = bytes(BYTES)
    other = pc.not_equal(pc.fill_null(new, nobody), pc.fill_null(old, nobody)).to_numpy(zero_copy_only=False)
    moves = index.dropped != (new.is_valid().to_numpy(zero_copy_only=False) & drop)
    found: npt.NDArray[np.bool_] = other | moves
    return found


def _parts(index: Index) -> tuple[list[str], Rows]:
    """The keys of the parts, and which of them each article stands in."""
    number = {key: place for place, key in enumerate(dict.fromkeys(key for key, _ in index.files))}
    of_file = np.array([number[key] for key, _ in index.files], np.int64)
    return list(number), of_file[index.file]


def _marked(
    dataset: Dataset, record: CommitRecord, index: Index, marks: pa.Table, mine: npt.NDArray[np.bool_], drop: bool
) -> Marked:
    rows = index.rows.filter(pa.array(mine))
    is_copy = marks["original"].filter(pa.array(mine)).is_valid()
    copies = marks.filter(pa.array(mine)).filter(is_copy)
    originals = unpack(copies["original"])
    words = {True: "the same text as article", False: "nearly the text of article"}
    reasons = [f"{words[same]} {name}" for same, name in zip(copies["same"].to_pylist(), originals, strict=True)]
    was = pc.or_(rows["duplicate_of"].is_valid(), pa.chunked_array([index.dropped[mine]]))
    return Marked(
        storage=dataset.storage,
        record=record,
        paths=frozenset(),
        marks={
            "id": pa.array(unpack(rows["id"].filter(is_copy)), pa.string()),
            "original": pa.array(originals, pa.string()),
            "reason": pa.array(reasons, pa.string()),
        },
        dropped_ids=pa.array(unpack(rows["id"].filter(pa.array(index.dropped[mine]))), pa.string()),
        drop=drop,
        was=Counter(rows["source_path"].filter(was).to_pylist()),
        now=Counter(rows["source_path"].filter(is_copy).to_pylist()),
    )
