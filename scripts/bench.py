#!/usr/bin/env python3
"""Measure `ingest` as a whole, beside other programs, on corpora of any size that this script makes.

    scripts/bench.py                                     # ingest alone, 200 pages of text and of HTML, three rounds
    scripts/bench.py --peers python                      # and the peers of the `bench` extra, on the same input
    scripts/bench.py --kinds short --pages 1000 10000 100000 --rounds 1   # growth: time and memory by size

In each round every contestant runs once over the same corpus, so a busy machine slows all of them; ratios are those of
one round, and their spread is over the rounds. MB are those of the pages' content. CPU seconds are of all processes.
Memory is the peak of what all processes hold together. Quality is the mean word F1 over the pages with known text.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from benchmark import corpus  # noqa: E402
from benchmark.contestants import Contestant, ingest, peers  # noqa: E402
from benchmark.measure import Usage, measured  # noqa: E402

WIDE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
WORD = re.compile(rf"[{WIDE}]|(?:(?![{WIDE}])\w)+")


def f1(text: str, gold: str) -> float:
    """Overlap of two bags of words."""
    have, want = Counter(WORD.findall(text.lower())), Counter(WORD.findall(gold.lower()))
    both = sum((have & want).values())
    return 2 * both / (have.total() + want.total()) if both else 0.0


def one_run(contestant: Contestant, source: Path, folder: Path) -> tuple[Usage, dict[int, str]]:
    where = folder / "run"
    shutil.rmtree(where, ignore_errors=True)
    where.mkdir()
    given = contestant.prepare(source, where / "files")
    usage = measured(contestant.command(given, where / "out"), where / "log")
    return usage, contestant.texts(where / "out")


def bench(base: list[dict[str, Any]], kind: str, count: int, args: argparse.Namespace, folder: Path) -> None:
    source = folder / ("corpus.warc.gz" if kind == "warc" else "corpus.jsonl")
    size = corpus.write(base, kind, count, source)
    contestants = [ingest(workers) for workers in args.workers]
    if args.peers:
        contestants += peers(kind, args.peers)
    runs: dict[str, list[Usage]] = {c.name: [] for c in contestants}
    outcome: dict[str, str] = {}
    for _ in range(args.rounds):
        for contestant in list(contestants):
            try:
                usage, texts = one_run(contestant, source, folder)
            except RuntimeError as error:
                print(f"{contestant.name} is left out, it {error}")
                contestants.remove(contestant)
                continue
            runs[contestant.name].append(usage)
            known = range(min(count, len(base)))
            quality = statistics.fmean(f1(texts.get(i, ""), base[i]["gold_text"]) for i in known)
            outcome[contestant.name] = f"{len(texts):7} | {'' if kind in ('warc', 'short') else f'{quality:.3f}'}"
            if contestant is contestants[0]:
                stages = _stages(folder / "run" / "out")
    first = runs[contestants[0].name]
    print(f"\n### {kind}, {count} pages, {size / 1e6:.1f} MB, {args.rounds} rounds\n")
    print("| | pages/s | MB/s | CPU s | MB per CPU s | CPU, times the first | peak MB | rows | F1 |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, usages in runs.items():
        if not usages:
            continue
        wall, cpu = (statistics.median(getattr(u, field) for u in usages) for field in ("wall", "cpu"))
        ratios = [usage.cpu / other.cpu for usage, other in zip(usages, first, strict=True)]
        spread = f"{statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})"
        peak = max(usage.peak for usage in usages) / 1e6
        print(
            f"| {name} | {count / wall:.1f} | {size / 1e6 / wall:.2f} | {cpu:.1f} | {size / 1e6 / cpu:.2f} "
            f"| {spread} | {peak:.0f} | {outcome[name]} |",
            flush=True,
        )
    print(f"\nSeconds by stage, {contestants[0].name}: {stages}\n", flush=True)


def _stages(output: Path) -> str:
    """What the record of the run says of its stages."""
    [record] = (output / "_ingest").rglob("runs/*.json")
    seconds = json.loads(record.read_bytes())["stage_seconds"]
    return ", ".join(f"{stage} {spent:.2f}" for stage, spent in sorted(seconds.items(), key=lambda item: -item[1]))


def start_up(rounds: int, folder: Path) -> None:
    """Seconds of a run over one short page, and of `ingest --version`."""
    page = folder / "page.txt"
    page.write_text("The council met today and spoke for hours about the old harbour bridge.\n" * 5)
    for name, command in {
        "ingest --version": ["--version"],
        "one short page": ["run", str(page), "-q", "-o", str(folder / "start")],
    }.items():
        usages = []
        for _ in range(max(3, rounds)):
            shutil.rmtree(folder / "start", ignore_errors=True)
            usages.append(measured([sys.executable, "-m", "ingest", *command], folder / "start.log"))
        cpu = statistics.median(usage.cpu for usage in usages)
        print(f"start-up, {name}: {min(u.wall for u in usages):.2f} s at best, {cpu:.2f} CPU s")


def machine() -> str:
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.machine(),
    )
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    load = os.getloadavg()[0]
    return (
        f"{model}, {os.cpu_count()} CPUs, load {load:.1f}, Python {platform.python_version()}, "
        f"ingest {commit.stdout.strip()}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path(os.environ.get("INGEST_SHARED", ROOT.parent / "shared")))
    parser.add_argument("--kinds", nargs="+", choices=["text", "short", "html", "warc"], default=["text", "html"])
    parser.add_argument("--pages", nargs="+", type=int, default=[200])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--peers", metavar="PYTHON", help="an interpreter with the `bench` extra")
    parser.add_argument("--tmp", type=Path, help="where corpora and outputs go")
    args = parser.parse_args()
    print(machine())
    base = corpus.pages(args.shared)
    with tempfile.TemporaryDirectory(dir=args.tmp) as folder:
        start_up(args.rounds, Path(folder))
        for kind in args.kinds:
            for count in args.pages:
                bench(base, kind, count, args, Path(folder))


if __name__ == "__main__":
    main()
