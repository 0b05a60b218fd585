"""How far a step of a run is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal, TypeAlias

from msgspec.structs import replace

from ingest.dataset import SourceFile
from ingest.dataset.runs import Reached
from ingest.document import Records

Step: TypeAlias = 'Literal["learn", "apply"]'
Progress: TypeAlias = "Callable[[Step, int, int, int], None]"
"""Called with the step, bytes done, bytes to do, and pages done."""
Tell: TypeAlias = "Callable[[Reached], None]"


class Done:
    """Sources, their bytes and pages that are behind a step."""

    def __init__(self, step: Step, sources: Iterable[SourceFile], tell: Tell) -> None:
        sources = list(sources)
        self._tell = tell
        self._left = iter(sources)
        self._source: SourceFile | None = None
        self._behind = 0  # bytes of whole sources
        self._at = Reached(step=step, sources_planned=len(sources), bytes_planned=sum(s.size for s in sources))
        self._tell(self._at)

    def add(self, batch: Records) -> None:
        """Count a batch, in the order of the sources."""
        sources = self._at.sources
        while self._source is None or self._source.path != batch[-1].source:
            if self._source is not None:
                self._behind += self._source.size
                sources += 1
            self._source = next(self._left)
        within = min(batch[-1].offset or 0, self._source.size)
        self._go_on(sources=sources, bytes=self._behind + within, pages=self._at.pages + len(batch))

    def add_group(self, group: Iterable[SourceFile], pages: int) -> None:
        """Count a group as a whole."""
        sizes = [source.size for source in group]
        self._behind += sum(sizes)
        self._go_on(sources=self._at.sources + len(sizes), bytes=self._behind, pages=self._at.pages + pages)

    def end(self) -> None:
        self._go_on(sources=self._at.sources_planned, bytes=self._at.bytes_planned, pages=self._at.pages)

    def _go_on(self, **done: int) -> None:
        self._at = replace(self._at, **done)
        self._tell(self._at)
