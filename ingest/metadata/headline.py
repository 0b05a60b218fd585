"""Find the headline among the lines of a flattened page: a linear score over what can be seen of a line.

Each line before the body is described by named features of position, shape and echo (does the body take its
words up again, do other lines of the page repeat it). Their weights are data (`headline.toml`), fitted as a
softmax over the lines of a page; `scripts/bench_metadata.py --fit-headline` fits them anew.

To read the dates and names around a line costs many times what the line itself does. So the search goes best first:
each line has the score of what is cheap to see plus the most that the rest could add, and the rest is looked at only
where a line leads.

The line that leads is the headline only if there is evidence that it is one. Prose is none: a long line that ends like
a sentence. On a page with furniture (menus, share bars) a headline nearly always stands, and shape and place will do.
On a page without, the first short line may as well be the lead of an article whose headline is elsewhere: there a date,
a byline or a figure beside it must speak for it, or another line that repeats it.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable
from functools import cached_property, lru_cache
from heapq import heapify, heappop, heappush
from itertools import accumulate
from operator import mul

import numpy as np
import numpy.typing as npt

from ingest.metadata import tables
from ingest.metadata.authors import read_byline
from ingest.metadata.dates import DateReading
from ingest.metadata.lines import WIDE, Mark, Page, has
from ingest.metadata.titles import key
from ingest.roles import Role

SHORTEST, LONGEST = 8, 170
#: Lines before the body that are looked at, and lines into it.
BEFORE, INTO = 150, 3
#: Lines after a line in which a date or byline speaks for it.
LOOK = 6
#: The least score of a headline.
LEAST = -2.5
#: Short lines above a headline, lines below the body and lines known as boilerplate from which a page has furniture;
#: those that are known and stand outside the body count twice.
FURNITURE = 2
#: Lines right above a headline, and characters, of a line that states a date or an author and little else.
LOOK_UP, STATEMENT = 3, 120
#: Characters beside a date in such a line.
BESIDE_DATE = 40

#: The features that are seen of each line, in the order of their values.
PLAIN = (
    "echo", "echo_mass", "echo_opening", "mass", "first_strong", "strong_before",
    "far", "near", "in_body", "leap", "first_line",
    "apart", "bullet", "paragraph", "tiny", "short", "long", "full_stop", "open_end", "question", "lower",
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

STRONG = 0.5  # share of a line's words from which the article takes it up
_ROUNDING = 1e-9  # above what sums of some scores of numbers lose

SHORT = 80  # characters
_TOKEN = re.compile(r"\w{4,}|[\u3040-\u30ff\u3400-\u9fff]{2}|[\uac00-\ud7af]{2,}")
_BEGINNING = re.compile(r"\b\w{4,5}")  # of a token, where no character is dense
_PLAIN_BEGINNING = re.compile(_BEGINNING.pattern, re.A)
_TYPOGRAPHY = "’‘“”–—…•\xa0"
_CREDITS = (
    "photo", "foto", "image", "bild", "getty", "reuters", "afp", "imago", "shutterstock", "picture alliance", "epa",
    "courtesy", "credit", "file pic", "photograph", "fotografie", "illustration",
)  # fmt: skip
_CREDIT = re.compile(rf"©|\b(?:{'|'.join(_CREDITS)})\b|фото|сурет|写真|撮影|摄影|圖|صورة", re.I)


_PICTURE = "photo|foto|фото|кадр|иллюстрация|сурет|image|bild|图|圖|写真|صورة|صور"
# «Photo: …», «… (Photo: …)», «… (left) …», «…＝agency» are captions; two arrows make a path of menus
_CAPTION = re.compile(
    rf"^[(\[（【]?(?:{_PICTURE})\s*[:：/／]|[(\[（【](?:{_PICTURE})\s*[:：][^)\]）】]+[)\]）】]$|＝[^＝\s。]{{1,15}}$"
    r"|[(（](?:left|right|l\.|r\.|слева|справа|links|rechts|à gauche|à droite|izquierda|derecha|左|右|sol|sağ)[)）]",
    re.I,
)
_PATH = re.compile(r"\s[>»›→/]\s.*\s[>»›→/]\s")


def _is_headline(text: str) -> bool:
    """Whether a line has letters enough for a headline and is neither a caption nor a path of menus."""
    if _CAPTION.search(text) or _PATH.search(text):
        return False
    return sum(map(str.isalpha, text)) + len(WIDE.findall(text)) >= SHORTEST


def _is_credit(text: str) -> bool:
    """Whether a line names a photographer or an agency. Plain text is first searched as the processor does it."""
    if text.isascii():
        lower = text.lower()
        if not any(word in lower for word in _CREDITS):
            return False
    return _CREDIT.search(text) is not None


def _stems(text: str) -> set[str]:
    """Beginnings of the longer words, so that inflected forms and compounds meet."""
    if not text.isascii():
        for mark in _TYPOGRAPHY:  # without which most texts are ASCII, and read in half the time
            text = text.replace(mark, " ")
    text = text.lower()
    if text.isascii():
        return set(_PLAIN_BEGINNING.findall(text))
    if not WIDE.search(text):
        return set(_BEGINNING.findall(text))
    return {token[:5] for token in _TOKEN.findall(text)}


@lru_cache(maxsize=1)
def _logarithms() -> npt.NDArray[np.float64]:
    """float64[BEFORE + 1]: log1p of each distance from the body."""
    return np.array([math.log1p(distance) for distance in range(BEFORE + 1)])


class _Candidates:
    """The lines of a page that may be its headline; its body is [start, end), `shown` gives the date of a line."""

    def __init__(self, page: Page, start: int, end: int, shown: Callable[[int], DateReading | None]) -> None:
        self._page, self._start, self._end, self._shown = page, start, end, shown
        self._first, self._last = max(0, start - BEFORE), min(len(page), start + INTO)
        self._signed: dict[int, bool] = {}

    def plain(self) -> tuple[list[int], npt.NDArray[np.float64]]:
        """The line numbers of the candidates, and float64[len(PLAIN), candidates]."""
        page, start, first = self._page, self._start, self._first
        near = slice(first, self._last)
        size = page.size[near]
        fits = (page.role[near] < int(Role.NAVIGATION)) & (size >= SHORTEST) & (size <= LONGEST)
        fits &= ~page.prose[near] & (~page.paragraph[near] | has(page.ends[near], Mark.CALL))
        rows = (np.flatnonzero(fits) + first).tolist()
        echoed = self._echo([i for i in rows if _is_headline(page.texts[i])])
        values = np.zeros((len(PLAIN), len(echoed)))
        if not echoed:
            return [], values
        numbers, echoes, masses, openings = map(list, zip(*echoed, strict=True))
        i, echo, mass, opening = np.array(numbers), np.array(echoes), np.array(masses), np.array(openings)
        size, begins, ends, ahead = page.size[i], page.begins[i], page.ends[i], start - i
        echo_mass = echo * mass
        strong = self._strong(numbers, echo_mass)
        later = np.append(page.paragraph[first:start], [False] * (self._last - start))[::-1].cumsum()[::-1]
        leads = np.append((page.size >= 60) & page.sentence & ~page.bullet, [False] * 3)
        columns = (
            # echo: does the article take the words up again
            echo,
            echo_mass,
            opening * mass,
            mass,
            (strong == 0) & (echo_mass >= STRONG),
            np.minimum(strong, 4),
            # place
            _logarithms()[np.maximum(ahead, 0)],
            (ahead >= 1) & (ahead <= 3),
            ahead <= 0,
            np.minimum(later[i - first] - (page.paragraph[i] & (ahead > 0)), 6),
            i == 0,
            # shape
            page.apart[i],
            page.bullet[i],
            page.paragraph[i],
            size < 20,
            (size >= 20) & (size < 35),
            size > 110,
            has(ends, Mark.FULL_STOP),
            has(ends, Mark.OPEN_END),
            has(ends, Mark.CALL),
            has(begins, Mark.LOW),
            ["|" in page.texts[i] for i in numbers],
            # neighbours
            leads[i + 1] | leads[i + 2] | leads[i + 3],
            (i > 0) & (page.size[i - 1] <= 32) & ~page.bullet[i - 1] & page.apart[i - 1],
        )
        for row, column in enumerate(columns):
            values[row] = column
        return numbers, values

    def _strong(self, numbers: list[int], echo_mass: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """int64[candidates]: how many candidates before each the article takes up; a line printed twice counts once."""
        page = self._page
        texts = page.texts
        strong = (echo_mass >= STRONG) & ~page.bullet[numbers]
        for place in np.flatnonzero(strong).tolist():
            i = numbers[place]
            strong[place] = not (i and key(texts[i]) == key(texts[i - 1]))
        count: npt.NDArray[np.int64] = strong.cumsum() - strong
        return count

    def _echo(self, rows: list[int]) -> list[tuple[int, float, float, float]]:
        """Of those lines that are no dates: number, share of its words that the article takes up again, whether these
        are many, and the share that its beginning takes up.
        """
        page = self._page
        body = [page.texts[i] for i in (np.flatnonzero(page.paragraph[self._start : self._end]) + self._start).tolist()]
        opening = _stems("\n".join(body[:4]))
        vocabulary = opening | _stems("\n".join(body[4:]))
        found = []
        for i in rows:
            tokens = _stems(page.texts[i])
            n = len(tokens)
            echo, mass = len(tokens & vocabulary) / n if n else 0.0, min(1.0, n / 5)
            if echo * mass < STRONG or not self.is_date(i):
                found.append((i, echo, mass, len(tokens & opening) / n if n else 0.0))
        return found

    def costly(self) -> tuple[Callable[[int], Values], ...]:
        """What gives the values of each group of `COSTLY` for a line."""
        return self._repeated, self._inside, self._beside

    def _repeated(self, i: int) -> Values:
        texts = self._page.texts
        own = key(texts[i])
        return (
            _is_credit(texts[i]),
            i + 1 < len(texts) and key(texts[i + 1]) == own,
            i > 0 and key(texts[i - 1]) == own,
            min(2, self._printed[own] - 1),
        )

    def _inside(self, i: int) -> Values:
        own = key(self._page.texts[i])
        return (min(2, self._before.count(own) - self._keys.count(own)) if len(own) > 12 else 0,)

    def _beside(self, i: int) -> Values:
        return (
            self._is_signed(i),
            self._shown(i) is not None,
            self._is_stated(i + 1, i + 4),
            self._is_stated(i + 1, i + LOOK),
            self._is_stated(i + LOOK, i + 2 * LOOK),
        )

    def has_evidence(self, i: int) -> bool:
        """Whether more than place and shape says that a line is the headline: the furniture of the page, a line nearby
        that states a date or an author, or another line that repeats it.
        """
        page = self._page
        short = int((~page.paragraph[:i] & (page.size[:i] < SHORT)).sum())
        known = page.role >= int(Role.NAVIGATION)
        around = len(page) - self._end + int(known.sum()) + int(known[: self._start].sum() + known[self._end :].sum())
        if page.paragraph[:i].any():
            return short >= FURNITURE  # else it is a heading inside prose that nothing surrounds
        if short + around >= FURNITURE:
            return True
        if page.apart[i] and i + 2 < len(page) and not page.apart[i + 1 : i + 3].any():
            return True  # it is set apart from lines that are not
        beside = range(max(0, i - LOOK_UP), min(i + LOOK + 1, len(page)))
        if any(self._states(k) for k in beside if k != i):
            return True
        credit, _, _, repeated = self._repeated(i)
        return not credit and bool(repeated or self._inside(i)[0])

    def _states(self, i: int) -> bool:
        """Whether a line states a date, an author or a figure, or is a caption, and is no prose."""
        page = self._page
        if page.paragraph[i] or page.prose[i] or page.size[i] > STATEMENT:
            return False
        text, reading = page.texts[i], self._shown(i)
        if reading is not None and (self.is_date(i) or page.size[i] - len(reading.raw) <= BESIDE_DATE):
            return True
        return self._is_signed(i) or _CAPTION.search(text) is not None or not any(map(str.isalpha, text))

    def is_date(self, i: int) -> bool:
        reading = self._shown(i)
        return reading is not None and (reading.whole or reading.kind is not None)

    def _is_signed(self, i: int) -> bool:
        if (known := self._signed.get(i)) is None:
            page = self._page
            may_be = page.size[i] < 120 and not page.bullet[i]
            known = self._signed[i] = bool(may_be) and read_byline(page.texts[i]) is not None
        return known

    def _is_stated(self, first: int, end: int) -> bool:
        """Whether some line of [first, end) states a date or an author."""
        return any(self._shown(i) or self._is_signed(i) for i in range(first, min(end, len(self._page))))

    @cached_property
    def _keys(self) -> list[str]:
        return list(map(key, self._page.texts[: self._start]))

    @cached_property
    def _before(self) -> str:
        return "\n".join(self._keys)

    @cached_property
    def _printed(self) -> Counter[str]:
        """How often lines of the keys of all candidates are on the page; below them none that are much longer."""
        page, below = self._page, self._last + 1
        letters = {0, *page.first[self._first : self._last].tolist()}
        rest = zip(page.texts[below:], page.first[below:].tolist(), page.size[below:].tolist(), strict=True)
        printed = Counter(map(key, page.texts[:below]))
        printed.update(key(text) for text, first, size in rest if first in letters and size <= 2 * LONGEST)
        return printed


def features(page: Page, start: int, end: int, shown: Callable[[int], DateReading | None]) -> list[tuple[int, Values]]:
    """(line number, values of the features `NAMES`) of each line that could be the headline of a page with its body at
    [start, end); `shown` gives the date of a line.
    """
    lines = _Candidates(page, start, end, shown)
    numbers, plain = lines.plain()
    return [
        (i, sum((values(i) for values in lines.costly()), tuple(own)))
        for i, own in zip(numbers, plain.T.tolist(), strict=True)
        if not lines.is_date(i)
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


def find_headline(page: Page, start: int, end: int, shown: Callable[[int], DateReading | None]) -> int | None:
    """The line number of the headline, the first of equal ones, or None where no line is one."""
    lines = _Candidates(page, start, end, shown)
    (plain, *weights), most, groups = _weights(), _most(), lines.costly()
    numbers, values = lines.plain()
    scores = (np.array(plain)[:, None] * values).sum(0).tolist()
    # (minus the most that the score of a line can be, the line, its score so far, how many groups that counts)
    heap = [(-score - most[0], i, score, 0) for i, score in zip(numbers, scores, strict=True)]
    heapify(heap)
    while heap:
        _, i, score, known = heappop(heap)
        if known == len(groups):
            return i if score >= LEAST and lines.has_evidence(i) else None
        if known or not lines.is_date(i):
            score += sum(map(mul, weights[known], groups[known](i)))
            heappush(heap, (-score - most[known + 1], i, score, known + 1))
    return None
