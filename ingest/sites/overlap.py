"""Which sets share many of their members, found without comparing all pairs; and connected components.

Of the sets that have a member in common only those near each other in the order of their numbers are taken for
candidates, which is linear in the input and suffices to chain sets that share many members.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]

NEIGHBOURS = 5  # sets of a member that are candidates for each
WORTH = 0.05  # of the lighter set, which the members seen by such neighbourhood must make up for an exact count
CHUNK = 1 << 20  # members looked at together


@dataclass(frozen=True, slots=True)
class Members:
    """Members of n sets, each once a set, sorted by member, then set.

    member: int64[k], numbered from 0 · of: int64[k], the set · weight: float64[k].
    """

    member: I64
    of: I64
    weight: F64


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of sets with members in common. left, right: int64, left < right · shared: float64, weight of these."""

    left: I64
    right: I64
    shared: F64


def overlaps(members: Members, total: F64, enough: float = np.inf) -> Pairs:
    """Pairs of sets that share a good part of the lighter one's weight; `total` is float64[n], the weight of each set.

    Pairs are left out of which the members that make them candidates have less than `WORTH` of the lighter set's
    weight; of the others, the weight is that of all that they share, or at least `enough` of the lighter set's.
    """
    n = len(total)
    width = int(members.member[-1]) + 1 if len(members.member) else 1
    keys = members.of * width + members.member  # each is there once
    by_set = np.argsort(keys)
    start = np.searchsorted(members.of[by_set], np.arange(n + 1))
    index = _Index(by_set, start, members, keys[by_set], width)
    found = [Pairs(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float64))]
    first = 0
    while first < n:
        last = max(first + 1, int(np.searchsorted(start, start[first] + CHUNK, side="right")) - 1)
        pairs, seen = _candidates(members, by_set[start[first] : start[last]], n)
        left, right = np.divmod(pairs, n)
        share = seen / np.maximum(np.minimum(total[left], total[right]), np.finfo(float).tiny)
        unsure = (share >= WORTH) & (share < enough)
        seen[unsure] = index.shared(left[unsure], right[unsure])
        likely = share >= WORTH
        found.append(Pairs(left[likely], right[likely], seen[likely]))
        first = last
    return Pairs(*(np.concatenate([getattr(part, name) for part in found]) for name in ("left", "right", "shared")))


def components(n: int, left: I64, right: I64) -> I64:
    """int64[n]: connected components of a graph, each named by its smallest node."""
    label = np.arange(n)
    while True:
        least = np.minimum(label[left], label[right])
        lower = label.copy()
        np.minimum.at(lower, label[left], least)
        np.minimum.at(lower, label[right], least)
        while (lower[lower] != lower).any():
            lower = lower[lower]
        if (lower == label).all():
            return label
        label = lower


def _candidates(members: Members, rows: I64, n: int) -> tuple[I64, F64]:
    """Neighbours of the sets that have the members `rows`: both numbers as one, left * n + right; the weight seen."""
    keys: list[I64] = [np.empty(0, np.int64)]
    weights: list[F64] = [np.empty(0, np.float64)]
    for distance in range(1, NEIGHBOURS + 1):
        rows = rows[rows + distance < len(members.member)]
        rows = rows[members.member[rows] == members.member[rows + distance]]
        keys.append(members.of[rows] * n + members.of[rows + distance])
        weights.append(members.weight[rows])
    unique, place = np.unique(np.concatenate(keys), return_inverse=True)
    return unique, np.bincount(place.reshape(-1), np.concatenate(weights), len(unique)).astype(np.float64)


class _Index:
    """Members by set, for exact counts."""

    def __init__(self, by_set: I64, start: I64, members: Members, keys: I64, width: int) -> None:
        self._start, self._size = start, np.diff(start)
        self._member, self._weight = members.member[by_set], members.weight[by_set]
        self._keys, self._width = keys, width

    def shared(self, left: I64, right: I64) -> F64:
        """float64: the weight of all that the sets of each pair have in common."""
        small = np.where(self._size[left] <= self._size[right], left, right)
        large = left + right - small
        result = np.zeros(len(left), np.float64)
        ends = np.cumsum(self._size[small])
        first = done = 0
        while first < len(left):
            last = max(first + 1, int(np.searchsorted(ends, done + CHUNK, side="right")))
            some = small[first:last]
            size = self._size[some]
            pair = np.repeat(np.arange(len(some)), size)
            row = np.arange(len(pair)) + np.repeat(self._start[some] - (np.cumsum(size) - size), size)
            wanted = large[first:last][pair] * self._width + self._member[row]
            place = np.minimum(np.searchsorted(self._keys, wanted), len(self._keys) - 1)
            hit = self._keys[place] == wanted
            result[first:last] = np.bincount(pair[hit], self._weight[row[hit]], len(some))
            first, done = last, int(ends[last - 1])
        return result
