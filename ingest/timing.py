"""Where the time goes: each batch carries the seconds that its stages took, so that they add up over any workers."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from ingest.document import Batch

P = ParamSpec("P")


def timed(
    name: str, stage: Callable[Concatenate[Batch, P], Batch], batch: Batch, *args: P.args, **kwargs: P.kwargs
) -> Batch:
    """What `stage` makes of the batch, with the seconds (wall clock) that it took added under `name`."""
    started = time.perf_counter()
    result = stage(batch, *args, **kwargs)
    result.seconds[name] += time.perf_counter() - started
    return result
