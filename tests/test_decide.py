"""The decision over the votes, and the invariant that nothing is lost."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.config import Settings
from ingest.decide import LESS, decide, thresholds
from ingest.document import Batch, Document, Lines, Record, Voter, Votes
from ingest.models import dom_model, line_model
from ingest.pipeline import Chain
from ingest.roles import Evidence, Role
from ingest.stages.assemble import Stamp
from ingest.stages.removed import IN_TEXT
from ingest.votes import VOTERS, extractor, model

STAMP = Stamp("test", "hash", datetime(2026, 1, 1))


def decided(content: float, *votes: tuple[Evidence, Role, float], threshold: float = 0.3) -> tuple[Role, Evidence]:
    lines = Lines(["a line"], np.array([0, 1], np.int64))
    model = (Evidence.MODEL, Role.BODY if content >= 0.5 else Role.NAVIGATION, max(content, 1 - content))
    heard = []
    for evidence, role, score in [model, *votes]:
        roles, scores = np.array([role], np.int8), np.array([score], np.float32)
        heard.append(Votes(Voter("test", evidence, "label"), roles, scores, ["rule"]))
    decide(lines, heard, np.array([content], np.float32), np.array([threshold], np.float32))
    assert lines.score[0] > 0
    return Role(int(lines.role[0])), Evidence(int(lines.evidence[0]))


SHARE, REPEATED = Role.SHARE, Role.OTHER_BOILERPLATE


@pytest.mark.parametrize(
    ("content", "votes", "expected"),
    [
        (0.9, [], (Role.BODY, Evidence.NONE)),
        (0.35, [], (Role.BODY, Evidence.NONE)),
        (0.1, [], (Role.NAVIGATION, Evidence.MODEL)),
        (0.99, [(Evidence.RULE, SHARE, 0.95)], (SHARE, Evidence.RULE)),
        (0.99, [(Evidence.SITE, REPEATED, 0.95)], (REPEATED, Evidence.SITE)),
        (0.95, [(Evidence.SITE, REPEATED, 0.65)], (Role.BODY, Evidence.NONE)),
        (0.5, [(Evidence.SITE, REPEATED, 0.65)], (REPEATED, Evidence.SITE)),
        (0.9, [(Evidence.SITE, REPEATED, 0.95), (Evidence.RULE, SHARE, 0.9)], (SHARE, Evidence.SITE)),
        (0.2, [(Evidence.EXTRACTOR, Role.BODY, 0.8)], (Role.BODY, Evidence.NONE)),
        (0.5, [(Evidence.EXTRACTOR, REPEATED, 0.8)], (REPEATED, Evidence.EXTRACTOR)),
        (0.99, [(Evidence.EXTRACTOR, REPEATED, 0.8)], (Role.BODY, Evidence.NONE)),
        (0.9, [(Evidence.DUPLICATE, Role.CAPTION, 0.9)], (Role.CAPTION, Evidence.DUPLICATE)),
    ],
)
def test_enough_evidence_decides(
    content: float, votes: list[tuple[Evidence, Role, float]], expected: tuple[Role, Evidence]
) -> None:
    """Sure rules and sites overrule the model, doubtful voters need it; the most trusted one is named."""
    assert decided(content, *votes) == expected


def test_less_is_asked_of_pages_that_the_model_is_not_sure_of() -> None:
    """The threshold of a page of text falls with what a choice of its lines can be expected to reach, to a half."""
    names = ["sure", "doubtful", "hopeless", "empty"]
    pages = [[0.99, 0.98, 0.01], [0.5, 0.4, 0.3], [0.02, 0.01], []]
    offsets = np.cumsum([0, *map(len, pages)], dtype=np.int64)
    lines = Lines(["a line of the page"] * int(offsets[-1]), offsets)
    documents = [Document(name, Record(name, 0, "", "text"), name) for name in names]
    content = np.array([p for page in pages for p in page], np.float32)
    asked = thresholds(
        Batch(documents, lines), "balanced", content, np.ones(len(names)), Votes.silent(extractor.VOTER, len(lines))
    )
    whole = np.float32(line_model.threshold("balanced"))
    assert asked[:3].tolist() == [whole] * 3
    assert (asked[3:6] == asked[3]).all()
    assert whole / 2 < asked[3] < whole
    assert asked[6:].tolist() == pytest.approx([whole / 2] * 2)


def test_less_is_asked_of_html_pages_that_only_an_unsure_model_has_judged() -> None:
    """Where the model expects little of itself the threshold falls, unless the extractor has spoken on the page."""
    lines = Lines(["a line of the page"] * 3, np.array([0, 1, 2, 3], np.int64))
    documents = [Document(name, Record(name, 0, "", "html"), name) for name in ("sure", "unsure", "heard")]
    heard = Votes.silent(extractor.VOTER, 3)
    heard.give(2, Role.BODY, 0.8, "trafilatura")
    expected = np.array([extractor.ENOUGH, extractor.ENOUGH - 0.01, extractor.ENOUGH - 0.01])
    asked = thresholds(Batch(documents, lines), "balanced", np.full(3, 0.5, np.float32), expected, heard)
    usual = dom_model.threshold("balanced")
    assert asked.tolist() == pytest.approx([usual, LESS * usual, usual])


@pytest.mark.parametrize("order", [1, -1])
def test_voters_name_what_takes_a_line_out_in_their_own_order(order: int) -> None:
    """Of several that speak against a line the first of `VOTERS` is named, in whatever order their votes come."""
    lines, silent = Lines(["a line"], np.array([0, 1], np.int64)), Votes.silent(model.VOTER, 1)
    heard = []
    for voter in VOTERS:
        if voter is not model.VOTER:
            heard.append(Votes.silent(voter, 1))
            heard[-1].give(0, Role.SHARE, 0.95, voter.name)
    decide(lines, [*heard[1:], silent][::order], np.array([0.9], np.float32), np.array([0.3], np.float32))
    assert lines.rule == [VOTERS[1].name]
    assert [votes.voter for votes in lines.votes] == list(VOTERS[1:])


def test_order_of_voters_does_not_matter() -> None:
    """Votes may come in any order."""
    votes = [(Evidence.SITE, REPEATED, 0.9), (Evidence.RULE, SHARE, 0.9)]
    assert decided(0.8, *votes) == decided(0.8, *reversed(votes))


def test_threshold_moves_the_decision() -> None:
    """The knob decides what happens to doubtful lines."""
    assert decided(0.4, threshold=0.2)[0] is Role.BODY
    assert decided(0.4, threshold=0.6)[0] is not Role.BODY


@pytest.mark.parametrize(("kept", "heard"), [([1, 0, 0, 0], False), ([1, 1, 0, 0], True)])
def test_extractor_that_lost_the_article_is_not_heard(kept: list[int], heard: bool) -> None:
    """Where the extractor keeps a fraction of what the model is sure of, it took something else for the article."""
    texts = ["A teaser of some words.", "x" * 200, "y" * 200, "z" * 200]
    lines = Lines(texts, np.array([0, 4], np.int64))
    votes = Votes.silent(extractor.VOTER, 4)
    for row, keep in enumerate(kept):
        votes.give(row, Role.BODY if keep else REPEATED, 0.8, "trafilatura")
    left = extractor.without_lost_pages(votes, lines, np.array([0.9, 0.95, 0.95, 0.95], np.float32))
    assert bool(left.role.any()) is heard


PHRASES = (
    "Send to a friend", "See also", "Newsletter", "Share", "12/10/2019", "by Vera Pond", "Пікір қалдыру",
    "• 16x9 Image", "He said so. Read more", "",
)  # fmt: skip
LINE = st.one_of(st.sampled_from(PHRASES), st.text(max_size=120).map(lambda s: s.replace("\r", " ")))
PIPELINE = Chain(Settings())


@settings(max_examples=120, deadline=None)
@given(st.lists(LINE, min_size=1, max_size=25))
def test_kept_and_removed_are_everything(lines: list[str]) -> None:
    """Each non-blank line of a page is either in the text or a row of `removed`, with role, evidence and score."""
    [rows] = PIPELINE.process([Record("p.txt", 0, "\n".join(lines), "text")], STAMP)
    batch = PIPELINE.label([Record("p.txt", 0, "\n".join(lines), "text")])
    texts = [(n + 1, text) for n, text in enumerate(batch.lines.texts) if text]
    removed = rows.removed.to_pylist()
    kept = {n for n, _ in texts if batch.lines.role[n - 1] in IN_TEXT}
    gone = [row["line"] for row in removed if row["altered_to"] is None]
    assert rows.articles.num_rows + rows.rejected.num_rows == 1
    assert sorted([*kept, *gone]) == [n for n, _ in texts] or not texts
    assert all(row["role"] and row["evidence"] != "none" and row["score"] > 0 for row in removed)
    if rows.articles.num_rows:
        [article] = rows.articles.to_pylist()
        altered = {row["line"]: row["altered_to"] for row in removed if row["altered_to"] is not None}
        whole = [altered.get(n, text).strip() for n, text in texts if n in kept]
        assert article["text"].split() == " ".join(whole).split()
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
