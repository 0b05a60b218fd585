"""Held-out figures of the line model of HTML pages: by set, page type, language and length of the text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from ingest.decide import MOST_CERTAIN, WEIGHT
from ingest.roles import Evidence, Role
from ingest.votes.confidence import f1_at
from ingest.votes.extractor import DROPS, ENOUGH, KEEPS
from scripts.line_model import evaluate, labels
from scripts.line_model.data import Page
from scripts.line_model.dom_pages import Tree
from scripts.line_model.dom_study import HtmlPages
from scripts.line_model.folds import Verdicts
from scripts.line_model.prepared import ROLE_INDEX

Score = tuple[float, float, float]
F32 = npt.NDArray[np.float32]

TITLE_AT = 0.3
CURVE = (0.12, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6)
LENGTHS = (60, 150, 400, 1000)  # words of the text
HALF = 0.5  # F1 below which a page is lost


def languages(folder: Path, names: list[str]) -> dict[str, str]:
    """The languages that the sets name, by the number of the page."""
    return {
        row["id"]: row["language"]
        for name in names
        for row in pq.read_table(folder / f"{name}.parquet", columns=["id", "language"]).to_pylist()
        if row["language"]
    }


def groups(page: Page, language: Mapping[str, str]) -> Iterator[str]:
    """All that a page is counted among."""
    yield page.set
    if page.set == "wcxb_dev":
        yield f"{page.set} {page.type}"
    if page.type == "article":
        yield "articles"
        if page.id in language:
            yield f"articles in {language[page.id]}"
        words = len(labels.words_of(page.gold))
        yield f"articles of {next((f'up to {n}' for n in LENGTHS if words <= n), 'more')} words"


def figures(
    pages: HtmlPages,
    verdicts: Verdicts,
    calibration: tuple[float, float],
    threshold: float,
    language: Mapping[str, str],
) -> dict[str, dict[str, str]]:
    """By group, each site of it alike: the model alone, with the extractor where it is unsure, and the extractor alone
    (by its lines); and the trade of the knob.
    """
    members: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for name, i in sorted(verdicts):
        for group in groups(pages.sets[name][i], language):
            members[group].append((name, i))
    judged = {key: _Judged(pages, *key, verdicts[key], calibration) for key in sorted(verdicts)}

    def summary(group: str, score: Callable[[_Judged], Score]) -> str:
        by_site: dict[str, list[Score]] = defaultdict(list)
        for name, i in members[group]:
            by_site[pages.sets[name][i].site].append(score(judged[name, i]))
        return _line(by_site)

    out: dict[str, dict[str, str]] = {}
    for group in sorted(members):
        out[group] = {
            "model": summary(group, lambda page: page.score(threshold)),
            "with the extractor": summary(group, lambda page: page.with_extractor(threshold)),
            "extractor": summary(group, lambda page: page.extractor()),
        }
    for group in ("articles", "wcxb_dev", "news_dev"):
        for at in CURVE if group in members else ():
            out[group][f"model at {at}"] = summary(group, lambda page, at=at: page.score(at))  # type: ignore[misc]
    return out


def _line(by_site: Mapping[str, list[Score]]) -> str:
    """Means over sites."""
    rows = [
        np.mean([(p, r, f, r < 0.9, f < HALF) for p, r, f in scores], axis=0, dtype=float)
        for scores in by_site.values()
    ]
    p, r, f, lossy, lost = np.mean(rows, axis=0)
    return (
        f"{sum(map(len, by_site.values())):5d} pages, {len(rows):4d} sites  F1 {f:.4f}  P {p:.4f}  lost {1 - r:.4f}  "
        f"pages losing >10% {lossy:.3f}  below {HALF} {lost:.3f}"
    )


class _Judged:
    """A page, and what the model and the extractor say of its lines."""

    def __init__(self, pages: HtmlPages, name: str, i: int, rows: F32, calibration: tuple[float, float]) -> None:
        arrays = pages.arrays[name, "own"]
        self.page: Page = pages.sets[name][i]
        self.line = arrays.line[arrays.span[i] : arrays.span[i + 1]]
        self.logit = rows[:, 0] * calibration[0] + calibration[1]
        self.vote = votes(pages.trees[name][i], self.line)
        title = rows[:, 2 + ROLE_INDEX[Role.TITLE]]
        best = int(title.argmax())
        self.title = int(self.line[best]) if title[best] > np.log(TITLE_AT) else None

    def score(self, threshold: float) -> Score:
        return self._of(self.logit > _logit(threshold))

    def extractor(self) -> Score:
        return self._of(self.vote > 0)

    def with_extractor(self, threshold: float) -> Score:
        """Where the model expects little of its own choice the extractor is asked, as in `ingest.votes.extractor`."""
        texts = [self.page.lines[line] for line in self.line.tolist()]
        if f1_at(texts, (1 / (1 + np.exp(-self.logit))).astype(np.float32), threshold) >= ENOUGH:
            return self.score(threshold)
        weight = np.where(self.vote > 0, _logit(KEEPS), np.where(self.vote < 0, -_logit(DROPS), 0))
        inside = np.clip(self.logit, -_logit(MOST_CERTAIN), _logit(MOST_CERTAIN))
        return self._of(inside + WEIGHT[Evidence.EXTRACTOR] * weight > _logit(threshold))

    def _of(self, kept: npt.NDArray[np.bool_]) -> Score:
        keep = np.zeros(len(self.page.lines), bool)
        keep[self.line[kept]] = True
        return evaluate.page_score(self.page.lines, keep, self.title, self.page.gold)


def votes(tree: Tree, line: npt.NDArray[np.int64]) -> F32:
    """float32[n]: +1 for lines that the extractor kept, -1 for the others, 0 where it is silent."""
    if tree.extractor is None:
        return np.zeros(len(line), np.float32)
    return np.where(tree.extractor[line], 1, -1).astype(np.float32)


def _logit(p: float) -> float:
    return float(np.log(p / (1 - p)))
