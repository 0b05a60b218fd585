"""Trees evaluated by bit masks give what the trees say, row by row."""

from __future__ import annotations

import numpy as np

from ingest.models import site_model
from ingest.models.forest import LEAVES, UNIT, Forest

ALL = 0xFFFFFFFF


def small() -> Forest:
    """One tree: x0 <= 1 ? (x1 <= 5 ? 1 : 2) : 3."""
    table = np.array([ALL, ALL ^ 0b011, ALL, ALL ^ 0b001], np.uint32)
    values = np.zeros((1, LEAVES), np.int32)
    values[0, :3] = np.array([1, 2, 3]) * UNIT
    return Forest(
        {
            "edges": np.array([1.0, 5.0], np.float32),
            "edge_of": np.array([0, 1, 2]),
            "tree": np.array([0, 0]),
            "feature": np.array([0, 1]),
            "table": table,
            "values": values,
            "base": np.array(-int(UNIT)),
        }
    )


def test_each_row_reaches_its_leaf() -> None:
    """A value at the edge of a split goes left, one above it right."""
    x = np.array([[0, 0], [1, 5], [1, 6], [2, 0], [2, 9]], np.float32)
    assert small().score(x).tolist() == [0, 0, 1, 2, 2]


def test_a_row_depends_on_no_other() -> None:
    """Scores of many rows are those of each by itself, in any order."""
    model = site_model.load()
    x = np.random.default_rng(1).normal(0, 5, (300, model.features)).astype(np.float32)
    whole = model.score(x)
    assert len(set(whole.tolist())) > 50
    order = np.random.default_rng(2).permutation(len(x))
    assert np.array_equal(model.score(x[order]), whole[order])
    assert all(model.score(x[i : i + 1])[0] == whole[i] for i in range(20))
