"""A source file as a stream of batches of records, each small enough to be processed at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ingest.config import Settings
from ingest.dataset import SourceFile
from ingest.document import Outcome, Record, Reject
from ingest.readers import HEAD_BYTES, Limits, choose


def batches(source: SourceFile, settings: Settings, limits: Limits) -> Iterator[list[Record | Reject]]:
    """Records and refusals of a source in order, in lists of bounded number and size.

    A source that cannot be opened, or breaks off while it is read, yields a refusal and never raises.
    """
    batch: list[Record | Reject] = []
    size = 0
    for item in _records(source, limits):
        batch.append(item)
        size += len(item.content) if isinstance(item, Record) else 0
        if len(batch) >= settings.batch_documents or size >= settings.batch_bytes:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _records(source: SourceFile, limits: Limits) -> Iterator[Record | Reject]:
    path = Path(source.location)
    number = None
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
        for item in choose(path, head)(path, source.path, limits):
            number = item.number
            yield item
    except OSError as error:
        after = "" if number is None else f" after record {number}"
        yield Reject(
            source.path,
            0 if number is None else number + 1,
            Outcome.UNREADABLE,
            f"cannot be read{after}: {error.strerror or error}",
            "check that the file exists and may be read by the user of this run",
        )
