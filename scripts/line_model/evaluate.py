"""The score's own measure (bag-of-words F1 per page) on kept lines, without running the pipeline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scripts.line_model.labels import words_of

Bag = Counter[str]


@dataclass
class Score:
    """Means over pages; `lost10` is the share of pages that lose more than a tenth of their words, `failed` of those
    below an F1 of one half.
    """

    pages: int
    f1: float
    precision: float
    recall: float
    lost10: float
    failed: float

    def __str__(self) -> str:
        return (
            f"{self.pages:5d} pages  F1 {self.f1:.4f}  P {self.precision:.4f}  lost {1 - self.recall:.4f}  "
            f"pages losing >10% {self.lost10:.3f}  below 0.5 {self.failed:.3f}"
        )


def overlap(pred: Bag, gold: Bag) -> tuple[float, float, float]:
    n, g = sum(pred.values()), sum(gold.values())
    if not n or not g:
        return 0.0, 0.0, 0.0
    both = sum((pred & gold).values())
    return both / n, both / g, 2 * both / (n + g)


def page_score(
    lines: Sequence[str], keep: npt.NDArray[np.bool_], title: int | None, gold: str
) -> tuple[float, float, float]:
    """(precision, recall, F1) of the kept lines; the line `title` is left out of the text and, as in the
    score, the better of text alone and title with text counts. `keep` is over all lines.
    """
    g = Counter(words_of(gold))
    text: Bag = Counter()
    for i in np.flatnonzero(keep).tolist():
        if i != title:
            text.update(words_of(lines[i]))
    found = [overlap(text, g)]
    if title is not None:
        found.append(overlap(text + Counter(words_of(lines[title])), g))
    return max(found, key=lambda s: s[2])


def summary(scores: Sequence[tuple[float, float, float]]) -> Score:
    if not scores:
        return Score(0, 0, 0, 0, 0, 0)
    p, r, f = (float(np.mean([s[k] for s in scores])) for k in range(3))
    lost10 = float(np.mean([s[1] < 0.9 for s in scores]))
    return Score(len(scores), f, p, r, lost10, float(np.mean([s[2] < 0.5 for s in scores])))
