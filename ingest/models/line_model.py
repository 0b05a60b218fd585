"""The line model: for each line of a batch of flattened pages, how probable it is article text, and what else
it is.

Two steps, as in jusText (Pomikálek 2011): first each line alone, by shape and words; then in context, where
dilated convolutions over the page's lines, and what the page says as a whole, move the verdict, so that a
short line amid the article stays and a long one in a sidebar goes. Trained by `scripts/train_line_model.py`;
data, figures and limits are on the card `line_model.md`. Needs NumPy only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal, TypeVar

import numpy as np
import numpy.typing as npt

from ingest.lines.chunks import chunks
from ingest.lines.scan import Scan, scan
from ingest.models.features import Features, extract
from ingest.models.overlap import buckets, overlap
from ingest.models.pages import F32, I64, LIMIT, MASS, N_MASS, UNIT, Pages, grid, sigmoid
from ingest.models.rule_features import columns, groups
from ingest.models.wrapping import rejoin

M = TypeVar("M", bound="LineModel")

WEIGHTS = Path(__file__).with_name("line_model.npz")

OFFSET = 128  # added to the whole numbers of word vectors, so that none is negative

Keep = Literal["precision", "balanced", "recall"]


@dataclass(frozen=True)
class Prediction:
    """Verdicts on n lines. Blank lines have probability 0 and the role probabilities 0.

    content: float32[n], calibrated probability that the line belongs to the article's text (the title is no
    part of the text: it has its role) · alone: float32[n], the first step's probability, before context ·
    roles: float32[n, len(role_labels)], probabilities of the roles, rows of non-blank lines sum to 1 ·
    role_labels: labels of `ingest.document.Role`.
    """

    content: F32
    alone: F32
    roles: F32
    role_labels: tuple[str, ...]


class LineModel:
    """A trained line model. Immutable; `version` changes whenever the weights do."""

    def __init__(self, arrays: dict[str, npt.NDArray[np.generic]]) -> None:
        self.version: str = str(arrays["version"])
        self.role_labels: tuple[str, ...] = tuple(str(label) for label in arrays["role_labels"])
        self.dilations: tuple[int, ...] = tuple(int(d) for d in arrays["dilations"])
        self.thresholds: dict[str, float] = dict(
            zip(("precision", "balanced", "recall"), arrays["thresholds"].astype(float).tolist(), strict=True)
        )
        layers = [name.removesuffix(".bias") for name in arrays if name.endswith(".bias")]
        self._layers = {
            name: (
                np.ascontiguousarray(arrays[f"{name}.weight"].astype(np.float32)),
                arrays[f"{name}.scale"].astype(np.float32),
                arrays[f"{name}.bias"].astype(np.float32) * np.float32(UNIT),
            )
            for name in layers
        }
        self._lanes = _lanes(arrays["vectors"].astype(np.int8))
        self._vector_scale = arrays["vector_scale"].astype(np.float32) * np.float32(UNIT)
        self._tokens = _TokenTable(arrays["tokens"].astype(np.uint64))
        self._mean = arrays["mean"].astype(np.float32)
        self._per_unit = np.float32(UNIT) / arrays["scale"].astype(np.float32)
        # Weights that were trained before the last features were added take the first ones only.
        width = len(self._layers["middle_out"][0])
        self._n_seen = len(self._layers["final"][0]) - width
        self._n_mass = min(self._n_seen, N_MASS)
        self._n_known = len(self._layers["context"][0]) - width - self._n_mass
        self._n_alone = len(self._mean) - self._n_known
        self._slope, self._shift = arrays["calibration"].astype(np.float32).tolist()

    def predict(
        self,
        texts: Sequence[str],
        offsets: npt.NDArray[np.int64],
        named: npt.NDArray[np.int8] | None = None,
        lines: Scan | None = None,
    ) -> Prediction:
        """Label the lines of a batch of documents.

        texts: all lines, blank ones included · offsets: int64[d + 1], ascending from 0 to len(texts);
        document d owns texts[offsets[d]:offsets[d + 1]] · named: int8[len(texts)], roles that rules know lines by
        (`ingest.rules.RuleSet.named`), None or zeros for nothing ·
        lines: the texts, where they are measured. A document's verdicts do not depend on the others of
        the batch. Raises ValueError where `offsets` does not cover `texts`.
        """
        offsets = np.asarray(offsets, np.int64)
        if not len(offsets) or offsets[0] != 0 or offsets[-1] != len(texts) or (np.diff(offsets) < 0).any():
            raise ValueError(f"offsets must ascend from 0 to the number of lines, {len(texts)}")
        known = np.zeros(len(texts), np.uint8) if named is None else groups(named)
        lines = scan(texts) if lines is None else lines
        wrapped = rejoin(lines, texts, offsets)
        if wrapped is None:
            return self._predict(lines, offsets, known)
        joined, bounds, place = wrapped
        first = np.flatnonzero(np.diff(place, prepend=-1))
        p = self._predict(joined, bounds, known[first])
        return Prediction(p.content[place], p.alone[place], p.roles[place], p.role_labels)

    def _predict(self, lines: Scan, offsets: I64, known: npt.NDArray[np.uint8]) -> Prediction:
        n = len(lines)
        content, alone = np.zeros(n, np.float32), np.zeros(n, np.float32)
        roles = np.zeros((n, len(self.role_labels)), np.float32)
        for first, last in chunks(lines.codes.lengths, offsets):
            begin, end = int(offsets[first]), int(offsets[last])
            f = extract(lines.part(begin, end), offsets[first : last + 1] - begin)
            if not len(f.rows):
                continue
            rows, pages = f.rows + begin, Pages(f.doc, f.size)
            x, logit = self._alone(f)
            alone[rows] = sigmoid(logit)
            told = columns(known[rows])
            content[rows], roles[rows] = self._in_context(f, told, x, logit, pages)
        return Prediction(content, alone, roles, self.role_labels)

    def _alone(self, f: Features) -> tuple[F32, F32]:
        """What each row of `f` is by itself, in units, and its logit of content."""
        x = self._relu("alone2", self._relu("alone1", grid(self._inputs(f))))
        return x, self._linear("alone_out", x)[:, 0]

    def _forward(self, f: Features) -> tuple[F32, F32, F32]:
        """(alone, content, roles) probabilities of the rows of `f`, told nothing more."""
        x, logit = self._alone(f)
        told = np.zeros((len(f.rows), 0), np.float32)
        return sigmoid(logit), *self._in_context(f, told, x, logit, Pages(f.doc, f.size))

    def _in_context(self, f: Features, told: F32, x: F32, alone: F32, pages: Pages) -> tuple[F32, F32]:
        """(content, roles), probabilities of the rows."""
        known = np.concatenate([f.context, told], 1)[:, : self._n_known]
        known = grid((known - self._mean[-self._n_known :]) * self._per_unit[-self._n_known :])
        h = self._relu("context", np.concatenate([x, known, pages.mass(alone)[:, : self._n_mass]], 1))
        _add(h, pages.spread(self._relu("page1", pages.pool(h))))
        n, width = h.shape
        window = np.empty((n, 3 * width), np.float32)
        for i, dilation in enumerate(self.dilations):
            pages.shift(h, dilation, window[:, :width])
            window[:, width : 2 * width] = h
            pages.shift(h, -dilation, window[:, 2 * width :])
            _add(h, self._relu(f"convs.{i}", window))
        if "reach" in self._layers:
            far = pages.extremes(self._relu("reach", h), self._layers["reach"][0].shape[1] // 2)
            _add(h, self._relu("reached", np.concatenate([h, far], 1)))
        middle = self._linear("middle_out", h)[:, 0]
        _add(h, pages.spread(self._relu("page2", pages.pool(h))))
        about = [pages.mass(middle)[:, : self._n_mass]]
        if self._n_seen > N_MASS:
            shared = overlap(buckets(f.words, pages.nth), f.words.row, sigmoid(middle))
            about.append(grid(shared * np.float32(MASS * UNIT)))
        seen = np.concatenate([h, *about, x], 1)
        z = self._relu("final", seen[:, : -x.shape[1]])
        content = self._linear("content_out", z)[:, 0] * self._slope + self._shift
        roles = self._linear("roles_out", self._relu("roles", seen))
        roles = np.exp(roles - roles.max(1, keepdims=True))
        return sigmoid(content), roles / roles.sum(1, keepdims=True)

    def _inputs(self, f: Features) -> F32:
        """What each line shows by itself, in units."""
        n, k = len(f.rows), self._n_alone
        x: F32 = np.empty((n, k + 2 * len(self._vector_scale) + 2), np.float32)
        x[:, :k] = (f.alone[:, :k] - self._mean[:k]) * self._per_unit[:k]
        self._bag(x[:, k:], f.head, f.head_row, f.tail, f.tail_row)
        return x

    def _linear(self, name: str, x: F32) -> F32:
        """Real values of a layer without activation; x in units."""
        weight, scale, bias = self._layers[name]
        out: F32 = ((x @ weight * scale + bias) / np.float32(UNIT)).astype(np.float32, copy=False)
        return out

    def _relu(self, name: str, x: F32) -> F32:
        """A layer with ReLU, in and out in units."""
        weight, scale, bias = self._layers[name]
        out: F32 = x @ weight
        out *= scale
        out += bias
        np.rint(out, out=out)
        return np.clip(out, 0, LIMIT, out=out)

    def _bag(
        self,
        out: F32,
        head: npt.NDArray[np.uint64],
        head_row: I64,
        tail: npt.NDArray[np.uint64],
        tail_row: I64,
    ) -> None:
        """Fill `out` with the mean vectors of each row's first and last words, unknown ones counting as zero,
        and with the shares of them that are known.
        """
        n, width = len(out), len(self._vector_scale)
        for part, tokens, rows in ((0, head, head_row), (1, tail, tail_row)):
            ids = self._tokens.find(tokens)
            bounds = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=n))])
            every = np.maximum(np.diff(bounds), 1).astype(np.float32)
            known = _between(ids != 0, bounds)
            sums = np.stack([_between(lane.take(ids), bounds) for lane in self._lanes], 1).view(np.uint16)
            mean = sums[:, :width] - np.float32(OFFSET) * known[:, None].astype(np.float32)
            mean *= self._vector_scale
            mean /= every[:, None]
            out[:, part * width : (part + 1) * width] = mean
            out[:, 2 * width + part] = known / every * np.float32(UNIT)


def _lanes(vectors: npt.NDArray[np.int8]) -> list[npt.NDArray[np.uint64]]:
    """Word vectors with four dimensions in each 64-bit number, so that one addition adds four.

    Each of the four is at most 255, and a bag has far fewer than 256 words, so that no sum runs into the next.
    """
    padded = np.zeros((len(vectors) + 1, -(-vectors.shape[1] // 4) * 4), np.uint16)
    padded[1:, : vectors.shape[1]] = vectors.astype(np.int16) + OFFSET
    return list(np.ascontiguousarray(padded.view(np.uint64).T))


def _between(values: npt.NDArray[np.generic], bounds: I64) -> npt.NDArray[np.uint64]:
    """Sums of the runs values[bounds[i]:bounds[i + 1]], modulo 2**64."""
    run = np.zeros(len(values) + 1, np.uint64)
    np.cumsum(values, dtype=np.uint64, out=run[1:])
    out: npt.NDArray[np.uint64] = np.diff(run.take(bounds))
    return out


def _add(h: F32, more: F32) -> None:
    h += more
    np.minimum(h, LIMIT, out=h)


class _TokenTable:
    """Numbers of known tokens, 0 for all others: an open table of 2**17 slots with a linear search of some
    steps.
    """

    BITS = 17

    def __init__(self, tokens: npt.NDArray[np.uint64]) -> None:
        self._keys = np.zeros(1 << self.BITS, np.uint64)
        self._ids = np.zeros(1 << self.BITS, np.int32)
        self._probes = 1
        mask = (1 << self.BITS) - 1
        for number, token in enumerate(tokens.tolist(), 1):
            slot, probes = token & mask, 1
            while self._ids[slot]:
                slot, probes = (slot + 1) & mask, probes + 1
            self._keys[slot], self._ids[slot] = token, number
            self._probes = max(self._probes, probes)

    def find(self, tokens: npt.NDArray[np.uint64]) -> npt.NDArray[np.int32]:
        mask = np.uint64((1 << self.BITS) - 1)
        slots = (tokens & mask).astype(np.int64)
        out: npt.NDArray[np.int32] = np.where(self._keys[slots] == tokens, self._ids[slots], 0)
        for step in range(1, self._probes):
            open_ = np.flatnonzero((out == 0) & (self._ids[slots] != 0))
            if not len(open_):
                break
            at = (slots[open_] + step) & int(mask)
            out[open_] = np.where(self._keys[at] == tokens[open_], self._ids[at], 0)
        return out


@lru_cache(maxsize=1)
def load() -> LineModel:
    """The model that comes with the package, read once per process."""
    return read(WEIGHTS)


def read(path: Path) -> LineModel:
    """A model from an `.npz` written by the training script. Raises FileNotFoundError, or ValueError for
    other files.
    """
    return read_as(LineModel, path)


def read_as(kind: type[M], path: Path) -> M:
    """As `read`, for a kind of model that asks for more arrays."""
    with np.load(path, allow_pickle=False) as archive:
        try:
            return kind({name: archive[name] for name in archive.files})
        except KeyError as error:
            raise ValueError(f"{path} is no line model ({kind.__name__}): {error} is missing") from error


@cache
def version_of(path: Path) -> str:
    """The version of the weights at `path`, without reading them: what a run that finds nothing new has to know."""
    with np.load(path, allow_pickle=False) as archive:
        return str(archive["version"])


def threshold(keep: Keep = "balanced") -> float:
    """Least probability of content at which a line is kept; the measured trade is on the card."""
    return load().thresholds[keep]
