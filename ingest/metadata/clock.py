"""Read a time of day beside a date."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time
from functools import lru_cache

from ingest.metadata import tables


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day; `start` and `end` are offsets into the text that was given, the time zone included."""

    time: time
    seconds: bool
    start: int
    end: int
    offset: int | None = None  # minutes east of UTC


_GAP = r"[\s.,;|·•@()/–—\-:]{0,6}"


def _any(*groups: str) -> str:
    found = frozenset().union(*(tables.words("dates", "glue", group) for group in groups))
    return "|".join(re.escape(word) for word in sorted(found, key=lambda w: (-len(w), w)))


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    am, pm = _any("am"), _any("pm")
    week = tables.load("dates")["weekdays"].values()
    names = {tables.fold(form) for days in week for forms in days for form in forms.split("|")}
    weekdays = "|".join(re.escape(w) for w in sorted(names - {""}, key=lambda w: (-len(w), w)))
    letter = r"[^\W\d_]"
    filler = rf"(?:(?:{_any('time')}|{weekdays})(?!{letter})\.?{_GAP})"
    shift = r"(?:utc|gmt)?\s?(?P<sign>[+-])(?P<zh>\d\d?):?(?P<zm>\d\d)?"
    zone = rf"(?:\s?\(?(?:{shift}|(?:{_any('zone')})(?!{letter}))\)?)"
    mark = r"(?P<mark>[:.]|\s?(?:h|ч|時|时|点|點|시)\s?)"
    minute = r"(?P<m>\d{2})(?!\d)"
    second = r"(?::(?P<s>\d{2})(?!\d)(?:[.,]\d{1,9})?)?"
    unit = rf"(?:\s?(?:分|분|m|min)(?!{letter}))?"
    clock = (
        rf"(?:(?P<pre>{am}|{pm})\s?)?(?<!\d)(?P<h>\d{{1,2}})"
        rf"(?:{mark}{minute}{second}{unit}|(?P<hour>\s?(?:h|uhr)(?!{letter})))?"
        rf"(?:\s?(?P<post>(?:{am}|{pm})(?!{letter}))\.?)?"
    )
    return (
        re.compile(rf"(?:t|{_GAP}{filler}{{0,3}}){clock}{zone}?"),
        re.compile(rf"{clock}(?:\s?(?:uhr|h)\b)?{zone}?{_GAP}{filler}{{0,3}}{_GAP}$"),
    )


@lru_cache(maxsize=1)
def _afternoon() -> frozenset[str]:
    return tables.words("dates", "glue", "pm")


def _clock(m: re.Match[str]) -> Clock | None:
    half = m["pre"] or m["post"]
    if not (m["m"] or m["hour"] or half):
        return None  # a bare number is no time
    hour, minute, second = int(m["h"]), int(m["m"] or 0), int(m["s"] or 0)
    if half:
        if hour > 12:
            half = None
        elif half in _afternoon():
            hour = hour % 12 + 12
        else:
            hour %= 12
    if hour > 23 or minute > 59 or second > 59:
        return None
    offset = None
    if m["sign"]:
        offset = (int(m["zh"]) * 60 + int(m["zm"] or 0)) * (-1 if m["sign"] == "-" else 1)
    return Clock(time(hour, minute, second), m["s"] is not None, m.start(), m.end(), offset)


def read_time_after(rest: str) -> Clock | None:
    """The time at the start of `rest` (the folded text after a date), after filler words if any."""
    m = _patterns()[0].match(rest)
    return _clock(m) if m else None


def read_time_before(head: str) -> Clock | None:
    """The time at the end of `head` (the folded text before a date): «14:00, 28 Apr 2024»."""
    m = _patterns()[1].search(head, max(0, len(head) - 40))
    return _clock(m) if m and m["mark"] != "." else None
