"""A source file as a stream of batches of records, each small enough to be processed at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

import msgspec

from ingest.config import Settings
from ingest.dataset import SourceFile
from ingest.document import Outcome, Record, Reject
from ingest.readers import Input, Limits, records
from ingest.readers.ahead import Opening


def batches(
    source: SourceFile, settings: Settings, limits: Limits, skip: int = 0, opening: Opening | None = None
) -> Iterator[list[Record | Reject]]:
    """Records and refusals of a source in order, in lists of bounded number and size.

    `skip` leaves out that many from the start, to take up in the middle of a large source; the others come as they
    would without it. `opening` gives its input, which may have been fetched ahead. A source that cannot be opened, or
    breaks off while it is read, yields a refusal and never raises.
    """
    return _in_batches(_records(source, limits, skip, opening or partial(Input.of_source, source)), settings)


def batches_of(input: Input, settings: Settings, limits: Limits) -> Iterator[list[Record | Reject]]:
    """As `batches`, for what is no file."""
    return _in_batches(records(input, limits), settings)


def _in_batches(items: Iterable[Record | Reject], settings: Settings) -> Iterator[list[Record | Reject]]:
    batch: list[Record | Reject] = []
    size = 0
    for item in items:
        batch.append(item)
        size += len(item.content)
        if len(batch) >= settings.batch_documents or size >= settings.batch_bytes:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _records(source: SourceFile, limits: Limits, skip: int, opening: Opening) -> Iterator[Record | Reject]:
    if source.is_folder:
        remedy = "check that it may be read by the user of this run, and its disk or store"
        yield from [Reject(source.path, None, Outcome.UNREADABLE, source.error, remedy)][skip:]
        return
    if source.fault:
        remedy = "mend the sidecar; its pages are read again then"
        reason = f"sidecar: {source.fault}"
        yield from [Reject(source.path, None, Outcome.DAMAGED, reason, remedy)][skip:]
        return
    try:
        input = opening()
    except OSError as error:
        reason = f"cannot be read: {error.strerror or error}"
        remedy = "check that the file exists and may be read by the user of this run"
        yield Reject(source.path, skip, Outcome.UNREADABLE, reason, remedy)
    else:
        found = records(input, limits, skip)
        yield from (_with_said(item, source.said) for item in found) if source.said else found


def _with_said(item: Record | Reject, said: str) -> Record | Reject:
    """A page with what its sidecar says, which goes before what the page's own file says."""
    given: dict[str, str] = msgspec.json.decode(said)
    url = given.pop("url", item.url)
    if isinstance(item, Reject):
        return replace(item, url=url)
    return replace(item, url=url, given={**item.given, **given})


def gathered(parts: Iterable[list[Record | Reject]], settings: Settings) -> Iterator[list[Record | Reject]]:
    """Small batches in a row as one, whatever their sources: a page by itself costs several times its share."""
    joined: list[Record | Reject] = []
    size = 0
    for part in parts:
        more = sum(len(item.content) for item in part)
        full = len(joined) + len(part) > settings.batch_documents or size + more > settings.batch_bytes
        if joined and full:
            yield joined
            joined, size = [], 0
        joined = joined + part if joined else part
        size += more
    if joined:
        yield joined
