"""Lines that tell a date from the day of reading: «3 hours ago», «вчера, 18:20». They name no day; none is made up."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache

from ingest.metadata import tables
from ingest.metadata.datewords import labels

LONGEST = 60
_TIME = r"\d{1,2}[:.]\d{2}"
_MARKS = " \t,;:|·•/()[]–—-."
_GAP = re.compile(r"[\s:]+")
_GLUED = re.compile(
    r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]"
)  # scripts that put no blank between words


@lru_cache(maxsize=1 << 12)  # lists of teasers hold the same few lines on all pages of a site
def is_relative(line: str) -> bool:
    """Whether a line is nothing but such a date, with a label («Published», «Updated») before it or not."""
    text = tables.fold(line).strip(_MARKS)
    if len(text) > LONGEST or (_words().isdisjoint(_GAP.split(text.replace(",", " "))) and not _GLUED.search(text)):
        return False
    pattern = _pattern()
    starts = [0, *(m.end() for m in _GAP.finditer(text) if text[: m.start()].strip(_MARKS) in labels())]
    return any(pattern.fullmatch(text, start) for start in starts)


@cache
def _words() -> frozenset[str]:
    """Words without one of which no line tells such a date, in scripts that write words apart."""
    found: set[str] = set()
    for told in tables.load("relative").values():
        for form in told["form"]:
            literal = [word for word in tables.fold(form).split() if "{" not in word]
            found.update(literal or map(tables.fold, told["unit"]))
        found.update(tables.fold(day).split()[0] for day in told["day"])
    return frozenset(found)


@cache
def _pattern() -> re.Pattern[str]:
    forms: set[str] = set()
    days: set[str] = set()
    for told in tables.load("relative").values():
        number = "|".join([r"\d{1,3}", *filter(None, [_any(told.get("one", ()))])])
        for form in told["form"]:
            pattern = re.escape(tables.fold(form)).replace(r"\ ", r"\s")
            forms.add(pattern.replace(r"\{n\}", f"(?:{number})").replace(r"\{unit\}", rf"(?:{_any(told['unit'])})\.?"))
        days.update(told["day"])
    named, gap = f"(?:{_any(days)})", r"[\s,|·•/–—-]*"
    return re.compile(rf"(?:{'|'.join(sorted(forms))}|{named}{gap}{_TIME}|{_TIME}{gap}{named})")


def _any(words: Iterable[str]) -> str:
    return "|".join(re.escape(tables.fold(word)) for word in sorted(words, key=lambda w: (-len(w), w)))
