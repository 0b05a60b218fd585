"""Boosted trees over rows of numbers, by bit masks instead of walks from node to node.

A tree has at most 32 leaves, a bit each. Every split that a row fails clears the bits of the leaves that it cannot
reach; the lowest bit left is its leaf. (Lucchese and others, "QuickScorer: a fast algorithm to rank documents with
additive ensembles of regression trees", SIGIR 2015.) All splits of a tree on one feature are one table by the step that
the feature's value falls into. Values of leaves are whole numbers, so sums are exact and a row's score depends on
nothing but the row.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

LEAVES = 32
UNIT = 4096.0  # parts of log-odds that values of leaves are multiples of

F32 = npt.NDArray[np.float32]
_ALL = np.uint32(0xFFFFFFFF)
_LOWEST = np.zeros(37, np.intp)  # by the remainder of a power of two: no two of the 32 are alike
_LOWEST[[(1 << bit) % 37 for bit in range(LEAVES)]] = np.arange(LEAVES)


class Forest:
    """Trained trees. Immutable.

    edges, edge_of: float32[e] and where those of each feature begin, int64[features + 1]: sorted values at which some
    tree splits, a row goes left where its value is not above · tree, feature: int64[t], tables in the order of trees ·
    table: uint32[sum of the steps], what is left of the leaves by step · values: int32[trees, LEAVES] · base: int.
    """

    def __init__(self, arrays: dict[str, npt.NDArray[Any]]) -> None:
        self.features = len(arrays["edge_of"]) - 1
        bounds = arrays["edge_of"].astype(np.int64)
        edges = arrays["edges"].astype(np.float32)
        self._edges = [edges[a:b] for a, b in pairwise(bounds.tolist())]
        self._values = arrays["values"].astype(np.int64)
        self._base = int(arrays["base"])
        self._trees: list[list[tuple[int, npt.NDArray[np.uint32]]]] = [[] for _ in self._values]
        table, at = arrays["table"].astype(np.uint32), 0
        for tree, feature in zip(arrays["tree"].tolist(), arrays["feature"].tolist(), strict=True):
            steps = len(self._edges[feature]) + 1
            self._trees[tree].append((feature, table[at : at + steps]))
            at += steps

    def score(self, x: F32) -> F32:
        """float32[n]: the log-odds of the rows of float32[n, features]."""
        steps = [np.searchsorted(edges, x[:, f], side="left").astype(np.intp) for f, edges in enumerate(self._edges)]
        total = np.full(len(x), self._base, np.int64)
        left = np.empty(len(x), np.uint32)
        for tables, values in zip(self._trees, self._values, strict=True):
            left[:] = _ALL
            for feature, table in tables:
                left &= table.take(steps[feature])
            total += values.take(_LOWEST.take((left & (~left + np.uint32(1))) % np.uint32(37)))
        found: F32 = (total / UNIT).astype(np.float32)
        return found
