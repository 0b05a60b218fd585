#!/usr/bin/env python3
"""How much the other pages of a site help: word F1 of the labelled lines by number of pages per site.

    python scripts/bench_sites.py --data ../shared/data                         # both sets of sites
    python scripts/bench_sites.py --data ../shared/data --folds folds           # held out, see below
    python scripts/bench_sites.py --data ../shared/data --sets news_dev,wcxb_dev --pages 1 --column dump_main

The pages of each site are taken in groups of k; each page is labelled with what its own group teaches and nothing else.
A last, smaller group is left out. Articles only. The weights of the package have seen these pages; --folds takes those
that `train_line_model.py --folds` wrote, each page being judged by the one that has seen no page of its site; --model
takes other weights.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ingest.config import Settings
from ingest.document import Record
from ingest.models import line_model
from ingest.pipeline import Chain
from ingest.roles import Role
from ingest.stages.removed import IN_TEXT
from scripts.line_model.data import FOLDS, fold_of
from scripts.line_model.evaluate import page_score, summary

Page = dict[str, str]
COLUMNS = ("id", "site", "url", "page_type", "gold_text")


def score_group(pages: list[Page], pipeline: Chain, column: str) -> list[tuple[float, float, float]]:
    """(precision, recall, F1) of each page, labelled with what the group teaches."""
    records = [
        Record(f"{i}", 0, page[column], "text", url=page["url"] or f"http://{page['site']}/{i}")
        for i, page in enumerate(pages)
    ]
    learned = pipeline.learn(records, {record.source: "group" for record in records}) if len(pages) > 1 else []
    pipeline = pipeline.freeze([pa.Table.from_batches(learned)] if learned else [])
    batch = pipeline.label(records)
    scores = []
    for position, page in enumerate(pages):
        span = batch.lines.span(position)
        role = batch.lines.role[span.start : span.stop]
        title = np.flatnonzero(role == Role.TITLE)
        keep = np.isin(role, [int(r) for r in IN_TEXT])
        altered = batch.lines.altered
        texts = [altered[row].kept if row in altered else batch.lines.texts[row] for row in span]
        scores.append(page_score(texts, keep, int(title[0]) if len(title) else None, page["gold_text"]))
    return scores


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the page sets")
    parser.add_argument("--sets", default="sites_dev,cyrillic_sites_dev")
    parser.add_argument("--pages", default="1,2,5,10,20", help="pages per site, comma separated")
    parser.add_argument("--sites", type=int, default=0, help="only so many sites")
    parser.add_argument("--most", type=int, default=60, help="at most so many pages of a site")
    parser.add_argument("--column", default="dump", help="the page's text: dump or dump_main")
    parser.add_argument("--folds", type=Path, help="folder with the weights of the folds")
    parser.add_argument("--model", type=Path, help="weights of the line model")
    args = parser.parse_args()
    given = line_model.read(args.model) if args.model else line_model.load()
    folds = [line_model.read(args.folds / f"{fold}.npz") for fold in range(FOLDS)] if args.folds else []
    chosen_model = given
    line_model.load = lambda: chosen_model  # type: ignore[assignment]
    pipeline = Chain(Settings())
    for name in args.sets.split(","):
        sites: dict[str, list[Page]] = defaultdict(list)
        for page in pq.read_table(args.data / f"{name}.parquet", columns=[*COLUMNS, args.column]).to_pylist():
            if page["gold_text"] and page[args.column] and page["page_type"] == "article":
                sites[page["site"] or page["id"]].append(page)
        chosen = [sites[site][: args.most] for site in sorted(sites)][: args.sites or None]
        for k in map(int, args.pages.split(",")):
            groups = [pages[i : i + k] for pages in chosen for i in range(0, len(pages) - k + 1, k)]
            scores = []
            for group in groups:
                chosen_model = folds[fold_of(group[0]["site"] or group[0]["id"])] if folds else given
                scores += score_group(group, pipeline, args.column)
            print(f"{name:<20} {k:>3} pages a site  {summary(scores)}", flush=True)


if __name__ == "__main__":
    main()
