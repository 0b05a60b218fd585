"""What stands beside a page in its batch, and what becomes of it there, changes no row of the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import FrozenInstanceError
from datetime import datetime
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.config import Settings
from ingest.document import Batch, Record
from ingest.pipeline import Chain
from ingest.stages.assemble import Rows, Stamp
from ingest.stages.extra import with_stage
from ingest.stages.order import STAGES

STAMP = Stamp("test", "hash", datetime(2026, 1, 1))
SENTENCE = "The surveyors came back with a longer rope and measured the pond from the north side to the south side."
CANONICAL = (
    '<html><head><title>The pond</title><link rel="canonical" href="https://pond.example/{0}"></head>'
    "<body><nav>Home</nav><article><h1>The pond, again</h1><p>{1}</p><p>Nobody knows why, said no. {0}.</p></article>"
    "</body></html>"
)
PAGES = (
    Record("a.jsonl", 0, CANONICAL.format(0, SENTENCE), "html"),
    Record("a.jsonl", 1, CANONICAL.format(1, SENTENCE), "html", url="https://lake.example/1"),
    Record(
        "a.jsonl", 2, f"CafÃ© at the pond\n\nBy A. Reed\n\n{SENTENCE}", "text", given={"title": "CafÃ© at the pond"}
    ),
    Record("a.jsonl", 3, f"{SENTENCE}\n\nSend to a friend".encode("utf-16"), "text", defects={"cut off": 1}),
    Record("a.jsonl", 4, b"\x00\x01\x02\xff" * 50, "text"),
    Record("a.jsonl", 5, CANONICAL.format(5, SENTENCE), "html", given={"fetched_at": "2021-10-12T09:40:00Z"}),
)
TABLES = ("articles", "removed", "rejected")


def _rows(parts: Sequence[Rows]) -> dict[int, dict[str, list[dict[str, Any]]]]:
    """The rows of each record, by table."""
    found: dict[int, dict[str, list[dict[str, Any]]]] = {page.number: {name: [] for name in TABLES} for page in PAGES}
    for part in parts:
        for name in TABLES:
            for row in getattr(part, name).to_pylist():
                found[row["source_record"]][name].append(row)
    return found


def _failing(numbers: set[int], after: str) -> Chain:
    """A chain in which these records fail behind a stage."""

    def fail(batch: Batch) -> Batch:
        if any(document.record.number in numbers for document in batch.documents):
            raise ValueError("made to fail")
        return batch

    with mock.patch("ingest.pipeline.with_plugins", return_value=with_stage(STAGES, after, "failing", fail)):
        return Chain(Settings())


UNDISTURBED = _rows(Chain(Settings()).process(PAGES, STAMP))


@settings(max_examples=25, deadline=None)
@given(st.sets(st.sampled_from(range(len(PAGES)))), st.sampled_from([stage.name for stage in STAGES]), st.randoms())
def test_a_failing_page_changes_no_row_of_its_neighbours(failing: set[int], after: str, random: Any) -> None:
    """Whichever pages fail, at whichever stage and in any order: the others' rows stay equal, theirs tell of it."""
    pages = list(PAGES)
    random.shuffle(pages)
    found = _rows(_failing(failing, after).process(pages, STAMP))
    for number, rows in found.items():
        if number in failing:
            assert [row["outcome"] for row in rows["rejected"]] == ["failed"]
            assert not rows["articles"]
        else:
            assert rows == UNDISTURBED[number]


def test_work_on_a_record_leaves_it_as_it_was_read() -> None:
    """The same records give the same rows again, and nothing can be written into one."""
    chain = Chain(Settings())
    assert _rows(chain.process(PAGES, STAMP)) == _rows(chain.process(PAGES, STAMP)) == UNDISTURBED
    assert PAGES[0].url is None
    with pytest.raises(FrozenInstanceError):
        PAGES[0].url = "https://pond.example/0"  # type: ignore[misc]


def test_an_address_that_only_the_page_declares_is_in_its_row() -> None:
    """It names the page, but no site: what learning took for the page's site must hold when it is labelled, too."""
    [row] = UNDISTURBED[0]["articles"]
    assert (row["url"], row["site"]) == ("https://pond.example/0", None)
