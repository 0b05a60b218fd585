"""The sample pages: rows of the three tables put together, and cut to what a browser shows at ease."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ingest.dataset import Snapshot
from ingest.report.content import Page
from ingest.report.index import keys_of
from ingest.report.page import PageLine, rebuild

REJECTED = 100  # sample records that became no article
LONGEST_LINE = 4_000  # characters of a line that are shown
LONGEST_PAGE = 60_000

Rows = dict[str, list[dict[str, Any]]]
"""Rows of `removed` by id."""


def read_texts(snapshot: Snapshot, chosen: npt.NDArray[np.uint64]) -> tuple[int, list[dict[str, Any]]]:
    """Characters of all texts, and the rows of the chosen articles, ascending by id."""
    characters, rows = 0, []
    for batch in snapshot.to_batches("articles", None, 8192):
        characters += pc.sum(pc.utf8_length(batch.column("text"))).as_py() or 0
        wanted = np.isin(keys_of(batch.column("id")), chosen)
        if wanted.any():
            rows += batch.filter(pa.array(wanted)).to_pylist()
    return characters, sorted(rows, key=lambda row: row["id"])


def read_rejected(snapshot: Snapshot) -> list[dict[str, Any]]:
    """Some records that became no article: from each outcome in turn, by id; duplicates are shown as articles are."""
    by_outcome: dict[str, list[dict[str, Any]]] = {}
    for batch in snapshot.to_batches("rejected", None, 8192):
        for row in batch.to_pylist():
            by_outcome.setdefault(row["outcome"], []).append(row)
        for rows in by_outcome.values():
            rows.sort(key=lambda row: row["id"])
            del rows[REJECTED:]
    ranked = sorted((rank, row["id"], row) for rows in by_outcome.values() for rank, row in enumerate(rows))
    return [row for _, _, row in ranked[:REJECTED]]


def article_page(row: dict[str, Any], removed: Rows) -> Page:
    """An article with its removed lines, as the report shows it."""
    rebuilt, exact = rebuild(row, removed.get(row["id"], []))
    shown, cut = _shortened(rebuilt)
    return Page(
        id=row["id"],
        source=row["source_path"],
        record=row["source_record"],
        outcome="duplicate" if row["duplicate_of"] else "kept",
        site=row["site"] or "",
        url=row["url"] or "",
        title=row["title"] or "",
        authors=row["authors"] or [],
        published=row["published"].isoformat(" ") if row["published"] else row["published_raw"] or "",
        section=row["section"] or "",
        language=row["language"] or "",
        words=row["n_words"],
        share=round(row["removed_share"] or 0.0, 3),
        encoding=row["encoding"] or "",
        repairs=row["repairs"] or [],
        duplicate_of=row["duplicate_of"] or "",
        lines=shown,
        exact=exact,
        cut=cut,
    )


def rejected_page(row: dict[str, Any], removed: Rows) -> Page:
    """A rejected record with its lines, as the report shows it."""
    shown, cut = _shortened(rebuild(None, removed.get(row["id"], []))[0])
    if not shown and row["sample"]:
        shown = [PageLine(1, False, row["sample"], "", "", row["outcome"])]
    return Page(
        id=row["id"],
        source=row["source_path"],
        record=row["source_record"] or 0,
        outcome=row["outcome"],
        url=row["url"] or "",
        reason=row["reason"] or "",
        remedy=row["remedy"] or "",
        lines=shown,
        cut=cut,
    )


def _shortened(lines: list[PageLine]) -> tuple[list[PageLine], int]:
    """Long lines and long pages cut to what a browser shows at ease, and how many characters that cost."""
    cost = room = 0
    shown = []
    for line in lines:
        size = len(line.text)
        if room >= LONGEST_PAGE:
            cost += size
            continue
        if size > LONGEST_LINE:
            line = msgspec.structs.replace(line, text=f"{line.text[:LONGEST_LINE]} …")
            cost += size - LONGEST_LINE
        room += min(size, LONGEST_LINE)
        shown.append(line)
    return shown, cost
