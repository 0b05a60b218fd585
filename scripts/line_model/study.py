"""What is trained on what: draws per epoch, folds over sites, calibration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from ingest.models.line_model import LineModel
from ingest.models.rule_features import N_NAMED
from scripts.line_model import data, dom_grafts, export, fit, folds, gold, known, prepared
from scripts.line_model.data import Page
from scripts.line_model.fit import Fitted, Source
from scripts.line_model.folds import Verdicts
from scripts.line_model.prepared import Prepared

VARIANTS = {
    "own": 1.0,
    "render": 0.3,
    "foreign": 0.5,
    "mix": 0.3,
    "short": 0.3,
    "thread": 0.3,
}  # draws per page and epoch
GRAFTS = 0.3  # draws of an article with others' text set into its page
# Other page types are drawn less often; on lists of links and goods the items are the text, which on an article's page
# they are not.
NOT_ARTICLE, OTHER = {"listing": 0.15, "collection": 0.15, "product": 0.15}, 0.6
MAIN = 0.5  # so are pages flattened by the main-content heuristic
# Few pages in many languages, or of few sites: their other variants are drawn this much more.
FAVOURED = {"news_dev": 2.0, "news_history_dev": 2.0, "parsers_dev": 2.0, "ru_news_dev": 2.0, "ru_zh_dev": 2.0}
JAPANESE = 2.0  # so are pages in Japanese, once more
# Weaker labels are drawn less often.
TRUST = {"romance_silver": 0.5, "libraries_dev": 0.6, "press5_dev": 0.8, "sites_dev": 0.8}
SITE_SHARE = 4.0  # a site with n times as many pages as this is drawn as if it had √n times as many
TEXTS = Path("lid/train")  # sentences and phrases by language, in the folder of the page sets
MODES = ("precision", "balanced", "recall")
DEFAULT_CALIBRATION = (1.0, 0.0)
DEFAULT_THRESHOLDS = (0.6, 0.36, 0.12)  # of the modes
# The sets whose articles decide on the thresholds, and lend their surroundings to others.
ARTICLES = ("wcxb_dev", "news_dev")

Chosen = list[tuple[str, int]]


@dataclass
class Pages:
    """All pages by set, and their arrays by set and variant; `grafts` are articles among others' text; the sets
    `judged` are measured on, but not trained on.
    """

    sets: dict[str, list[Page]]
    arrays: dict[tuple[str, str], Prepared]
    grafts: dict[str, tuple[list[Page], Prepared]]
    judged: Sequence[str] = ()

    @classmethod
    def load(cls, folder: Path, names: Sequence[str], cache: Path, judged: Sequence[str] = ()) -> Pages:
        sets = {name: data.load(folder, name, cache) for name in names}
        more = {name: data.load(folder, name, cache) for name in judged}
        texts = folder / TEXTS
        around = [sets[name] for name in ARTICLES if name in sets] or list(sets.values())
        material = prepared.Material(around, texts if texts.is_dir() else None)
        arrays = {(n, v): prepared.cached(p, v, n, cache, material) for n, p in sets.items() for v in VARIANTS}
        for (name, _), a in arrays.items():
            gold.silence(sets[name], a)
        grafts = {}
        library = dom_grafts.library(folder, names)
        for name in names:
            changed, _ = dom_grafts.load(folder, name, library, cache)
            if changed:
                grafts[name] = changed, prepared.cached(changed, "own", f"{name}-grafts", cache)
                gold.silence(*grafts[name])
        arrays |= {(n, "own"): prepared.cached(p, "own", n, cache) for n, p in more.items()}
        return cls(sets | more, arrays, grafts, judged)

    def shares(self) -> dict[str, float]:
        """Draws per page of each site."""
        pages = Counter(p.site for some in self.sets.values() for p in some if p.rendering == "dump")
        pages.update(p.site for some in self.sets.values() for p in some if p.site not in pages)
        return {site: min(1.0, (SITE_SHARE / n) ** 0.5) for site, n in pages.items()}

    def where(self, use: Callable[[Page], bool]) -> Chosen:
        return [(name, i) for name, pages in self.sets.items() for i, page in enumerate(pages) if use(page)]


def train(pages: Pages, use: Callable[[Page], bool], *, epochs: int, seed: int) -> Fitted:
    """Train on the pages for which `use` holds."""
    shares = pages.shares()
    number = {site: i for i, site in enumerate(sorted({p.site for s in pages.sets.values() for p in s}))}

    def rate(page: Page) -> float:
        kind = 1.0 if page.type == "article" else NOT_ARTICLE.get(page.type, OTHER)
        form = MAIN if page.rendering == "dump_main" else 1.0
        return use(page) * kind * form * shares[page.site] * TRUST.get(page.set, 1.0)

    sources, for_words = [], []
    for name in (name for name in pages.sets if name not in pages.judged):
        some = pages.sets[name]
        rates = np.array([rate(page) for page in some])
        site = np.where(rates > 0, [number[page.site] for page in some], -1)
        for_words.append((pages.arrays[name, "own"], site))
        if rates.any():
            more = FAVOURED.get(name, 1.0) * np.array([JAPANESE if is_japanese(page.gold) else 1.0 for page in some])
            for v, share in VARIANTS.items():
                arrays = pages.arrays[name, v]
                sources.append(Source(arrays, (rates * share * more).clip(0, 1), partial(known.drawn, arrays)))
            changed, arrays = pages.grafts.get(name, ([], None))
            if arrays is not None:
                draws = np.array([rate(page) * GRAFTS for page in changed])
                sources.append(Source(arrays, draws, partial(known.drawn, arrays)))
    return fit.fit(sources, fit.vocabulary(for_words), epochs=epochs, seed=seed, n_extra=N_NAMED)


def judge(model: Fitted, pages: Pages, use: Callable[[Page], bool]) -> Verdicts:
    """Verdicts of one model on the pages for which `use` holds, in their own form."""
    out: Verdicts = {}
    for name, some in pages.sets.items():
        chosen = np.array([i for i, page in enumerate(some) if use(page)], np.int64)
        arrays = pages.arrays[name, "own"]
        for i, rows in fit.predict(model, arrays, chosen, extra=partial(known.told, arrays)).items():
            out[name, i] = rows
    return out


def cross_validate(pages: Pages, *, epochs: int, seed: int) -> tuple[Verdicts, list[Fitted]]:
    """See `folds.cross_validate`."""
    return folds.cross_validate(
        lambda use: train(pages, use, epochs=epochs, seed=seed), lambda model, use: judge(model, pages, use)
    )


def is_japanese(text: str) -> bool:
    """Whether every twentieth character is Kana."""
    return sum("\u3040" <= c <= "\u30ff" for c in text) > 0.05 * len(text)


def is_article(page: Page, form: str = "dump", name: str | None = None) -> bool:
    return page.type == "article" and page.rendering == form and (name is None or page.set == name)


def calibrate(pages: Pages, verdicts: Verdicts) -> tuple[float, float]:
    """(slope, shift) of the logit of content that make held-out probabilities come true.

    Over the lines with words of article pages as flattened in full, each page alike but for those of sites with
    many.
    """
    logits, targets, weights = [], [], []
    shares = pages.shares()
    for name, i in pages.where(lambda page: is_article(page) and page.set not in pages.judged):
        if (name, i) in verdicts:
            arrays = pages.arrays[name, "own"]
            span = slice(arrays.span[i], arrays.span[i + 1])
            use = (arrays.words[span] > 0) & ~arrays.title[span]
            logits.append(verdicts[name, i][use, 0])
            targets.append((arrays.kept[span] / arrays.words[span].clip(1))[use])
            weights.append(np.full(use.sum(), shares[pages.sets[name][i].site] / max(use.sum(), 1)))
    x, y, w = (np.concatenate(parts).astype(float) for parts in (logits, targets, weights))
    return folds.calibrate(x, y, w)


def exported(models: Sequence[Fitted], calibration: tuple[float, float]) -> list[LineModel]:
    """The models as the package runs them."""
    return [LineModel(export.arrays_of(model, calibration, DEFAULT_THRESHOLDS)) for model in models]
