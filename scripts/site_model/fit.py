"""Groups of pages of one site, of many sizes, as rows for the trees; and the trees."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ingest.sites.features import NAMES, evidence
from ingest.sites.prediction import sums_of
from ingest.sites.profiles import Profile
from ingest.sites.template import learned
from scripts.line_model.data import fold_of
from scripts.site_model.pages import Page, together
from scripts.site_model.traps import trapped

SIZES = (2, 3, 5, 10, 20, 60)  # pages known of a site; and all of them, up to
LARGEST = 150
JUDGED = 40  # pages of a site judged with each size
HEAVY, LONGEST = 30, 400  # pages from which a site, characters from which a line, counts no more
ROWS = 350_000  # that are kept of a mode
# More of these never makes a line less probable; so no tree learns from few sites that an opinion means its opposite.
RISING = {"logit", "logit_around", "logit_of_page"} | {name for name in NAMES if name.endswith("opinion")}
# And more of these never makes a line more probable: that other pages have it, or the lines around it.
FALLING = {
    "share", "on", "exact_share", "mask_share", "known_around", "known_far", "slot_known", "below_repeated",
    "above_repeated", "between_repeated", "copy",
}  # fmt: skip

F64 = npt.NDArray[np.float64]


@dataclass
class Rows:
    """x: float32[n, features] · text: bool[n] · weight: float64[n] · fold: int64[n]."""

    x: npt.NDArray[np.float32]
    text: npt.NDArray[np.bool_]
    weight: F64
    fold: npt.NDArray[np.int64]


def rows_of(pages: Sequence[Page], seed: int = 0) -> Rows:
    """The pages of a mode, in groups of their sites."""
    rng = np.random.default_rng(seed)
    sites: dict[str, list[Page]] = defaultdict(list)
    for page in pages:
        sites[page.site].append(page)
    parts: list[Rows] = []
    for site, some in sites.items():
        groups = list(_groups(some, rng)) if len(some) > 1 else []
        each = min(len(some), HEAVY) ** 0.7 / max(sum(judged for _, judged in groups), 1)
        for group, judged in groups:
            parts.append(_judged(site, trapped(group, rng), judged, each))
    return thinned(_joined(parts), ROWS, rng)


def _groups(pages: Sequence[Page], rng: np.random.Generator) -> list[tuple[list[Page], int]]:
    out = []
    for size in [*(size for size in SIZES if size < len(pages)), min(len(pages), LARGEST)]:
        order, left = rng.permutation(len(pages)), JUDGED
        for first in range(0, len(pages) - size + 1, size):
            if left > 0:
                out.append(([pages[i] for i in order[first : first + size]], min(size, left)))
                left -= size
    return out


def _judged(site: str, group: list[Page], judged: int, each: float) -> Rows:
    """The first pages of a group, with what all of them tell."""
    profile = Profile(site, len(group), tally=learned(together(group)))
    some = group[:judged]
    seen = together(some)
    sums, anchor = sums_of(seen, [profile] * judged)
    x = evidence(seen, sums, np.full(len(seen), len(group) - 1), anchor)
    size = [np.minimum(page.seen.characters, LONGEST).astype(np.float64) for page in some]
    weight = [each * page.weight * s / max(s.sum(), 1) for page, s in zip(some, size, strict=True)]
    text = np.concatenate([page.text for page in some]) > 0.5
    return Rows(x, text, np.concatenate(weight), np.full(len(x), fold_of(site)))


def _joined(parts: Sequence[Rows]) -> Rows:
    names = ("x", "text", "weight", "fold")
    return Rows(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def thinned(rows: Rows, n: int, rng: np.random.Generator) -> Rows:
    """About `n` of the rows, heavy ones more often; the weight of what is left stands for what is not."""
    share = np.minimum(1, n * (0.6 * rows.weight / rows.weight.sum() + 0.4 / len(rows.weight) * (rows.weight > 0)))
    kept = np.flatnonzero(rng.random(len(share)) < share)
    return Rows(rows.x[kept], rows.text[kept], rows.weight[kept] / share[kept], rows.fold[kept])


def joined(parts: Sequence[Rows]) -> Rows:
    """The rows of several modes."""
    return _joined(parts)


def fitted(rows: Rows, *, without: int | None = None, n: int = 150_000, seed: int = 0) -> Any:
    """Trees that have seen no site of the fold `without`."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    used = np.flatnonzero(rows.fold != (-1 if without is None else without))
    rows = thinned(
        Rows(rows.x[used], rows.text[used], rows.weight[used], rows.fold[used]), n, np.random.default_rng(seed)
    )
    model = HistGradientBoostingClassifier(
        max_iter=120, learning_rate=0.1, max_leaf_nodes=16, min_samples_leaf=120, l2_regularization=5.0, max_bins=64,
        early_stopping=False, random_state=seed,
        monotonic_cst=[int(name in RISING) - int(name in FALLING) for name in NAMES],
    )  # fmt: skip
    model.fit(rows.x, rows.text, sample_weight=rows.weight * len(rows.weight) / rows.weight.sum())
    return model
