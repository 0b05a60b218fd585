"""The decision over the witnesses' votes, and the invariant that nothing is lost."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.config import Settings
from ingest.document import Evidence, Lines, Record, Role, Verdicts
from ingest.pipeline import Pipeline
from ingest.stages.assemble import IN_TEXT, Stamp
from ingest.stages.label import decide

STAMP = Stamp("test", "hash", datetime(2026, 1, 1))


def decided(*votes: tuple[Evidence, Role, float]) -> tuple[Role, Evidence, float]:
    lines = Lines(["a line"], np.array([0, 1], np.int64))
    for evidence, role, score in votes:
        lines.votes.append(Verdicts("test", evidence, np.array([role], np.int8), np.array([score], np.float32), ["rule"]))
    decide(lines)
    return Role(int(lines.role[0])), Evidence(int(lines.evidence[0])), round(float(lines.score[0]), 3)


@pytest.mark.parametrize(
    ("votes", "expected"),
    [
        ([(Evidence.RULE, Role.UNKNOWN, 0.0)], (Role.BODY, Evidence.NONE)),
        ([(Evidence.RULE, Role.SHARE, 0.95)], (Role.SHARE, Evidence.RULE)),
        ([(Evidence.SITE, Role.OTHER_BOILERPLATE, 0.5)], (Role.BODY, Evidence.NONE)),
        ([(Evidence.SITE, Role.OTHER_BOILERPLATE, 0.5), (Evidence.MODEL, Role.RELATED, 0.6)], (Role.RELATED, Evidence.SITE)),
        ([(Evidence.SITE, Role.OTHER_BOILERPLATE, 0.9), (Evidence.RULE, Role.SHARE, 0.9)], (Role.SHARE, Evidence.SITE)),
        ([(Evidence.SITE, Role.OTHER_BOILERPLATE, 0.5), (Evidence.RULE, Role.SHARE, 0.9)], (Role.SHARE, Evidence.RULE)),
        ([(Evidence.EXTRACTOR, Role.BODY, 0.8)], (Role.BODY, Evidence.NONE)),
        ([(Evidence.EXTRACTOR, Role.BODY, 0.8), (Evidence.RULE, Role.SHARE, 0.9)], (Role.SHARE, Evidence.RULE)),
        ([(Evidence.DUPLICATE, Role.CAPTION, 0.9)], (Role.CAPTION, Evidence.DUPLICATE)),
    ],
)  # fmt: skip
def test_enough_evidence_decides(
    votes: list[tuple[Evidence, Role, float]], expected: tuple[Role, Evidence]
) -> None:
    """One sure witness or two doubtful ones; the specific role wins, the most trusted sure witness is named."""
    assert decided(*votes)[:2] == expected


def test_order_of_witnesses_does_not_matter() -> None:
    """Votes may come in any order."""
    votes = [(Evidence.SITE, Role.OTHER_BOILERPLATE, 0.9), (Evidence.RULE, Role.SHARE, 0.9)]
    assert decided(*votes) == decided(*reversed(votes))


PHRASES = ["Send to a friend", "See also", "Newsletter", "Share", "12/10/2019", "by Vera Pond", "Пікір қалдыру", "• 16x9 Image", ""]
LINE = st.one_of(st.sampled_from(PHRASES), st.text(max_size=120).map(lambda s: s.replace("\r", " ")))
PIPELINE = Pipeline(Settings())


@settings(max_examples=120, deadline=None)
@given(st.lists(LINE, min_size=1, max_size=25))
def test_kept_and_removed_are_everything(lines: list[str]) -> None:
    """Each non-blank line of a page is either in the text or a row of `removed`, once, with role, evidence and score."""
    [rows] = PIPELINE.process([Record("p.txt", 0, "\n".join(lines), "text")], STAMP)
    batch = PIPELINE.label([Record("p.txt", 0, "\n".join(lines), "text")])
    texts = [(n + 1, text) for n, text in enumerate(batch.lines.texts) if text]
    removed = rows.removed.to_pylist()
    kept = {n for n, _ in texts if batch.lines.role[n - 1] in IN_TEXT}
    gone = [row["line"] for row in removed]
    assert rows.articles.num_rows + rows.rejected.num_rows == 1
    assert sorted([*kept, *gone]) == [n for n, _ in texts] or not texts
    assert all(row["role"] and row["evidence"] != "none" and row["score"] > 0 for row in removed)
    if rows.articles.num_rows:
        [article] = rows.articles.to_pylist()
        assert article["text"].split("\n\n") == [text.strip() for n, text in texts if n in kept and text.strip()]
        assert article["removed_lines"] == len(gone)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(LINE, min_size=1, max_size=12), min_size=2, max_size=4))
def test_a_document_does_not_depend_on_its_neighbours(pages: list[list[str]]) -> None:
    """The rows of a page are the same alone and in a batch."""
    records = [Record("p.jsonl", n, "\n".join(lines), "text") for n, lines in enumerate(pages)]
    together = PIPELINE.process(records, STAMP)
    alone = [rows for record in records for rows in PIPELINE.process([record], STAMP)]
    for table in ("articles", "removed", "rejected"):
        assert [row for rows in together for row in getattr(rows, table).to_pylist()] == [
            row for rows in alone for row in getattr(rows, table).to_pylist()
        ]
