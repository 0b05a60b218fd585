"""HTML pages of the sets with other articles' text set into them, labelled as the pages themselves; cached."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow.parquet as pq

from scripts.line_model import data, dom_pages, grafts, labels
from scripts.line_model.data import Page
from scripts.line_model.dom_pages import Tree

OF_SITE = 8  # pages of one site that are changed at most
_KNOWN = ["id", "site", "page_type", "language", "gold_title", "gold_text"]


def library(folder: Path, names: Sequence[str]) -> grafts.Library:
    """The articles of all sets."""
    return grafts.library(
        row for name in names for row in pq.read_table(folder / f"{name}.parquet", columns=_KNOWN).to_pylist()
    )


def _read(path: Path, texts: grafts.Library) -> Iterator[tuple[Page, Tree]]:
    seen = Counter[str]()
    for batch in pq.ParquetFile(path).iter_batches(64):
        for row in batch.to_pylist():
            if row["html"] and row["gold_text"] and seen[row["site"]] < OF_SITE:
                html = grafts.graft(row, texts)
                if html and (pair := dom_pages.read_row(path.stem, row | {"html": html})):
                    seen[row["site"]] += 1
                    yield pair


def load(folder: Path, name: str, texts: grafts.Library, cache: Path) -> tuple[list[Page], list[Tree]]:
    """The changed pages of one set, from the cache where file and code are unchanged."""
    path = folder / f"{name}.parquet"
    made_by = data.digest_of(labels, dom_pages, grafts, sys.modules[__name__])
    number = sum(map(len, texts.values()))
    file = cache / f"{name}-grafts-{path.stat().st_size}-{number}-{made_by}.pickle"
    pairs = data.cached(file, lambda: list(_read(path, texts)))
    return [page for page, _ in pairs], [tree for _, tree in pairs]
