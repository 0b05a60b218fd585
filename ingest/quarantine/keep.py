"""Bytes of rejected records to rows of the table `quarantine`, and back to records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import msgspec
import pyarrow as pa

from ingest.document import HARMLESS, Record, Records
from ingest.schema import QUARANTINE

_HARMLESS = frozenset(outcome.value for outcome in HARMLESS)


def is_held(outcome: str) -> bool:
    """Whether records of this outcome are of interest to the quarantine."""
    return outcome not in _HARMLESS


def quarantined(batch: Records, rejected: pa.Table, limit: int) -> pa.Table:
    """Rows for the rejected records of a batch that nobody asked to refuse, up to `limit` bytes of each; none for 0."""
    items = {(item.source, item.number): item for item in batch} if limit else {}
    rows = []
    for row in rejected.select(["id", "source_path", "source_record", "outcome"]).to_pylist() if limit else []:
        item = items.get((row["source_path"], row["source_record"]))
        if item is None or not item.content or not is_held(row["outcome"]):
            continue
        is_text = isinstance(item.content, str)
        content = item.content.encode("utf-8", "surrogatepass") if isinstance(item.content, str) else item.content
        whole = isinstance(item, Record) or len(content) == item.size
        row |= {
            "content": content[:limit],
            "is_text": is_text,
            "is_whole": whole and len(content) <= limit,
        }
        if isinstance(item, Record):
            beside = {field.name: getattr(item, field.name) for field in fields(Record) if field.name != "content"}
            row |= {"kind": item.kind, "record": msgspec.json.encode(beside).decode()}
        rows.append(row)
    return pa.Table.from_pylist(rows, QUARANTINE)


def record_of(row: Mapping[str, Any]) -> Record | None:
    """The record that a row of `quarantine` keeps; None if it is not whole, or no reader made a page of it."""
    if row["kind"] is None or not row["is_whole"]:
        return None
    content = row["content"].decode("utf-8", "surrogatepass") if row["is_text"] else row["content"]
    return Record(content=content, **msgspec.json.decode(row["record"]))
