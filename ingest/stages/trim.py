"""Lines that hold article and boilerplate together: the interface words at their edge go, the rest stays."""

from __future__ import annotations

import numpy as np

from ingest.document import Alteration, Batch
from ingest.models.trim import trim_line
from ingest.roles import Role
from ingest.votes.rules import kept_by_person


def trim(batch: Batch) -> Batch:
    """Record an `Alteration` for each line of the text that ends or begins with interface words."""
    lines = batch.lines
    for row in np.flatnonzero((lines.role == Role.BODY) & ~kept_by_person(lines)).tolist():
        if row not in lines.altered and (cut := trim_line(lines.texts[row])):
            lines.altered[row] = _all_cuts(cut.kept, cut.removed, cut.role, cut.rule)
    return batch


def _all_cuts(kept: str, removed: str, role: Role, rule: str) -> Alteration:
    """Cut until nothing is left to cut: «… [Getty] Open in fullscreen»."""
    while cut := trim_line(kept):
        kept = cut.kept
        removed = f"{cut.removed} {removed}" if cut.start else f"{removed} {cut.removed}"
    return Alteration(kept, removed, role, rule)
