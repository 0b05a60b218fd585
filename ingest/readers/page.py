"""Files that hold one page each: flattened text, or HTML."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.document import Kind, Outcome, Record, Reject

if TYPE_CHECKING:
    from ingest.readers.registry import Limits


def read_text(path: Path, source: str, limits: Limits) -> Iterator[Record | Reject]:
    """The one record of a text file."""
    yield _read(path, source, limits, "text")


def read_html(path: Path, source: str, limits: Limits) -> Iterator[Record | Reject]:
    """The one record of an HTML file."""
    yield _read(path, source, limits, "html")


def _read(path: Path, source: str, limits: Limits, kind: Kind) -> Record | Reject:
    size = path.stat().st_size
    if size > limits.max_bytes:
        return Reject(
            source,
            0,
            Outcome.TOO_LARGE,
            f"{size:,} bytes, the limit is {limits.max_bytes:,}",
            "raise max_document_bytes, or split the file into pages",
            offset=0,
            size=size,
        )
    content = path.read_bytes()
    if not content.strip():
        reason, remedy = "the file holds nothing but white space", "fetch the page again, or delete the file"
        return Reject(source, 0, Outcome.EMPTY, reason, remedy, offset=0, size=size)
    return Record(source, 0, content, kind, offset=0)
