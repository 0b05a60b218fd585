"""What the HTML line model is trained on and measured with: folds over sites, the extractor's weight, the gate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ingest.decide import WEIGHT
from ingest.roles import Evidence, Role
from ingest.votes.confidence import f1_at
from ingest.votes.extractor import DROPS, ENOUGH, KEEPS
from scripts.line_model import data, dom_fit, dom_pages, evaluate, fit, folds, prepared
from scripts.line_model.data import Page
from scripts.line_model.dom_pages import Tree
from scripts.line_model.fit import Fitted, Kit, Source
from scripts.line_model.folds import Use, Verdicts
from scripts.line_model.prepared import ROLE_INDEX

SETS = data.SETS
VARIANTS = {"own": 1.0, "pseudo": 0.4}  # draws per page and epoch
NOT_ARTICLE = 1.0
FAVOURED = {"news_dev": 2.0}
SITE_SHARE = 4.0
TITLE_AT = 0.3
EPOCHS = 4
CALIBRATED = ("wcxb_dev", "news_dev")
DEFAULT_CALIBRATION = (0.72, -0.08)
DEFAULT_THRESHOLDS = (0.5, 0.35, 0.15)


@dataclass
class HtmlPages:
    """All pages and trees by set, and their arrays by set and variant."""

    sets: dict[str, list[Page]]
    trees: dict[str, list[Tree]]
    arrays: dict[tuple[str, str], dom_fit.DomPrepared]

    @classmethod
    def load(cls, folder: Path, names: Sequence[str], cache: Path) -> HtmlPages:
        sets, trees, arrays = {}, {}, {}
        for name in names:
            sets[name], trees[name] = dom_pages.load(folder, name, cache)
            for variant in VARIANTS:
                made = prepared.cached(sets[name], variant, f"{name}-html", cache)
                arrays[name, variant] = dom_fit.with_trees(made, trees[name])
                if not any(page.title for page in sets[name]):  # short lines of text may be titles: nobody knows
                    a = arrays[name, variant]
                    a.role[(a.role == ROLE_INDEX[Role.BODY]) & (a.words < 25)] = -1
        return cls(sets, trees, arrays)


@dataclass
class HtmlFitted:
    """A trained net and its vocabulary of names."""

    fitted: Fitted
    names: npt.NDArray[np.uint64]

    @property
    def kit(self) -> Kit:
        return dom_fit.kit_of(self.names)


def train(pages: HtmlPages, use: Use, *, epochs: int, seed: int, **more: float) -> HtmlFitted:
    """Train on the pages for which `use` holds."""
    per_site = Counter(p.site for some in pages.sets.values() for p in some)
    number = {site: i for i, site in enumerate(sorted(per_site))}

    def rate(page: Page) -> float:
        kind = 1.0 if page.type == "article" else NOT_ARTICLE
        return use(page) * kind * min(1.0, SITE_SHARE / max(per_site[page.site], 1))

    sources, for_words, for_names = [], [], []
    for name, some in pages.sets.items():
        rates = np.array([rate(page) for page in some])
        site = np.where(rates > 0, [number[page.site] for page in some], -1)
        for_words.append((pages.arrays[name, "own"], site))
        for_names.append((pages.trees[name], site))
        if rates.any():
            favour = FAVOURED.get(name, 1.0)
            sources += [
                Source(pages.arrays[name, v], (rates * share * favour).clip(0, 1)) for v, share in VARIANTS.items()
            ]
    names = dom_fit.vocabulary(for_names)
    vocab = fit.vocabulary(for_words)
    return HtmlFitted(fit.fit(sources, vocab, epochs=epochs, seed=seed, kit=dom_fit.kit_of(names), **more), names)


def judge(model: HtmlFitted, pages: HtmlPages, use: Use) -> Verdicts:
    out: Verdicts = {}
    for name, some in pages.sets.items():
        chosen = np.array([i for i, page in enumerate(some) if use(page)], np.int64)
        for i, rows in fit.predict(model.fitted, pages.arrays[name, "own"], chosen, kit=model.kit).items():
            out[name, i] = rows
    return out


def cross_validate(pages: HtmlPages, *, epochs: int, seed: int) -> tuple[Verdicts, list[HtmlFitted]]:
    """See `folds.cross_validate`."""
    return folds.cross_validate(
        lambda use: train(pages, use, epochs=epochs, seed=seed), lambda model, use: judge(model, pages, use)
    )


def calibrate(pages: HtmlPages, verdicts: Verdicts) -> tuple[float, float]:
    """(slope, shift) of the logit of content that make held-out probabilities come true, each line by its words."""
    logits, targets, weights = [], [], []
    for (name, i), rows in verdicts.items():
        if name not in CALIBRATED:
            continue
        arrays = pages.arrays[name, "own"]
        span = slice(arrays.span[i], arrays.span[i + 1])
        use = (arrays.words[span] > 0) & ~arrays.title[span]
        words = arrays.words[span][use]
        logits.append(rows[use, 0])
        targets.append(arrays.kept[span][use] / words)
        weights.append(words / max(words.sum(), 1))
    x, y, w = (np.concatenate(parts).astype(float) for parts in (logits, targets, weights))
    return folds.calibrate(x, y, w)


def page_score(
    pages: HtmlPages, name: str, i: int, rows: npt.NDArray[np.float32], logit: npt.NDArray[np.float32], at: float
) -> tuple[float, float, float]:
    """(precision, recall, F1) of the lines whose `logit` is above `at`; the likeliest title is left out."""
    page, arrays = pages.sets[name][i], pages.arrays[name, "own"]
    line = arrays.line[arrays.span[i] : arrays.span[i + 1]]
    keep, title = np.zeros(len(page.lines), bool), None
    keep[line[logit > at]] = True
    best = int(rows[:, 2 + ROLE_INDEX[Role.TITLE]].argmax())
    if rows[best, 2 + ROLE_INDEX[Role.TITLE]] > np.log(TITLE_AT):
        title = int(line[best])
    return evaluate.page_score(page.lines, keep, title, page.gold)


def votes(pages: HtmlPages, name: str, i: int) -> npt.NDArray[np.float32]:
    """+1 for lines that the extractor kept, -1 for the others, 0 where it is silent; of the page's rows."""
    arrays, tree = pages.arrays[name, "own"], pages.trees[name][i]
    line = arrays.line[arrays.span[i] : arrays.span[i + 1]]
    if tree.extractor is None:
        return np.zeros(len(line), np.float32)
    return np.where(tree.extractor[line], 1, -1).astype(np.float32)


CURVE = (0.12, 0.15, 0.25, 0.35, 0.5, 0.6)
LISTENED = WEIGHT[Evidence.EXTRACTOR]


def figures(pages: HtmlPages, verdicts: Verdicts, calibration: tuple[float, float]) -> dict[str, str]:
    """Held-out figures by set and page type: the model alone, with the extractor where it is unsure, the extractor
    alone (by its lines), the share of pages on which it is asked, and the trade of the knob.
    """
    groups: dict[str, list[tuple[str, int]]] = {}
    for name, i in sorted(verdicts):
        for label in (name, f"{name} {pages.sets[name][i].type}"):
            groups.setdefault(label, []).append((name, i))
    at = DEFAULT_THRESHOLDS[1]

    def score(chosen: list[tuple[str, int]], threshold: float, model: bool, extractor: Callable[[float], bool]) -> str:
        scores = []
        for name, i in chosen:
            rows = verdicts[name, i]
            logit = np.clip(rows[:, 0] * calibration[0] + calibration[1], *CLIPPED) if model else np.zeros(len(rows))
            vote = votes(pages, name, i)
            if extractor(expected(pages, name, i, logit, at)):
                weight = np.where(vote > 0, _logit(KEEPS), np.where(vote < 0, -_logit(DROPS), 0))
                logit = logit + LISTENED * weight
            scores.append(page_score(pages, name, i, rows, logit, _logit(threshold) if model else 0.0))
        return str(evaluate.summary(scores))

    out: dict[str, str] = {}
    for label, chosen in sorted(groups.items()):
        out[f"{label}: model"] = score(chosen, at, True, lambda f1: False)
        out[f"{label}: with the extractor below {ENOUGH}"] = score(chosen, at, True, lambda f1: f1 < ENOUGH)
        out[f"{label}: extractor"] = score(chosen, at, False, lambda f1: True)
        for threshold in CURVE if label in ("wcxb_dev article", "wcxb_dev", "news_dev") else ():
            out[f"{label}: model at {threshold}"] = score(chosen, threshold, True, lambda f1: False)
    return out


def expected(pages: HtmlPages, name: str, i: int, logit: npt.NDArray[np.float32], threshold: float) -> float:
    """The F1 that the model can expect of its own choice on a page."""
    arrays = pages.arrays[name, "own"]
    texts = [pages.sets[name][i].lines[line] for line in arrays.line[arrays.span[i] : arrays.span[i + 1]]]
    return f1_at(texts, (1 / (1 + np.exp(-logit))).astype(np.float32), threshold)


def _logit(p: float) -> float:
    return float(np.log(p / (1 - p)))


CLIPPED = (-_logit(0.99), _logit(0.99))  # as in ingest.decide
