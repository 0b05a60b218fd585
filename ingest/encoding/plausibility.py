"""How likely is a text as text, judged by its characters alone.

A bigram model over character classes: letters of alphabets have a class each (capitals apart, because a wrong Cyrillic
charset swaps the cases), Han and Hangul are grouped by frequency, the rest by kind. Trained on some 55 languages by
`scripts/train_plausibility.py`. It knows scripts and letter sequences, no words and no languages, and is used to choose
between readings of the same bytes. Pairs of two ASCII characters do not count, since all charsets agree on them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

from ingest.lines.scan import BREAK, Codes

SCALE = 16.0  # steps per nat in the stored table


@lru_cache(maxsize=1)
def _stored() -> dict[str, npt.NDArray[Any]]:
    with files(__package__).joinpath("plausibility.npz").open("rb") as file, np.load(file) as stored:
        return dict(stored)


@lru_cache(maxsize=1)
def class_tables() -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
    """Row offsets and columns by code point (65536,), and the flat cost table (classes squared,) in 1/16 nat."""
    classes, cost = _stored()["classes"].astype(np.int32), _stored()["cost"]
    return classes * np.int32(len(cost)), classes, cost.ravel()


@lru_cache(maxsize=1)
def mark_costs() -> npt.NDArray[np.uint8]:
    """The flat cost table with 0 where a pair holds nothing that a wrong 8-bit reading brings forth."""
    marks = _stored()["marks"]
    cost: npt.NDArray[np.uint8] = np.where(marks[:, None] | marks[None, :], _stored()["cost"], 0).ravel()
    return cost


@dataclass(frozen=True, slots=True)
class Scores:
    """Per text of a batch, arrays of shape (n,)."""

    cost: npt.NDArray[np.float64]  # nats, summed over the pairs that count
    pairs: npt.NDArray[np.int64]  # pairs that count, i.e. with a character beyond ASCII

    @property
    def mean(self) -> npt.NDArray[np.float64]:
        """Nats per counted pair; 0 where there is none. Right text lies around 3, mojibake around 8."""
        mean: npt.NDArray[np.float64] = self.cost / np.maximum(self.pairs, 1)
        return mean


def pair_costs(points: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
    """Cost in 1/16 nat of each adjacent pair, shape (n - 1,); 0 for two ASCII characters."""
    rows, columns, table = class_tables()
    small = np.minimum(points, 0xFFFF)
    return table.take(rows.take(small[:-1]) + columns.take(small[1:]))


def score(texts: Codes) -> Scores:
    """Score each text on its own, with a line break before and after it."""
    if not len(texts):
        return Scores(np.zeros(0), np.zeros(0, np.int64))
    costs = pair_costs(np.append(BREAK, texts.points))
    return Scores(
        np.add.reduceat(costs, texts.start, dtype=np.float64) / SCALE,
        np.add.reduceat(costs > 0, texts.start, dtype=np.int64),
    )
