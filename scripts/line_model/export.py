"""Weights of a trained net as the arrays that `ingest.models.line_model` reads."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scripts.line_model.fit import Fitted
from scripts.line_model.net import DILATIONS
from scripts.line_model.prepared import ROLES


def arrays_of(
    f: Fitted, calibration: tuple[float, float], thresholds: tuple[float, float, float]
) -> dict[str, npt.NDArray[np.generic]]:
    """Word vectors as int8 with a scale per dimension, all other weights as float16, transposed for `x @ w`."""
    state = {key: value.detach().numpy() for key, value in f.net.state_dict().items()}
    vectors = state.pop("words.weight")[1:]
    scale = np.maximum(np.abs(vectors).max(0), 1e-6) / 127
    arrays: dict[str, npt.NDArray[np.generic]] = {
        key: np.ascontiguousarray(value.T).astype(np.float16) for key, value in state.items()
    }
    arrays["vectors"] = np.rint(vectors / scale).astype(np.int8)
    arrays["vector_scale"] = scale.astype(np.float32)
    arrays["tokens"] = f.vocabulary
    arrays["mean"], arrays["scale"] = f.mean, f.scale
    arrays["dilations"] = np.array(DILATIONS, np.int8)
    arrays["role_labels"] = np.array([role.label for role in ROLES])
    arrays["calibration"] = np.array(calibration, np.float32)
    arrays["thresholds"] = np.array(thresholds, np.float32)
    digest = hashlib.sha256()
    for key in sorted(arrays):
        digest.update(key.encode() + arrays[key].tobytes())
    arrays["version"] = np.array(f"line-{digest.hexdigest()[:12]}")
    return arrays


def write(arrays: dict[str, npt.NDArray[np.generic]], path: Path) -> int:
    """Write the archive; gives its size in bytes."""
    np.savez_compressed(path, **arrays)
    return path.stat().st_size
