"""What is trained on what, and measured where: draws per epoch, folds over sites, calibration, figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ingest.models.line_model import LineModel
from ingest.models.rule_features import N_NAMED
from ingest.roles import Role
from ingest.rules import load as load_rules
from scripts.line_model import data, evaluate, export, fit, folds, known, prepared
from scripts.line_model.data import Page
from scripts.line_model.fit import Fitted, Source
from scripts.line_model.folds import Verdicts
from scripts.line_model.prepared import ROLE_INDEX, Prepared
from scripts.line_model.renderings import RENDERINGS

VARIANTS = {
    "own": 1.0,
    "render": 0.3,
    "foreign": 0.5,
    "mix": 0.4,
    "short": 0.3,
    "thread": 0.3,
}  # draws per page and epoch
# Other page types are drawn less often; on lists of links and goods the items are the text, which on an article's page
# they are not.
NOT_ARTICLE, OTHER = {"listing": 0.15, "collection": 0.15, "product": 0.15}, 0.4
MAIN = 0.5  # so are pages flattened by the main-content heuristic
FAVOURED = {"news_dev": 2.0}  # few pages in many languages: their other variants are drawn this much more
SITE_SHARE = 4.0  # a site with more pages than this is drawn as if it had this many
TEXTS = Path("lid/train")  # sentences and phrases by language, in the folder of the page sets
TITLE_AT = 0.3  # a line is taken for the title from this probability on
MODES = ("precision", "balanced", "recall")
DEFAULT_CALIBRATION = (1.0, 0.0)
DEFAULT_THRESHOLDS = (0.45, 0.18, 0.1)  # of the modes
CURVE = (0.1, 0.15, 0.18, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6)
ARTICLES = ("wcxb_dev", "news_dev")  # the sets whose article pages decide on calibration and thresholds
LANGUAGES = ("zh", "ja", "ru", "de", "en", "es", "fr", "it")
SAMPLE = 5  # where renderings are measured, one in so many articles of a set of more than a thousand pages

Chosen = list[tuple[str, int]]


@dataclass
class Pages:
    """All pages by set, and their arrays by set and variant; the sets `judged` are measured on, but not trained on."""

    sets: dict[str, list[Page]]
    arrays: dict[tuple[str, str], Prepared]
    judged: Sequence[str] = ()

    @classmethod
    def load(cls, folder: Path, names: Sequence[str], cache: Path, judged: Sequence[str] = ()) -> Pages:
        sets = {name: data.load(folder, name, cache) for name in names}
        more = {name: data.load(folder, name, cache) for name in judged}
        texts = folder / TEXTS
        around = [sets[name] for name in ARTICLES if name in sets] or list(sets.values())
        material = prepared.Material(around, texts if texts.is_dir() else None)
        arrays = {(n, v): prepared.cached(p, v, n, cache, material) for n, p in sets.items() for v in VARIANTS}
        for name, some in sets.items():
            if not any(page.title for page in some):  # short lines of text may be titles: nobody knows
                for variant in VARIANTS:
                    a = arrays[name, variant]
                    a.role[(a.role == ROLE_INDEX[Role.BODY]) & (a.words < 25)] = -1
        arrays |= {(n, "own"): prepared.cached(p, "own", n, cache) for n, p in more.items()}
        return cls(sets | more, arrays, judged)

    def where(self, use: Callable[[Page], bool]) -> Chosen:
        return [(name, i) for name, pages in self.sets.items() for i, page in enumerate(pages) if use(page)]


def train(pages: Pages, use: Callable[[Page], bool], *, epochs: int, seed: int) -> Fitted:
    """Train on the pages for which `use` holds."""
    per_site = Counter(p.site for some in pages.sets.values() for p in some if p.rendering == "dump")
    number = {site: i for i, site in enumerate(sorted({p.site for s in pages.sets.values() for p in s}))}

    def rate(page: Page) -> float:
        kind = 1.0 if page.type == "article" else NOT_ARTICLE.get(page.type, OTHER)
        form = MAIN if page.rendering == "dump_main" else 1.0
        return use(page) * kind * form * min(1.0, SITE_SHARE / max(per_site[page.site], 1))

    sources, for_words = [], []
    for name in (name for name in pages.sets if name not in pages.judged):
        some = pages.sets[name]
        rates = np.array([rate(page) for page in some])
        site = np.where(rates > 0, [number[page.site] for page in some], -1)
        for_words.append((pages.arrays[name, "own"], site))
        if rates.any():
            more = FAVOURED.get(name, 1.0)
            for v, share in VARIANTS.items():
                arrays = pages.arrays[name, v]
                sources.append(Source(arrays, (rates * share * more).clip(0, 1), partial(known.drawn, arrays)))
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


def is_article(page: Page, form: str = "dump", name: str | None = None) -> bool:
    return page.type == "article" and page.rendering == form and (name is None or page.set == name)


def calibrate(pages: Pages, verdicts: Verdicts) -> tuple[float, float]:
    """(slope, shift) of the logit of content that make held-out probabilities come true.

    Over the lines with words of article pages as flattened in full, each line alike.
    """
    logits, targets = [], []
    for name, i in pages.where(lambda page: is_article(page) and page.set in ARTICLES):
        if (name, i) in verdicts:
            arrays = pages.arrays[name, "own"]
            span = slice(arrays.span[i], arrays.span[i + 1])
            use = (arrays.words[span] > 0) & ~arrays.title[span]
            logits.append(verdicts[name, i][use, 0])
            targets.append((arrays.kept[span] / arrays.words[span].clip(1))[use])
    x, y = np.concatenate(logits).astype(float), np.concatenate(targets).astype(float)
    return folds.calibrate(x, y, np.ones_like(x))


def score(
    pages: Pages, verdicts: Verdicts, chosen: Iterable[tuple[str, int]], threshold: float,
    calibration: tuple[float, float],
) -> evaluate.Score:  # fmt: skip
    """The score of the chosen pages at a calibrated threshold; a page without verdicts scores 0.

    The line that is most probably the title, if probable enough, is taken for the title and out of the text.
    """
    scores = []
    for name, i in chosen:
        page, arrays = pages.sets[name][i], pages.arrays[name, "own"]
        keep, title = np.zeros(len(page.lines), bool), None
        if (name, i) in verdicts:
            rows, line = verdicts[name, i], arrays.line[arrays.span[i] : arrays.span[i + 1]]
            content = 1 / (1 + np.exp(-(rows[:, 0].astype(float) * calibration[0] + calibration[1])))
            keep[line[content >= threshold]] = True
            best = int(rows[:, 2 + ROLE_INDEX[Role.TITLE]].argmax())
            if rows[best, 2 + ROLE_INDEX[Role.TITLE]] > np.log(TITLE_AT):
                title = int(line[best])
        scores.append(evaluate.page_score(page.lines, keep, title, page.gold))
    return evaluate.summary(scores)


def exported(models: Sequence[Fitted], calibration: tuple[float, float]) -> list[LineModel]:
    """The models as the package runs them."""
    return [LineModel(export.arrays_of(model, calibration, DEFAULT_THRESHOLDS)) for model in models]


def score_renderings(pages: Pages, models: Sequence[LineModel]) -> dict[str, str]:
    """Score by rendering on a sample of articles, each judged by the model that has not seen its site, as the package
    runs it.
    """
    out = {}
    for name in ARTICLES:
        some = [page for page in pages.sets.get(name, ()) if is_article(page)]
        some = some[::SAMPLE] if len(pages.sets.get(name, ())) > 1000 else some
        for rendering in ("own", *RENDERINGS) if some else ():
            scores = []
            for page in some:
                lines = prepared.variant(page, rendering)[0]
                named = load_rules().named(lines)
                p = models[data.fold_of(page.site)].predict(lines, np.array([0, len(lines)]), named=named)
                title = p.roles[:, p.role_labels.index("title")]
                best = int(title.argmax()) if len(title) and title.max() > TITLE_AT else None
                keep = p.content >= DEFAULT_THRESHOLDS[1]
                scores.append(evaluate.page_score(lines, keep, best, page.gold))
            out[f"{name} as {rendering}"] = str(evaluate.summary(scores))
    return out


def language_of(page: Page) -> str:
    """Rough language of the gold text, for grouping the figures only."""
    text = page.gold
    if sum("\u3040" <= c <= "\u30ff" for c in text) > 0.05 * len(text):
        return "ja"
    if sum("\u4e00" <= c <= "\u9fff" for c in text) > 0.2 * len(text):
        return "zh"
    from langdetect import DetectorFactory, detect

    DetectorFactory.seed = 0
    found = str(detect(text[:2000]))
    return found if found in LANGUAGES else "other"


def figures(pages: Pages, verdicts: Verdicts, calibration: tuple[float, float]) -> dict[str, Any]:
    """Held-out figures: by set and form, page type and language, and the trade of the knob."""
    groups: dict[str, Chosen] = {}
    for form in ("dump", "dump_main"):
        for name in pages.sets:
            groups[f"{name} {form} articles"] = pages.where(lambda p, form=form, name=name: is_article(p, form, name))
    for kind in sorted({page.type for some in pages.sets.values() for page in some}):
        groups[f"wcxb_dev type {kind}"] = pages.where(
            lambda p, kind=kind: p.set == "wcxb_dev" and p.rendering == "dump" and p.type == kind
        )
    for name, i in pages.where(lambda p: is_article(p, name="news_dev")):
        groups.setdefault(f"news_dev {language_of(pages.sets[name][i])}", []).append((name, i))

    def at(chosen: Chosen, threshold: float) -> str:
        return str(score(pages, verdicts, chosen, threshold, calibration))

    out: dict[str, Any] = {"calibration": calibration, "thresholds": DEFAULT_THRESHOLDS}
    out |= {label: at(chosen, DEFAULT_THRESHOLDS[1]) for label, chosen in groups.items() if chosen}
    for name in ARTICLES:
        chosen = groups.get(f"{name} dump articles", [])
        out |= {f"{name} articles at {t}": at(chosen, t) for t in CURVE if chosen}
    return out
