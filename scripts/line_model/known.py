"""What rules say of lines, as the model is told of it in training: often less than they know.

Rules know some languages better than others and some not at all, so in a quarter of the draws they say nothing, and in
another of a random share of the lines only.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ingest.models.rule_features import columns
from scripts.line_model.prepared import Prepared

SILENT, SPARING = 0.25, 0.25  # shares of the draws

F32 = npt.NDArray[np.float32]


def told(data: Prepared, d: int) -> F32:
    """float32[rows, N_NAMED]: what rules say of the lines of document `d`."""
    return columns(data.named[data.span[d] : data.span[d + 1]])


def drawn(data: Prepared, d: int, rng: np.random.Generator) -> F32:
    """As `told`, with some or all of it kept back."""
    out, turn = told(data, d), rng.random()
    if turn < SILENT:
        out[:] = 0
    elif turn < SILENT + SPARING:
        out[rng.random(len(out)) < rng.random()] = 0
    return out
