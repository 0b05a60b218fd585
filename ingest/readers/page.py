"""Inputs that hold one page each: flattened text, or HTML."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.document import Kind, Outcome, Record, Reject
from ingest.readers.input import Input
from ingest.readers.limits import Limits


def read_text(input: Input, limits: Limits, skip: int = 0) -> Iterator[Record | Reject]:
    """The one record of a text file."""
    if not skip:
        yield _read(input, limits, "text")


def read_html(input: Input, limits: Limits, skip: int = 0) -> Iterator[Record | Reject]:
    """The one record of an HTML file."""
    if not skip:
        yield _read(input, limits, "html")


def _read(input: Input, limits: Limits, kind: Kind) -> Record | Reject:
    with input.open() as stream:
        content = stream.read(limits.max_bytes + 1)
    if len(content) > limits.max_bytes:
        size = f"more than {len(content) - 1:,}" if input.size is None else f"{input.size:,}"
        return Reject(
            input.source,
            0,
            Outcome.TOO_LARGE,
            f"{size} bytes, the limit is {limits.max_bytes:,}",
            "raise max_document_bytes, or split the file into pages",
            offset=0,
            size=input.size,
        )
    if not content.strip():
        reason, remedy = "the file holds nothing but white space", "fetch the page again, or delete the file"
        return Reject(input.source, 0, Outcome.EMPTY, reason, remedy, offset=0, size=0)
    return Record(input.source, 0, content, kind, offset=0)
