#!/usr/bin/env python3
"""How learning grows with the pages of one site, and what one new page costs in a later run.

For each number a file of made-up pages of one site is read into a new dataset, by one worker; then a file with one more
page. Told are CPU seconds and the largest memory (resident, of one process) of both runs, CPU time a page, and how much
of the menus and footers is left in the texts, of all pages and of the new one: it was learned from the others.

    scripts/bench_growth.py                       1,000, 10,000 and 100,000 pages with a URL
    scripts/bench_growth.py 1000 10000 --no-url   the site must be found out
    scripts/bench_growth.py 1000 --templates 3    a site with three templates
    scripts/bench_growth.py 1000 --cmd "python -m ingest"
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from random import Random

import pyarrow.dataset as ds

REPOSITORY = Path(__file__).resolve().parent.parent
WORDS = ["river", "harvest", "council", "bridge", "winter", "market", "teacher", "election", "railway", "minister",
         "pond", "library", "storm", "village", "court", "budget", "concert", "school", "engine", "island"]  # fmt: skip
MENU, FOOTER, TEASERS, PARAGRAPHS = 14, 8, 6, 5


def phrase(draw: Random, words: int) -> str:
    return " ".join(draw.choices(WORDS, k=words)).capitalize()


def frame(template: int) -> tuple[list[str], list[str]]:
    """The menu and the footer of a template."""
    draw = Random(f"frame {template}")
    return [phrase(draw, draw.randint(1, 4)) for _ in range(MENU)], [phrase(draw, 7) for _ in range(FOOTER)]


def page(draw: Random, template: int) -> str:
    menu, footer = frame(template)
    body = [". ".join(phrase(draw, draw.randint(8, 14)) for _ in range(3)) + "." for _ in range(PARAGRAPHS)]
    teasers = [phrase(draw, 6) for _ in range(TEASERS)]
    date = f"{draw.randint(1, 28)}.{draw.randint(1, 12):02}.{draw.randint(2010, 2024)}"
    return "\n".join([*menu, phrase(draw, 6), date, *body, footer[0], *teasers, *footer[1:]])


def make(path: Path, numbers: range, templates: int, url: bool) -> None:
    with path.open("w") as file:
        for number in numbers:
            row = {"text": page(Random(number), number % templates)}
            file.write(json.dumps(row | ({"url": f"https://pond.example/{number}"} if url else {})) + "\n")


def run(command: list[str], source: Path, out: Path) -> tuple[float, float]:
    """CPU seconds of a run and its workers, and the largest memory of one of these processes in MB."""
    process = subprocess.Popen([*command, "run", str(source), "-o", str(out), "-q", "--workers", "1"], cwd=REPOSITORY)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 3):
        raise SystemExit(f"ingest run {source} ended with {process.returncode}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / (1 << 10)


def left(out: Path, path: str, templates: int) -> float:
    """Of the lines of menus and footers, the share that stands in the texts of a source."""
    frames = {line for template in range(templates) for part in frame(template) for line in part}
    rows = ds.dataset(out / "articles", format="parquet").to_table(filter=ds.field("source_path") == path)
    texts = rows["text"].to_pylist()
    found = sum(line in frames for text in texts for line in text.split("\n\n"))
    return found / max(len(texts) * (MENU + FOOTER), 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="*", type=int, default=[1_000, 10_000, 100_000])
    parser.add_argument("--no-url", action="store_true", help="pages have no URL")
    parser.add_argument("--templates", type=int, default=1, help="templates of the site")
    parser.add_argument("--cmd", default=f"{shlex.quote(sys.executable)} -m ingest", help="how to start the program")
    args = parser.parse_args()
    for pages in args.pages:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            make(folder / "all.jsonl", range(pages), args.templates, not args.no_url)
            make(folder / "one.jsonl", range(pages, pages + 1), args.templates, not args.no_url)
            for source, what in (("all.jsonl", f"{pages:>9,} pages"), ("one.jsonl", "      one more")):
                cpu, memory = run(shlex.split(args.cmd), folder / source, folder / "out")
                each = f"{1e3 * cpu / pages:7.2f} ms each" if source == "all.jsonl" else " " * 15
                rest = left(folder / "out", source, args.templates)
                print(f"{what:<17} {cpu:8.1f} CPU s {each} {memory:7.0f} MB, furniture left {rest:.1%}", flush=True)


if __name__ == "__main__":
    main()
