"""What became of each line, told as plain values: the ground for `inspect`, `explain` and the report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from ingest.batches import batches
from ingest.config import Settings
from ingest.dataset import Dataset, SourceFile
from ingest.document import Batch, Document, Evidence, Outcome, Record, Reject, Role
from ingest.pipeline import Chain
from ingest.readers import Limits, find_sources
from ingest.sites import contributions
from ingest.sites.store import ContributionStore
from ingest.stages.removed import IN_TEXT


@dataclass(frozen=True, slots=True)
class Vote:
    """What one witness said of a line."""

    evidence: str
    role: str
    score: float
    rule: str | None


@dataclass(frozen=True, slots=True)
class LineView:
    """One line with its final verdict and the votes that led to it. `line` is 1-based."""

    line: int
    text: str
    kept: bool
    role: str
    evidence: str
    score: float
    rule: str | None
    stage: str | None
    language: str
    votes: list[Vote] = field(default_factory=list)
    altered_to: str | None = None
    repaired_from: str | None = None


@dataclass(frozen=True, slots=True)
class PageView:
    """One page with all its lines."""

    id: str
    source: str
    record: int
    site: str | None
    outcome: str
    reason: str
    lines: list[LineView]
    metadata: dict[str, object]
    repairs: dict[str, int]


def pages(
    arguments: list[Path], settings: Settings, *, dataset: Path | None = None, record: int | None = None
) -> Iterator[PageView | Reject]:
    """Process sources without writing anything, and tell what became of each line.

    What the sites' pages have in common is learned from these sources together with what `dataset` knows.
    """
    pipeline = Chain(settings)
    sources = [source.with_digest() for source in find_sources(arguments, settings.ignore)[0]]
    limits = Limits.of(settings)
    if settings.learn:
        known = _known(dataset, pipeline) if dataset is not None else []
        fresh = [
            part
            for source in sources
            for batch in batches(source, settings, limits)
            for part in pipeline.learn(batch, {source.path: source.digest})
        ]
        pipeline.freeze([*known, contributions.table(fresh)])
    for source in sources:
        yield from _pages_of(source, pipeline, limits, record)


def _known(path: Path, pipeline: Chain) -> list[pa.Table]:
    return ContributionStore(Dataset.open(path), pipeline.rules.version).living()


def _pages_of(source: SourceFile, pipeline: Chain, limits: Limits, record: int | None) -> Iterator[PageView | Reject]:
    for batch in batches(source, pipeline.settings, limits):
        wanted = [item for item in batch if record is None or item.number == record]
        yield from (item for item in wanted if isinstance(item, Reject))
        records = [item for item in wanted if isinstance(item, Record)]
        if records:
            labelled = pipeline.label(records)
            for position, document in enumerate(labelled.documents):
                yield view(labelled, position, document)


def view(batch: Batch, position: int, document: Document) -> PageView:
    """A labelled document as plain values."""
    lines = batch.lines
    span = lines.span(position)
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
            votes=[
                Vote(v.evidence.label, Role(int(v.role[row])).label, round(float(v.score[row]), 3), v.rule[row])
                for v in lines.votes
                if v.role[row]
            ],
            altered_to=lines.altered[row].kept if row in lines.altered else None,
            repaired_from=lines.repaired[row].before if row in lines.repaired else None,
        )
        for row in span
        if lines.texts[row]
    ]
    meta = document.meta
    return PageView(
        id=document.id,
        source=document.record.source,
        record=document.record.number,
        site=document.site,
        outcome=document.outcome.value if document.outcome is not Outcome.KEPT or rows else Outcome.EMPTY.value,
        reason=document.reason,
        lines=rows,
        metadata={
            "title": meta.title,
            "authors": meta.authors,
            "published": meta.published,
            "published_raw": meta.published_raw,
            "published_ambiguous": meta.published_ambiguous,
            "section": meta.section,
            "source": meta.source,
            "tags": meta.tags,
        },
        repairs=document.repairs,
    )
