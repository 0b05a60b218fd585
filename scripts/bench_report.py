"""Time, memory and size of the report over a large synthetic dataset.

    python scripts/bench_report.py FOLDER --articles 1000000 --lines 20

Makes the dataset at FOLDER if there is none, in parts as a run writes them; then writes the report in a process of its
own and prints what that took.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ingest.dataset import Dataset, SourceFile
from ingest.schema import ARTICLES, REMOVED

PART = 20_000  # articles
SITES = 3_000
ROLES = (
    "navigation",
    "share",
    "newsletter",
    "related",
    "comments",
    "most-read",
    "legal-notice",
    "title",
    "date",
    "byline",
)
EVIDENCE = ("site", "rule", "model", "extractor")
LANGUAGES = ("en", "ru", "kk", "de", "fr")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--lines", type=int, default=20, help="removed lines an article")
    parser.add_argument("--pages", type=int, default=500)
    parser.add_argument("--only-make", action="store_true", help="make the dataset and stop")
    given = parser.parse_args()
    if given.only_make:
        make(given.folder, given.articles, given.lines)
        return
    if not given.folder.exists():
        # in a process of its own: a child's peak of memory counts what its parent held when it was started
        subprocess.run([sys.executable, *sys.argv, "--only-make"], check=True)
    report = given.folder.parent / f"{given.folder.name}.html"
    started = time.monotonic()
    command = [sys.executable, "-m", "ingest", "report", given.folder, "-o", report, "--pages", given.pages]
    process = subprocess.Popen(list(map(str, command)))
    _, status, used = os.wait4(process.pid, 0)  # of this child alone
    if status:
        sys.exit("the report failed")
    print(f"wall clock {time.monotonic() - started:.0f} s, processor {used.ru_utime + used.ru_stime:.1f} s")
    print(f"largest resident set {used.ru_maxrss / 1024:.0f} MB, report {os.path.getsize(report) / 1e6:.1f} MB")


def make(folder: Path, articles: int, lines: int) -> None:
    """A dataset of sites of very different size, whose pages repeat lines of their site."""
    rng = np.random.default_rng(1)
    words = np.array(["".join(map(chr, 97 + rng.integers(0, 26, n))) for n in rng.integers(2, 10, 20_000)], object)
    paragraphs = np.array([" ".join(words[rng.integers(0, 20_000, 60)]) + "." for _ in range(20_000)], object)
    repeated = np.array(
        [[" ".join(words[rng.integers(0, 20_000, 4)]) for _ in range(20)] for _ in range(SITES)], object
    )
    share = 1 / np.arange(1, SITES + 1)
    with Dataset.open(folder, create=True).lock() as dataset:
        for part in range(articles // PART):
            source = SourceFile.of_bytes(f"dump-{part:05}.jsonl", str(part).encode())
            site = rng.choice(SITES, PART, p=share / share.sum())
            ids = [hashlib.blake2b(f"{part} {n}".encode(), digest_size=16).hexdigest() for n in range(PART)]
            with dataset.writer([source], "none", "bench") as writer:
                writer.write("articles", _articles(rng, source.path, ids, site, words, paragraphs, lines))
                writer.write("removed", _removed(rng, source.path, ids, site, repeated, paragraphs, lines))
                writer.commit()
            print(f"part {part + 1} of {articles // PART}", file=sys.stderr)


def _articles(
    rng: np.random.Generator,
    path: str,
    ids: list[str],
    site: npt.NDArray[np.int64],
    words: npt.NDArray[Any],
    paragraphs: npt.NDArray[Any],
    lines: int,
) -> pa.RecordBatch:
    n = len(ids)
    sizes = rng.integers(2, 8, n)
    first = lines // 2 + 1
    days = np.datetime64("2012-01-01") + rng.integers(0, 12 * 365, n)
    return _batch(
        ARTICLES,
        n,
        {
            "id": ids,
            "source_path": [path] * n,
            "source_record": range(n),
            "site": [f"site{number}.example" for number in site],
            "title": [" ".join(words[rng.integers(0, 20_000, 7)]) for _ in range(n)],
            "published": days.astype("datetime64[s]"),
            "language": rng.choice(LANGUAGES, n),
            "text": ["\n\n".join(paragraphs[rng.integers(0, 20_000, size)]) for size in sizes],
            "text_lines": [list(range(first, first + size)) for size in sizes],
            "text_sha256": ["0" * 64] * n,
            "n_words": sizes * 60,
            "removed_lines": [lines] * n,
            "removed_share": rng.random(n).astype(np.float32),
        },
    )


def _removed(
    rng: np.random.Generator,
    path: str,
    ids: list[str],
    site: npt.NDArray[np.int64],
    repeated: npt.NDArray[Any],
    paragraphs: npt.NDArray[Any],
    lines: int,
) -> pa.RecordBatch:
    n = len(ids) * lines
    page = np.repeat(np.arange(len(ids)), lines)
    own = [text[:70] for text in paragraphs[rng.integers(0, len(paragraphs), n)]]
    of_site = repeated[site[page], rng.integers(0, repeated.shape[1], n)]
    numbers = np.concatenate([np.arange(1, lines // 2 + 1), np.arange(lines // 2 + 1, lines + 1) + 8])
    return _batch(
        REMOVED,
        n,
        {
            "id": np.array(ids, object)[page],
            "source_path": [path] * n,
            "source_record": page,
            "line": np.tile(numbers, len(ids)),
            "text": np.where(rng.random(n) < 0.67, of_site, own),
            "role": rng.choice(ROLES, n),
            "stage": ["label"] * n,
            "evidence": rng.choice(EVIDENCE, n),
            "rule": ["some.rule"] * n,
            "score": rng.random(n).astype(np.float32),
            "language": ["en"] * n,
        },
    )


def _batch(schema: pa.Schema, n: int, columns: dict[str, Any]) -> pa.RecordBatch:
    arrays = [
        pa.array(columns[field.name], field.type) if field.name in columns else pa.nulls(n, field.type)
        for field in schema
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


if __name__ == "__main__":
    main()
