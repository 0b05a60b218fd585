"""Weights of a trained net as the arrays that `ingest.models.line_model` reads."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ingest.models.pages import LIMIT
from scripts.line_model.fit import Fitted
from scripts.line_model.net import DILATIONS
from scripts.line_model.prepared import ROLES


def arrays_of(
    f: Fitted,
    calibration: tuple[float, float],
    thresholds: tuple[float, float, float],
    names: npt.NDArray[np.uint64] | None = None,
) -> dict[str, npt.NDArray[np.generic]]:
    """Word vectors and weights as int8 with a scale per dimension or output, transposed for `x @ w`.

    names: the vocabulary of name tokens, of a net that has one. Raises ValueError where a sum of products could leave
    the range in which float32 is exact.
    """
    state = {key: value.detach().numpy() for key, value in f.net.state_dict().items()}
    arrays: dict[str, npt.NDArray[np.generic]] = {}
    arrays["vectors"], arrays["vector_scale"] = _vectors(state.pop("words.weight"))
    if names is not None:
        arrays["name_vectors"], arrays["name_scale"] = _vectors(state.pop("names.weight"))
        arrays["name_tokens"] = names
    for key, value in state.items():
        name, _, kind = key.rpartition(".")
        if kind == "bias":
            arrays[key] = value.astype(np.float32)
            continue
        steps = np.maximum(np.abs(value).max(1), 1e-8) / 127
        whole = np.rint(value / steps[:, None])
        for _ in range(8):  # an output with unusually many large weights gets a coarser scale
            over = np.abs(whole).sum(1) * LIMIT >= 2**24
            steps[over] *= 1.1
            whole = np.rint(value / steps[:, None])
        if (np.abs(whole).sum(1) * LIMIT >= 2**24).any():
            raise ValueError(f"{key}: sums of products may be inexact")
        arrays[key] = np.ascontiguousarray(whole.T).astype(np.int8)
        arrays[f"{name}.scale"] = steps.astype(np.float32)
    arrays["tokens"] = f.vocabulary
    arrays["mean"], arrays["scale"] = f.mean, f.scale
    arrays["dilations"] = np.array(DILATIONS, np.int8)
    arrays["role_labels"] = np.array([role.label for role in ROLES])
    arrays["calibration"] = np.array(calibration, np.float32)
    arrays["thresholds"] = np.array(thresholds, np.float32)
    digest = hashlib.sha256()
    for key in sorted(arrays):
        digest.update(key.encode() + arrays[key].tobytes())
    model = "line" if names is None else "dom"
    arrays["version"] = np.array(f"{model}-{digest.hexdigest()[:12]}")
    return arrays


def _vectors(weight: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Rows from 1 on as int8, and the scale of each dimension."""
    scale = np.maximum(np.abs(weight[1:]).max(0), 1e-6) / 127
    return np.rint(weight[1:] / scale).astype(np.int8), scale.astype(np.float32)


def write(arrays: dict[str, npt.NDArray[np.generic]], path: Path) -> int:
    """Write the archive; gives its size in bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, **arrays)
    return path.stat().st_size
