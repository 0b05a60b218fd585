"""Readers turn an input into records; they neither decode nor interpret pages.

A reader is a callable `(input, limits, skip=0) -> Iterator[Record | Reject]` that streams: its memory is bounded by the
largest record that the limits allow. `choose` finds the reader by content first and suffix second; other packages add
readers by the entry point group `ingest.readers`, named by suffix.
"""

from ingest.readers import jsonl, page
from ingest.readers.input import HEAD_BYTES, Input
from ingest.readers.limits import Limits
from ingest.readers.registry import Reader, choose, records
from ingest.readers.sources import find_sources, roots_of

__all__ = ["HEAD_BYTES", "Input", "Limits", "Reader", "choose", "find_sources", "jsonl", "page", "records", "roots_of"]
