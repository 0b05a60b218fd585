"""WARC and ARC: what web archives and Common Crawl (WARC, WET) store, plain or compressed record by record.

Pages come from `response`, `resource` and `conversion` records. Each of the others that stand for a page ends in
a named outcome: another HTTP status or media type, a revisit, a part of a segmented record, an unknown type. Records
about the crawl (`warcinfo`, `request`, `metadata`) are counted in the notes.
"""

from __future__ import annotations

from collections.abc import Iterator

from ingest.document import Outcome, Record, Reject
from ingest.readers.expand import Codec, codec_named, codec_of
from ingest.readers.input import Input
from ingest.readers.limits import Limits
from ingest.readers.warc import heads
from ingest.readers.warc.pages import NOT_PAGES, page_of
from ingest.readers.warc.tape import Raw, Tape
from ingest.readers.warc.walk import Gap, walk


def read(input: Input, limits: Limits, skip: int = 0) -> Iterator[Record | Reject]:
    """The records of a web archive in order, and a refusal for each stretch of bytes that holds none."""
    number = 0
    with input.open() as stream:
        tape = Tape(Raw(stream), _codec(input), limits, heads.is_start)
        for entry in walk(tape, limits.max_bytes):
            item: Record | Reject | None
            if isinstance(entry, Gap):
                item = _gap(input.source, number, entry) if number >= skip else None
            else:
                kind = entry.fields.get("warc-type", "").lower()
                if kind in NOT_PAGES and not entry.fault:
                    limits.notes[f"WARC records of type {kind} passed over"] += number >= skip
                    continue
                item = page_of(entry, input.source, number, limits) if number >= skip else None
            if item is not None:
                yield item
            number += 1
    if not number and not skip:
        reason, remedy = "the file holds no page", "check how the crawl was stored, or delete the file"
        yield Reject(input.source, 0, Outcome.EMPTY, reason, remedy, offset=0)


def _codec(input: Input) -> Codec | None:
    """The compression by the first bytes; where they are damaged, by the name."""
    if heads.is_start(input.head):
        return None
    return codec_of(input.head) or codec_named(input.filename)


def _gap(source: str, number: int, gap: Gap) -> Reject:
    if gap.too_large:
        remedy = "if this is no attack, raise max_expansion"
    else:
        remedy = "fetch the file again, or restore it from a copy; what follows was read"
    where = f"bytes {gap.start:,} to {gap.end:,} hold no record that can be read"
    outcome = Outcome.TOO_LARGE if gap.too_large else Outcome.DAMAGED
    return Reject(source, number, outcome, f"{where}: {gap.reason}", remedy, gap.start, gap.end - gap.start)
