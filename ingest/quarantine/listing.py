"""What the quarantine of a dataset holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from ingest.dataset import Snapshot
from ingest.dataset.layout import QUARANTINE
from ingest.errors import QuarantineError
from ingest.quarantine.keep import is_held

_COLUMNS = ("id", "source_path", "source_record", "outcome", "reason", "remedy", "byte_offset", "n_bytes")


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A record that could not be used. `kept_bytes` of its `n_bytes` are in quarantine."""

    id: str
    source_path: str
    source_record: int | None
    outcome: str
    reason: str
    remedy: str | None
    byte_offset: int | None
    n_bytes: int | None
    kept_bytes: int


def held(dataset: Snapshot) -> list[Held]:
    """All records in quarantine, by source and record."""
    import pyarrow.compute as pc

    tables = dataset.tables({"rejected": _COLUMNS, QUARANTINE: ("id", "content")})
    sizes = pc.binary_length(tables[QUARANTINE]["content"]).to_pylist()
    kept = dict(zip(tables[QUARANTINE]["id"].to_pylist(), sizes, strict=True))
    found = [
        Held(**row, kept_bytes=kept.get(row["id"], 0))
        for row in tables["rejected"].to_pylist()
        if is_held(row["outcome"])
    ]
    return sorted(found, key=lambda item: (item.source_path, item.source_record or 0))


def find(items: Iterable[Held], identifiers: Iterable[str]) -> list[Held]:
    """The records that the identifiers, or beginnings of them, name; all of them where there are none.

    Raises QuarantineError where one names nothing, or several records.
    """
    items = list(items)
    chosen: dict[str, Held] = {}
    for identifier in identifiers:
        matching = [item for item in items if item.id.startswith(identifier)]
        if len(matching) != 1:
            what = "several records in quarantine begin with" if matching else "nothing in quarantine has"
            raise QuarantineError(f"{what} the id {identifier!r}", hint="`ingest quarantine list` shows them")
        chosen[matching[0].id] = matching[0]
    return list(chosen.values()) if chosen else items


def content(dataset: Snapshot, item: Held) -> bytes:
    """The bytes that are kept of a record.

    Raises QuarantineError where there are none.
    """
    import pyarrow.compute as pc

    table: Any = dataset.table(QUARANTINE, ("id", "content"))
    rows = table.filter(pc.equal(table["id"], item.id))["content"]
    if not len(rows):
        place = "" if item.byte_offset is None else f", byte {item.byte_offset}"
        record = "" if item.source_record is None else f" record {item.source_record}"
        raise QuarantineError(
            f"no bytes are kept of {item.source_path}{record}",
            source=item.source_path,
            record=item.source_record,
            hint=f"it stands in its source{place}; quarantine_bytes says how much is kept of each record",
        )
    data: bytes = rows[0].as_py()
    return data
