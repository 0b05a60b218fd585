"""What the card of the line model says: held-out scores by set, language, page type, rendering and page length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from ingest.models.line_model import LineModel
from ingest.roles import Role
from ingest.rules import load as load_rules
from scripts.line_model import data, evaluate, prepared
from scripts.line_model.data import Page
from scripts.line_model.folds import Verdicts
from scripts.line_model.prepared import ROLE_INDEX
from scripts.line_model.renderings import RENDERINGS
from scripts.line_model.study import ARTICLES, DEFAULT_THRESHOLDS, Chosen, Pages, is_article, is_japanese

TITLE_AT = 0.3  # a line is taken for the title from this probability on
CURVE = (0.1, 0.15, 0.18, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6)
LANGUAGES = ("zh", "ja", "ru", "el", "pl", "de", "en", "es", "fr", "it", "ky", "kk")
LENGTHS = (100, 300, 1000)  # words of the known text that part short pages from long ones
SAMPLED, SAMPLE = 1000, 5  # of a set of more pages than this, renderings are measured on one article in so many


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


def score_renderings(pages: Pages, models: Sequence[LineModel]) -> dict[str, str]:
    """Score by rendering on a sample of articles, each judged by the model that has not seen its site, as the package
    runs it.
    """
    out = {}
    for name in ARTICLES:
        some = [page for page in pages.sets.get(name, ()) if is_article(page)]
        some = some[::SAMPLE] if len(pages.sets.get(name, ())) > SAMPLED else some
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
    """Rough language of the known text."""
    text = page.gold
    if is_japanese(text):
        return "ja"
    if sum("\u4e00" <= c <= "\u9fff" for c in text) > 0.2 * len(text):
        return "zh"
    if "ө" in text or "ү" in text:  # langdetect knows neither of the two
        return "kk" if "қ" in text or "ғ" in text else "ky"
    from langdetect import DetectorFactory, detect

    DetectorFactory.seed = 0
    found = str(detect(text[:2000]))
    return found if found in LANGUAGES else "other"


def length_of(page: Page) -> str:
    """Between which lengths the known text lies."""
    n = len(data.labels.words_of(page.gold))
    at = sum(n >= length for length in LENGTHS)
    return f"{(0, *LENGTHS)[at]}" + (f" to {LENGTHS[at]}" if at < len(LENGTHS) else " and more")


def groups_of(page: Page) -> Iterator[str]:
    """Labels of the groups that a page is counted in."""
    if page.type == "article":
        yield f"{page.set} {page.rendering} articles"
    if page.rendering == "dump":
        yield f"type {page.type}"
        if page.type == "article":
            yield f"language {language_of(page)}"
            yield f"words {length_of(page)}"
            yield "all articles"


def figures(pages: Pages, verdicts: Verdicts, calibration: tuple[float, float]) -> dict[str, Any]:
    """Held-out figures of each group, and the trade of the knob."""
    groups: dict[str, Chosen] = {}
    for name, some in pages.sets.items():
        for i, page in enumerate(some):
            for label in groups_of(page):
                groups.setdefault(label, []).append((name, i))

    def at(chosen: Chosen, threshold: float) -> str:
        return str(score(pages, verdicts, chosen, threshold, calibration))

    out: dict[str, Any] = {"calibration": calibration, "thresholds": DEFAULT_THRESHOLDS}
    out |= {label: at(chosen, DEFAULT_THRESHOLDS[1]) for label, chosen in sorted(groups.items())}
    for label in (*(f"{name} dump articles" for name in ARTICLES), "all articles"):
        out |= {f"{label} at {t}": at(groups[label], t) for t in CURVE if label in groups}
    return out
