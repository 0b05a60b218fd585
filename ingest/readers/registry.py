"""Choosing the reader of a file: what the bytes say counts more than what the name says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import TypeAlias

from ingest.document import Record, Reject
from ingest.readers import jsonl, page

HEAD_BYTES = 4096

_HTML = re.compile(rb"^\s*(<!--.*?-->\s*)*(<\?xml[^>]*>\s*)?(<!doctype\s+html|<html|<head|<body)", re.I | re.S)
_HTML_TAGS = re.compile(rb"<(?:div|p|span|a|td|h[1-6]|li|meta|script)\b[^>]*>", re.I)
_TAGS_THAT_MAKE_HTML = 3
_JSON_OBJECT = re.compile(rb'^\s*\{\s*"')
_BOM = b"\xef\xbb\xbf"


@dataclass(slots=True)
class Limits:
    """What a reader may spend, and what it counts on its way.

    `notes` collects things worth telling that cost no document, e.g. unknown JSON keys.
    """

    max_bytes: int
    notes: Counter[str] = field(default_factory=Counter)


Reader: TypeAlias = Callable[[Path, str, Limits], Iterator[Record | Reject]]

_SUFFIXES: dict[str, Reader] = {
    ".jsonl": jsonl.read,
    ".ndjson": jsonl.read,
    ".html": page.read_html,
    ".htm": page.read_html,
    ".xhtml": page.read_html,
    ".txt": page.read_text,
    ".text": page.read_text,
}


def choose(path: Path, head: bytes) -> Reader:
    """The reader for a file that begins with `head` (the first `HEAD_BYTES` suffice)."""
    suffix = path.suffix.lower()
    if plugin := _plugins().get(suffix.lstrip(".")):
        return plugin
    named = _SUFFIXES.get(suffix)
    # UTF-16 and UTF-32 hide the ASCII letters behind NUL bytes; for a look at the markup they can go
    plain = head.removeprefix(_BOM).replace(b"\0", b"")
    if named is jsonl.read or (named is None and _JSON_OBJECT.match(plain)):
        return jsonl.read
    if _HTML.match(plain.lstrip(b"\xff\xfe")) or len(_HTML_TAGS.findall(plain)) >= _TAGS_THAT_MAKE_HTML:
        return page.read_html
    # a file called .html without one tag is text that somebody flattened and forgot to rename
    if named is page.read_html and not _HTML_TAGS.search(plain):
        return page.read_text
    return named or page.read_text


def _plugins() -> dict[str, Reader]:
    return {point.name: point.load() for point in entry_points(group="ingest.readers")}
