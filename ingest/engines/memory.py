"""How the memory of a run and its workers goes back to the system."""

from __future__ import annotations

import ctypes
import os
import time
from contextlib import suppress

import pyarrow as pa

_M_MMAP_THRESHOLD = -3  # of mallopt(3)
LARGE = 4 << 20  # bytes


def return_freed() -> None:
    """Have what is freed go back to the system soon, in this process and those it forks.

    Arrow's own allocator keeps what was freed, some 80 MB after a run has learned, which each worker would inherit and,
    writing to it, double. So Arrow is given the C library's, unless the environment names one.

    By itself glibc takes the largest block that was ever freed, up to 32 MB, for the size from which it does so, and
    keeps what is smaller: 30 to 70 MB in each process, where arrays of all sizes come and go. Other C libraries are
    left alone.
    """
    if "ARROW_DEFAULT_MEMORY_POOL" not in os.environ:
        pa.set_memory_pool(pa.system_memory_pool())
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, LARGE)


def trim() -> None:
    """Give back the pages of the heap on which nothing stands any more (malloc_trim(3)); takes 10 ms of 280 MB."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)


class Trimmer:
    """Trims after each batch as long as the heap is small, and more seldom the longer it takes."""

    SHARE = 0.05  # of the time at most

    def __init__(self) -> None:
        self._due = 0.0

    def __call__(self) -> None:
        began = time.monotonic()
        if began >= self._due:
            trim()
            ended = time.monotonic()
            self._due = ended + (ended - began) / self.SHARE
