"""Groups of sources, each of which becomes one part, and the batches of their records."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from ingest import stopping
from ingest.config import Settings
from ingest.dataset import SourceFile
from ingest.document import Record, Records, Reject
from ingest.engines import Results, Tables
from ingest.readers import Limits
from ingest.readers.ahead import openings
from ingest.readers.batches import batches, gathered

if TYPE_CHECKING:
    from ingest.dataset.staging import Staging

Group: TypeAlias = "Sequence[SourceFile]"


def groups(sources: Iterable[SourceFile], settings: Settings) -> Iterator[list[SourceFile]]:
    """Sources gathered in order into groups of about `part_bytes`, and `part_sources` at most; a larger source is a
    group of its own.
    """
    group: list[SourceFile] = []
    size = 0
    for source in sources:
        if group and (size + source.size > settings.part_bytes or len(group) == settings.part_sources):
            yield group
            group, size = [], 0
        group.append(source)
        size += source.size
    if group:
        yield group


def large(sources: Iterable[SourceFile], part_bytes: int) -> list[SourceFile]:
    """Sources that are not done in one go, but in segments; see `ingest.dataset.staging`."""
    return [source for source in sources if source.size > part_bytes]


class Feed:
    """The batches of each group, then an empty one: an engine reads ahead, over the ends of groups. Of sources that are
    `staged`, by path, those records that are not yet done.

    A group that has taken more than `seconds` ends with the source at hand, and its other sources are the next group.
    """

    def __init__(
        self,
        planned: Iterable[Group],
        settings: Settings,
        limits: Limits,
        staged: Mapping[str, Staging],
        seconds: float = float("inf"),
    ) -> None:
        self._planned = list(planned)
        self._settings, self._limits = settings, limits
        self._skip = {path: staging.records for path, staging in staged.items()}
        self._seconds = seconds
        self._ended: deque[Group] = deque()
        self._last: Group = ()

    def __iter__(self) -> Iterator[Records]:
        """What the engine is given."""
        for planned in self._planned:
            left = planned
            while left:
                whole: list[SourceFile] = []
                yield from gathered(self._until_late(left, whole), self._settings)
                self._ended.append(whole)
                left = left[len(whole) :]
                yield []

    def _until_late(self, group: Group, whole: list[SourceFile]) -> Iterator[list[Record | Reject]]:
        began = time.monotonic()
        for source, opening in openings(group):
            if whole and time.monotonic() - began > self._seconds:
                return
            stopping.check()
            yield from batches(source, self._settings, self._limits, self._skip.get(source.path, 0), opening)
            whole.append(source)

    def groups(self) -> Iterator[Group]:
        """Each group in turn, as far as it is known before its results have come; `end` says where it ended."""
        for planned in self._planned:
            left = planned
            while left:
                yield left
                left = left[len(self._last) :]

    def end(self) -> Group:
        """The sources of the group at hand, all of whose results have come."""
        self._last = self._ended.popleft()
        return self._last


def of_group(results: Results) -> Iterator[tuple[Records, Tables]]:
    """The results up to the end of the group."""
    for batch, tables in results:
        stopping.check()
        if not batch:
            return
        yield batch, tables


def size_of(batch: Records) -> int:
    """Bytes of the pages of a batch."""
    return sum(len(item.content) for item in batch if isinstance(item, Record))
