"""What was computed of texts and of pairs of texts, kept beside the dataset so that no text is read twice.

State files under `duplicates/`, in Arrow's IPC format. All of it follows from the texts: a file that is damaged, of
another version, or gone costs time and nothing else.

    texts-<hash>.arrow   digest (`text_sha256`, packed), key binary[16] (null: too short), signature uint32[126] or
                         null, which takes no room where near copies are not looked for
    pairs.arrow          a, b (digests), similarity: true Jaccard similarity of two texts of a bucket
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.dataset import Dataset
from ingest.duplicates.packed import PACKED
from ingest.duplicates.texts import VERSION

_FOLDER = "duplicates/"
_PAIRS = f"{_FOLDER}pairs.arrow"
_TEXTS = f"{_FOLDER}texts-"
_MANY = 16  # files that are then put together

TEXTS = pa.schema(
    [("digest", PACKED), ("key", pa.binary(16)), ("signature", pa.list_(pa.uint32()))],
    metadata={"version": VERSION},
)
PAIRS = pa.schema([("a", PACKED), ("b", PACKED), ("similarity", pa.float64())], metadata={"version": VERSION})

Pairs: TypeAlias = "dict[tuple[bytes, bytes], float]"


def load_texts(dataset: Dataset, *, near: bool) -> pa.Table:
    """All that is known of texts, each once, chunked by file; with `near` only those whose signature is known, too."""
    tables = [_load(dataset, name, TEXTS) for name in dataset.list_state(_TEXTS)]
    known = pa.concat_tables([table for table in tables if table is not None] or [TEXTS.empty_table()])
    if near:
        known = known.filter(pc.or_(known["signature"].is_valid(), known["key"].is_null()))
    first = pc.index_in(known["digest"], value_set=known["digest"].combine_chunks())
    return known.filter(pc.equal(first, pa.array(np.arange(len(known), dtype=np.int32))))


def save_texts(dataset: Dataset, fresh: pa.Table, known: pa.Table, living: pa.Array) -> None:
    """Add what is fresh; when there are many files, write one with what is known of the living texts instead."""
    names = dataset.list_state(_TEXTS)
    if len(names) >= _MANY:
        every = pa.concat_tables([known, fresh])
        fresh = every.filter(pc.is_in(every["digest"], living))
    elif not len(fresh):
        return
    name = _TEXTS + blake2b(b"".join(fresh["digest"].to_pylist()), digest_size=10).hexdigest() + ".arrow"
    dataset.put_state(name, _to_bytes(fresh))
    if len(names) >= _MANY:
        for old in names:
            if old != name:
                dataset.delete_state(old)


def load_pairs(dataset: Dataset) -> Pairs:
    """Similarity by pair, the smaller digest first."""
    table = _load(dataset, _PAIRS, PAIRS)
    if table is None:
        return {}
    a, b, similarity = (table[name].to_pylist() for name in PAIRS.names)
    return dict(zip(zip(a, b, strict=True), similarity, strict=True))


def save_pairs(dataset: Dataset, pairs: Pairs) -> None:
    """Store the similarity of pairs, so that the next run need not measure it again."""
    rows = sorted(pairs.items())
    columns = [[a for (a, _), _ in rows], [b for (_, b), _ in rows], [value for _, value in rows]]
    arrays = [pa.array(column, field.type) for column, field in zip(columns, PAIRS, strict=True)]
    dataset.put_state(_PAIRS, _to_bytes(pa.Table.from_arrays(arrays, schema=PAIRS)))


def _load(dataset: Dataset, name: str, schema: pa.Schema) -> pa.Table | None:
    data = dataset.get_state(name)
    if data is None:
        return None
    try:
        with pa.ipc.open_file(data) as file:
            if not file.schema.equals(schema, check_metadata=True):
                return None
            table: pa.Table = file.read_all()
            table.validate(full=True)
            return table
    except pa.ArrowException:
        return None


def _to_bytes(table: Any) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as file:
        file.write_table(table)
    data: bytes = sink.getvalue().to_pybytes()
    return data
