"""Pages of the sets as the product sees them: their lines, what the line model thinks of them, and labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from ingest.config import Settings
from ingest.document import Kind, Outcome, Record
from ingest.pipeline import Chain
from ingest.roles import Role
from ingest.sites.page_lines import PageLines, opinions, sizes
from scripts.line_model import data
from scripts.site_model.fold_models import FoldModels

FIELDS = {"text": "dump", "html": "html"}
WITH_HEADER = ("sites_dev",)  # sets whose known text holds title, date and byline, which the chain puts elsewhere
LONG, SHORT = 100, 80  # characters of a paragraph, and of a line of a header
BATCH = 64
DOUBTFUL = 0.3  # weight of a line of which only a part is text

Array = npt.NDArray[np.generic]


@dataclass(frozen=True)
class Page:
    """One page. seen: its lines · text: float64[n], the share of each line's words that is article text · weight:
    float64[n], how much the label of a line counts.
    """

    site: str
    seen: PageLines
    text: npt.NDArray[np.float64]
    weight: npt.NDArray[np.float64]


def read(path: Path, mode: str, models: FoldModels) -> list[Page]:
    """The labelled pages of a set, `mode` "text" or "html"; what is thought of their lines comes from models that have
    not seen their site.
    """
    chain, field = Chain(Settings()), FIELDS[mode]
    rows = [row for row in pq.read_table(path).to_pylist() if row["gold_text"] and row[field]]
    pages: dict[int, Page] = {}
    for fold in range(data.FOLDS):
        numbers = [number for number, row in enumerate(rows) if data.fold_of(row["site"] or row["id"]) == fold]
        for first in range(0, len(numbers), BATCH):
            some = numbers[first : first + BATCH]
            with models.of(fold):
                read = _read(chain, path.stem, [rows[number] for number in some], mode)
            pages |= {some[position]: page for position, page in read.items()}
    return [pages[number] for number in sorted(pages)]


def _read(chain: Chain, name: str, rows: Sequence[Mapping[str, Any]], mode: str) -> dict[int, Page]:
    """The pages of a batch, by its rows; those that the program sets aside are left out."""
    records = [
        Record(name, number, row[FIELDS[mode]].encode("utf-8", "surrogatepass"), kind_of(mode), charset="utf-8")
        for number, row in enumerate(rows)
    ]
    prepared = chain.prepare(records, learning=True)
    lines = prepared.lines
    found, thought = lines.marks, opinions(lines.judged.content)
    pages = {}
    for position, (document, row) in enumerate(zip(prepared.documents, rows, strict=True)):
        if document.outcome is not Outcome.KEPT:
            continue
        span = slice(lines.span(position).start, lines.span(position).stop)
        full = np.flatnonzero(found.line[span]) + span.start
        seen = PageLines(
            found.line[full], found.mask[full], found.exact[full], lines.place[full], thought[full],
            sizes(found.size[full]), np.array([0, len(full)]),
        )  # fmt: skip
        words, kept, role = (
            np.array(column)[full - span.start]
            for column in data.label_page(lines.texts[span], row["gold_text"], row["gold_title"], {})
        )
        pages[position] = _labelled(row["site"] or row["id"], seen, words, kept, role, name in WITH_HEADER)
    return pages


def kind_of(mode: str) -> Kind:
    """What records of a mode are."""
    return "html" if mode == "html" else "text"


def _labelled(site: str, seen: PageLines, words: Array, kept: Array, role: Array, with_header: bool) -> Page:
    title = role == Role.TITLE
    text = np.where(title, 0, np.minimum(kept / np.maximum(words, 1), 1)).astype(np.float64)
    weight = np.where((text > 0.2) & (text < 0.8), DOUBTFUL, 1.0)
    weight[title] = 0
    long = np.flatnonzero((text > 0.5) & (seen.characters >= LONG))
    if with_header and len(long):
        row = np.arange(len(seen))
        around = (row < long[0]) | (row > long[-1])
        weight[around & (seen.characters < SHORT) & (text > 0.5)] = 0
    return Page(site, seen, text, weight)


def together(pages: Sequence[Page]) -> PageLines:
    """The lines of some pages."""
    columns = [
        np.concatenate([getattr(page.seen, name) for page in pages])
        for name in ("line", "mask", "exact", "place", "opinion", "size")
    ]
    return PageLines(*columns, np.cumsum([0, *(len(page.seen) for page in pages)]).astype(np.int64))  # type: ignore[call-arg]
