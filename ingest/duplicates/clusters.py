"""Who is a copy of whom, once it is known which texts are alike: pure functions, whatever the order of the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]
Alike = Callable[[int, Rows], npt.NDArray[np.bool_]]
"""(row, others) -> for each of the others, whether it is a near copy of the row."""


def components(n: int, buckets: Iterable[Rows], alike: Alike) -> Rows:
    """Label for each of `n` rows, int64: the smallest row that it is linked to, directly or over others.

    Rows of a bucket are linked if they are alike. Two that are already linked need no comparison, so a bucket of m
    copies of one text costs m − 1 of them and not m²; which comparisons are spared never changes the labels.
    """
    parent = list(range(n))

    def root(row: int) -> int:
        while parent[row] != row:
            parent[row] = row = parent[parent[row]]
        return row

    for bucket in buckets:
        rows = bucket
        while len(rows) > 1:
            roots = np.array([root(int(row)) for row in rows])
            if (roots == roots[0]).all():
                break
            others = rows[roots != roots[0]]
            for other in others[alike(int(rows[0]), others)]:
                a, b = root(int(rows[0])), root(int(other))
                parent[max(a, b)] = min(a, b)
            rows = rows[1:]
    return np.array([root(row) for row in range(n)], np.int64)


def originals(groups: Rows, rank: Rows) -> Rows:
    """For each row the row that it is a duplicate of, or −1 if it is none: the first of its group by `rank`.

    Rows of group −1 have no copies. No original is a duplicate of another row.
    """
    found = np.full(len(groups), -1, np.int64)
    order = np.argsort(rank, kind="stable")
    order = order[groups[order] >= 0]
    _, first, group = np.unique(groups[order], return_index=True, return_inverse=True)
    original = order[first][group]
    found[order] = np.where(original == order, -1, original)
    return found
