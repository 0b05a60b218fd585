#!/usr/bin/env python3
"""Speed and quality on HTML pages beside trafilatura with metadata, in turns, on the same pages.

    python scripts/bench_html.py ../shared/data/wcxb_dev.parquet
    python scripts/bench_html.py ../shared/data/news_dev.parquet ../shared/data/wcxb_dev.parquet --pages 1000

Each Parquet file needs the columns html, url, page_type, gold_text. ingest learns from all pages, then labels them
and builds rows, in blocks, what was prepared for learning on a shelf as in a run; after each block trafilatura writes
the same pages as JSON with metadata, which is what `trafilatura --output-format json --with-metadata` does. One
process, one thread, processor time, so that other work on the machine shows less; starting up, reading and writing
files are left out on both sides. Quality is word F1 (bag of words, Han and Kana singly, mean over pages); where the
known text holds the title, the better of text and title + text counts. Scores on pages that the weights were trained on
are not held out: `scripts/train_dom_model.py` prints those.
"""

# ruff: noqa: E402
from __future__ import annotations

import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")  # before NumPy is imported

import argparse
import json
import logging
import sys
import time
from collections import Counter, defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ingest.config import Settings
from ingest.document import Record
from ingest.pipeline import Chain
from ingest.shelf import shelf_of
from ingest.stages.assemble import Stamp
from scripts.line_model.evaluate import overlap
from scripts.line_model.labels import words_of

COLUMNS = ["html", "url", "page_type", "gold_text"]
STAMP = Stamp("bench", "bench", datetime(2026, 1, 1))


def read(paths: list[Path], limit: int) -> list[dict[str, Any]]:
    """Pages with HTML and known text, evenly drawn from the files together."""
    rows = []
    for path in paths:
        rows += [row for row in pq.read_table(path, columns=COLUMNS).to_pylist() if row["html"] and row["gold_text"]]
    step = max(1, len(rows) // limit)
    return rows[::step][:limit]


def f1(text: str, title: str, gold: str) -> tuple[float, float, float]:
    """(precision, recall, F1), the better of text alone and title with text."""
    wanted = Counter(words_of(gold))
    found = [overlap(Counter(words_of(text)), wanted)]
    if title:
        found.append(overlap(Counter(words_of(f"{title}\n{text}")), wanted))
    return max(found, key=lambda score: score[2])


def print_quality(name: str, rows: list[dict[str, Any]], results: list[tuple[str, str]]) -> None:
    groups: defaultdict[str, list[tuple[float, float, float]]] = defaultdict(list)
    for row, (text, title) in zip(rows, results, strict=True):
        score = f1(text, title, row["gold_text"])
        groups["all"].append(score)
        groups[row["page_type"]].append(score)
    for kind, scores in sorted(groups.items(), key=lambda item: (item[0] != "all", item[0])):
        p, r, f = (sum(score[k] for score in scores) / len(scores) for k in range(3))
        print(f"{name:12s} {kind:14s} {len(scores):5d} pages  F1 {f:.4f}  precision {p:.4f}  words lost {1 - r:.4f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--block", type=int, default=50, help="pages per turn")
    parser.add_argument("--html-engine", default="auto", choices=["auto", "trafilatura", "lines"])
    parser.add_argument("--only-ours", action="store_true", help="leave trafilatura out")
    args = parser.parse_args()

    with shelf_of("bench") as shelf:
        bench(args, Chain(Settings(html_engine=args.html_engine), shelf=shelf))


def bench(args: argparse.Namespace, chain: Chain) -> None:
    """Run both and print what came out."""
    import trafilatura

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    rows = read(args.files, args.pages)
    records = [Record("bench.jsonl", i, row["html"], "html", url=row["url"]) for i, row in enumerate(rows)]
    blocks = [slice(i, i + args.block) for i in range(0, len(rows), args.block)]
    chain.process(records[:3], STAMP)  # models and tables are loaded once
    if not args.only_ours:
        trafilatura.extract(rows[0]["html"], output_format="json", with_metadata=True)

    learning = labelling = theirs = 0.0
    contributions = []
    for block in blocks:
        start = time.process_time()
        contributions += chain.learn(records[block], {"bench.jsonl": "bench"})
        learning += time.process_time() - start
    start = time.process_time()
    if contributions:
        from ingest.sites.contributions import table

        chain = chain.freeze([table(contributions)])
    learning += time.process_time() - start

    ours: dict[int, tuple[str, str]] = {}
    outcomes: Counter[str] = Counter()
    other: list[tuple[str, str]] = []
    for block in blocks:
        start = time.process_time()
        made = chain.process(records[block], STAMP)
        labelling += time.process_time() - start
        for part in made:
            outcomes["kept"] += part.articles.num_rows
            outcomes.update(part.rejected["outcome"].to_pylist())
            for article in part.articles.select(["source_record", "text", "title"]).to_pylist():
                ours[article["source_record"]] = article["text"], article["title"] or ""
        if args.only_ours:
            continue
        start = time.process_time()
        for row in rows[block]:
            found = json.loads(
                trafilatura.extract(row["html"], url=row["url"], output_format="json", with_metadata=True) or "{}"
            )
            other.append((found.get("text") or "", found.get("title") or ""))
        theirs += time.process_time() - start

    n = len(rows)
    total = learning + labelling
    print(f"{n} pages, {sum(len(row['html']) for row in rows) / 1e6:.1f} million characters of HTML, {dict(outcomes)}")
    print(f"ingest       {n / total:7.1f} pages/s ({1000 * learning / n:.1f} ms to learn, "
          f"{1000 * labelling / n:.1f} ms to label, a page)")  # fmt: skip
    if not args.only_ours:
        print(f"trafilatura  {n / theirs:7.1f} pages/s, {trafilatura.__version__}")
        print(f"ratio        {theirs / total:7.2f}")
    print_quality("ingest", rows, [ours.get(i, ("", "")) for i in range(n)])
    if not args.only_ours:
        print_quality("trafilatura", rows, other)


if __name__ == "__main__":
    main()
