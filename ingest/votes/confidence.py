"""How well the line model expects to do on a page: the F1 by characters of a choice of its lines, if its probabilities
are true.

With p the probabilities of the lines and w their characters, 2·Σpw over the kept lines / (Σw over the kept lines + Σpw
over all) is about the F1 to expect of that choice.

Source: Lipton, Elkan and Naryanaswamy, Optimal Thresholding of Classifiers to Maximize F1 Measure (2014).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ingest.document import Batch


def f1_of_html_pages(batch: Batch, content: npt.NDArray[np.float32], threshold: float) -> npt.NDArray[np.float64]:
    """float64[documents]: `f1_at` of the HTML pages, 1 for pages of text."""
    result = np.ones(len(batch.documents))
    for position, document in enumerate(batch.documents):
        if document.html_meta is not None:
            span = batch.lines.span(position)
            lines = slice(span.start, span.stop)
            result[position] = f1_at(batch.lines.texts[lines], content[lines], threshold)
    return result


def f1_at(texts: list[str], content: npt.NDArray[np.float32], threshold: float) -> float:
    """F1 to expect of the lines from a threshold on, 0 where there is none."""
    size = np.fromiter(map(len, texts), np.float64, len(texts))
    kept = content >= threshold
    mass = content * size
    whole = size[kept].sum() + mass.sum()
    return float(2 * mass[kept].sum() / whole) if whole else 0.0


def f1_of_best_choice(content: npt.NDArray[np.float64], size: npt.NDArray[np.int64]) -> float:
    """F1 to expect of the best choice of a page's lines, whatever its threshold; size: int64[n], their characters."""
    order = np.argsort(-content, kind="stable")
    hit, kept = np.cumsum((content * size)[order]), np.cumsum(size[order])
    return float((2 * hit / np.maximum(kept + hit[-1:], 1)).max(initial=0.0))
