"""Choosing the reader of an input: what the bytes say counts more than what the name says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Protocol

from ingest import plugins
from ingest.document import Kind, Outcome, Record, Reject
from ingest.readers import archive, columnar, compressed, delimited, joined, json_values, jsonl, page, warc
from ingest.readers.broken import BrokenInputError, too_deep
from ingest.readers.expand import codec_of
from ingest.readers.input import Input
from ingest.readers.limits import Limits
from ingest.readers.warc import heads

_JSON = re.compile(rb'^\s*(?:\{\s*"|\[\s*\{)')


class Reader(Protocol):
    """Yields a record for each page of an input, and a refusal for each part that cannot be read, numbered from 0.

    The first `skip` of them are left out, by whatever way is cheapest: a run that was stopped in the middle of a large
    source takes up there. Numbers and contents of the others must not depend on it.
    """

    def __call__(self, input: Input, limits: Limits, skip: int = 0) -> Iterator[Record | Reject]: ...


_SUFFIXES: dict[str, Reader] = {
    ".jsonl": jsonl.read,
    ".ndjson": jsonl.read,
    ".jl": jsonl.read,
    ".json": json_values.read,
    ".csv": delimited.read,
    ".tsv": delimited.read,
    ".tab": delimited.read,
    ".parquet": columnar.read_parquet,
    ".arrow": columnar.read_arrow,
    ".feather": columnar.read_arrow,
    ".tar": archive.read_tar,
    ".zip": archive.read_zip,
    ".html": page.read_html,
    ".htm": page.read_html,
    ".xhtml": page.read_html,
    ".txt": page.read_text,
    ".text": page.read_text,
}

# What the first bytes say without a doubt, whatever the name.
_CONTENTS: tuple[tuple[Callable[[Input], bool], Reader], ...] = (
    (lambda input: is_warc(input), warc.read),
    (lambda input: codec_of(input.head) is not None, compressed.read),
    (lambda input: archive.is_zip(input.head), archive.read_zip),
    (lambda input: archive.is_tar(input.head), archive.read_tar),
    (lambda input: input.head.startswith(columnar.PARQUET), columnar.read_parquet),
    (columnar.is_arrow, columnar.read_arrow),
)
_MARKUP = (page.read_html, page.read_text)


def records(input: Input, limits: Limits, skip: int = 0) -> Iterator[Record | Reject]:
    """All that an input holds, by the reader for it. What breaks off or cannot be opened yields a refusal."""
    following = skip
    try:
        for item in _cut(choose(input), input, limits)(_not_too_deep(input, limits), limits, skip):
            yield item if item.member or not input.member else replace(item, member=input.member)
            following += 1
        return
    except BrokenInputError as error:
        refusal = (error.outcome, error.reason, error.remedy, error.offset)
    except OSError as error:
        after = f" after record {following - 1}" if following else ""
        reason = f"cannot be read{after}: {error.strerror or error}"
        remedy = "check that the file exists and may be read by the user of this run"
        refusal = (Outcome.UNREADABLE, reason, remedy, None)
    yield Reject(input.source, following, *refusal, member=input.member)


def _not_too_deep(input: Input, limits: Limits) -> Input:
    if input.depth <= limits.max_nesting:
        return input
    raise too_deep(limits.max_nesting)


def choose(input: Input) -> Reader:
    """The reader for an input, by its first bytes and its suffix. Raises ConfigError for a broken plug-in."""
    if (name := input.suffix.lstrip(".")) in plugins.names("readers"):
        plugin: Reader = plugins.load("readers", name)
        return plugin
    for fits, reader in _CONTENTS:
        if fits(input):
            return reader
    named = _SUFFIXES.get(input.suffix)
    if named is not None and named not in _MARKUP:
        return named
    if named is None and (found := _JSON.match(page.plain(input.head))):
        return jsonl.read if found[0].endswith(b'"') else json_values.read
    told: Kind | None = None if named is None else "html" if named is page.read_html else "text"
    return page.read_html if page.kind_of(input.head, told) == "html" else page.read_text


def _cut(reader: Reader, input: Input, limits: Limits) -> Reader:
    """The reader that cuts a text file where the setting `records` says; `<doc …>` may look like markup."""
    if limits.records == "file" or reader not in _MARKUP or input.suffix in (".html", ".htm", ".xhtml"):
        return reader
    return joined.read


def is_warc(input: Input) -> bool:
    """Whether this is a web archive, which is read with its compression, member by member."""
    codec = codec_of(input.head)
    if codec is not None and not codec.by_record:
        return False
    name = PurePosixPath(compressed.inner_name(input.filename))
    head = codec.peek(input.head) if codec else input.head
    return heads.is_start(head) or name.suffix.lower() in (".warc", ".arc", ".wet", ".wat")
