"""Which articles carry the same text, exactly or nearly."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ingest.dataset import Dataset
from ingest.duplicates import memory, minhash
from ingest.duplicates.clusters import Rows, components
from ingest.duplicates.index import Index, texts_of
from ingest.duplicates.packed import PACKED, order_keys
from ingest.duplicates.texts import Shingler, jaccard, key_of, words

THRESHOLD = 0.8
"""Jaccard similarity of word shingles from which two texts are near copies."""
_HOPELESS = THRESHOLD - 0.15
"""Pairs whose estimate is lower are not compared: four standard errors below the threshold."""

_BATCH = 4096


class Groups(NamedTuple):
    """Labels, int64 of shape (articles,): the same for articles of one group, −1 for texts too short to have copies.
    `alike` joins groups of `exact` whose texts are near copies; without the search for those it is the same.
    """

    exact: Rows
    alike: Rows


def groups_of(dataset: Dataset, index: Index, *, near: bool) -> Groups:
    """Which articles are copies of one text. What is computed on the way is kept in state files."""
    digests = index.rows["text_sha256"].drop_null().unique()
    known = memory.load_texts(dataset, near=near)
    missing = digests.filter(pc.invert(pc.is_in(digests, value_set=known["digest"].combine_chunks())))
    fresh = _read(dataset, index, missing, near=near)
    memory.save_texts(dataset, fresh, known, digests)
    texts = pa.concat_tables([known, fresh]).combine_chunks()

    row = pc.index_in(index.rows["text_sha256"], value_set=texts["digest"].combine_chunks())
    keys = texts["key"].combine_chunks().dictionary_encode().indices
    groups = pc.fill_null(keys.take(row.combine_chunks()), -1).to_numpy().astype(np.int64)
    if not near or not (groups >= 0).any():
        return Groups(groups, groups)
    merged = _merge(dataset, index, texts, pc.fill_null(keys, -1).to_numpy().astype(np.int64))
    return Groups(groups, np.where(groups < 0, -1, merged[groups]))


def _read(dataset: Dataset, index: Index, digests: pa.Array, *, near: bool) -> pa.Table:
    """Keys and signatures of texts that were not met before."""
    shingler = Shingler()
    batches = []
    for found, texts in texts_of(dataset, index, digests):
        for start in range(0, len(texts), _BATCH):
            keys: list[bytes | None] = []
            sets: list[npt.NDArray[np.uint32]] = []
            for text in texts[start : start + _BATCH]:
                tokens = words(text or "")  # of one text at a time: they take ten times its room
                keys.append(key_of(tokens))
                if near and keys[-1]:
                    sets.append(shingler(tokens))
            signed = pa.nulls(len(keys), memory.TEXTS.field("signature").type)
            if near:
                values = minhash.signatures(sets)
                place = np.cumsum([key is not None for key in keys]) - 1
                starts = np.arange(0, values.size + 1, minhash.PERMUTATIONS, dtype=np.int32)
                given = pa.ListArray.from_arrays(pa.array(starts), pa.array(values.ravel()))
                signed = given.take(pa.array(place, pa.int64(), mask=np.array([key is None for key in keys])))
            columns = [pa.array(found[start : start + _BATCH], PACKED), pa.array(keys, pa.binary(16)), signed]
            batches.append(pa.RecordBatch.from_arrays(columns, schema=memory.TEXTS))
    return pa.Table.from_batches(batches, memory.TEXTS)


def _merge(dataset: Dataset, index: Index, texts: pa.Table, keys: Rows) -> Rows:
    """New label for each label of exact copies, joined where their texts are alike.

    Of the texts with one key, the one with the smallest digest speaks for all, whatever came first.
    """
    digests = texts["digest"].combine_chunks()
    present = pc.is_in(digests, value_set=index.rows["text_sha256"].combine_chunks()).to_numpy(zero_copy_only=False)
    rows = np.flatnonzero(present & (keys >= 0))
    order = rows[np.lexsort((*(part[rows] for part in order_keys(digests)), keys[rows]))]
    labels, first = np.unique(keys[order], return_index=True)
    speakers = order[first]
    chosen = texts["signature"].combine_chunks().take(pa.array(speakers))
    signed = chosen.flatten().to_numpy().reshape(len(speakers), minhash.PERMUTATIONS)
    names = digests.take(pa.array(speakers))
    linked = _link(dataset, index, names, signed)
    merged = np.full(int(keys.max(initial=-1)) + 1, -1, np.int64)
    merged[labels] = labels[linked]
    return merged


def _link(dataset: Dataset, index: Index, digests: pa.Array, signed: minhash.Signatures) -> Rows:
    """Components of near copies. Texts are read only for pairs that share a band and were not compared before."""
    stored = memory.load_pairs(dataset)
    compare = _Comparison(digests.to_pylist(), signed, stored)
    shingler = Shingler()
    buckets = list(minhash.buckets(signed))
    while True:
        compare.used, compare.unread = {}, set()
        found = components(len(signed), buckets, compare)
        if not compare.unread:
            break
        wanted = digests.take(pa.array(sorted(compare.unread)))
        for names, texts in texts_of(dataset, index, wanted):
            compare.add(names, [shingler(words(text)) for text in texts])
    if compare.used != stored:
        memory.save_pairs(dataset, compare.used)
    return found


class _Comparison:
    """True Jaccard similarity of the pairs that the signatures do not rule out.

    A pair whose texts are not read yet passes for alike, and its texts are asked for in `unread`. So one round asks for
    some m texts of a bucket of m, and nearly always the next one has all it needs.
    """

    def __init__(self, digests: list[bytes], signed: minhash.Signatures, stored: memory.Pairs) -> None:
        self._digests, self._signed, self._stored = digests, signed, stored
        self._sets: dict[bytes, npt.NDArray[np.uint32]] = {}
        self.used: memory.Pairs = {}
        self.unread: set[int] = set()

    def add(self, digests: Iterable[bytes], sets: Iterable[npt.NDArray[np.uint32]]) -> None:
        self._sets.update(zip(digests, sets, strict=True))

    def __call__(self, row: int, others: Rows) -> npt.NDArray[np.bool_]:
        found = minhash.similarity(self._signed, row, others) >= _HOPELESS
        for place in np.flatnonzero(found):
            found[place] = self._alike(row, int(others[place]))
        return found

    def _alike(self, row: int, other: int) -> bool:
        a, b = sorted((self._digests[row], self._digests[other]))
        similarity = self.used.get((a, b), self._stored.get((a, b)))
        if similarity is None:
            one, two = self._sets.get(a), self._sets.get(b)
            if one is None or two is None:
                self.unread |= {row, other}
                return True
            similarity = self._stored[a, b] = jaccard(one, two)
        self.used[a, b] = similarity
        return similarity >= THRESHOLD
