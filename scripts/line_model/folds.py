"""Folds over sites, and the calibration of what is held out: alike for the models of text and of HTML."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from scripts.line_model import data
from scripts.line_model.data import Page

Use = Callable[[Page], bool]
Verdicts = dict[tuple[str, int], npt.NDArray[np.float32]]
"""By set and number of the page in it: float32[lines, 2 + roles], logits of content and alone, log-probabilities."""
M = TypeVar("M")


def in_fold(fold: int) -> Use:
    return lambda page: data.fold_of(page.site) == fold


def cross_validate(train: Callable[[Use], M], judge: Callable[[M, Use], Verdicts]) -> tuple[Verdicts, list[M]]:
    """Verdicts on every page by a model that has seen no page of its site, and the folds' models."""
    out: Verdicts = {}
    models = []
    for fold in range(data.FOLDS):
        print(f"fold {fold}", flush=True)
        inside = in_fold(fold)
        models.append(train(lambda page, inside=inside: not inside(page)))
        out |= judge(models[-1], inside)
    return out, models


def calibrate(
    logits: npt.NDArray[np.float64], targets: npt.NDArray[np.float64], weights: npt.NDArray[np.float64]
) -> tuple[float, float]:
    """(slope, shift) of the logits that make probabilities come true, by Newton's method; all float64[n]."""
    design = np.stack([logits, np.ones_like(logits)], 1)
    found = np.array([1.0, 0.0])
    for _ in range(20):
        p = 1 / (1 + np.exp(-(design @ found)))
        hessian = (design * (weights * p * (1 - p))[:, None]).T @ design + 1e-6 * np.eye(2)
        found = found + np.linalg.solve(hessian, design.T @ (weights * (targets - p)))
    return float(found[0]), float(found[1])
