"""Pages that break parsers: each ends in an outcome with a reason, in bounded time."""

from __future__ import annotations

import base64
import json
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.config import Settings
from ingest.document import Record
from ingest.pipeline import Chain
from ingest.stages.assemble import Stamp

CASES = json.loads((Path(__file__).parent / "bad_pages.json").read_text(encoding="utf-8"))
STAMP = Stamp("test", "hash", datetime(2026, 1, 1))
SECONDS = 20.0  # of processor time; each takes about one
CHAIN = Chain(Settings())


def content_of(case: dict[str, Any]) -> bytes:
    if "base64" in case:
        return base64.b64decode(case["base64"])
    return "".join(text * times for text, times in case["html"]).encode()


def outcome_of(content: bytes, chain: Chain = CHAIN) -> tuple[str, str, str]:
    """(outcome, reason, text) of a page; it has exactly one row."""
    [rows] = chain.process([Record("p.html", 0, content, "html", url="https://pond.example/a")], STAMP)
    assert rows.articles.num_rows + rows.rejected.num_rows == 1
    if rows.articles.num_rows:
        return "kept", "", rows.articles["text"][0].as_py()
    return rows.rejected["outcome"][0].as_py(), rows.rejected["reason"][0].as_py(), ""


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_bad_page(case: dict[str, Any]) -> None:
    """Whatever the page is, it ends in one of the outcomes named, and what it holds is kept where it can be."""
    start = time.process_time()
    outcome, reason, text = outcome_of(content_of(case))
    assert time.process_time() - start < SECONDS
    assert outcome in case["outcomes"], reason
    assert case.get("reason", "") in reason
    assert case.get("holds", "") in text
    assert "lacks" not in case or case["lacks"] not in text


PARAGRAPH = (
    "<p>The pond number {} is deep and wide, said the keeper of it on <a href='/m'>Monday</a>, and so it was.</p>\n"
)


@pytest.mark.parametrize("size", [3_000_000, pytest.param(49_000_000, marks=pytest.mark.slow)])
def test_large_page_takes_time_in_proportion(size: int) -> None:
    """A page of many megabytes is read like any other; neither extractor nor search goes through it."""
    page = "".join(map(PARAGRAPH.format, range(size // len(PARAGRAPH)))).encode()
    start = time.process_time()
    outcome, _, text = outcome_of(page)
    assert outcome == "kept"
    assert "pond number 7 " in text
    assert time.process_time() - start < 10 + 10 * size / 1e6
