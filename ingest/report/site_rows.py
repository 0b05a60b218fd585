"""The articles of one site with their removed lines, as outlines are made of them."""

from __future__ import annotations

import heapq
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ingest.dataset import Snapshot

BATCH = 8192
ARTICLE = ("id", "site", "text", "text_lines", "ingested_at", "removed_lines")
REMOVED = ("id", "line", "text", "role", "stage", "evidence", "rule", "score", "language", "altered_to")

Removed = dict[str, list[dict[str, Any]]]
"""Rows of `removed` by id."""


def rows_of_site(snapshot: Snapshot, site: str, most: int) -> tuple[list[dict[str, Any]], Removed, int]:
    """Articles of a site, at most so many, those whose ids come first; their removed lines; and how many it has."""
    total = 0
    articles: list[dict[str, Any]] = []
    for batch in snapshot.to_batches("articles", ARTICLE, BATCH):
        some = batch.filter(pc.equal(batch.column("site"), site)).to_pylist()
        total += len(some)
        articles = heapq.nsmallest(most, [*articles, *some], key=lambda row: str(row["id"]))
    removed: Removed = {row["id"]: [] for row in articles}
    ids = pa.array(removed, pa.string())
    for batch in snapshot.to_batches("removed", REMOVED, BATCH):
        for row in batch.filter(pc.is_in(batch.column("id"), ids)).to_pylist():
            removed[row["id"]].append(row)
    return articles, removed, total
