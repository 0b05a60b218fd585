"""What a reader may spend, and what it counts on its way."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Limits:
    """`max_bytes` of a record; `notes` collects things worth telling that cost no document, e.g. unknown JSON keys."""

    max_bytes: int
    notes: Counter[str] = field(default_factory=Counter)
