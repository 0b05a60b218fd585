"""Choosing the reader of an input: what the bytes say counts more than what the name says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

from ingest import plugins
from ingest.document import Record, Reject
from ingest.readers import jsonl, page
from ingest.readers.input import Input
from ingest.readers.limits import Limits

_HTML = re.compile(rb"^\s*(<!--.*?-->\s*)*(<\?xml[^>]*>\s*)?(<!doctype\s+html|<html|<head|<body)", re.I | re.S)
_HTML_TAGS = re.compile(rb"<(?:div|p|span|a|td|h[1-6]|li|meta|script)\b[^>]*>", re.I)
_TAGS_THAT_MAKE_HTML = 3
_JSON_OBJECT = re.compile(rb'^\s*\{\s*"')
_BOM = b"\xef\xbb\xbf"


class Reader(Protocol):
    """Yields a record for each page of an input, and a refusal for each part that cannot be read, numbered from 0.

    The first `skip` of them are left out, by whatever way is cheapest: a run that was stopped in the middle of a large
    source takes up there. Numbers and contents of the others must not depend on it.
    """

    def __call__(self, input: Input, limits: Limits, skip: int = 0) -> Iterator[Record | Reject]: ...


_SUFFIXES: dict[str, Reader] = {
    ".jsonl": jsonl.read,
    ".ndjson": jsonl.read,
    ".html": page.read_html,
    ".htm": page.read_html,
    ".xhtml": page.read_html,
    ".txt": page.read_text,
    ".text": page.read_text,
}


def choose(input: Input) -> Reader:
    """The reader for an input, by its first bytes and its suffix. Raises ConfigError for a broken plug-in."""
    if (name := input.suffix.lstrip(".")) in plugins.names("readers"):
        plugin: Reader = plugins.load("readers", name)
        return plugin
    named = _SUFFIXES.get(input.suffix)
    # UTF-16 and UTF-32 hide the ASCII letters behind NUL bytes; for a look at the markup they can go
    plain = input.head.removeprefix(_BOM).replace(b"\0", b"")
    if named is jsonl.read or (named is None and _JSON_OBJECT.match(plain)):
        return jsonl.read
    if _HTML.match(plain.lstrip(b"\xff\xfe")) or len(_HTML_TAGS.findall(plain)) >= _TAGS_THAT_MAKE_HTML:
        return page.read_html
    # a file called .html without one tag is text that somebody flattened and forgot to rename
    if named is page.read_html and not _HTML_TAGS.search(plain):
        return page.read_text
    return named or page.read_text
