"""How duplicates are to be found, and how many there were."""

from __future__ import annotations

from typing import Literal

import msgspec

Mode = Literal["off", "exact", "near"]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """`total`: duplicates in the dataset. `changed`: rows marked, unmarked, dropped or brought back by this run, in
    `rewritten` parts.
    """

    total: int = 0
    changed: int = 0
    rewritten: int = 0
