"""The whole program on the sites of a set, each page by weights that have seen no site of its fold.

Word F1 as `../shared/bench/sites.py` counts it, and beside it that of the crude rule that drops what stands on three
pages of the site.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ingest.config import Settings
from ingest.document import Record
from ingest.pipeline import Chain
from ingest.shelf import Shelf
from ingest.stages.assemble import Stamp
from scripts.line_model.data import fold_of
from scripts.site_model.fold_models import FoldModels
from scripts.site_model.pages import FIELDS, kind_of

BATCH = 64
OFTEN = 3  # pages of a site from which the crude rule drops a line
LOST, BELOW = 0.5, 0.005  # F1 of a page that is lost, and how much less than the crude rule is below it
_WIDE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
WORD = re.compile(rf"[{_WIDE}]|(?:(?![{_WIDE}])\w)+")

Score = tuple[float, float, float]
Row = Mapping[str, Any]


@dataclass
class Judged:
    """One page: precision, recall and F1, F1 after the crude rule and by it alone, and what the program said."""

    row: Row
    score: Score
    after: float
    crude: float
    article: Row = field(repr=False)


def judge(path: Path, mode: str, models: FoldModels, *, per_site: int = 0, shelf: Path | None = None) -> list[Judged]:
    """All pages of a set as one dump without URLs, each judged by the models that have not seen its site.

    shelf: a folder where what comes before the model of sites is kept for the next time with the same models of lines.
    """
    rows, seen = [], Counter[str]()
    for row in pq.read_table(path).to_pylist():
        if row["gold_text"] and row[FIELDS[mode]]:
            row["site"] = row["site"] or row["id"]  # a page whose site nobody noted is one of its own
            seen[row["site"]] += 1
            if not per_site or seen[row["site"]] <= per_site:
                rows.append(row)
    if shelf is not None:
        shelf.mkdir(parents=True, exist_ok=True)
    chain = Chain(Settings(), shelf=None if shelf is None else Shelf(shelf, 1 << 34))
    batches = []
    for fold in sorted({fold_of(row["site"]) for row in rows}):
        some = [number for number, row in enumerate(rows) if fold_of(row["site"]) == fold]
        batches += [(fold, some[first : first + BATCH]) for first in range(0, len(some), BATCH)]
    records = [
        Record(path.stem, number, row[FIELDS[mode]].encode("utf-8", "surrogatepass"), kind_of(mode), charset="utf-8")
        for number, row in enumerate(rows)
    ]
    learned: list[pa.RecordBatch] = []
    for fold, some in batches:
        with models.of(fold):
            learned += chain.learn([records[i] for i in some], {path.stem: "set"})
    chain = chain.freeze([pa.Table.from_batches(learned)])
    articles: dict[int, Row] = {}
    stamp = Stamp.now("")
    for fold, some in batches:
        with models.of(fold):
            for done in chain.process([records[i] for i in some], stamp):
                articles |= {article["source_record"]: article for article in done.articles.to_pylist()}
    return _scored(rows, articles, FIELDS["text"])


def _scored(rows: Sequence[Row], articles: Mapping[int, Row], flat: str) -> list[Judged]:
    on: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        on[row["site"]].update(set(map(_plain, (row[flat] or "").split("\n"))) - {""})
    out = []
    for number, row in enumerate(rows):
        article, lines = articles.get(number, {}), on[row["site"]]

        def few(text: str, lines: Counter[str] = lines) -> str:
            return "\n".join(line for line in text.split("\n") if lines[_plain(line)] < OFTEN)

        text, title, gold = article.get("text") or "", article.get("title"), row["gold_text"]
        out.append(
            Judged(
                row, best(text, title, gold), best(few(text), title, gold)[2],
                best(few(row[flat] or ""), None, gold)[2], article,
            )
        )  # fmt: skip
    return out


def _plain(line: str) -> str:
    return " ".join(line.split())


def words(text: str) -> Counter[str]:
    """Words, and ideographs one by one."""
    return Counter(WORD.findall(text.lower()))


def best(text: str, title: str | None, gold: str) -> Score:
    """Word precision, recall and F1 of a text, or of it with its title where that is better."""
    of = words(gold)
    found = [_score(words(some), of) for some in ([text, f"{title}\n{text}"] if title else [text])]
    return max(found, key=lambda score: score[2])


def _score(found: Counter[str], gold: Counter[str]) -> Score:
    if not found or not gold:
        return (0.0, 0.0, 0.0)
    both = (found & gold).total()
    return both / found.total(), both / gold.total(), 2 * both / (found.total() + gold.total())


def by_site(judged: Sequence[Judged]) -> list[tuple[str, float, float, float, int]]:
    """(site, F1, F1 after the crude rule, F1 by it alone, pages), the furthest below the crude rule first."""
    sites: dict[str, list[Judged]] = defaultdict(list)
    for page in judged:
        sites[page.row["site"]].append(page)
    found = [
        (site, mean(p.score[2] for p in some), mean(p.after for p in some), mean(p.crude for p in some), len(some))
        for site, some in sites.items()
    ]
    return sorted(found, key=lambda site: (site[1] - max(site[2:4]), site[0]))


def summary(judged: Sequence[Judged]) -> dict[str, float]:
    """The figures of `../shared/bench/sites.py`."""
    sites = by_site(judged)
    return {
        "pages": len(judged),
        "F1": mean(p.score[2] for p in judged),
        "P": mean(p.score[0] for p in judged),
        "R": mean(p.score[1] for p in judged),
        "macro": mean(f1 for _, f1, *_ in sites),
        "lost_pages": mean(p.score[2] < LOST for p in judged),
        "unique_after": mean(p.after for p in judged),
        "unused": mean(after - f1 for _, f1, after, *_ in sites if after > f1),
        "below": sum(f1 < max(after, crude) - BELOW for _, f1, after, crude, _ in sites),
        "sites": len(sites),
    }


def mean(values: Iterable[float]) -> float:
    """The mean, 0 of nothing."""
    some = list(values)
    return sum(some) / max(len(some), 1)
