"""What a reader may spend, and what it counts on its way."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from ingest.config import Columns, Settings


@dataclass(slots=True)
class Limits:
    """`max_bytes` of a record; `max_expansion`: how many times its stored size compressed data may grow, once it is
    large; `max_nesting` of archives and compressions. `ignore` are patterns of names left out of archives, as out of
    folders; `columns` are the names that the user gave, `records` is what a page is in a
    text file. `notes` collects things worth telling that cost no document,
    e.g. unknown JSON keys.
    """

    max_bytes: int
    notes: Counter[str] = field(default_factory=Counter)
    max_expansion: int = 200
    max_nesting: int = 3
    ignore: tuple[str, ...] = ()
    columns: Columns = field(default_factory=Columns)
    records: str = "file"

    @classmethod
    def of(cls, settings: Settings, notes: Counter[str] | None = None) -> Limits:
        """The limits that the settings give."""
        names = ("max_expansion", "max_nesting", "ignore", "columns", "records")
        given = {name: getattr(settings, name) for name in names}
        return cls(settings.max_document_bytes, Counter() if notes is None else notes, **given)
