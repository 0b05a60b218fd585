"""Find the headline among the lines of a flattened page: a linear score over what can be seen of a line.

Each line before the body is described by named features of position, shape and echo (does the body take its
words up again, do other lines of the page repeat it). Their weights are data (`headline.toml`), fitted as a
softmax over the lines of a page; `scripts/bench_metadata.py --fit-headline` fits them anew.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache

from . import tables
from .authors import read_byline
from .dates import DateReading
from .lines import Line
from .titles import key

SHORTEST, LONGEST = 8, 300
#: Lines before the body that are looked at, and lines into it.
BEFORE, INTO = 150, 3
#: Lines after a line in which a date or byline speaks for it.
LOOK = 6

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
    page: Sequence[Line], start: int, end: int, shown: dict[int, DateReading]
) -> list[tuple[int, dict[str, float]]]:
    """(line number, features) of each line that could be the headline of a page with its body at [start,
    end)."""
    body = [line.text for line in page[start:end] if line.paragraph]
    opening = _stems("\n".join(body[:4]))
    vocabulary = opening | _stems("\n".join(body[4:]))
    # below the headline only lines that can equal it count
    keys = [key(line.text) if i < start + INTO + 1 or line.size <= 2 * LONGEST else "" for i, line in enumerate(page)]
    seen = Counter(keys)
    first, last = max(0, start - BEFORE), min(len(page), start + INTO)
    seen_before = Counter(keys[:start])
    left = [0] * (len(page) + 1)  # paragraphs from a line to the body
    for i in range(min(start, len(page)) - 1, -1, -1):
        left[i] = left[i + 1] + page[i].paragraph
    before_body = "\n".join(keys[:start])
    signed = {
        i
        for i in range(first, min(len(page), last + 2 * LOOK))
        if page[i].size < 120 and not page[i].bullet and read_byline(page[i].text)
    }
    stated = signed.union(shown)
    out: list[tuple[int, dict[str, float]]] = []
    strong = 0
    for i in range(first, last):
        line = page[i]
        if line.role.is_boilerplate or not SHORTEST <= line.size <= LONGEST:
            continue
        if i in shown and (shown[i].whole or shown[i].kind):
            continue
        tokens = _stems(line.text)
        echo = sum(t in vocabulary for t in tokens) / len(tokens) if tokens else 0.0
        taken_up = sum(t in opening for t in tokens) / len(tokens) if tokens else 0.0
        mass = min(1.0, len(tokens) / 5)
        above = page[i - 1] if i else None
        repeats = before_body.count(keys[i]) - seen_before[keys[i]] if len(keys[i]) > 12 else 0
        ending = line.text[-1:]
        values: dict[str, float] = {
            # echo: does the article take the words up again
            "echo": echo,
            "echo_mass": echo * mass,
            "echo_opening": taken_up * mass,
            "mass": mass,
            "first_strong": strong == 0 and echo * mass >= 0.5,
            "strong_before": min(4, strong),
            # place
            "far": math.log1p(max(0, start - i)),
            "near": 1 <= start - i <= 3,
            "in_body": i >= start,
            "leap": min(6, left[i + 1]),
            "first_line": i == 0,
            # shape
            "apart": line.apart,
            "bullet": line.bullet,
            "paragraph": line.paragraph,
            "tiny": line.size < 20,
            "short": 20 <= line.size < 35,
            "long": 110 < line.size <= 170,
            "huge": line.size > 170,
            "full_stop": ending in ".。",
            "open_end": ending in ",;:：、",
            "question": ending in '?!？！»”"',
            "lower": line.text[0].islower() or line.text[0] in ":,.)»”…",
            "bar": "|" in line.text,
            "credit": bool(_CREDIT.search(line.text)),
            # repetition
            "same_next": i + 1 < len(page) and keys[i + 1] == keys[i],
            "same_before": i > 0 and keys[i - 1] == keys[i],
            "repeated": min(2, seen[keys[i]] - 1),
            "inside_other": min(2, repeats),
            # neighbours
            "byline": i in signed,
            "dated": i in shown,
            "stated_next": any(j in stated for j in range(i + 1, i + 4)),
            "stated_after": any(j in stated for j in range(i + 1, i + LOOK)),
            "stated_below": any(j in stated for j in range(i + LOOK, i + 2 * LOOK)),
            "lead_below": any(p.size >= 60 and p.sentence and not p.bullet for p in page[i + 1 : i + 4]),
            "kicker_above": above is not None and above.size <= 32 and not above.bullet and above.apart,
        }
        out.append((i, {name: float(value) for name, value in values.items()}))
        if echo * mass >= 0.5 and not line.bullet and keys[i] != (keys[i - 1] if i else ""):
            strong += 1
    return out


@lru_cache(maxsize=1)
def _weights() -> dict[str, float]:
    return {name: float(weight) for name, weight in tables.load("headline")["weights"].items()}


def find_headline(
    page: Sequence[Line],
    start: int,
    end: int,
    shown: dict[int, DateReading],
    describe: Callable[..., list[tuple[int, dict[str, float]]]] = features,
) -> int | None:
    """The line number of the headline, or None where no line can be one."""
    weights = _weights()
    scored = [
        (sum(weights.get(n, 0.0) * v for n, v in found.items()), -i) for i, found in describe(page, start, end, shown)
    ]
    return -max(scored)[1] if scored else None
