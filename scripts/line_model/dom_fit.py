"""Training of the line model of HTML pages: that of text with more numbers to a line, and with the names around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from scripts.line_model import fit
from scripts.line_model.dom_pages import Tree
from scripts.line_model.fit import F32, Encoded, Fitted, Kit
from scripts.line_model.net import Batch, Net
from scripts.line_model.prepared import Prepared

DIM = 16  # of a name's vector
N_BAGS = 4
VOCABULARY, MIN_SITES = 6_000, 4


@dataclass
class DomPrepared(Prepared):
    """As `Prepared`, the evidence's numbers at the end of `alone`; `trees` holds the names."""

    trees: Sequence[Tree] = ()


def with_trees(data: Prepared, trees: Sequence[Tree]) -> DomPrepared:
    doc = np.repeat(np.arange(len(trees)), np.diff(data.span))
    dense = [tree.dense[data.line[data.span[d] : data.span[d + 1]]] for d, tree in enumerate(trees)]
    values = {f.name: getattr(data, f.name) for f in fields(Prepared)}
    values["alone"] = np.concatenate([data.alone, np.concatenate(dense)], 1)
    assert len(doc) == len(values["alone"])
    return DomPrepared(**values, trees=trees)


class DomNet(Net):
    """The line model's net with bags of the names inside, near, in the middle and far above each line."""

    def __init__(self, n_alone: int, n_context: int, n_words: int, n_roles: int, n_names: int) -> None:
        super().__init__(n_alone, n_context, n_words, n_roles)
        self.names = nn.Embedding(n_names + 1, DIM, padding_idx=0)
        nn.init.normal_(self.names.weight, std=0.05)
        with torch.no_grad():
            self.names.weight[0] = 0
        old = self.alone1
        self.alone1 = nn.Linear(old.in_features + N_BAGS * (DIM + 1), old.out_features)

    def inputs(self, b: Batch) -> Tensor:
        n = len(b.alone)
        m = b.n_names
        known = (b.token > 0).float()
        vector = torch.zeros(m, DIM).index_add_(0, b.token_name, self.names(b.token))
        count = torch.zeros(m, 2).index_add_(0, b.token_name, torch.stack([known, torch.ones_like(known)], 1))
        at = b.bag_row * N_BAGS + b.bag
        sums = torch.zeros(n * N_BAGS, DIM).index_add_(0, at, vector[b.bag_name])
        counts = torch.zeros(n * N_BAGS, 2).index_add_(0, at, count[b.bag_name])
        every = counts[:, 1:].clamp(min=1)
        bags = (sums / every).reshape(n, N_BAGS * DIM)
        shares = (counts[:, :1] / every).reshape(n, N_BAGS)
        return torch.cat([super().inputs(b), bags, shares], 1)


@dataclass
class DomEncoded(Encoded):
    """Tokens of each tree as vocabulary numbers."""

    names: list[npt.NDArray[np.int64]]


def kit_of(names: npt.NDArray[np.uint64]) -> Kit:
    """names: uint64, sorted, the vocabulary of name tokens."""

    def encode(data: DomPrepared, vocab: npt.NDArray[np.uint64]) -> DomEncoded:
        plain = fit.encode(data, vocab)
        return DomEncoded(plain.head, plain.tail, [fit.lookup(names, tree.token) for tree in data.trees])

    def net(n_alone: int, n_context: int, n_words: int, n_roles: int) -> Net:
        return DomNet(n_alone, n_context, n_words, n_roles, len(names))

    return Kit(net, encode, batch_of)


def batch_of(
    picks: list[tuple[DomPrepared, DomEncoded, int, F32]], mean: F32, scale: F32,
    rng: np.random.Generator | None = None,
) -> tuple[Batch, dict[str, Tensor]]:  # fmt: skip
    """As for text; `rng` hides names, too, of each document another share."""
    b, targets = fit.batch_of(picks, mean, scale, rng)
    parts: dict[str, list[npt.NDArray[np.int64]]] = {
        key: [] for key in ("token", "token_name", "bag_row", "bag_name", "bag")
    }
    row = name = 0
    for data, codes, d, _ in picks:
        tree, ids = data.trees[d], codes.names[d]
        if rng is not None:
            drop = rng.random() * 1.1 if rng.random() < 0.4 else 0.1
            ids = ids * (rng.random(len(ids)) >= drop)
        n_names = len(tree.token_span) - 1
        lines = data.line[data.span[d] : data.span[d + 1]]
        row_of = np.full(len(tree.dense), -1, np.int64)
        row_of[lines] = np.arange(len(lines))
        rows = row_of[tree.bag_line]
        use = rows >= 0
        parts["token"].append(ids)
        parts["token_name"].append(np.repeat(np.arange(n_names), np.diff(tree.token_span)) + name)
        parts["bag_row"].append(rows[use] + row)
        parts["bag_name"].append(tree.bag_name[use].astype(np.int64) + name)
        parts["bag"].append(tree.bag[use].astype(np.int64))
        row, name = row + len(lines), name + n_names
    for key, values in parts.items():
        setattr(b, key, torch.from_numpy(np.concatenate(values)))
    b.n_names = name
    return b, targets


def vocabulary(parts: Sequence[tuple[Sequence[Tree], npt.NDArray[np.int64]]]) -> npt.NDArray[np.uint64]:
    """The name tokens that stand on the most sites, sorted. parts: (trees, number of each one's site or -1)."""
    seen: set[tuple[int, int]] = set()
    for trees, site in parts:
        for tree, number in zip(trees, site.tolist(), strict=True):
            if number >= 0:
                seen.update((token, number) for token in tree.token.tolist())
    counts: dict[int, int] = {}
    for token, _ in seen:
        counts[token] = counts.get(token, 0) + 1
    often = sorted((-n, token) for token, n in counts.items() if n >= MIN_SITES)[:VOCABULARY]
    return np.sort(np.array([token for _, token in often], np.uint64))


__all__ = ["DomNet", "DomPrepared", "Fitted", "batch_of", "kit_of", "vocabulary", "with_trees"]
