#!/usr/bin/env python3
"""Measure the metadata readers on pages with known title, authors and date, beside trafilatura; fit the
headline weights.

python scripts/bench_metadata.py                   # all tables python scripts/bench_metadata.py --only html
text  # html, text, dates, formats python scripts/bench_metadata.py --miss            # list what differs
python scripts/bench_metadata.py --fit-headline    # fit ingest/metadata/headline.toml anew, with held-out
figures

The evaluation data stand outside the repository (--shared, or INGEST_SHARED). Publishers are split into two
halves by a hash of their name; both are printed, so that a rule that only suits one half shows. Times are
processor time.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import lxml.html
import numpy as np
import pyarrow.parquet as pq
from scipy.optimize import minimize

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from ingest.metadata.dates import dates, read_date, read_dates  # noqa: E402
from ingest.metadata.headline import NAMES, features  # noqa: E402
from ingest.metadata.html import read_html  # noqa: E402
from ingest.metadata.lines import body_span, prepare  # noqa: E402
from ingest.metadata.order import conventional_order, settle  # noqa: E402
from ingest.metadata.page_dates import url_date  # noqa: E402
from ingest.metadata.text import read_text  # noqa: E402

Guess = tuple[str | None, list[str], str]
FIELDS = ("title", "authors", "published")


def flat(text: str | None) -> str:
    return " ".join(re.findall(r"\w+", (text or "").casefold()))


def people(value: str | list[str] | None) -> set[str]:
    joints = r"\s*(?:;|\||,|\s+and\s+|\s+und\s+|\s+et\s+|&)\s*"
    parts = value if isinstance(value, list) else re.split(joints, value or "")
    return {n for p in parts if (n := flat(re.sub(r"^(by|von|par|por|di)\s+", "", p.strip(), flags=re.I)))}


def half(site: str | None) -> str:
    return "AB"[hashlib.md5((site or "").encode()).digest()[0] & 1]


def parse(html: str) -> Any:
    try:
        return lxml.html.document_fromstring(html)
    except ValueError:  # an encoding declaration in a str
        return lxml.html.document_fromstring(html.encode())


def rows_of(shared: Path, name: str) -> list[dict[str, Any]]:
    rows = pq.read_table(shared / "data" / f"{name}.parquet").to_pylist()
    return [r for r in rows if r["html"] and (r["gold_title"] or r["gold_authors"] or r["gold_published"])]


def right(row: dict[str, Any], guess: Guess) -> dict[str, bool]:
    """For each field that has gold: whether the guess is exact, as the project's scorer compares."""
    gold = {
        "title": flat(row["gold_title"]),
        "authors": people(row["gold_authors"]),
        "published": row["gold_published"],
    }
    got = {"title": flat(guess[0]), "authors": people(guess[1]), "published": guess[2]}
    return {f: gold[f] == got[f] for f in FIELDS if gold[f]}


def table(
    label: str, rows: list[dict[str, Any]], read: Callable[[dict[str, Any]], tuple[Guess, float]], miss: bool
) -> list[Guess]:
    """Print one line of figures; returns the guesses."""
    ok: Counter[str] = Counter()
    n: Counter[str] = Counter()
    took = 0.0
    guesses = []
    for row in rows:
        guess, seconds = read(row)
        guesses.append(guess)
        took += seconds
        for field, exact in right(row, guess).items():
            for group in ("", half(row["site"])):
                n[field + group] += 1
                ok[field + group] += exact
            if miss and not exact:
                print("   ", field, row["site"], "|", row["gold_" + field], "|", guess[FIELDS.index(field)])
    cells = [
        f"{f} {ok[f]}/{n[f]} = {ok[f] / max(1, n[f]):6.1%} (A {ok[f + 'A'] / max(1, n[f + 'A']):5.1%}, "
        f"B {ok[f + 'B'] / max(1, n[f + 'B']):5.1%})"
        for f in FIELDS
    ]
    print(f"{label:34} {' · '.join(cells)} · {1000 * took / max(1, len(rows)):.2f} ms/page", flush=True)
    return guesses


def ours_html(row: dict[str, Any]) -> tuple[Guess, float]:
    tree = parse(row["html"])
    start = time.process_time()
    found = read_html(tree, row["url"])
    took = time.process_time() - start
    day = settle(found.published, conventional_order(found.language)).value if found.published else None
    return (found.title, found.authors, str(day or "")[:10]), took


def theirs_html(row: dict[str, Any]) -> tuple[Guess, float]:
    from trafilatura.metadata import extract_metadata

    tree = parse(row["html"])
    start = time.process_time()
    found = extract_metadata(tree, default_url=row["url"])
    took = time.process_time() - start
    return (found.title, [a for a in re.split(r"\s*;\s*", found.author or "") if a], found.date or ""), took


def ours_text(detect: bool) -> Callable[[dict[str, Any]], tuple[Guess, float]]:
    def read(row: dict[str, Any]) -> tuple[Guess, float]:
        language = None
        if detect:  # in the pipeline the language is known before
            from langdetect import DetectorFactory, LangDetectException
            from langdetect import detect as language_of

            DetectorFactory.seed = 0
            try:
                language = language_of(" ".join(line for line in row["dump"].split("\n") if len(line) > 90)[:4000])
            except LangDetectException:
                language = None
        start = time.process_time()
        found = read_text((row["dump"] or "").split("\n"), language=language)
        took = time.process_time() - start
        day = found.published.value.value if found.published else None
        guess = (
            found.title.value if found.title else None,
            found.authors.value if found.authors else [],
            str(day or "")[:10],
        )
        return guess, took

    return read


def shows(row: dict[str, Any]) -> bool:
    """Whether some line of the flattened page holds the gold day, in any reading."""
    lines = [line for line in (row["dump"] or "").split("\n") if len(line) < 400]
    return any(str(v)[:10] == row["gold_published"] for line in lines for r in read_dates(line) for v in r.values)


def bench_html(shared: Path, miss: bool) -> None:
    for name in ("news_dev", "wcxb_dev"):
        rows = rows_of(shared, name)
        if name == "wcxb_dev":
            rows = [r for r in rows if r["page_type"] == "article"]
        table(f"{name} html ours", rows, ours_html, miss)
        table(f"{name} html trafilatura", rows, theirs_html, False)


def bench_text(shared: Path, miss: bool) -> None:
    for name in ("news_dev", "wcxb_dev"):
        rows = [r for r in rows_of(shared, name) if r["page_type"] == "article"]
        guesses = table(f"{name} text", rows, ours_text(False), miss)
        table(f"{name} text, language known", rows, ours_text(True), False)
        printed = 0
        for row, guess in zip(rows, guesses, strict=True):
            headings = [" ".join(h.text_content().split()) for h in parse(row["html"]).iter("h1")]
            printed += flat(guess[0]) in {flat(h) for h in headings} or flat(guess[0]) == flat(row["gold_title"])
        lines = sum(any(flat(li) == flat(r["gold_title"]) for li in (r["dump"] or "").split("\n")) for r in rows)
        print(
            f"    gold title is a line of the page: {lines}/{len(rows)}; "
            f"our title is gold or an <h1>: {printed}/{len(rows)}"
        )
        hidden = [g for r, g in zip(rows, guesses, strict=True) if r["gold_published"] and not shows(r)]
        undated = [g for r, g in zip(rows, guesses, strict=True) if not r["gold_published"]]
        dated = sum(bool(g[2]) for g in hidden)
        print(
            f"    gold day on no line: {len(hidden)} pages, "
            f"a date given on {dated} = {dated / len(rows):.1%} of all; "
            f"no gold day: {len(undated)} pages, a date given on {sum(bool(g[2]) for g in undated)}"
        )


def bench_dates(shared: Path) -> None:
    """Days in addresses against htmldate's gold (its pages are not here, so only the addresses can be
    used).
    """
    for path in sorted((shared / "data" / "dates").glob("*.json")):
        given = exact = n = 0
        for url, entry in json.loads(path.read_text()).items():
            gold = entry.get("date")
            if not isinstance(gold, str):
                continue
            n += 1
            day = url_date(url)
            given += day is not None
            exact += day is not None and str(day)[:10] == gold
        print(
            f"{path.name}: {n} addresses, a day read from {given}, "
            f"of them as in the gold {exact} = {exact / max(1, given):.1%}"
        )


def bench_formats() -> None:
    """The printed forms of the golden cases: own reader beside dateparser, right answers and microseconds a
    line.
    """
    import dateparser.search
    import tomli

    data = tomli.loads((ROOT / "tests" / "metadata" / "data" / "dates.toml").read_text(encoding="utf-8"))
    cases = [(c["line"], c["at"]) for c in data["case"] if len(c["at"]) == 1]
    cases += [(line, []) for line in data["none"]["lines"] if line.strip()]

    def own(line: str) -> str | None:
        reading = read_date(line)
        return reading.value.isoformat() if reading and reading.value else None

    def theirs(line: str) -> str | None:
        found = dateparser.parse(
            line, settings={"REQUIRE_PARTS": ["day", "month", "year"], "RETURN_AS_TIMEZONE_AWARE": False}
        )
        return found.isoformat() if found else None

    def search(line: str) -> str | None:
        found = dateparser.search.search_dates(line, settings={"REQUIRE_PARTS": ["day", "month", "year"]})
        return found[0][1].isoformat() if found else None

    for label, reader in (
        ("own reader", own),
        ("dateparser.parse", theirs),
        ("dateparser.search_dates", search),
    ):
        for line, _ in cases[:5]:
            reader(line)
        ok = invented = 0
        start = time.process_time()
        for line, want in cases:
            got = reader(line)
            ok += (got or "")[:16].startswith(want[0][:16]) if want else got is None
            invented += got is not None and not want
        took = time.process_time() - start
        print(
            f"{label:24} {ok}/{len(cases)} right, {invented} dates invented, {1e6 * took / len(cases):8.0f} µs a line"
        )
    lines = [line for line, _ in cases] + ["A paragraph without any date in it, as most lines of a page are."] * 50_000
    start = time.process_time()
    dates(lines)
    took = time.process_time() - start
    print(f"batch over {len(lines)} lines, {len(cases)} of them date-like: {1e6 * took / len(lines):.2f} µs a line")


FITTED = (
    "news_dev", "news_history_dev", "ru_news_dev", "ru_zh_dev", "parsers_dev", "libraries_dev", "romance_silver",
    "press5_dev", "wcxb_dev",
)  # fmt: skip
# how much a page counts by its form, and as how many pages a set counts at most, so that no large set outweighs all
FORMS, MOST_PAGES = {"dump": 1.0, "dump_main": 0.5}, 200


def candidates(shared: Path) -> Iterator[tuple[str, str, str, np.ndarray, np.ndarray]]:
    """(set, form, site, features float[n, k], bool[n] whether a line is the known title) of each page."""
    for name in FITTED:
        for row in rows_of(shared, name):
            if (row["page_type"] != "article" and name == "wcxb_dev") or not row["gold_title"]:
                continue
            for form in FORMS:
                page = prepare((row[form] or "").split("\n"))
                if not page:
                    continue
                start, end = body_span(page)
                found = features(page, start, end, dates(page.texts).get)
                gold = flat(row["gold_title"])
                yield (
                    name,
                    form,
                    row["site"] or row["id"],
                    np.array([f for _, f in found]).reshape(-1, len(NAMES)),
                    np.array([flat(page.texts[i]) == gold for i, _ in found], bool),
                )


def fit_headline(shared: Path) -> None:
    """Fit the weights by the likelihood of the gold line among the lines of its page; print held-out figures
    by site.
    """
    pages = list(candidates(shared))
    sizes = Counter((name, form) for name, form, _, _, y in pages if y.any())

    def fit(part: list[tuple[str, str, str, np.ndarray, np.ndarray]]) -> np.ndarray:
        part = [page for page in part if page[4].any()]
        share = [FORMS[form] * min(1.0, MOST_PAGES / sizes[name, form]) for name, form, *_ in part]
        lines = np.concatenate([x for *_, x, _ in part])
        gold = np.concatenate([y for *_, y in part])
        lengths = np.array([len(y) for *_, y in part])
        starts = np.cumsum(lengths) - lengths

        def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
            z = lines @ w
            likely = np.exp(z - np.repeat(np.maximum.reduceat(z, starts), lengths))
            all_, right = np.add.reduceat(likely, starts), np.add.reduceat(likely * gold, starts)
            pull = likely / np.repeat(all_, lengths) - likely * gold / np.repeat(right, lengths)
            return (share * np.log(all_ / right)).sum() + 0.25 * w @ w, lines.T @ (
                pull * np.repeat(share, lengths)
            ) + 0.5 * w

        return minimize(loss, np.zeros(len(NAMES)), jac=True, method="L-BFGS-B", options={"maxiter": 500}).x

    fold = [int(hashlib.md5(str(site).encode()).hexdigest(), 16) % 4 for _, _, site, _, _ in pages]
    held: Counter[str] = Counter()
    for k in range(4):
        w = fit([page for page, f in zip(pages, fold, strict=True) if f != k])
        for (name, form, _, x, y), f in zip(pages, fold, strict=True):
            if f == k:
                held[f"{name} {form} pages"] += 1
                held[f"{name} {form} possible"] += bool(y.any())
                held[f"{name} {form} right"] += bool(len(x) and y[np.argmax(x @ w)])
    print("held out by site:", dict(held))
    lines = [f"{n} = {x:.3f}" for n, x in sorted(zip(NAMES, fit(pages), strict=True))]
    head = (
        "# Weights of the features in headline.py: a softmax over the lines of a page, fitted to those\n"
        "# that hold the known title (scripts/bench_metadata.py --fit-headline). Held out by site, 4 folds:\n"
        + "".join(
            f"# {n}: {held[n + ' dump right']} of {held[n + ' dump pages']} pages right, "
            f"{held[n + ' dump possible']} possible\n"
            for n in FITTED
        )
    )
    (ROOT / "ingest" / "metadata" / "headline.toml").write_text(head + "[weights]\n" + "\n".join(lines) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path(os.environ.get("INGEST_SHARED", ROOT.parent / "shared")))
    parser.add_argument(
        "--only",
        nargs="+",
        choices=["html", "text", "dates", "formats"],
        default=["formats", "dates", "html", "text"],
    )
    parser.add_argument("--miss", action="store_true", help="list each value that differs from the gold")
    parser.add_argument("--fit-headline", action="store_true")
    args = parser.parse_args()
    if args.fit_headline:
        fit_headline(args.shared)
        return
    if "formats" in args.only:
        bench_formats()
    if "dates" in args.only:
        bench_dates(args.shared)
    if "html" in args.only:
        bench_html(args.shared, args.miss)
    if "text" in args.only:
        bench_text(args.shared, args.miss)


if __name__ == "__main__":
    main()
