"""Pages that stand in an article's place end as not-article; articles about such things do not."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.config import Settings
from ingest.document import Record
from ingest.pipeline import Chain
from ingest.stages.assemble import Stamp
from ingest.stages.refuse import phrases

CASES = json.loads((Path(__file__).parent / "refuse_cases.json").read_text(encoding="utf-8"))
STAMP = Stamp("test", "hash", datetime(2026, 1, 1))
CHAIN = Chain(Settings())


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_refusal(case: dict[str, Any]) -> None:
    """Three things must come together: the title says it, hardly any text is left, nobody signed it."""
    body = "".join(case["body"].replace("#", str(n)) for n in range(case.get("times", 1)))
    page = f"<html><head><title>{case['title']}</title>{case.get('head', '')}</head><body>{body}</body></html>"
    [rows] = CHAIN.process([Record("p.html", 0, page, "html")], STAMP)
    reasons = rows.rejected["reason"].to_pylist()
    refused = [reason for reason in reasons if reason.split(":")[0] in set(phrases().values())]
    assert bool(refused) is bool(case["refused"])
    if refused:
        assert refused[0].startswith(case["refused"])
        assert rows.rejected["outcome"].to_pylist() == ["not-article"]


def test_phrases_are_keys() -> None:
    """No phrase is so short that a word of a title could be it by chance, figures apart."""
    assert all(len(phrase) >= 5 or phrase.isdigit() or not phrase.isascii() for phrase in phrases())
