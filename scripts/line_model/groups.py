"""Groups of pages of one site, so that the model learns what repetition across pages means.

Each draw of a page brings along some other pages of its site, and the evidence that these give of its lines, as
`ingest.sites` would. Often it brings none, so that one network serves single pages and sites.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from ingest.models.told import N_EVIDENCE
from ingest.sites.fingerprint import Marks
from scripts.line_model.data import Page
from scripts.line_model.evidence import evidence, keys_of
from scripts.line_model.prepared import Prepared

F32 = npt.NDArray[np.float32]
U64 = npt.NDArray[np.uint64]

ALONE = 0.4  # share of the draws without any other page
LABELLED = 0.2  # share of the draws with others in which labels of the body repeat
LABEL = 60.0  # Latin letters' worth up to which a line of the body may be such a label


class Groups:
    """The pages of each site, for one prepared variant; those that are `alone` have no others."""

    def __init__(
        self, data: Prepared, pages: Sequence[Page], alone: Callable[[Page], bool] = lambda page: False
    ) -> None:
        self.data = data
        sites: dict[tuple[str, str], list[int]] = defaultdict(list)
        for d, page in enumerate(pages):
            sites[page.site, page.rendering].append(d)
        self.others = [
            [] if alone(page) else [o for o in sites[page.site, page.rendering] if o != d]
            for d, page in enumerate(pages)
        ]
        self._keys: dict[int, U64] = {}

    def marks(self, d: int) -> Marks:
        rows = slice(self.data.span[d], self.data.span[d + 1])
        mark = self.data.mark[rows]
        return Marks(mark, self.data.mask[rows], mark, np.zeros(len(mark), np.int64))

    def keys(self, d: int) -> U64:
        """Sorted distinct keys of a document."""
        if d not in self._keys:
            marks = self.marks(d)
            full = marks.line != 0
            self._keys[d] = np.unique(
                keys_of(Marks(marks.line[full], marks.mask[full], marks.exact[full], marks.size[full]))
            )
        return self._keys[d]

    def evidence(self, d: int, others: Sequence[int]) -> F32:
        """What the documents `others` say of the lines of document `d`."""

        def count(keys: U64) -> npt.NDArray[np.int64]:
            total = np.zeros(len(keys), np.int64)
            for other in others:
                known = self.keys(other)
                if len(known):
                    total += known[np.searchsorted(known, keys).clip(0, len(known) - 1)] == keys
            return total

        return evidence(self.marks(d), len(others), count)

    def beside(self, d: int, n: int) -> list[int]:
        """Up to `n` other documents of its site, those that follow `d` in the order of the set, from the first again
        after the last."""
        every = self.others[d]
        at = int(np.searchsorted(every, d))
        return [*every[at:], *every[:at]][:n]

    def draw(self, d: int, rng: np.random.Generator) -> F32:
        """The evidence of a group of random size, from none to all others, small ones more often."""
        every = self.others[d]
        if not every or rng.random() < ALONE:
            return np.zeros((int(self.data.span[d + 1] - self.data.span[d]), N_EVIDENCE), np.float32)
        most = min(len(every), 40)
        size = min(most, int(np.exp(rng.random() * np.log(most + 1))))
        found = self.evidence(d, [every[i] for i in rng.permutation(len(every))[: max(size, 1)]])
        if rng.random() < LABELLED:
            self._repeat_labels(d, found, rng)
        return found

    def _repeat_labels(self, d: int, found: F32, rng: np.random.Generator) -> None:
        """Let some short lines amid the body stand on most other pages: «Phone:», «Education»."""
        rows = slice(self.data.span[d], self.data.span[d + 1])
        words, kept, size = self.data.words[rows], self.data.kept[rows], self.data.size[rows]
        body = np.flatnonzero((kept > 0.6 * words) & (words > 0))
        if len(body) < 4 or not found[0, 0]:
            return
        inner = body[1:-1]
        some = inner[(size[inner] < LABEL) & (rng.random(len(inner)) < rng.random())]
        found[some, 2] = found[some, 3] = 1 - 0.5 * rng.random() * rng.random(len(some))
        others = np.expm1(found[0, 1] * 3)
        found[some, 6] = np.log1p(np.round(found[some, 2] * others)) / 2
        both = np.isin(some - 1, some)
        found[some[both], 4] = found[some[both], 2] * rng.random()
        found[np.flatnonzero(np.isin(np.arange(len(found)), some[both] - 1)), 5] = found[some[both], 4]
