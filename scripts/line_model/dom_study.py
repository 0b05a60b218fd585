"""What the HTML line model is trained on and measured with: folds over sites, the extractor's weight, the gate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scripts.line_model import data, dom_fit, dom_grafts, dom_pages, fit, folds, gold, prepared
from scripts.line_model.data import Page
from scripts.line_model.dom_pages import Tree
from scripts.line_model.fit import Fitted, Kit, Source
from scripts.line_model.folds import Use, Verdicts

SETS = data.SETS
VARIANTS = {"own": 1.0, "pseudo": 0.3}  # draws per page and epoch
GRAFTS = 0.2  # draws of an article with others' text set into its page
RATES = {"press5_dev": 0.8, "romance_silver": 0.6, "libraries_dev": 0.6}  # their gold is weaker
SITE_SHARE = 6.0  # pages of one site that an epoch draws in the mean
SITE_SHARES = {"cyrillic_sites_dev": 32.0}  # labels in the body are found nowhere else
EPOCHS = 4
DEFAULT_CALIBRATION = (0.72, -0.08)
DEFAULT_THRESHOLDS = (0.55, 0.4, 0.15)


@dataclass
class HtmlPages:
    """All pages and trees by set, and their arrays by set and variant; `grafts` are articles among others' text."""

    sets: dict[str, list[Page]]
    trees: dict[str, list[Tree]]
    arrays: dict[tuple[str, str], dom_fit.DomPrepared]
    grafts: dict[str, tuple[list[Page], dom_fit.DomPrepared]]

    @classmethod
    def load(cls, folder: Path, names: Sequence[str], cache: Path) -> HtmlPages:
        sets, trees, arrays, grafts = {}, {}, {}, {}
        texts = dom_grafts.library(folder, names)
        for name in names:
            sets[name], trees[name] = dom_pages.load(folder, name, cache)
            for variant in VARIANTS:
                made = prepared.cached(sets[name], variant, f"{name}-html", cache)
                arrays[name, variant] = dom_fit.with_trees(made, trees[name])
                gold.silence(sets[name], arrays[name, variant])
            changed, their_trees = dom_grafts.load(folder, name, texts, cache)
            if changed:
                made = prepared.cached(changed, "own", f"{name}-grafts", cache)
                grafts[name] = changed, dom_fit.with_trees(made, their_trees)
                gold.silence(*grafts[name])
        return cls(sets, trees, arrays, grafts)


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
        share = SITE_SHARES.get(page.set, SITE_SHARE) / per_site[page.site]
        return use(page) * RATES.get(page.set, 1.0) * min(1.0, share)

    sources, for_words, for_names = [], [], []
    for name, some in pages.sets.items():
        rates = np.array([rate(page) for page in some])
        site = np.where(rates > 0, [number[page.site] for page in some], -1)
        for_words.append((pages.arrays[name, "own"], site))
        for_names.append((pages.trees[name], site))
        if rates.any():
            sources += [Source(pages.arrays[name, v], rates * share) for v, share in VARIANTS.items()]
            changed, arrays = pages.grafts.get(name, ([], None))
            if arrays is not None:
                sources.append(Source(arrays, np.array([rate(page) * GRAFTS for page in changed])))
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
    """(slope, shift) of the logit of content that make held-out probabilities of articles' lines come true: each line
    by its words, all pages of a site and all sites alike.
    """
    articles = {(name, i): pages.sets[name][i] for name, i in verdicts if pages.sets[name][i].type == "article"}
    per_site = Counter(page.site for page in articles.values())
    logits, targets, weights = [], [], []
    for (name, i), page in articles.items():
        arrays = pages.arrays[name, "own"]
        span = slice(arrays.span[i], arrays.span[i + 1])
        use = (arrays.words[span] > 0) & ~arrays.title[span]
        words = arrays.words[span][use]
        logits.append(verdicts[name, i][use, 0])
        targets.append(arrays.kept[span][use] / words)
        weights.append(words / max(words.sum(), 1) / per_site[page.site])
    x, y, w = (np.concatenate(parts).astype(float) for parts in (logits, targets, weights))
    return folds.calibrate(x, y, w)
