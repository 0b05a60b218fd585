"""Inputs that hold one page each: flattened text, or HTML."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from ingest.document import Kind, Outcome, Record, Reject
from ingest.readers import joined_documents
from ingest.readers.input import HEAD_BYTES, Input
from ingest.readers.limits import Limits

_HTML = re.compile(rb"^\s*(<!--.*?-->\s*)*(<\?xml[^>]*>\s*)?(<!doctype\s+html|<html|<head|<body)", re.I | re.S)
_HTML_TAGS = re.compile(rb"<(?:div|p|span|a|td|h[1-6]|li|meta|script)\b[^>]*>", re.I)
_TAGS_THAT_MAKE_HTML = 3
_BOM = b"\xef\xbb\xbf"


def plain(head: bytes) -> bytes:
    """The first bytes for a look at the markup: UTF-16 and UTF-32 hide the ASCII letters behind NUL bytes."""
    return head[:HEAD_BYTES].removeprefix(_BOM).replace(b"\0", b"")


def kind_of(head: bytes, told: Kind | None = None) -> Kind:
    """What a page is by its first bytes, `told` by its name or transport. Suffixes and servers err."""
    visible = plain(head)
    if _HTML.match(visible.lstrip(b"\xff\xfe")) or len(_HTML_TAGS.findall(visible)) >= _TAGS_THAT_MAKE_HTML:
        return "html"
    # called HTML without one tag: text that somebody flattened and forgot to rename
    if told == "html" and not _HTML_TAGS.search(visible):
        return "text"
    return told or "text"


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
    if kind == "text" and (found := joined_documents.found_in(content)):
        told = f"{found.what}: it is read as one document; if each is a page: --records {shlex.quote(found.records)}"
        limits.notes[f"{input.source}: {told}"] += 1
    return Record(input.source, 0, content, kind, offset=0)
