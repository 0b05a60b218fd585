"""Lines as one array of code points with their classes and words: measured once, for all who look at the same lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ingest.lines.unicode import clip_plane, codes_of, tables
from ingest.lines.words import Words, split_words

I64 = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Scan:
    """n lines of c code points, a line break behind each.

    codes: uint32[c], as `clip_plane` leaves them · index: intp[c], the same, since tables are read several times faster
    by these · kinds: uint8[c], `Kind` of each · start: int64[n], where each line begins · lengths: int64[n], code
    points, without the break · words: those of the lines.
    """

    codes: npt.NDArray[np.uint32]
    index: npt.NDArray[np.intp]
    kinds: npt.NDArray[np.uint8]
    start: I64
    lengths: I64
    words: Words

    def __len__(self) -> int:
        return len(self.start)


def scan(lines: Sequence[str]) -> Scan:
    """Measure lines without blanks at their ends."""
    n, table = len(lines), tables()
    codes = clip_plane(codes_of("\n".join([*lines, ""])))
    lengths = np.fromiter(map(len, lines), np.int64, n)
    start = np.zeros(n, np.int64)
    np.cumsum(lengths[:-1] + 1, out=start[1:])
    index = codes.astype(np.intp)
    kinds = table.kind.take(index)
    words = split_words(kinds, table.fold.take(index), start, n)
    return Scan(codes, index, kinds, start, lengths, words)
