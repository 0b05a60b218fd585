"""Sums by key over the pages of a site, from which those of one page can be taken out again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Tally:
    """keys: uint64[k], sorted · sums: int64[k, 2 + c], pages and lines with each key, then sums over these lines."""

    keys: U64
    sums: I64

    def find(self, keys: U64) -> I64:
        """int64[n, 2 + c]: the sums of each key, zeros where it is not known."""
        out = np.zeros((len(keys), self.sums.shape[1]), np.int64)
        if len(self.keys) and len(keys):
            place = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
            known = np.flatnonzero(self.keys[place] == keys)
            out[known] = self.sums[place[known]]
        return out


def tally(keys: U64, page: I64, values: I64, least: int) -> Tally:
    """The sums of all keys that stand on `least` pages or more, but for key 0.

    keys: uint64[n] · page: int64[n], ascending, the page of each · values: int64[n, c], what is summed.
    """
    rows = np.flatnonzero(keys)
    rows = rows[np.argsort(keys[rows], kind="stable")]
    keys, page = keys[rows], page[rows]
    width = 2 + values.shape[1]
    if not len(rows):
        return Tally(np.empty(0, np.uint64), np.empty((0, width), np.int64))
    begins = np.append(True, keys[1:] != keys[:-1])
    first = np.flatnonzero(begins)
    pages = np.add.reduceat(begins | np.append(True, page[1:] != page[:-1]), first, dtype=np.int64)
    often = np.flatnonzero(pages >= least)
    sums = np.empty((len(often), width), np.int64)
    sums[:, 0] = pages[often]
    sums[:, 1] = np.diff(np.append(first, len(rows)))[often]
    for column in range(values.shape[1]):
        sums[:, 2 + column] = np.add.reduceat(values[rows, column], first)[often]
    return Tally(keys[first[often]], sums)


def joined(tallies: list[Tally]) -> Tally:
    """One tally of several that have no key in common."""
    keys = np.concatenate([tally.keys for tally in tallies])
    order = np.argsort(keys, kind="stable")
    return Tally(keys[order], np.concatenate([tally.sums for tally in tallies])[order])


def within(keys: U64, page: I64, values: I64) -> I64:
    """int64[n, 2 + c]: as `Tally.find`, of what the page of each key by itself has of it."""
    order = np.lexsort((keys, page))
    sorted_keys, sorted_page = keys[order], page[order]
    begins = np.ones(len(keys), bool)
    begins[1:] = (sorted_keys[1:] != sorted_keys[:-1]) | (sorted_page[1:] != sorted_page[:-1])
    first = np.flatnonzero(begins)
    group = np.empty(len(keys), np.int64)
    group[order] = np.cumsum(begins) - 1
    out = np.empty((len(keys), 2 + values.shape[1]), np.int64)
    out[:, 0] = 1
    out[:, 1] = np.diff(np.append(first, len(keys)))[group]
    for column in range(values.shape[1]):
        out[:, 2 + column] = (np.add.reduceat(values[order, column], first) if len(first) else values[:, column])[group]
    out[keys == 0] = 0
    return out


NOTHING = Tally(np.empty(0, np.uint64), np.empty((0, 2), np.int64))
