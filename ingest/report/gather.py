"""Everything the report shows, as plain values: totals of the whole dataset, and a sample of its pages."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ingest import __version__, rules
from ingest.dataset import Dataset, Snapshot, SourceFile, open_dataset
from ingest.dataset.status import status_of
from ingest.errors import DatasetError
from ingest.report.agreement import differing
from ingest.report.content import Report
from ingest.report.drift import CountedRun, counted_runs, drifts
from ingest.report.index import (
    AMBIGUOUS,
    UNTITLED,
    choose_pages,
    first_of_sites,
    keys_of,
    largest_sites,
    month,
    read_index,
)
from ingest.report.lines import read_lines
from ingest.report.outline import Outline, found_in, outline_of
from ingest.report.sample import article_page, read_rejected, read_texts, rejected_page
from ingest.report.sites import site_table
from ingest.sites.generic import generic_fingerprints
from ingest.storage.locations import Place

TRIES = 3  # at a listing that no run changes meanwhile
RUNS = 30
WORDS = (0, 25, 50, 100, 200, 300, 400, 600, 800, 1200, 1600, 2400, 4800)  # lower bounds of the length bins
SHARES = 20  # bins of the removed share
OUTLINED, OUTLINE_PAGES = 20, 60  # largest sites of which the template is shown, as on so many of their pages


def gather(path: Place, *, pages: int) -> Report:
    """Read the dataset as it stands.

    Memory grows by some 30 bytes an article, time with the rows. `pages` is the number of sample articles.

    Raises:
        DatasetError: there is no dataset, its rows do not add up to its commit records, or runs kept changing it.
    """
    for _ in range(TRIES):
        snapshot = open_dataset(path)
        version = snapshot.ledger.version
        report = _gather(snapshot, pages)
        if snapshot.ledger.version == version and open_dataset(path).ledger.version == version:
            _check_balance(report, path)
            return report
    raise DatasetError(f"{path} changed while it was read", source=path, hint="make the report when no run is at work")


def _check_balance(report: Report, path: Place) -> None:
    outcomes = sum(report.outcomes.values())
    rows = report.rows["articles"] + report.rows["rejected"]
    if not report.records == outcomes == rows:
        raise DatasetError(
            f"{path}: {report.records} records, {outcomes} outcomes and {rows} rows do not balance",
            source=path,
            hint="run `ingest verify`",
        )


def _gather(snapshot: Snapshot, most: int) -> Report:
    dataset = Dataset.open(snapshot.path)
    status = status_of(dataset, snapshot.ledger)
    runs = counted_runs(dataset)
    index = read_index(snapshot)
    rejected = read_rejected(snapshot)
    chosen = choose_pages(index, most)
    outlined = first_of_sites(index, largest_sites(index, OUTLINED), OUTLINE_PAGES)
    refused = keys_of(pa.array([row["id"] for row in rejected], pa.string()))
    lines = read_lines(snapshot, index, np.unique(np.concatenate([chosen, outlined, refused])))
    kept_characters, articles = read_texts(snapshot, np.union1d(chosen, outlined))
    found, differ = drifts(runs), differing(runs)
    languages = np.bincount(index.language, minlength=len(index.languages)).tolist()
    months, months_articles = np.unique(index.month[index.month >= 0], return_counts=True)
    word_bins = np.histogram(index.words, [*WORDS, np.iinfo(np.int32).max])[0]
    n_rejected = sum(batch.num_rows for batch in snapshot.to_batches("rejected", ("outcome",), 65_536))
    return Report(
        dataset=SourceFile.root_name(Path(snapshot.path).name or str(snapshot.path)),
        option=f" -d {shlex.quote(str(snapshot.path))}",
        version=__version__,
        last_commit=status.last_commit.isoformat(" ", "minutes") if status.last_commit else "",
        sources=status.sources,
        records=status.records,
        outcomes=dict(sorted(status.outcomes.items(), key=lambda item: (item[0] != "kept", -item[1], item[0]))),
        rows={"articles": len(index), "removed": lines.rows, "rejected": n_rejected},
        kept_characters=kept_characters,
        removed=lines.shares,
        languages=sorted(zip(index.languages, languages, strict=True), key=lambda pair: (-pair[1], pair[0])),
        months=[(month(m), n) for m, n in zip(months.tolist(), months_articles.tolist(), strict=True)],
        undated=int((index.month < 0).sum()),
        ambiguous=int((index.flags & AMBIGUOUS > 0).sum()),
        untitled=int((index.flags & UNTITLED > 0).sum()),
        word_bins=list(WORDS),
        words=word_bins.tolist(),
        shares=np.histogram(index.share, SHARES, (0, 1))[0].tolist(),
        sites=site_table(index, {drift.site for drift in found if drift.jump} | differ.keys()),
        n_sites=len(index.sites) - 1,
        unknown_site=int((index.site == 0).sum()),
        top=lines.top,
        counted=lines.counted,
        drifts=found,
        differing=differ,
        outlines=_outlines(_among(articles, outlined), lines.sample),
        runs=[_without_sites(record) for record in runs[-RUNS:]],
        pages=[
            *(article_page(row, lines.sample) for row in _among(articles, chosen)),
            *(rejected_page(row, lines.sample) for row in rejected),
        ],
    )


def _among(articles: list[dict[str, Any]], keys: npt.NDArray[np.uint64]) -> list[dict[str, Any]]:
    wanted = np.isin(keys_of(pa.array([row["id"] for row in articles], pa.string())), keys)
    return [row for row, is_wanted in zip(articles, wanted.tolist(), strict=True) if is_wanted]


def _outlines(articles: list[dict[str, Any]], removed: dict[str, list[dict[str, Any]]]) -> dict[str, Outline]:
    """The outline of each site."""
    of: dict[str, list[dict[str, Any]]] = {}
    for row in articles:
        of.setdefault(row["site"], []).append(row)
    generic = generic_fingerprints(rules.load()) if of else np.empty(0, np.uint64)
    return {
        site: outline_of(rows, removed, lambda lines: found_in(lines, generic)) for site, rows in sorted(of.items())
    }


def _without_sites(record: CountedRun) -> CountedRun:
    return msgspec.structs.replace(record, by_site={})
