"""Objects fetched a few ahead of the work: of a small one most of the time goes into waiting for the store's answer."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeAlias

from ingest.dataset import SourceFile
from ingest.readers.input import Input
from ingest.storage.locations import is_url

AHEAD = 16  # sources; small ones are in memory meanwhile, see `ingest.readers.input.AT_ONCE`

Opening: TypeAlias = Callable[[], Input]
"""Gives the input of a source, or raises OSError."""


def openings(sources: Sequence[SourceFile]) -> Iterator[tuple[SourceFile, Opening]]:
    """Each source with how to open it, in order."""
    if not any(is_url(source.location) for source in sources):
        for source in sources:
            yield source, partial(Input.of_source, source)
        return
    from concurrent.futures import ThreadPoolExecutor

    waiting: deque[tuple[SourceFile, Opening]] = deque()
    with ThreadPoolExecutor(AHEAD) as pool:
        for source in sources:
            waiting.append((source, pool.submit(Input.of_source, source).result))
            if len(waiting) > AHEAD:
                yield waiting.popleft()
        yield from waiting
