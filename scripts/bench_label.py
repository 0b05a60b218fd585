#!/usr/bin/env python3
"""Speed of the labelling stage, and of its parts, beside datatrove's C4 filter, on the same pages in the same run.

    python scripts/bench_label.py ../shared/data/wcxb_dev.parquet
    python scripts/bench_label.py pages.jsonl --pages 300            # {"text": ...} per line

All run on one core, in turns, and the best of the turns counts, in processor time, so that other work on
the machine shows less. MB are of UTF-8 text, blank lines included. Needs datatrove and spacy for the last.
"""

# ruff: noqa: E402
from __future__ import annotations

import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")  # before NumPy is imported: the figures are per core

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ingest.document import Batch, Document, Lines, Record
from ingest.lines.chunks import chunks
from ingest.lines.scan import scan
from ingest.models import features, line_model
from ingest.rules import RuleSet, load
from ingest.sites import Profiles
from ingest.stages.label import label


def read(path: Path, limit: int) -> list[str]:
    """Texts of the first `limit` pages of a Parquet (column dump, else text) or JSONL file."""
    if path.suffix == ".parquet":
        import pyarrow.parquet as pq

        names = pq.read_schema(path).names
        column = "dump" if "dump" in names else "text"
        texts = pq.read_table(path, columns=[column])[column].to_pylist()
    else:
        with path.open(encoding="utf-8") as file:
            texts = [json.loads(line)["text"] for line in file]
    return [text for text in texts if text][:limit]


def c4() -> Callable[[list[str]], None] | None:
    """datatrove's C4 line filter over all texts, or None where datatrove is not installed."""
    try:
        from datatrove.data import Document
        from datatrove.pipeline.filters import C4QualityFilter
    except ImportError:
        return None
    instance = C4QualityFilter(filter_no_terminal_punct=True)

    def run(texts: list[str]) -> None:
        for i, text in enumerate(texts):
            instance.filter(Document(text=text, id=str(i)))

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path)
    parser.add_argument("--pages", dest="limit", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()

    texts = read(args.pages, args.limit)
    size = sum(len(text.encode()) for text in texts) / 1e6
    documents = [text.split("\n") for text in texts]
    offsets = np.cumsum([0] + [len(lines) for lines in documents])
    lines = [line.rstrip() for document in documents for line in document]
    model = line_model.load()
    sites = [None] * len(documents)
    named = load().named(lines)

    def fresh() -> RuleSet:  # without what an earlier turn has left in memory
        return RuleSet(load().files)

    def stage(rules: RuleSet) -> None:
        batch = Batch([Document(str(i), Record("", i, "", "text"), "") for i in range(len(documents))])
        batch.lines = Lines(lines, offsets)
        label(batch, rules, Profiles(), "balanced")

    def only_features() -> None:
        measured = scan(lines)
        for first, last in chunks(measured.codes.lengths, offsets):
            some = measured.part(offsets[first], offsets[last])
            features.extract(some, offsets[first : last + 1] - offsets[first])

    other = c4()
    jobs: dict[str, Callable[[RuleSet], object]] = {
        "labelling stage": stage,
        "  its rules": lambda rules: rules.apply(lines, offsets, sites),
        "  its line model": lambda _: model.predict(lines, offsets, named=named),
        "    of which features": lambda _: only_features(),
    }
    if other:
        jobs["datatrove C4 filter"] = lambda _: other([*texts])
    best = dict.fromkeys(jobs, float("inf"))
    for _ in range(args.rounds):
        for name, job in jobs.items():
            rules = fresh()
            start = time.process_time()
            job(rules)
            best[name] = min(best[name], time.process_time() - start)

    filled = sum(1 for line in lines if line.strip())
    print(f"{len(texts)} pages, {size:.2f} MB, {len(lines)} lines ({filled} not blank), model {model.version}")
    for name, seconds in best.items():
        print(f"{name:22s} {size / seconds:7.2f} MB/s")
    if not other:
        print("datatrove C4 filter    not measured: datatrove is not installed here")


if __name__ == "__main__":
    main()
