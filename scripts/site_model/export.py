"""A fitted classifier of scikit-learn as the arrays of `ingest.models.forest`."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ingest.models.forest import LEAVES, UNIT


def arrays_of(model: Any, features: int) -> dict[str, npt.NDArray[Any]]:
    """The trees of a `HistGradientBoostingClassifier` of two classes, fitted without missing values."""
    trees = [stage[0].nodes for stage in model._predictors]
    edges: list[set[float]] = [set() for _ in range(features)]
    for nodes in trees:
        for node in nodes[nodes["is_leaf"] == 0]:
            edges[int(node["feature_idx"])].add(float(np.float32(node["num_threshold"])))
    sorted_edges = [np.array(sorted(some), np.float32) for some in edges]
    tree, feature, tables = [], [], []
    values = np.zeros((len(trees), LEAVES), np.int32)
    for number, nodes in enumerate(trees):
        leaves: list[float] = []
        masks: dict[int, npt.NDArray[np.uint32]] = {}

        def walk(at: int, nodes: Any = nodes, leaves: list[float] = leaves, masks: Any = masks) -> tuple[int, int]:
            node = nodes[at]
            if node["is_leaf"]:
                leaves.append(float(node["value"]))
                return len(leaves) - 1, len(leaves)
            first, middle = walk(int(node["left"]))
            _, last = walk(int(node["right"]))
            f = int(node["feature_idx"])
            table = masks.setdefault(f, np.full(len(sorted_edges[f]) + 1, 0xFFFFFFFF, np.uint32))
            at_edge = int(np.searchsorted(sorted_edges[f], np.float32(node["num_threshold"])))
            table[at_edge + 1 :] &= np.uint32(0xFFFFFFFF ^ (((1 << middle) - 1) ^ ((1 << first) - 1)))
            return first, last

        walk(0)
        if len(leaves) > LEAVES:
            raise ValueError(f"a tree has {len(leaves)} leaves, of {LEAVES} at most")
        values[number, : len(leaves)] = np.rint(np.array(leaves) * UNIT)
        for f in sorted(masks):
            tree.append(number)
            feature.append(f)
            tables.append(masks[f])
    return {
        "edges": np.concatenate(sorted_edges),
        "edge_of": np.cumsum([0, *map(len, sorted_edges)]),
        "tree": np.array(tree),
        "feature": np.array(feature),
        "table": np.concatenate(tables),
        "values": values,
        "base": np.array(round(float(model._baseline_prediction.ravel()[0]) * UNIT)),
    }
