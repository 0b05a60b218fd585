"""How far a step of a run is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal, TypeAlias

from ingest.dataset import SourceFile
from ingest.engines import Records

Step: TypeAlias = 'Literal["learn", "apply"]'
Progress: TypeAlias = "Callable[[Step, int, int, int], None]"
"""Called with the step, bytes done, bytes to do, and pages done."""


class Done:
    """Bytes of the sources that are behind a step, and pages."""

    def __init__(self, step: Step, sources: Iterable[SourceFile], progress: Progress) -> None:
        self._step, self._progress = step, progress
        self._sizes = {source.path: source.size for source in sources}
        self._total = sum(self._sizes.values())
        self._behind = 0
        self._pages = 0
        self._source = ""

    def add(self, batch: Records) -> None:
        """Count a batch, in the order of the sources."""
        for source in dict.fromkeys(item.source for item in batch):
            if source != self._source:
                self._behind += self._sizes.get(self._source, 0)
                self._source = source
        self._pages += len(batch)
        within = min(batch[-1].offset or 0, self._sizes.get(self._source, 0))
        self._progress(self._step, self._behind + within, self._total, self._pages)

    def add_group(self, group: Iterable[SourceFile], pages: int) -> None:
        """Count a group as a whole."""
        self._behind += sum(source.size for source in group)
        self._pages += pages
        self._progress(self._step, self._behind, self._total, self._pages)

    def end(self) -> None:
        self._progress(self._step, self._total, self._total, self._pages)
