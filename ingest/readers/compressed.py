"""gzip, bzip2, xz and zstd around any other format."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace

from ingest.document import Record, Reject
from ingest.readers.expand import CODECS, Codec, Expanded, codec_of
from ingest.readers.input import Input
from ingest.readers.limits import Limits


def read(input: Input, limits: Limits, skip: int = 0) -> Iterator[Record | Reject]:
    """The records of what is inside."""
    from ingest.readers.registry import records

    codec = codec_of(input.head)
    assert codec is not None
    yield from records(expanded(input, codec, limits), limits, skip)


def expanded(input: Input, codec: Codec, limits: Limits) -> Input:
    """The decompressed bytes as an input of their own; it can be opened once."""
    stream = io.BufferedReader(Expanded(input.open(), codec, limits), 1 << 20)
    inner = Input.of_stream(stream, input.source, inner_name(input.filename))
    return replace(inner, member=input.member, depth=input.depth + 1)


def inner_name(name: str) -> str:
    """The name without the suffix of its compression: a.jsonl.gz → a.jsonl, a.tgz → a.tar."""
    stem, dot, last = name.rpartition(".")
    suffix = dot + last.lower()
    if not stem or not any(suffix in codec.suffixes for codec in CODECS):
        return name
    return f"{stem}.tar" if suffix.startswith(".t") else stem
