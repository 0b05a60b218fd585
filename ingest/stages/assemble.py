"""Labelled lines to rows of the three tables.

Nothing is decided here; this is where kept + removed = everything is checked.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from itertools import chain, pairwise
from typing import Any

import numpy as np
import pyarrow as pa

from ingest import __version__, language
from ingest.document import Batch, Document, Lines, Outcome, Record, Reject
from ingest.lines.scan import Codes, gathered
from ingest.schema import ARTICLES, REJECTED
from ingest.stages import structure
from ingest.stages.count import count_words
from ingest.stages.decode import text_of
from ingest.stages.paragraphs import paragraphs, starts
from ingest.stages.removed import IN_TEXT, among, removed
from ingest.stages.repetition import repetition

STAGE = "assemble"

SAMPLE = 200  # characters of a rejected record that are shown

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")


@dataclass(frozen=True, slots=True)
class Stamp:
    """What all rows of a run have in common."""

    pipeline_version: str
    config_hash: str
    ingested_at: datetime  # UTC, naive

    @classmethod
    def now(cls, config_hash: str) -> Stamp:
        """Of this program and second; SOURCE_DATE_EPOCH (reproducible-builds.org) fixes it for repeatable output."""
        fixed = os.environ.get("SOURCE_DATE_EPOCH")
        moment = datetime.fromtimestamp(int(fixed), timezone.utc) if fixed else datetime.now(timezone.utc)
        return cls(__version__, config_hash, moment.replace(tzinfo=None, microsecond=0))


@dataclass(slots=True)
class Rows:
    """The output of a batch, one record batch a table; the seconds that each stage took; and counts by site."""

    articles: pa.RecordBatch
    removed: pa.RecordBatch
    rejected: pa.RecordBatch
    seconds: dict[str, float] = field(default_factory=dict)
    repetition: pa.RecordBatch | None = None


def assemble(batch: Batch, stamp: Stamp, *, min_words: int, engine: language.Engine, markdown: bool = False) -> Rows:
    """Rows of a batch whose lines all have their final role; `markdown`: how the text of HTML pages is written.

    Raises:
        AssertionError: a line is neither in the text nor among the removed ones; a fault of the program.
    """
    started = time.perf_counter()
    bodies = [
        _paragraphs(batch, position, markdown) if document.outcome is Outcome.KEPT else _NO_TEXT
        for position, document in enumerate(batch.documents)
    ]
    texts = ["\n\n".join(body.paragraphs) for body in bodies]
    pages = [text.split("\n") for text in texts]
    lines = _codes(list(chain.from_iterable(pages)), batch.lines)
    first = np.cumsum([0, *map(len, pages)], dtype=np.int64)[:-1]
    n_words = np.add.reduceat(count_words(lines), first).tolist()
    articles, rejected = [], []
    left = removed(batch)
    summaries = [language.summarise(spans) for spans in language.spans_many(texts, engine, lines)]
    for position, (document, body, text, summary) in enumerate(
        zip(batch.documents, bodies, texts, summaries, strict=True)
    ):
        words = n_words[position]
        gone = left.gone[position]
        if document.outcome is Outcome.KEPT:
            span = batch.lines.span(position)
            total = len(span) - batch.lines.texts[span.start : span.stop].count("")
            assert body.kept + gone == total, f"{document.id}: {total} lines, {body.kept} kept and {gone} removed"
            _judge_length(document, words, min_words)
        if document.outcome is Outcome.KEPT:
            counts: dict[str, Any] = {"removed_lines": gone, "removed_share": left.share[position]}
            counts |= {"text_lines": body.lines, "n_words": words}
            articles.append(_article(document, text, summary, counts) | _stamp(stamp))
        else:
            rejected.append(_rejected(document) | _stamp(stamp))
    rows = Rows(
        pa.RecordBatch.from_pylist(articles, schema=ARTICLES),
        left.rows,
        pa.RecordBatch.from_pylist(rejected, schema=REJECTED),
        dict(batch.seconds),
        repetition(batch),
    )
    rows.seconds[STAGE] = time.perf_counter() - started
    return rows


def assemble_rejects(rejects: Iterable[tuple[str, Reject]], stamp: Stamp) -> pa.RecordBatch:
    """Rows for records, given with their id, that no reader could turn into a document."""
    rows = [
        {
            "id": identifier,
            "source_path": reject.source,
            "source_record": reject.number,
            "source_member": reject.member,
            "source_id": reject.id,
            "url": reject.url,
            "outcome": reject.outcome.value,
            "reason": reject.reason,
            "remedy": reject.remedy or None,
            "byte_offset": reject.offset,
            "n_bytes": reject.size,
            "sample": printable(reject.sample) or None,
        }
        | _stamp(stamp)
        for identifier, reject in rejects
    ]
    return pa.RecordBatch.from_pylist(rows, schema=REJECTED)


def printable(text: str) -> str:
    """The first characters of a text, safe to print: no control characters, no bidi overrides."""
    return _UNPRINTABLE.sub(" ", text[:SAMPLE]).strip()


@dataclass(frozen=True, slots=True)
class _Body:
    """Paragraphs of an article, the 1-based line of the page at which each begins, and how many lines they hold."""

    paragraphs: list[str]
    lines: list[int]
    kept: int


_NO_TEXT = _Body([], [], 0)


def _paragraphs(batch: Batch, position: int, markdown: bool) -> _Body:
    lines = batch.lines
    first, end = lines.span(position).start, lines.span(position).stop
    rows = (np.flatnonzero(among(lines.role[first:end], *IN_TEXT)) + first).tolist()
    count = sum(lines.texts[row] != "" for row in rows)
    cuts = lines.altered
    rows = [row for row in rows if (cuts[row].kept if row in cuts else lines.texts[row]).strip()]
    texts = [cuts[row].kept if row in cuts else lines.texts[row] for row in rows]
    follows = [row == before + 1 for before, row in pairwise([-1, *rows])]
    numbers = [row - first + 1 for row in rows]
    if batch.documents[position].record.kind == "html":
        within = lines.within[rows].tolist()
        pieces = list(map(structure.Piece, texts, within, follows, numbers))
        blocks = structure.markdown(pieces) if markdown else structure.plain(pieces)
        return _Body([block.text for block in blocks], [block.line for block in blocks], count)
    texts = [text.strip() for text in texts]
    return _Body(paragraphs(texts, follows), [numbers[place] for place in starts(texts, follows)], count)


def _codes(texts: Sequence[str], lines: Lines) -> Codes:
    """The code points of lines of articles, most of which are lines of the pages."""
    rows = np.flatnonzero(among(lines.role, *IN_TEXT)).tolist()
    return gathered(texts, {lines.texts[row].strip(): row for row in rows}, lines.codes)


def _judge_length(document: Document, words: int, min_words: int) -> None:
    if not words:
        document.reject(
            Outcome.NOT_ARTICLE,
            "no line of the page looks like article text",
            "see its lines with `ingest explain`; a rule or --keep recall may bring some back",
        )
    elif words < min_words:
        document.reject(Outcome.TOO_SHORT, f"{words} words, the limit is {min_words}", "lower min_words")


def _article(document: Document, text: str, summary: language.Summary, counts: dict[str, Any]) -> dict[str, Any]:
    record, meta = document.record, document.meta
    undetermined = summary.language == language.UNDETERMINED
    return {
        "id": document.id,
        "source_path": record.source,
        "source_record": record.number,
        **_place(record),
        "source_offset": record.offset,
        "source_length": record.length,
        "url": document.url,
        "site": document.site,
        "title": meta.title,
        "standfirst": meta.standfirst,
        "authors": meta.authors,
        "published": meta.published,
        "published_precision": meta.published_precision,
        "published_raw": meta.published_raw,
        "published_ambiguous": meta.published_ambiguous,
        "published_from": meta.published_from,
        "modified": meta.modified,
        "section": meta.section,
        "source": meta.source,
        "tags": meta.tags,
        "language": record.given.get("language", summary.language) if undetermined else summary.language,
        "language_score": summary.score,
        "languages": [{"language": label, "share": share} for label, share in summary.languages],
        "segments": [{"start": a, "end": b, "language": label} for a, b, label in summary.segments],
        "text": text,
        "text_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "encoding": document.encoding,
        "encoding_declared": document.encoding_declared,
        "repairs": [f"{name}×{count}" for name, count in sorted(document.repairs.items())],
        "fetched_at": meta.fetched_at,
        **counts,
    }


def _rejected(document: Document) -> dict[str, Any]:
    content = document.record.content
    sample = content[:SAMPLE] if isinstance(content, str) else content[:SAMPLE].decode("latin-1")
    return {
        "id": document.id,
        "source_path": document.record.source,
        "source_record": document.record.number,
        **_place(document.record),
        "url": document.url,
        "outcome": document.outcome.value,
        "reason": document.reason,
        "remedy": document.remedy or None,
        "byte_offset": document.record.offset,
        "n_bytes": len(content) if document.record.length is None else document.record.length,
        "sample": printable(text_of(document) or sample) or None,
    }


def _place(record: Record) -> dict[str, Any]:
    return {"source_member": record.member, "source_id": record.given.get("id")}


def _stamp(stamp: Stamp) -> dict[str, Any]:
    return {
        "pipeline_version": stamp.pipeline_version,
        "config_hash": stamp.config_hash,
        "ingested_at": stamp.ingested_at,
    }
