#!/usr/bin/env python3
"""Speed of the rules on one core: `python scripts/bench_rules.py [FILE.parquet]...`, MB/s of UTF-8 text.

Each file needs a column `dump` with flattened pages. Without files it makes pages of its own from the rules'
examples. Figures are processor seconds; the first of the two steps folds and matches, the second labels.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ingest.rules import RuleSet, load

BATCH = 256  # pages that go through together


def invented_pages(rules: RuleSet, count: int = 600) -> list[str]:
    """Pages of 30 sentences of random words with the rules' own examples around them, seeded."""
    rng = random.Random(1)
    phrases = [case.text for case in rules.cases()]
    words = ["".join(rng.choices("aeioulnrst", k=rng.randint(2, 9))) for _ in range(5000)]
    pages = []
    for _ in range(count):
        body = [" ".join(rng.choices(words, k=rng.randint(12, 60))).capitalize() + "." for _ in range(30)]
        titles = [" ".join(rng.choices(words, k=rng.randint(3, 9))) for _ in range(60)]
        pages.append(
            "\n".join([*rng.choices(phrases, k=20), *titles[:30], *body, *titles[30:], *rng.choices(phrases, k=20)])
        )
    return pages


def batches(pages: list[str]) -> Iterator[tuple[list[str], np.ndarray, int]]:
    for start in range(0, len(pages), BATCH):
        lines = [[line.strip() for line in page.split("\n")] for page in pages[start : start + BATCH]]
        offsets = np.cumsum([0, *map(len, lines)], dtype=np.int64)
        texts = [line for page in lines for line in page]
        yield texts, offsets, sum(len(text.encode()) for text in texts)


def measure(name: str, pages: list[str]) -> None:
    rules = RuleSet(load().files)  # without what earlier sets have left in memory
    seconds = finding = 0.0
    size = found = total = 0
    for texts, offsets, length in batches(pages):
        start = time.process_time()
        sites = rules.sites_of(texts, offsets, [None] * (len(offsets) - 1))
        middle = time.process_time()
        verdicts = rules.apply(texts, offsets, sites)
        seconds += time.process_time() - middle
        finding += middle - start
        size += length
        found += int((verdicts.role > 0).sum())
        total += len(texts)
    print(
        f"{name}: {len(pages)} pages, {size / 1e6:.1f} MB, {total} lines, {found} labelled; "
        f"apply {size / 1e6 / seconds:.1f} MB/s, sites {size / 1e6 / finding:.1f} MB/s"
    )


def main(paths: list[str]) -> None:
    if not paths:
        measure("invented", invented_pages(load()))
    for path in paths:
        import pyarrow.parquet as pq

        measure(
            Path(path).stem,
            [text or "" for text in pq.read_table(path, columns=["dump"])["dump"].to_pylist()],
        )


if __name__ == "__main__":
    main(sys.argv[1:])
