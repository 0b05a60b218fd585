"""Groups of sources, each of which becomes one part, and the batches of their records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

from ingest import stopping
from ingest.batches import batches, gathered
from ingest.config import Settings
from ingest.dataset import SourceFile
from ingest.document import Record
from ingest.engines import Records, Results
from ingest.readers import Limits
from ingest.readers.ahead import openings

if TYPE_CHECKING:
    from ingest.dataset.staging import Staging
    from ingest.engines.work import Tables

Group: TypeAlias = "Sequence[SourceFile]"


def groups(sources: Sequence[SourceFile], part_bytes: int) -> Iterator[list[SourceFile]]:
    """Sources gathered in order into groups of about `part_bytes`; a larger source is a group of its own."""
    group: list[SourceFile] = []
    size = 0
    for source in sources:
        if group and size + source.size > part_bytes:
            yield group
            group, size = [], 0
        group.append(source)
        size += source.size
    if group:
        yield group


def large(sources: Iterable[SourceFile], part_bytes: int) -> list[SourceFile]:
    """Sources that are not done in one go, but in segments; see `ingest.dataset.staging`."""
    return [source for source in sources if source.size > part_bytes]


def feed(
    groups: Iterable[Group], settings: Settings, limits: Limits, staged: Mapping[str, Staging]
) -> Iterator[Records]:
    """The batches of each group, then an empty one: an engine reads ahead, over the ends of groups.

    Of sources that are `staged`, by path, those records that are not yet done.
    """
    skip = {path: staging.records for path, staging in staged.items()}
    for group in groups:
        of_group = chain.from_iterable(
            batches(source, settings, limits, skip.get(source.path, 0), opening) for source, opening in openings(group)
        )
        yield from gathered(of_group, settings)
        yield []


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
