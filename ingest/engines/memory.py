"""How the memory of a run and its workers goes back to the system."""

from __future__ import annotations

import ctypes
from contextlib import suppress

_M_MMAP_THRESHOLD = -3  # of mallopt(3)
LARGE = 4 << 20  # bytes


def return_large_blocks() -> None:
    """Have the C library give large blocks back as soon as they are freed, in this process and those it forks.

    By itself glibc takes the largest block that was ever freed, up to 32 MB, for the size from which it does so, and
    keeps what is smaller: 30 to 70 MB in each process, where arrays of all sizes come and go. Other C libraries are
    left alone.
    """
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, LARGE)
