"""HTML pages with aligned labels, the evidence of their trees, and trafilatura's choice; cached."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from ingest.html import elements, extractor, flatten, kinds, names
from ingest.html import evidence as dom
from ingest.html import hints as head
from ingest.html.evidence import MIDDLE, NEAR, DomEvidence
from ingest.html.parse import parse
from ingest.metadata import jsonld
from ingest.metadata.page import collect
from scripts.line_model import data, labels, weak_roles
from scripts.line_model.data import Page


@dataclass
class Tree:
    """The evidence of one page of n lines.

    dense: float16[n, N_DENSE] · place: uint64[n] · token: uint64, token_span: of each distinct name · bag_line,
    bag_name, bag: int32, one entry for each line, bag (inside, near, middle, far) and element in it · extractor:
    bool[n], or None where trafilatura found nothing.
    """

    dense: npt.NDArray[np.float16]
    place: npt.NDArray[np.uint64]
    token: npt.NDArray[np.uint64]
    token_span: npt.NDArray[np.int64]
    bag_line: npt.NDArray[np.int32]
    bag_name: npt.NDArray[np.int32]
    bag: npt.NDArray[np.int32]
    extractor: npt.NDArray[np.bool_] | None


def bags_of(e: DomEvidence) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """(line, name, bag) of one page: elements inside the line, near, in the middle and far above it."""
    lines, elements_, bags = [], [], []
    rows = np.flatnonzero(e.line_element >= 0)
    at = e.line_element[rows]
    step = 0
    while len(rows):
        lines.append(rows)
        elements_.append(at)
        bags.append(np.full(len(rows), 1 if step < NEAR else 2 if step < MIDDLE else 3))
        at = e.parent[at]
        rows, at, step = rows[at >= 0], at[at >= 0], step + 1
    rows, at = e.piece_line, e.piece_element
    while len(rows):
        use = at != e.line_element[rows]
        rows, at = rows[use], at[use]
        lines.append(rows)
        elements_.append(at)
        bags.append(np.zeros(len(rows), np.int64))
        at = e.parent[at]
    line = np.concatenate([np.zeros(0, np.int64), *lines]).astype(np.int32)
    element = np.concatenate([np.zeros(0, np.int64), *elements_])
    bag = np.concatenate([np.zeros(0, np.int64), *bags]).astype(np.int32)
    return line, e.names[element].astype(np.int32), bag


def read_row(name: str, row: dict[str, Any]) -> tuple[Page, Tree] | None:
    """A row of a page set; None where it has no known text or no element."""
    tree = parse(row["html"])[0] if row["gold_text"] and row["html"] else None
    if tree is None:
        return None
    of_page = kinds.Kinds()
    flat = flatten.flatten(tree, of_page)
    found = collect(tree)
    e = dom.evidence([flat], [head.hints(found, jsonld.parse_blocks(found.blocks))], of_page)
    text = extractor.main_text(row["html"], row["url"])
    chosen = extractor.chosen(flat.lines, text) if text else None
    words, kept, role = data.label_page(
        flat.lines, row["gold_text"], row["gold_title"], weak_roles.markup_roles(row["html"])
    )
    page = Page(
        set=name,
        id=row["id"],
        site=row["site"] or row["id"],
        type=row["page_type"],
        rendering="dump",
        lines=flat.lines,
        words=words,
        kept=kept,
        role=role,
        gold=row["gold_text"],
        title=row["gold_title"],
    )
    return page, Tree(e.dense.astype(np.float16), e.place, e.token, e.token_span, *bags_of(e), chosen)


def _read(path: Path) -> Iterator[tuple[Page, Tree]]:
    for batch in pq.ParquetFile(path).iter_batches(64):
        for row in batch.to_pylist():
            if pair := read_row(path.stem, row):
                yield pair


def load(folder: Path, name: str, cache: Path) -> tuple[list[Page], list[Tree]]:
    """All labelled HTML pages of one set, from the cache where file and code are unchanged."""
    path = folder / f"{name}.parquet"
    made_by = data.digest_of(
        labels, weak_roles, elements, flatten, kinds, names, dom, head, extractor, sys.modules[__name__]
    )
    file = cache / f"{name}-html-{path.stat().st_size}-{made_by}.pickle"
    pairs = data.cached(file, lambda: list(_read(path)))
    return [page for page, _ in pairs], [tree for _, tree in pairs]
