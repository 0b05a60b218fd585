"""Find the headline among the lines of a flattened page: a linear score over what can be seen of a line.

Each line before the body is described by named features of position, shape and echo (does the body take its
words up again, do other lines of the page repeat it). Their weights are data (`headline.toml`), fitted as a
softmax over the lines of a page; `scripts/bench_metadata.py --fit-headline` fits them anew.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import accumulate
from operator import mul

from . import tables
from .authors import read_byline
from .dates import DateReading
from .lines import Line
from .titles import key, places_of

SHORTEST, LONGEST = 8, 300
#: Lines before the body that are looked at, and lines into it.
BEFORE, INTO = 150, 3
#: Lines after a line in which a date or byline speaks for it.
LOOK = 6

#: The features, in the order of their values.
NAMES = (
    "echo", "echo_mass", "echo_opening", "mass", "first_strong", "strong_before",
    "far", "near", "in_body", "leap", "first_line",
    "apart", "bullet", "paragraph", "tiny", "short", "long", "huge", "full_stop", "open_end", "question", "lower",
    "bar", "credit",
    "same_next", "same_before", "repeated", "inside_other",
    "byline", "dated", "stated_next", "stated_after", "stated_below", "lead_below", "kicker_above",
)  # fmt: skip

_TOKEN = re.compile(r"\w{4,}|[\u3040-\u30ff\u3400-\u9fff]{2}|[\uac00-\ud7af]{2,}")
_CREDIT = re.compile(
    r"©|\b(?:photo|foto|image|bild|getty|reuters|afp|imago|shutterstock|picture alliance|epa|courtesy"
    r"|credit|file pic|photograph|fotografie|illustration)\b|фото|сурет|写真|撮影|摄影|圖|صورة",
    re.I,
)


def _stems(text: str) -> set[str]:
    """Beginnings of the longer words, so that inflected forms and compounds meet."""
    return {token[:5] for token in _TOKEN.findall(text.lower())}


def features(
    page: Sequence[Line], start: int, end: int, shown: Callable[[int], DateReading | None]
) -> list[tuple[int, tuple[float, ...]]]:
    """(line number, values of the features `NAMES`) of each line that could be the headline of a page with its body at
    [start, end); `shown` gives the date of a line.
    """
    body = [line.text for line in page[start:end] if line.paragraph]
    opening = _stems("\n".join(body[:4]))
    vocabulary = opening | _stems("\n".join(body[4:]))
    first, last = max(0, start - BEFORE), min(len(page), start + INTO)
    reach = min(len(page), last + 2 * LOOK)
    keys = [key(line.text) for line in page[: start + INTO + 1]]
    seen_before = Counter(keys[:start])
    wanted = {keys[i] for i in range(first, last)}
    # below the headline only lines that can equal it count
    below = [line.text for line in page[start + INTO + 1 :] if line.size <= 2 * LONGEST]
    seen = Counter(keys) + Counter(found for _, found in places_of(below, wanted))
    before_body = "\n".join(keys[:start])
    dated = {i for i in range(first, reach) if shown(i)}
    signed = {i for i in range(first, reach) if page[i].size < 120 and not page[i].bullet and read_byline(page[i].text)}
    # how many lines above each are paragraphs, state a date or an author, or may be a standfirst
    paragraphs = _running(line.paragraph for line in page[:start])
    stated = _running(i in dated or i in signed for i in range(reach + 2 * LOOK))
    leads = _running(p.size >= 60 and p.sentence and not p.bullet for p in page[: reach + LOOK])
    out: list[tuple[int, tuple[float, ...]]] = []
    strong = 0
    for i in range(first, last):
        line = page[i]
        size, text, own = line.size, line.text, keys[i]
        if line.role.is_boilerplate or not SHORTEST <= size <= LONGEST:
            continue
        if i in dated and (reading := shown(i)) and (reading.whole or reading.kind):
            continue
        tokens = _stems(text)
        n = len(tokens)
        echo = len(tokens & vocabulary) / n if n else 0.0
        mass = min(1.0, n / 5)
        echo_mass = echo * mass
        above = page[i - 1] if i else None
        ending = text[-1:]
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
            min(6, paragraphs[-1] - paragraphs[min(i + 1, len(paragraphs) - 1)]),
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
            bool(_CREDIT.search(text)),
            # repetition
            i + 1 < len(keys) and keys[i + 1] == own,
            i > 0 and keys[i - 1] == own,
            min(2, seen[own] - 1),
            min(2, before_body.count(own) - seen_before[own]) if len(own) > 12 else 0,
            # neighbours
            i in signed,
            i in dated,
            stated[i + 4] > stated[i + 1],
            stated[i + LOOK] > stated[i + 1],
            stated[i + 2 * LOOK] > stated[i + LOOK],
            leads[min(i + 4, len(leads) - 1)] > leads[min(i + 1, len(leads) - 1)],
            above is not None and above.size <= 32 and not above.bullet and above.apart,
        )
        out.append((i, values))
        if echo_mass >= 0.5 and not line.bullet and own != (keys[i - 1] if i else ""):
            strong += 1
    return out


def _running(flags: Iterable[bool]) -> list[int]:
    """Running sums, from 0: item i tells how many of the first i flags hold."""
    return list(accumulate(flags, initial=0))


@lru_cache(maxsize=1)
def _weights() -> tuple[float, ...]:
    known = tables.load("headline")["weights"]
    return tuple(float(known.get(name, 0.0)) for name in NAMES)


def find_headline(page: Sequence[Line], start: int, end: int, shown: Callable[[int], DateReading | None]) -> int | None:
    """The line number of the headline, or None where no line can be one."""
    weights = _weights()
    scored = [(sum(map(mul, weights, values)), -i) for i, values in features(page, start, end, shown)]
    return -max(scored)[1] if scored else None
