"""Labelled pages as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ingest.document import Batch, Document, Lines, Outcome, Votes
from ingest.roles import Evidence, Role
from ingest.stages.removed import IN_TEXT


@dataclass(frozen=True, slots=True)
class Vote:
    """What one voter said of a line; `below` is the number of the line in whose block it stands, where it is in one."""

    evidence: str
    role: str
    score: float
    rule: str | None
    below: int | None = None


@dataclass(frozen=True, slots=True)
class LineView:
    """One line with its final verdict and the votes that led to it. `line` is 1-based.

    `weights` tell for each vote what it adds to the log-odds that the line is article text.

    The votes left the line in the text (`stays`) if their `probability` came to `threshold`, the page's own; a later
    stage may have taken it as metadata, or given it back.
    """

    line: int
    text: str
    kept: bool
    role: str
    evidence: str
    score: float
    rule: str | None
    stage: str | None
    language: str
    probability: float | None = None
    threshold: float | None = None
    stays: bool | None = None
    votes: list[Vote] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    altered_to: str | None = None
    repaired_from: str | None = None


@dataclass(frozen=True, slots=True)
class PageView:
    """One page with all its lines that are not blank; `length` counts the blank ones, too."""

    id: str
    source: str
    record: int
    site: str | None
    outcome: str
    reason: str
    lines: list[LineView]
    metadata: dict[str, object]
    repairs: dict[str, int]
    length: int = 0

    def line(self, number: int) -> LineView | None:
        """The line of that number, None for a blank one or none."""
        return next((line for line in self.lines if line.line == number), None)

    def texts(self) -> list[str]:
        """All lines as the stages saw them, blank ones as ""."""
        found = [""] * self.length
        for line in self.lines:
            found[line.line - 1] = line.text
        return found


def view(batch: Batch, position: int, document: Document) -> PageView:
    """A labelled document as plain values."""
    lines = batch.lines
    span = lines.span(position)
    votes, odds = _votes(lines, span)
    heard = bool(len(lines.weights))
    rows = [
        LineView(
            line=row - span.start + 1,
            text=lines.texts[row],
            kept=lines.role[row] in IN_TEXT,
            role=Role(int(lines.role[row])).label,
            evidence=Evidence(int(lines.evidence[row])).label,
            score=round(float(lines.score[row]), 3),
            rule=lines.rule[row] or None,
            stage=lines.stage[row],
            language=lines.language[row],
            probability=odds.get(row),
            threshold=round(float(lines.threshold[row]), 4) if heard else None,
            stays=bool(lines.stays[row]) if heard else None,
            votes=[vote for vote, _ in votes.get(row, ())],
            weights=[weight for _, weight in votes.get(row, ())],
            altered_to=lines.altered[row].kept if row in lines.altered else None,
            repaired_from=lines.repaired[row].before if row in lines.repaired else None,
        )
        for row in span
        if lines.texts[row]
    ]
    return PageView(
        id=document.id,
        source=document.record.source,
        record=document.record.number,
        site=document.site,
        outcome=document.outcome.value if document.outcome is not Outcome.KEPT or rows else Outcome.EMPTY.value,
        reason=document.reason,
        lines=rows,
        metadata=_metadata(document),
        repairs=document.repairs,
        length=len(span),
    )


def _votes(lines: Lines, span: range) -> tuple[dict[int, list[tuple[Vote, float]]], dict[int, float]]:
    """Votes with their weights, and probability of all together, by row; both empty if no voter was heard."""
    if not len(lines.weights):
        return {}, {}
    votes = {
        row: [
            (_vote(v, row, span), round(float(weight[row]), 2))
            for v, weight in zip(lines.votes, lines.weights, strict=False)  # stages of others may vote later
            if v.role[row]
        ]
        for row in span
    }
    return votes, {row: round(float(1 / (1 + np.exp(-lines.log_odds[row]))), 4) for row in span}


def _vote(votes: Votes, row: int, span: range) -> Vote:
    head = -1 if votes.head is None else int(votes.head[row])
    return Vote(
        votes.voter.evidence.label,
        Role(int(votes.role[row])).label,
        round(float(votes.score[row]), 3),
        votes.rule[row],
        None if head < 0 else head - span.start + 1,
    )


def _metadata(document: Document) -> dict[str, object]:
    meta = document.meta
    return {
        "title": meta.title,
        "authors": meta.authors,
        "published": meta.published,
        "published_raw": meta.published_raw,
        "published_ambiguous": meta.published_ambiguous,
        "section": meta.section,
        "source": meta.source,
        "tags": meta.tags,
    }
