"""Kinds of fault that people reported, in many languages, and look-alikes that must not change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tomli

import ingest

CASES = tomli.loads((Path(__file__).parent / "data" / "faults.toml").read_text(encoding="utf-8"))["case"]
COLUMNS = ("authors", "language", "published_raw", "section", "source", "title")


def wrong(case: dict[str, Any], article: dict[str, Any]) -> Iterator[str]:
    """What of a case does not hold of an article."""
    text = " ".join(article["text"].split())
    lines = {" ".join(line.split()) for line in article["text"].split("\n")}
    times = {"keep": range(1, 99), "drop": [0], "once": [1], "twice": [2]}
    for key, expected in times.items():
        yield from (f"{key} {s!r}" for s in case.get(key, ()) if text.count(s) not in expected)
    yield from (f"line {s!r}" for s in case.get("drop_lines", ()) if s in lines)
    yield from (f"{key} {article[key]!r}" for key in COLUMNS if key in case and article[key] != case[key])
    published = str(article["published"])[:10] if article["published"] else None
    if published != case.get("published", None if case.get("published_empty") else published):
        yield f"published {published}"
    yield from (f"section {s!r}" for s in case.get("section_not", ()) if article["section"] == s)
    if "languages_only" in case:
        yield from ({x["language"] for x in article["languages"]} - set(case["languages_only"]))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_fault_of_a_known_kind_stays_mended(case: dict[str, Any]) -> None:
    """Each page comes out as its case says; pages of one case are pages of one site."""
    pages = case.get("pages") or [case.get("text") or case["html"]]
    rows = [{"html" if "html" in case else "text": page.strip("\n")} for page in pages]
    pipeline = ingest.Pipeline().learn(rows)
    tables = pipeline.process(rows)
    if tables.rejected.num_rows:
        assert tables.rejected.column("outcome").to_pylist() == [case.get("or_outcome")]
        return
    assert [list(wrong(case, article)) for article in tables.articles.to_pylist()] == [[]] * len(rows)
