"""The removed lines of a dataset, streamed: counts by role and evidence, and the lines that a site repeats most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ingest.dataset import Snapshot
from ingest.report.index import BATCH, Index, first_of_sites, keys_of, largest_sites

SITES = 100  # largest sites whose top lines are told,
PAGES = 200  # counted on so many of their pages
LINES = 12  # lines of a site that are told
LONGEST = 300  # characters of such a line

_COUNTED = ("id", "text", "role", "evidence", "stage", "altered_to")


class RemovedShare(msgspec.Struct):
    """Lines and characters that went in one role by one kind of evidence."""

    role: str
    evidence: str
    lines: int
    characters: int


class TopLine(msgspec.Struct):
    """A line that went on `pages` of the pages of its site that were counted."""

    text: str
    role: str
    pages: int


class RemovedLines(msgspec.Struct):
    """`shares` for the articles and rejected records together; `top` by site, counted on `counted` of its pages."""

    shares: list[RemovedShare]
    top: dict[str, list[TopLine]]
    counted: dict[str, int]
    sample: dict[str, list[dict[str, Any]]]  # rows of the sample pages, by id
    rows: int


def read_lines(snapshot: Snapshot, index: Index, sample: npt.NDArray[np.uint64]) -> RemovedLines:
    """One pass over `removed`. sample: sorted keys of the pages whose rows are wanted in full."""
    sites = largest_sites(index, SITES)
    sizes = np.bincount(index.site, minlength=len(index.sites))
    looked_at = first_of_sites(index, sites, PAGES)
    shares: Counter[tuple[str, str]] = Counter()
    characters: Counter[tuple[str, str]] = Counter()
    top: dict[int, Counter[tuple[str, str]]] = {site: Counter() for site in sites.tolist()}
    rows: dict[str, list[dict[str, Any]]] = {}
    total = 0
    for batch in snapshot.to_batches("removed", None, BATCH):
        total += batch.num_rows
        keys = keys_of(batch.column("id"))
        for row in batch.filter(pa.array(_among(keys, sample))).to_pylist():
            rows.setdefault(row["id"], []).append(row)
        went = pc.not_equal(batch.column("stage"), "repair")
        _count_shares(batch.filter(went), shares, characters)
        wanted = _among(keys, looked_at) & went.to_numpy(zero_copy_only=False)
        site = index.site_of(keys[wanted]).tolist()
        _count_top(batch.filter(pa.array(wanted)), site, top)
    return RemovedLines(
        shares=[RemovedShare(*names, n, characters[names]) for names, n in sorted(shares.items())],
        top={index.sites[site]: _best(counts) for site, counts in top.items()},
        counted={index.sites[site]: min(PAGES, int(sizes[site])) for site in sites.tolist()},
        sample=rows,
        rows=total,
    )


def _count_shares(batch: pa.RecordBatch, lines: Counter[Any], characters: Counter[Any]) -> None:
    table = pa.table(
        {
            "role": batch.column("role"),
            "evidence": batch.column("evidence").fill_null(""),
            "length": pc.utf8_length(batch.column("text")),
        }
    )
    sums = table.group_by(["role", "evidence"]).aggregate([("length", "sum"), ("length", "count")])
    for row in sums.to_pylist():
        lines[row["role"], row["evidence"]] += row["length_count"]
        characters[row["role"], row["evidence"]] += row["length_sum"]


def _count_top(batch: pa.RecordBatch, site: list[int], top: dict[int, Counter[tuple[str, str]]]) -> None:
    seen: set[tuple[str, str]] = (
        set()
    )  # a line counts once a page; a page's rows that two batches share may count twice
    columns = zip(site, *(batch.column(name).to_pylist() for name in ("id", "text", "role")), strict=True)
    for number, page, text, role in columns:
        text = text.strip()[:LONGEST]
        if (page, text) not in seen:
            seen.add((page, text))
            top[number][text, role] += 1


def _best(counts: Counter[tuple[str, str]]) -> list[TopLine]:
    repeated = ((text, role, pages) for (text, role), pages in counts.items() if pages > 1)
    best: Iterable[tuple[str, str, int]] = sorted(repeated, key=lambda line: (-line[2], line[0], line[1]))[:LINES]
    return [TopLine(*line) for line in best]


def _among(keys: npt.NDArray[np.uint64], wanted: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
    """bool[n]: which keys are among the sorted wanted ones."""
    if not len(wanted):
        return np.zeros(len(keys), bool)
    place = np.minimum(np.searchsorted(wanted, keys), len(wanted) - 1)
    found: npt.NDArray[np.bool_] = wanted[place] == keys
    return found
