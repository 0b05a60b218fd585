"""What the line model does over all lines of a page: sums, maxima and shifts, for many pages at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]

# Arithmetic is exact, so that a verdict never depends on what else is in the batch, on the order of additions
# in a BLAS or on the number of its threads: activations and weights are integers held in float32, and every
# sum of products stays below 2**24 (the training script checks that bound).
UNIT = 64.0  # activations are multiples of 1/UNIT
LIMIT = 2047.0  # and at most LIMIT/UNIT
MASS = 8.0  # shares of the page are scaled up by this before they are rounded to units
LETTERS = 16.0  # letters of improbable text that count like one line of it
N_MASS = 5  # values that `Pages.mass` gives


class Pages:
    """Sums, maxima and shifts within documents; rows of one document are adjacent."""

    def __init__(self, doc: I64, size: F32) -> None:
        self.first = np.flatnonzero(np.append(True, doc[1:] != doc[:-1]))
        self.count = np.diff(np.append(self.first, len(doc)))
        self.nth = np.repeat(np.arange(len(self.first)), self.count)
        self.size = size.astype(np.float64)  # sixteenths: their sums are exact
        self.total = np.add.reduceat(self.size, self.first)

    def spread(self, values: F32) -> F32:
        return values[self.nth]

    def pool(self, h: F32) -> F32:
        """Mean, mean weighted by size, and maximum of each document's rows, in units."""
        mean = np.add.reduceat(h, self.first, axis=0) / self.count[:, None]
        weighted = h * self.size[:, None].astype(np.float32)
        by_size = np.add.reduceat(weighted, self.first, axis=0) / np.maximum(self.total, 1)[:, None]
        top = np.maximum.reduceat(h, self.first, axis=0)
        return grid(np.concatenate([mean, by_size, top], 1).astype(np.float32))

    def mass(self, logit: F32) -> F32:
        """Where each line stands among the page's probable text, in units: the shares of it above and below, the share
        of the page that it makes up, and how much improbable text, and how many such lines, lie between the line and
        the middle of the probable text, above it negative.

        Weights are whole numbers of 1/4096 letters, so that running sums over a batch are exact.
        """
        p = np.rint(sigmoid(logit) * np.float32(256)).astype(np.float64) / 256
        weight = p * self.size
        run = np.cumsum(weight)
        total = np.add.reduceat(weight, self.first)
        begin = np.cumsum(total) - total
        whole = np.maximum(total, 1)[self.nth]
        above = (run - weight - begin[self.nth]) / whole
        below = 1 - above - weight / whole
        of_page = (total / np.maximum(self.total, 1))[self.nth]
        middle = np.searchsorted(run, begin + total / 2)
        middle = np.clip(middle, self.first, self.first + self.count - 1)[self.nth]
        between = [np.cumsum(rest) - rest / 2 for rest in ((1 - p) * self.size, 1 - p)]
        letters, lines = (run - run[middle] for run in between)
        far = [np.sign(d) * np.log1p(np.abs(d) / per) / MASS for d, per in ((letters, LETTERS), (lines, 1.0))]
        return grid(np.stack([above, below, of_page, *far], 1).astype(np.float32) * np.float32(MASS * UNIT))

    def extremes(self, h: F32, upper: int) -> F32:
        """The greatest value from the page's first line to each line, of the first `upper` columns, and from each line
        to the page's last, of the others.
        """
        # Raised by more than the greatest value, each document hides what comes before it. Sums stay exact.
        lift = (self.nth * (LIMIT + 1))[:, None]
        if len(self.first) * (LIMIT + 1) < 2**24:
            lift = lift.astype(np.float32)
        out = np.empty_like(h)
        out[:, :upper] = np.maximum.accumulate(h[:, :upper] + lift, 0) - lift
        out[:, upper:] = np.maximum.accumulate((h[:, upper:] - lift)[::-1], 0)[::-1] + lift
        return out

    def shift(self, h: F32, by: int, out: F32) -> None:
        """Row i of `out` takes row i - by of `h`, zero where that is another document's."""
        n, inner = len(h), self.first[1:, None]
        if abs(by) >= n:
            out[:] = 0
        elif by > 0:
            out[:by] = 0
            out[by:] = h[:-by]
            foreign = (inner + np.arange(by)).ravel()
            out[foreign[foreign < n]] = 0
        else:
            out[by:] = 0
            out[:by] = h[-by:]
            foreign = (inner + np.arange(by, 0)).ravel()
            out[foreign[foreign >= 0]] = 0


def grid(x: F32) -> F32:
    """Round to units, in place."""
    np.rint(x, out=x)
    return np.clip(x, -LIMIT, LIMIT, out=x)


def sigmoid(x: F32) -> F32:
    """Log-odds to probabilities, float32."""
    out: F32 = (1 / (1 + np.exp(-np.clip(x, -30, 30)))).astype(np.float32)
    return out
