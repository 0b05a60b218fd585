"""What a caller may hand in as pages, as records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import pyarrow as pa

from ingest.document import Kind, Outcome, Record, Reject
from ingest.errors import SourceError
from ingest.readers import HEAD_BYTES, Limits, page, rows

Pages: TypeAlias = Any
"""Rows with `text` or `html` and, where known, `url`, `id`, `title`, `published`, `authors`, `section`, `tags`,
`standfirst`, `language`, `fetched_at`: mappings, or whatever speaks the Arrow PyCapsule interface
(arrow.apache.org/docs/format/CDataInterface/PyCapsuleInterface.html), such as a pyarrow table or record batch, a Polars
or pandas frame, a DuckDB relation. Other names of columns do as in files."""

_ROWS = 256  # that are Python objects at the same time


def records_of(pages: Pages, source: str, first: int, limits: Limits) -> Iterator[Record | Reject]:
    """The rows as records of `source`, numbered from `first`; a row without a page becomes a refusal.

    Raises:
        SourceError: `pages` is no table and no iterable of mappings.
    """
    for number, row in enumerate(_rows(pages), first):
        if not isinstance(row, Mapping):
            raise _not_pages(row)
        yield rows.record_of(row, source, number, limits)


def page_record(
    content: str | bytes, url: str | None, source: str, kind: Kind | None, charset: str | None, limits: Limits
) -> Record | Reject:
    """One page; where `kind` is not given, its first characters tell HTML from text.

    Raises:
        TypeError: `content` is neither `str` nor `bytes`.
    """
    if not isinstance(content, str | bytes):
        raise TypeError(f"a page is str or bytes, not {type(content).__name__}")
    if len(content) > limits.max_bytes:
        reason = f"{len(content):,} bytes or characters, the limit is {limits.max_bytes:,}"
        return Reject(source, 0, Outcome.TOO_LARGE, reason, "raise max_document_bytes, or split the page")
    return Record(source, 0, content, kind or _kind(content), url=url, charset=charset)


def _kind(content: str | bytes) -> Kind:
    head = content[:HEAD_BYTES]
    return page.kind_of(head.encode("utf-8", "replace") if isinstance(head, str) else head)


def _rows(pages: Pages) -> Iterator[Any]:
    if isinstance(pages, pa.RecordBatch):
        pages = pa.Table.from_batches([pages])
    if hasattr(pages, "__arrow_c_stream__"):
        for batch in pa.RecordBatchReader.from_stream(pages):
            for start in range(0, len(batch), _ROWS):
                yield from batch.slice(start, _ROWS).to_pylist()
    elif isinstance(pages, Mapping | str | bytes) or not hasattr(pages, "__iter__"):
        raise _not_pages(pages)
    else:
        yield from pages


def _not_pages(thing: Any) -> SourceError:
    return SourceError(
        f"{type(thing).__name__} is no collection of pages",
        hint='give a table, or a list of rows such as {"text": …, "url": …}; one page alone goes to ingest.clean',
    )
