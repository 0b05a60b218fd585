"""What the first and last characters of a line say beyond their class: a text cut short, a label, a credit.

Teasers are cut («… after the storm...»), which three full stops would else pass off as a sentence's end; notes and
credits begin with a label («Photo: …», «Les også: …», «資料：…»), in all languages alike.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ingest.lines.unicode import N_KINDS, Kind

N_SHOWN = 4
LABEL = 24  # characters within which the colon of a label stands
CREDIT = 40  # characters within which the bracket opens that ends the line


def _flags(*kinds: Kind) -> npt.NDArray[np.bool_]:
    table = np.zeros(N_KINDS, bool)
    table[list(kinds)] = True
    return table


_CLOSES = _flags(Kind.QUOTE, Kind.APOSTROPHE, Kind.BRACKET)
_AFTER_LABEL = _flags(Kind.SPACE, Kind.IDEOGRAPH, Kind.QUOTE)


def shown(
    codes: npt.NDArray[np.uint32],
    kinds: npt.NDArray[np.uint8],
    start: npt.NDArray[np.int64],
    lengths: npt.NDArray[np.int64],
) -> npt.NDArray[np.float32]:
    """float32[n, N_SHOWN]: whether each line is cut short, begins with a label, consists of one, ends with a short
    phrase in brackets.

    codes, kinds: uint32[c], uint8[c], code points and their classes, each line followed by a line feed, a SPACE ·
    start, lengths: int64[n].
    """
    n = len(start)
    out = np.zeros((n, N_SHOWN), np.float32)
    end = start + lengths - 1
    closed = _CLOSES[kinds[end]]
    last = np.where(closed, np.maximum(end - 1, start), end)
    before = np.maximum(last - 1, start)
    dots = (codes[last] == ord(".")) & (codes[before] == ord(".")) & (last > start)
    out[:, 0] = dots | (kinds[last] == Kind.ELLIPSIS)
    colon = np.flatnonzero(kinds == Kind.COLON)
    line = np.searchsorted(start, colon, side="right") - 1
    early = colon - start[line] <= LABEL
    colon, line = colon[early], line[early]
    label = _AFTER_LABEL[kinds[colon + 1]]
    out[line[label & (colon < end[line])], 1] = 1
    out[line[colon == end[line]], 2] = 1
    bracket = np.flatnonzero(kinds == Kind.BRACKET)
    bracket = bracket[kinds[bracket - 1] == Kind.SPACE]
    line = np.searchsorted(start, bracket, side="right") - 1
    short = (kinds[end[line]] == Kind.BRACKET) & (end[line] - bracket <= CREDIT) & (bracket > start[line])
    out[line[short], 3] = 1
    return out
