"""The line model of HTML pages: that of text, which also sees the evidence of the tree.

More numbers to a line (`ingest.html.evidence`), and the names (tags, classes, ids) of the elements inside the line,
near, in the middle and far above it, as mean vectors of hashed tokens. Trained by `scripts/train_dom_model.py`; data,
figures and limits are on the card `dom_model.md`. Arithmetic is as exact as that of `line_model`.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ingest.html.evidence import MIDDLE, N_BAGS, NEAR, DomEvidence
from ingest.lines.chunks import chunks
from ingest.lines.scan import Scan
from ingest.models.features import Features, extract
from ingest.models.line_model import Keep, LineModel, Prediction, _TokenTable, read_as
from ingest.models.pages import F32, UNIT

I32 = npt.NDArray[np.int32]

WEIGHTS = Path(__file__).with_name("dom_model.npz")


class DomModel(LineModel):
    """A trained model of HTML lines. Immutable; `version` changes whenever the weights do."""

    def __init__(self, arrays: dict[str, npt.NDArray[np.generic]]) -> None:
        super().__init__(arrays)
        vectors = arrays["name_vectors"].astype(np.int32)
        self._name_vectors: I32 = np.concatenate([np.zeros((1, vectors.shape[1]), np.int32), vectors])
        self._name_scale = arrays["name_scale"].astype(np.float32) * np.float32(UNIT)
        self._name_tokens = _TokenTable(arrays["name_tokens"].astype(np.uint64))

    def judge(self, lines: Scan, offsets: npt.NDArray[np.int64], seen: DomEvidence) -> Prediction:
        """As `predict`, for lines of HTML pages; row i of the evidence is that of line i."""
        n = len(lines)
        content, alone = np.zeros(n, np.float32), np.zeros(n, np.float32)
        roles = np.zeros((n, len(self.role_labels)), np.float32)
        bags = self._bags(seen)
        for first, last in chunks(lines.codes.lengths, offsets):
            begin, end = int(offsets[first]), int(offsets[last])
            f = extract(lines.part(begin, end), offsets[first : last + 1] - begin)
            if len(f.rows):
                rows = f.rows + begin
                plain = f.alone[:, : self._n_alone - seen.dense.shape[1]]
                more = _Seen(replace(f, alone=np.concatenate([plain, seen.dense[rows]], 1)), bags[rows])
                alone[rows], content[rows], roles[rows] = self._forward(more)
        return Prediction(content, alone, roles, self.role_labels)

    def _inputs(self, f: Features) -> F32:
        assert isinstance(f, _Seen)
        return np.concatenate([super()._inputs(f), f.bags], 1)

    def _bags(self, seen: DomEvidence) -> F32:
        """float32[n, k]: mean vectors of the names in each bag, then the shares of them that are known, in units.

        Sums along the way from the page's first element to each one are taken once; a bag is the difference of two.
        """
        width = self._name_vectors.shape[1]
        ids = self._name_tokens.find(seen.token)
        each = np.empty((len(ids), width + 2), np.int32)
        each[:, :width], each[:, width], each[:, width + 1] = self._name_vectors.take(ids, 0), ids > 0, 1
        by_token = _running(each)
        by_name = np.diff(by_token.take(seen.token_span, 0), axis=0)
        # the names of the elements that have begun, less those of the elements that have ended
        begun = _running(by_name.take(seen.names, 0))
        ended = _running(by_name.take(seen.names[np.argsort(seen.end, kind="stable")], 0))
        number = np.arange(len(seen.parent))
        sums = np.zeros((len(number) + 1, width + 2), np.int32)  # the last row, of element -1, stays 0
        np.subtract(begun[1:], ended.take(number - seen.depth, 0), out=sums[:-1])
        full = np.flatnonzero(seen.line_element >= 0)
        parent = np.append(seen.parent, -1)
        above = [seen.line_element[full]]
        for _ in range(MIDDLE):
            above.append(parent[above[-1]])
        own, near, middle = sums[above[0]], sums[above[NEAR]], sums[above[MIDDLE]]
        bags = np.zeros((len(full), N_BAGS, width + 2), np.int32)
        bags[:, 1], bags[:, 2], bags[:, 3] = own - near, near - middle, middle
        if len(seen.piece_line):
            row = np.searchsorted(full, seen.piece_line)
            starts = np.flatnonzero(np.diff(row, prepend=-1))
            bags[row[starts], 0] = np.add.reduceat(sums[seen.piece_element] - own[row], starts, axis=0)
        every = np.maximum(bags[..., width + 1 :], 1)
        means = (bags[..., :width] * self._name_scale / every).reshape(-1, N_BAGS * width)
        known = (bags[..., width : width + 1] / every).reshape(-1, N_BAGS) * UNIT
        found = np.zeros((len(seen.line_element), N_BAGS * (width + 1)), np.float32)
        found[full] = np.concatenate([means, known], 1)
        return found


def _running(values: I32) -> I32:
    """int32[n + 1, k]: sums of the first rows. Of a large batch they may run over; differences come out right."""
    sums = np.zeros((len(values) + 1, values.shape[1]), np.int32)
    np.cumsum(values, axis=0, dtype=np.int32, out=sums[1:])
    return sums


class _Seen(Features):
    """Features with the bags of names of each row."""

    bags: F32

    def __init__(self, f: Features, bags: F32) -> None:
        values: dict[str, Any] = {name: getattr(f, name) for name in f.__dataclass_fields__}
        super().__init__(**values)
        object.__setattr__(self, "bags", bags)


@lru_cache(maxsize=1)
def load() -> DomModel:
    """The model that comes with the package, read once per process."""
    return read(WEIGHTS)


def read(path: Path) -> DomModel:
    """A model from an `.npz` that the training script wrote. Raises FileNotFoundError, ValueError for other files."""
    return read_as(DomModel, path)


def threshold(keep: Keep = "balanced") -> float:
    """Least probability of content at which a line is kept; the measured trade is on the card."""
    return load().thresholds[keep]
