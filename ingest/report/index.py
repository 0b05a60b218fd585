"""All articles of a dataset as a few numbers each, small enough for millions, and the choice of sample pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ingest.dataset import Snapshot
from ingest.schema import ARTICLES

BATCH = 65_536
_COLUMNS = ("id", "site", "language", "published", "published_ambiguous", "title", "n_words", "removed_share")
_EMPTY = pa.RecordBatch.from_pylist([], schema=pa.schema([ARTICLES.field(name) for name in _COLUMNS]))


@dataclass(frozen=True, slots=True)
class Index:
    """One row an article, ascending by `key`; 21 bytes each.

    key: uint64[n], see `keys_of`. site: int32[n] into `sites`, `sites[0]` is "" for unknown. language: int16[n] into
    `languages`. month: int16[n], months since the year 0, -1 without a date. words: int32[n]. share: float32[n], the
    removed share. flags: uint8[n], bits of `UNTITLED` and `AMBIGUOUS`.
    """

    key: npt.NDArray[np.uint64]
    site: npt.NDArray[np.int32]
    language: npt.NDArray[np.int16]
    month: npt.NDArray[np.int16]
    words: npt.NDArray[np.int32]
    share: npt.NDArray[np.float32]
    flags: npt.NDArray[np.uint8]
    sites: list[str]
    languages: list[str]

    def __len__(self) -> int:
        return len(self.key)

    def site_of(self, keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.int32]:
        """int32[m]: number of the site of each article, -1 for keys that belong to none."""
        if not len(self.key):
            return np.full(len(keys), -1, np.int32)
        place = np.minimum(np.searchsorted(self.key, keys), len(self.key) - 1)
        return np.where(self.key[place] == keys, self.site[place], np.int32(-1))


UNTITLED, AMBIGUOUS = np.uint8(1), np.uint8(2)


def keys_of(ids: pa.Array) -> npt.NDArray[np.uint64]:
    """uint64[n]: the first 16 hexadecimal digits of each id. Ids are hashes, so a small key is a fair draw."""
    encoded = ids.dictionary_encode()
    values = np.fromiter((int(value[:16], 16) for value in encoded.dictionary.to_pylist()), np.uint64)
    return values[encoded.indices.to_numpy(zero_copy_only=False)] if len(values) else np.zeros(0, np.uint64)


def read_index(snapshot: Snapshot) -> Index:
    """The index of all articles; reads no text."""
    sites, languages = _Names([""]), _Names([])
    parts = [_part(_EMPTY, sites, languages)]
    parts += [_part(batch, sites, languages) for batch in snapshot.to_batches("articles", _COLUMNS, BATCH)]
    columns: dict[str, Any] = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.argsort(columns["key"])
    columns = {name: column[order] for name, column in columns.items()}
    return Index(sites=sites.names, languages=languages.names, **columns)


def _part(batch: pa.RecordBatch, sites: _Names, languages: _Names) -> dict[str, npt.NDArray[Any]]:
    return {
        "key": keys_of(batch.column("id")),
        "site": sites.numbers(batch.column("site")).astype(np.int32),
        "language": languages.numbers(batch.column("language")).astype(np.int16),
        "month": _months(batch.column("published")),
        "words": batch.column("n_words").to_numpy(zero_copy_only=False).astype(np.int32),
        "share": batch.column("removed_share").fill_null(0).to_numpy(zero_copy_only=False),
        "flags": _flags(batch),
    }


def choose_pages(index: Index, most: int) -> npt.NDArray[np.uint64]:
    """Sorted keys of at most `most` articles: from each site in turn, within a site by the draw of the keys.

    The same articles give the same sample, whatever part they stand in.
    """
    return np.sort(index.key[np.argsort(_rank_in_site(index), kind="stable")[:most]])


def first_of_sites(index: Index, sites: npt.NDArray[np.int32], most: int) -> npt.NDArray[np.uint64]:
    """Sorted keys of the first `most` articles, by the draw of the keys, of each of the sites numbered."""
    return index.key[np.isin(index.site, sites) & (_rank_in_site(index) < most)]


def largest_sites(index: Index, most: int) -> npt.NDArray[np.int32]:
    """The numbers of the sites with the most articles, of those that are known and have two or more."""
    sizes = np.bincount(index.site[index.site > 0], minlength=len(index.sites))
    sites = np.argsort(-sizes, kind="stable")[:most].astype(np.int32)
    found: npt.NDArray[np.int32] = sites[sizes[sites] > 1]
    return found


def _rank_in_site(index: Index) -> npt.NDArray[np.int64]:
    """int64[n]: how many articles of the same site come before, by key."""
    order = np.argsort(index.site, kind="stable")
    of_site = index.site[order]
    starts = np.flatnonzero(np.diff(of_site, prepend=-1))
    rank = np.empty(len(index), np.int64)
    rank[order] = np.arange(len(index)) - np.repeat(starts, np.diff(starts, append=len(index)))
    return rank


def month(number: int) -> str:
    """A month as year and month, from its number."""
    return f"{number // 12:04}-{number % 12 + 1:02}"


class _Names:
    """Numbers for names, in the order of their first coming."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        self._number = {name: number for number, name in enumerate(names)}

    def numbers(self, column: pa.Array) -> npt.NDArray[np.int64]:
        encoded = column.fill_null("").dictionary_encode()
        values = [self._of(name) for name in encoded.dictionary.to_pylist()]
        found: npt.NDArray[np.int64] = np.array(values, np.int64)[encoded.indices.to_numpy(zero_copy_only=False)]
        return found

    def _of(self, name: str) -> int:
        if name not in self._number:
            self._number[name] = len(self.names)
            self.names.append(name)
        return self._number[name]


def _months(published: pa.Array) -> npt.NDArray[np.int16]:
    months = published.to_numpy(zero_copy_only=False).astype("datetime64[M]")
    return np.where(np.isnat(months), -1, months.astype(np.int64) + 1970 * 12).astype(np.int16)


def _flags(batch: pa.RecordBatch) -> npt.NDArray[np.uint8]:
    untitled = batch.column("title").fill_null("").to_numpy(zero_copy_only=False) == ""
    ambiguous = batch.column("published_ambiguous").fill_null(False).to_numpy(zero_copy_only=False)
    flags: npt.NDArray[np.uint8] = (untitled * UNTITLED | ambiguous * AMBIGUOUS).astype(np.uint8)
    return flags
