"""What is trained on what, and measured where: sets, draws per epoch, folds over sites, calibration, figures."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ingest.document import Role
from scripts.line_model import data, evaluate, fit, prepared
from scripts.line_model.data import Page
from scripts.line_model.fit import Fitted, Source
from scripts.line_model.prepared import ROLE_INDEX, Prepared

VARIANTS = {"own": 1.0, "render": 0.35, "pseudo": 0.5, "mix": 0.5}  # draws per page and epoch
NOT_ARTICLE = 0.4  # other page types are drawn this much less often
MAIN = 0.5  # so are pages flattened by the main-content heuristic
SITE_SHARE = 6.0  # a site with more pages than this is drawn as if it had this many
TITLE_AT = 0.3
DEFAULT_CALIBRATION = (1.0, 0.0)
DEFAULT_THRESHOLDS = (0.6, 0.35, 0.15)  # precision, balanced, recall

Verdicts = dict[tuple[str, str, int], npt.NDArray[np.float32]]  # (set, variant, page) -> rows of `fit.predict`


@dataclass
class Pages:
    """All pages by set, and their arrays by set and variant."""

    sets: dict[str, list[Page]]
    arrays: dict[tuple[str, str], Prepared]
    sites: dict[str, int]

    @classmethod
    def load(cls, folder: Path, names: Sequence[str], cache: Path) -> Pages:
        sets = {name: data.load(folder, name, cache) for name in names}
        arrays = {(n, v): prepared.cached(p, v, n, cache) for n, p in sets.items() for v in VARIANTS}
        sites = sorted({p.site for pages in sets.values() for p in pages})
        return cls(sets, arrays, {site: i for i, site in enumerate(sites)})


def train(pages: Pages, use: Callable[[Page], bool], *, epochs: int, seed: int, log: bool = True) -> Fitted:
    """Train on the pages for which `use` holds."""
    of_site: Counter[str] = Counter()
    for some in pages.sets.values():
        of_site.update({p.site: 0 for p in some})
        of_site.update(p.site for p in some if p.rendering == "dump")
    sources, for_words = [], []
    for name, some in pages.sets.items():
        site = np.array([pages.sites[p.site] if use(p) else -1 for p in some])
        for_words.append((pages.arrays[name, "own"], site))
        rate = np.array(
            [
                (site[i] >= 0)
                * (1.0 if p.type == "article" else NOT_ARTICLE)
                * (MAIN if p.rendering == "dump_main" else 1.0)
                * min(1.0, SITE_SHARE / max(of_site[p.site], 1))
                for i, p in enumerate(some)
            ]
        )
        if rate.any():
            sources += [Source(pages.arrays[name, v], rate * share) for v, share in VARIANTS.items()]
    return fit.fit(sources, fit.vocabulary(for_words), epochs=epochs, seed=seed, log=log)


def cross_validate(pages: Pages, *, epochs: int, seed: int) -> Verdicts:
    """Verdicts on every page of every set and variant by a model that has seen no page of its site."""
    out: Verdicts = {}
    for fold in range(data.FOLDS):
        print(f"fold {fold}", flush=True)
        model = train(pages, lambda p, f=fold: data.fold_of(p.site) != f, epochs=epochs, seed=seed)
        for (name, variant), arrays in pages.arrays.items():
            some = np.array([i for i, p in enumerate(pages.sets[name]) if data.fold_of(p.site) == fold], np.int64)
            for i, rows in fit.predict(model, arrays, some).items():
                out[name, variant, i] = rows
    return out


def calibrate(pages: Pages, verdicts: Verdicts) -> tuple[float, float]:
    """(slope, shift) of the logit of content that make held-out probabilities come true, by Newton's method.

    Over the non-blank lines of article pages as flattened in full, each line alike.
    """
    logits, targets = [], []
    for (name, variant, i), rows in verdicts.items():
        page = pages.sets[name][i]
        if variant == "own" and page.rendering == "dump" and page.type == "article" and name in ARTICLES:
            arrays = pages.arrays[name, "own"]
            span = slice(arrays.span[i], arrays.span[i + 1])
            use = (arrays.words[span] > 0) & ~arrays.title[span]
            logits.append(rows[use, 0])
            targets.append((arrays.kept[span] / arrays.words[span].clip(1))[use])
    x, y = np.concatenate(logits).astype(float), np.concatenate(targets).astype(float)
    w = np.array([1.0, 0.0])
    design = np.stack([x, np.ones_like(x)], 1)
    for _ in range(20):
        p = 1 / (1 + np.exp(-(design @ w)))
        hessian = (design * (p * (1 - p))[:, None]).T @ design + 1e-6 * np.eye(2)
        w = w + np.linalg.solve(hessian, design.T @ (y - p))
    return float(w[0]), float(w[1])


def keep_of(page: Page, arrays: Prepared, i: int, rows: npt.NDArray[np.float32] | None, logit: float) -> tuple[
    npt.NDArray[np.bool_], int | None
]:  # fmt: skip
    """(kept lines, title line or None): the line that is most probably the title is taken for it if probable enough."""
    keep = np.zeros(len(page.lines), bool)
    if rows is None:
        return keep, None
    line = arrays.line[arrays.span[i] : arrays.span[i + 1]]
    keep[line[rows[:, 0] > logit]] = True
    title = rows[:, 2 + ROLE_INDEX[Role.TITLE]]
    best = int(title.argmax())
    return keep, int(line[best]) if title[best] > np.log(TITLE_AT) else None


ARTICLES = ("wcxb_dev", "news_dev")  # the sets whose article pages decide on calibration and thresholds
LANGUAGES = ("zh", "ja", "ru", "de", "en", "es", "fr", "it")


def language_of(page: Page) -> str:
    """Rough language of the gold text, for grouping the figures only."""
    text = page.gold
    kana = sum("\u3040" <= c <= "\u30ff" for c in text)
    han = sum("\u4e00" <= c <= "\u9fff" for c in text)
    if kana > 0.05 * len(text):
        return "ja"
    if han > 0.2 * len(text):
        return "zh"
    if sum("\u0400" <= c <= "\u04ff" for c in text) > 0.3 * len(text):
        return "ru"
    from langdetect import DetectorFactory, detect

    DetectorFactory.seed = 0
    found = str(detect(text[:2000]))
    return found if found in LANGUAGES else "other"


def score(
    pages: Pages, verdicts: Verdicts, use: Callable[[str, Page], bool], threshold: float,
    calibration: tuple[float, float], variant: str = "own",
) -> evaluate.Score:  # fmt: skip
    """The score over the pages for which `use(set, page)` holds, in one variant, at a calibrated threshold."""
    logit = (np.log(threshold / (1 - threshold)) - calibration[1]) / calibration[0]
    scores = []
    for name, some in pages.sets.items():
        arrays = pages.arrays[name, variant]
        for i, page in enumerate(some):
            if use(name, page) and (name, variant, i) in verdicts or use(name, page) and arrays.span[i] == arrays.span[i + 1]:
                lines = page.lines if variant == "own" else prepared.variant(page, variant)[0]
                shown = page if variant == "own" else data.with_lines(page, lines)
                keep, title = keep_of(shown, arrays, i, verdicts.get((name, variant, i)), logit)
                scores.append(evaluate.page_score(lines, keep, title, page.gold))
    return evaluate.summary(scores)


def figures(
    pages: Pages, verdicts: Verdicts, calibration: tuple[float, float], thresholds: Sequence[float]
) -> dict[str, Any]:
    """Held-out figures: by set and rendering, page type, language, and the trade of the knob."""
    out: dict[str, Any] = {"calibration": calibration, "thresholds": list(thresholds)}
    balanced = thresholds[1]
    language = {id(p): language_of(p) for p in pages.sets.get("news_dev", ())}

    def at(use: Callable[[str, Page], bool], threshold: float = balanced, variant: str = "own") -> str:
        return str(score(pages, verdicts, use, threshold, calibration, variant))

    for form in ("dump", "dump_main"):
        for name in pages.sets:
            out[f"{name} {form} articles"] = at(lambda n, p, s=name: n == s and p.rendering == form and p.type == "article")
    types = sorted({p.type for p in pages.sets.get("wcxb_dev", ())})
    for kind in types:
        out[f"wcxb_dev type {kind}"] = at(lambda n, p, k=kind: n == "wcxb_dev" and p.rendering == "dump" and p.type == k)
    for lang in sorted(set(language.values())):
        out[f"news_dev {lang}"] = at(
            lambda n, p, la=lang: n == "news_dev" and p.rendering == "dump" and language[id(p)] == la
        )
    for name in ARTICLES:
        for threshold in (0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.7):
            out[f"{name} articles at {threshold}"] = at(
                lambda n, p, s=name: n == s and p.rendering == "dump" and p.type == "article", threshold
            )
    return out
