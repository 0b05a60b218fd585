"""Find the headline among the lines of a flattened page: a linear score over what can be seen of a line.

Each line before the body is described by named features of position, shape and echo (does the body take its
words up again, do other lines of the page repeat it). Their weights are data (`headline.toml`), fitted as a
softmax over the lines of a page; `scripts/bench_metadata.py --fit-headline` fits them anew.

To read the dates and names around a line costs many times what the line itself does. So the search goes best first:
each line has the score of what is cheap to see plus the most that the rest could add, and the rest is looked at only
where a line leads.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, lru_cache
from heapq import heapify, heappop, heappush
from itertools import accumulate
from operator import mul

from . import tables
from .authors import read_byline
from .dates import DateReading
from .lines import Line
from .titles import Printed, key

SHORTEST, LONGEST = 8, 300
#: Lines before the body that are looked at, and lines into it.
BEFORE, INTO = 150, 3
#: Lines after a line in which a date or byline speaks for it.
LOOK = 6

#: The features that are seen of each line, in the order of their values.
PLAIN = (
    "echo", "echo_mass", "echo_opening", "mass", "first_strong", "strong_before",
    "far", "near", "in_body", "leap", "first_line",
    "apart", "bullet", "paragraph", "tiny", "short", "long", "huge", "full_stop", "open_end", "question", "lower",
    "bar", "lead_below", "kicker_above",
)  # fmt: skip
#: Those that are looked at where a line leads, in groups, the cheaper ones first: each with its largest value; the
#: least is 0.
REPEATED = {"credit": 1, "same_next": 1, "same_before": 1, "repeated": 2}
INSIDE = {"inside_other": 2}
BESIDE = {"byline": 1, "dated": 1, "stated_next": 1, "stated_after": 1, "stated_below": 1}
COSTLY = (REPEATED, INSIDE, BESIDE)
NAMES = (*PLAIN, *(name for group in COSTLY for name in group))
Values = tuple[float, ...]

_ROUNDING = 1e-9  # above what sums of some scores of numbers lose

_DENSE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_TOKEN = re.compile(r"\w{4,}|[\u3040-\u30ff\u3400-\u9fff]{2}|[\uac00-\ud7af]{2,}")
_BEGINNING = re.compile(r"\b\w{4,5}")  # of a token, where no character is dense
_PLAIN_BEGINNING = re.compile(_BEGINNING.pattern, re.A)
_TYPOGRAPHY = "’‘“”–—…•\xa0"
_CREDIT = re.compile(
    r"©|\b(?:photo|foto|image|bild|getty|reuters|afp|imago|shutterstock|picture alliance|epa|courtesy"
    r"|credit|file pic|photograph|fotografie|illustration)\b|фото|сурет|写真|撮影|摄影|圖|صورة",
    re.I,
)


def _stems(text: str) -> set[str]:
    """Beginnings of the longer words, so that inflected forms and compounds meet."""
    if not text.isascii():
        for mark in _TYPOGRAPHY:  # without which most texts are ASCII, and read in half the time
            text = text.replace(mark, " ")
    text = text.lower()
    if text.isascii():
        return set(_PLAIN_BEGINNING.findall(text))
    if not _DENSE.search(text):
        return set(_BEGINNING.findall(text))
    return {token[:5] for token in _TOKEN.findall(text)}


class _Candidates:
    """The lines of a page that may be its headline; its body is [start, end), `shown` gives the date of a line."""

    def __init__(self, page: Sequence[Line], start: int, end: int, shown: Callable[[int], DateReading | None]) -> None:
        self._page, self._start, self._end, self._shown = page, start, end, shown
        self._first, self._last = max(0, start - BEFORE), min(len(page), start + INTO)
        self._signed: dict[int, bool] = {}

    def plain(self) -> Iterator[tuple[int, Values]]:
        """(line number, values of the features `PLAIN`) of each."""
        page, start = self._page, self._start
        body = [line.text for line in page[start : self._end] if line.paragraph]
        opening = _stems("\n".join(body[:4]))
        vocabulary = opening | _stems("\n".join(body[4:]))
        paragraphs = sum(line.paragraph for line in page[self._first : start])  # between the line and the body
        strong = 0
        for i in range(self._first, self._last):
            line = page[i]
            size, text = line.size, line.text
            paragraphs -= i < start and line.paragraph
            if line.role.is_boilerplate or not SHORTEST <= size <= LONGEST:
                continue
            tokens = _stems(text)
            n = len(tokens)
            echo = len(tokens & vocabulary) / n if n else 0.0
            mass = min(1.0, n / 5)
            echo_mass = echo * mass
            if echo_mass >= 0.5 and self.is_date(i):
                continue
            above = page[i - 1] if i else None
            ending = text[-1]
            values = (
                # echo: does the article take the words up again
                echo,
                echo_mass,
                len(tokens & opening) / n * mass if n else 0.0,
                mass,
                strong == 0 and echo_mass >= 0.5,
                min(4, strong),
                # place
                math.log1p(max(0, start - i)),
                1 <= start - i <= 3,
                i >= start,
                min(6, paragraphs),
                i == 0,
                # shape
                line.apart,
                line.bullet,
                line.paragraph,
                size < 20,
                20 <= size < 35,
                110 < size <= 170,
                size > 170,
                ending in ".。",
                ending in ",;:：、",
                ending in '?!？！»”"',
                text[0].islower() or text[0] in ":,.)»”…",
                "|" in text,
                # neighbours
                any(p.size >= 60 and p.sentence and not p.bullet for p in page[i + 1 : i + 4]),
                above is not None and above.size <= 32 and not above.bullet and above.apart,
            )
            yield i, values
            if echo_mass >= 0.5 and not line.bullet and not (i and key(text) == key(page[i - 1].text)):
                strong += 1

    def costly(self) -> tuple[Callable[[int], Values], ...]:
        """What gives the values of each group of `COSTLY` for a line."""
        return self._repeated, self._inside, self._beside

    def _repeated(self, i: int) -> Values:
        page = self._page
        text, own = page[i].text, key(page[i].text)
        return (
            _CREDIT.search(text) is not None,
            i + 1 < len(page) and key(page[i + 1].text) == own,
            i > 0 and key(page[i - 1].text) == own,
            min(2, self._printed.times(own) - 1),
        )

    def _inside(self, i: int) -> Values:
        own = key(self._page[i].text)
        return (min(2, self._before.count(own) - self._keys.count(own)) if len(own) > 12 else 0,)

    def _beside(self, i: int) -> Values:
        return (
            self._is_signed(i),
            self._shown(i) is not None,
            self._is_stated(i + 1, i + 4),
            self._is_stated(i + 1, i + LOOK),
            self._is_stated(i + LOOK, i + 2 * LOOK),
        )

    def is_date(self, i: int) -> bool:
        reading = self._shown(i)
        return reading is not None and (reading.whole or reading.kind is not None)

    def _is_signed(self, i: int) -> bool:
        if (known := self._signed.get(i)) is None:
            line = self._page[i]
            known = self._signed[i] = line.size < 120 and not line.bullet and read_byline(line.text) is not None
        return known

    def _is_stated(self, first: int, end: int) -> bool:
        """Whether some line of [first, end) states a date or an author."""
        return any(self._shown(i) or self._is_signed(i) for i in range(first, min(end, len(self._page))))

    @cached_property
    def _keys(self) -> list[str]:
        return [key(line.text) for line in self._page[: self._start]]

    @cached_property
    def _before(self) -> str:
        return "\n".join(self._keys)

    @cached_property
    def _printed(self) -> Printed:
        """The lines that can equal a headline: below it none that are much longer."""
        below = self._start + INTO + 1
        return Printed(line.text for i, line in enumerate(self._page) if i < below or line.size <= 2 * LONGEST)


def features(
    page: Sequence[Line], start: int, end: int, shown: Callable[[int], DateReading | None]
) -> list[tuple[int, Values]]:
    """(line number, values of the features `NAMES`) of each line that could be the headline of a page with its body at
    [start, end); `shown` gives the date of a line.
    """
    lines = _Candidates(page, start, end, shown)
    return [
        (i, sum((values(i) for values in lines.costly()), plain)) for i, plain in lines.plain() if not lines.is_date(i)
    ]


@lru_cache(maxsize=1)
def _weights() -> tuple[Values, ...]:
    """The weights of `PLAIN` and of each group of `COSTLY`."""
    known = tables.load("headline")["weights"]
    return tuple(tuple(float(known.get(name, 0.0)) for name in names) for names in (PLAIN, *COSTLY))


@lru_cache(maxsize=1)
def _most() -> Values:
    """The most that all groups of `COSTLY`, all but the first, …, none can add to a score."""
    each = (
        sum(max(0.0, weight) * largest for weight, largest in zip(weights, group.values(), strict=True)) + _ROUNDING
        for weights, group in zip(_weights()[:0:-1], COSTLY[::-1], strict=True)
    )
    return tuple(accumulate(each, initial=0.0))[::-1]


def find_headline(page: Sequence[Line], start: int, end: int, shown: Callable[[int], DateReading | None]) -> int | None:
    """The line number of the headline, the first of equal ones, or None where no line can be one."""
    lines = _Candidates(page, start, end, shown)
    (plain, *weights), most, groups = _weights(), _most(), lines.costly()
    # (minus the most that the score of a line can be, the line, its score so far, how many groups that counts)
    heap = [(-score - most[0], i, score, 0) for i, values in lines.plain() for score in (sum(map(mul, plain, values)),)]
    heapify(heap)
    while heap:
        _, i, score, known = heappop(heap)
        if known == len(groups):
            return i
        if known or not lines.is_date(i):
            score += sum(map(mul, weights[known], groups[known](i)))
            heappush(heap, (-score - most[known + 1], i, score, known + 1))
    return None
