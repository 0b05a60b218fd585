"""Read printed dates: what a line says, how precisely, and whether day and month can be told apart.

A table-driven reader. Names of months and weekdays, labels and filler words are data (`dates.toml`); the code
knows only the orders in which a day, a month and a year can stand. It never guesses: a date without a year, a
date that no calendar holds and a relative date («3 hours ago») give no reading, and `12/10/2019` gives two.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import lru_cache
from itertools import zip_longest
from typing import Literal

from ingest.metadata import tables
from ingest.metadata.clock import read_time_after, read_time_before
from ingest.metadata.datewords import (
    Kind,
    day_first_weekdays,
    filler,
    labels,
    month_beginnings,
    month_patterns,
    months,
    weekdays,
)

Order = Literal["day", "month"]
Precision = Literal["day", "minute", "second"]

#: Lines longer than this are paragraphs: only their first and last `EDGE` characters are read.
LONG = 200
EDGE = 90
FIRST_YEAR, LAST_YEAR = 1800, 2099
BUDDHIST, BUDDHIST_YEARS = 543, range(1900, LAST_YEAR + 1)


@dataclass(frozen=True, slots=True)
class DateReading:
    """One printed date.

    `values` holds one naive local time, or two (day first, then month first) where the order is not
    determined; `span` is the date with its time in the text given, code points, end exclusive; `whole` says
    that the line holds nothing else but labels, weekday and time zone; `evidence` is the order that this date
    proves by itself, if any; `offset` is the zone in minutes east of UTC where one is printed in figures.
    """

    values: tuple[datetime, ...]
    precision: Precision
    raw: str
    span: tuple[int, int]
    kind: Kind | None = None
    whole: bool = False
    evidence: Order | None = None
    offset: int | None = None
    lead: int = 0  # where the label, weekday and time before the date start

    @property
    def ambiguous(self) -> bool:
        return len(self.values) > 1

    @property
    def value(self) -> datetime | None:
        """The date, or None while it is ambiguous."""
        return None if self.ambiguous else self.values[0]


@dataclass(frozen=True, slots=True)
class _Day:
    """A calendar date found in a folded line: its readings, place, and what settles its order."""

    days: tuple[date, ...]
    start: int
    end: int
    evidence: Order | None = None
    short: bool = False  # year of two digits: believed only on a line of its own
    dotted: bool = False  # day first by the convention of all countries that write dots


# What must not stand right before and after figures, or they are part of a longer number, a version or an
# address.
_HEAD = r"(?<![\d/])(?<!\d[.:-])(?<![.-]\d)"
_TAIL = r"(?!\d(?!\d?:\d\d)|[./-]\d(?!\d?[:.]\d\d))"
_YMD = re.compile(rf"{_HEAD}(\d{{4}})([-/.])\s?(\d{{1,2}})\2\s?(\d{{1,2}})(?!\d|[-/]\d)")
_CJK = re.compile(r"(?<!\d)(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일號号]")
_DMY = re.compile(rf"{_HEAD}(\d{{1,2}})(\s?[-/]\s?|\.\s?)(\d{{1,2}})(\s?[-/]\s?|\.\s?)(\d{{4}}|\d{{2}}){_TAIL}")
# Languages that number their months, year first: Uyghur «2019-يىلى 5-ئاينىڭ 17-كۈنى», Mongolian «2021 оны 5-р сарын
# 17», Kazakh «2019 жылғы 5-айдың 17-і».
_NUMBERED = re.compile(
    r"(?<!\d)(\d{4})[-\s]{0,2}(?:يىلى?|оны|он|жылғы|жыл(?:дын|дың)?)\s{1,2}(\d{1,2})[-\s]{0,2}"
    r"(?:ئاي(?:نىڭ|دا)?|(?:р\s)?сарын|ай(?:дың|дын)?)\s{1,2}(\d{1,2})(?!\d)(?:-(?:كۈنى?|ны|ний|ні|і|ы)(?!\w))?".replace(
        "ى", "ي"
    )
)
_VIET = re.compile(r"(?<!\d)(\d{1,2})\s+tháng\s+(\d{1,2}),?\s+(?:năm\s+)?(\d{4})(?!\d)")
_WORD = re.compile(r"[^\W\d_](?:[^\s\d.,;:/|()\[\]«»\"…•·–—-]|(?<=[^\W\d_])-(?=[^\W\d_]))*")


def _calendar(year: int, month: int, day: int) -> date | None:
    if year - BUDDHIST in BUDDHIST_YEARS:  # Thailand counts from 543 before our era, with our months and days
        year -= BUDDHIST
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _numeric(line: str) -> Iterator[_Day]:
    for pattern in (_YMD,) if line.isascii() else (_YMD, _CJK, _NUMBERED):
        for m in pattern.finditer(line):
            *_, month, day = m.groups()
            if found := _calendar(int(m[1]), int(month), int(day)):
                yield _Day((found,), m.start(), m.end())
    for m in _VIET.finditer(line) if "tháng" in line else ():
        if found := _calendar(int(m[3]), int(m[2]), int(m[1])):
            yield _Day((found,), m.start(), m.end())
    for m in _DMY.finditer(line):
        first, second, year = int(m[1]), int(m[3]), int(m[5])
        if m[2].strip() != m[4].strip():
            continue
        short = len(m[5]) == 2
        if short:
            year += 2000 if year < 70 else 1900
        day_first, month_first = _calendar(year, second, first), _calendar(year, first, second)
        found_days = tuple(d for d in (day_first, month_first) if d)
        if not found_days:
            continue
        if len(found_days) == 2 and first == second:
            found_days = found_days[:1]
        evidence: Order | None = None
        if len(found_days) == 1 and first != second:
            evidence = "day" if day_first else "month"
        yield _Day(found_days, m.start(), m.end(), evidence, short, m[2].strip() == ".")


def _words(text: str, line: str) -> list[tuple[int, int]]:
    """Spans of the words of a line; a word that a flattened page glued («PressApril») is split at its inner
    capital.
    """
    spans: list[tuple[int, int]] = []
    for m in _WORD.finditer(line):
        start = m.start()
        if any(map(str.isupper, text[start + 1 : m.end()])):
            for i in range(start + 1, m.end()):
                if text[i].isupper() and text[i - 1].islower():
                    spans.append((start, i))
                    start = i
        spans.append((start, m.end()))
    return spans


def _month_names(text: str, line: str) -> Iterator[_Day]:
    numbers_of, beginnings = months(), month_beginnings()
    before_day, before_year, after_year, after_day_year, after_day = month_patterns()
    found = _words(text, line)
    for i, (start, end) in enumerate(found):
        if line[start:end] not in beginnings:
            continue
        # a name of two words («تشرين الأول») goes before its first word alone
        numbers = None
        if i + 1 < len(found):
            numbers = numbers_of.get(line[start : found[i + 1][1]])
            if numbers:
                end = found[i + 1][1]
        numbers = numbers or numbers_of.get(line[start:end])
        if not numbers:
            continue
        if line[end : end + 3].lstrip()[:1] in _ALIAS_MARKS:
            numbers, end = _other_name(line, end, numbers)
        head = line[max(0, start - 32) : start]
        shift = max(0, start - 32)
        left = before_day.search(head)
        day = year = 0
        first, last = start, end
        if left and (right := after_year.match(line, end)):
            day, year, first, last = int(left[2]), int(right[1]), shift + left.start(2), right.end()
        elif left and left[1]:
            day, year, first = int(left[2]), int(left[1]), shift + left.start(1)
        elif right := after_day_year.match(line, end):
            day, year, last = int(right[1]), int(right[2]), right.end()
        elif (left := before_year.search(head)) and (right := after_day.match(line, end)):
            day, year, first, last = int(right[1]), int(left[1]), shift + left.start(1), right.end()
        days = tuple(d for number in numbers if (d := _calendar(year, number, day)))
        if days:
            yield _Day(days, first, last)


_ALIAS_MARKS = tuple("/(-")
_ALIAS = re.compile(r"\s?(?:(\()|[/-])\s?([^\W\d_]+(?:\s[^\W\d_]+)?)")


def _other_name(line: str, end: int, numbers: tuple[int, ...]) -> tuple[tuple[int, ...], int]:
    """A month under its second name, too, as Arabic papers print it: «آب/أغسطس», «شباط (فبراير)»; where it ends."""
    if m := _ALIAS.match(line, end):
        words = m[2]
        for name in (words, words.partition(" ")[0]):
            if both := tuple(n for n in months().get(name, ()) if n in numbers):
                last = m.start(2) + len(name)
                return both, last + (m[1] is not None and line[last : last + 1] == ")")
    return numbers, end


def _apart(found: Iterable[_Day]) -> list[_Day]:
    """In order of place, without those that overlap a longer one."""
    kept: list[_Day] = []
    for day in sorted(found, key=lambda d: (d.start, -d.end)):
        if not kept or day.start >= kept[-1].end:
            kept.append(day)
    return kept


_SEPARATORS = " \t,.;:|·•@/()[]–—-<>«»\"'*●▪~_+،؛、，"


def _strip_filler(text: str) -> tuple[str, str | None]:
    """`text` without filler words at its end, and the weekday among them."""
    weekday = None
    while True:
        text = text.rstrip(_SEPARATORS)
        cut = len(text)
        while cut and text[cut - 1] not in _SEPARATORS:
            cut -= 1
        word = tables.fold(text[cut:])
        if word and word not in filler():  # a name of two words, «thứ sáu»
            cut = text.rfind(" ", 0, max(cut - 1, 0)) + 1
            word = tables.fold(text[cut:])
        if not word or word not in filler() or (len(word) == 1 and text[cut].isupper()):
            return text, weekday
        if word in weekdays():
            weekday = word
        text = text[:cut]


def _label(text: str) -> tuple[int, Kind, str] | None:
    """The label that ends `text`: where it starts, what it says, its language."""
    known = labels()
    for start in range(max(0, len(text) - 28), len(text)):
        if (hit := known.get(text[start:])) and (
            not start or not text[start - 1].isalnum() or not text[start].isascii()
        ):
            return start, *hit
    return None


def _opening_label(line: str) -> Kind | None:
    """What a label at the start of a line says of its first date: «Posted by BeauHD on Friday December 19,
    2025».
    """
    head = line.lstrip(_SEPARATORS)
    for end in (m.start() for m in re.finditer(r"[\s:]|$", head[:30])):
        if (hit := labels().get(head[:end])) and end > 3:
            return hit[0]
    return None


def _is_filler(text: str) -> bool:
    rest = _strip_filler(text)[0]
    return not rest or not any(char.isalnum() for char in rest)


def read_dates(text: str, *, order: Order | None = None) -> list[DateReading]:
    """All dates of a line, in their order, each with the label that stands before it.

    `order` is what is known of the page: it decides the numeric dates that nothing in the line decides.
    """
    return list(_read_dates(text, order))


@lru_cache(maxsize=1 << 13)  # a page is read for its dates, for its authors, and before that for the order of figures
def _read_dates(text: str, order: Order | None) -> tuple[DateReading, ...]:
    if not _MAYBE_HERE.search(folded := tables.fold(text)):
        return ()
    found = _apart([*_numeric(folded), *_month_names(text, folded)])
    readings: list[DateReading] = []
    edge = 0
    for day, following in zip_longest(found, found[1:]):
        reading = _dress(text, folded, day, edge, following.start if following else len(text), order)
        if reading:
            readings.append(reading)
            edge = reading.span[1]
    bounds = [0, *(x for r in readings for x in (r.lead, r.span[1])), len(text)]
    rest = " ".join(text[a:b] for a, b in zip(bounds[::2], bounds[1::2], strict=True))
    whole = _is_filler(rest)
    opening = _opening_label(folded) if readings and not readings[0].kind else None
    readings = [replace(r, whole=whole, kind=r.kind or (opening if not i else None)) for i, r in enumerate(readings)]
    short = {day.start for day in found if day.short}
    return tuple(r for r in readings if whole or r.kind or not any(r.span[0] <= s < r.span[1] for s in short))


def _dress(text: str, line: str, day: _Day, edge: int, limit: int, order: Order | None) -> DateReading | None:
    """Give a calendar date its time, label and order; `edge` and `limit` are the neighbours' bounds."""
    start, end = day.start, day.end
    clock = read_time_after(line[end:limit])
    if clock:
        end += clock.end
    elif clock := read_time_before(line[edge:start]):
        start = edge + clock.start
    before, weekday = _strip_filler(text[edge:start])
    if clock and start != day.start and not weekday:
        weekday = _strip_filler(line[start : day.start])[1]
    label = _label(line[edge : edge + len(before)]) or _label(line[edge:start].rstrip(_SEPARATORS))
    lead = edge + (label[0] if label else len(before))
    days = _settle(day, weekday or _weekday_after(line[day.end :]), label[2] if label else None, order)
    values = tuple(datetime.combine(d, clock.time if clock else time()) for d in days)
    precision: Precision = "day" if not clock else "second" if clock.seconds else "minute"
    return DateReading(
        values, precision, text[start:end], (start, end), label[1] if label else None, False, day.evidence,
        clock.offset if clock else None, lead,
    )  # fmt: skip


def _weekday_after(rest: str) -> str | None:
    m = _WORD.match(rest.lstrip(_SEPARATORS))
    return m[0] if m and m[0] in weekdays() else None


def _settle(day: _Day, weekday: str | None, language: str | None, order: Order | None) -> tuple[date, ...]:
    """The readings that remain once the weekday, the order known and the label's language have spoken."""
    days = day.days
    if len(days) < 2:
        return days
    if weekday is not None:
        fitting = tuple(d for d in days if d.weekday() == weekdays()[weekday])
        if len(fitting) == 1:
            return fitting
    if days[0].day == days[1].day:  # a month name with two meanings, not an order of figures
        return days
    if order is None and (
        day.dotted or weekday in day_first_weekdays() or language in tables.load("dates")["order"]["day"]
    ):
        order = "day"
    return days if order is None else days[:1] if order == "day" else days[1:]


def read_date(text: str, *, order: Order | None = None) -> DateReading | None:
    """The date that a line is, begins with or ends with; None if it holds none.

    Of a long line (a paragraph) only both ends are read. Where the line holds several dates, the one that is
    labelled as the date of publication goes first, then the first that is not labelled as a change.
    """
    if len(text) > LONG:
        head = read_date(text[:EDGE], order=order)
        if head and head.span[0] == 0:
            return head
        return None
    readings = read_dates(text, order=order)
    rank = {"published": 0, None: 1, "modified": 2}
    return min(readings, key=lambda r: rank[r.kind], default=None)


# A line that may hold a date has a year of four digits or three numbers in a row. In digits of any script.
_MAYBE_HERE = re.compile(r"(?<!\d)[12]\d{3}(?!\d(?!\d?:\d))|\d{1,2}\s?[./-]\s?\d{1,2}\s?[./-]\s?\d{2}")


def may_hold_date(line: str) -> bool:
    """Whether it is worth while to look for a date in `line`; most lines hold no figures."""
    return _CANDIDATE.search(line) is not None


def dates(lines: Sequence[str], *, order: Order | None = None) -> dict[int, DateReading]:
    """`read_date` of those `lines` that hold one: {line index: reading}.

    One regular expression runs over the lines joined, so that lines without figures cost next to nothing.
    """
    text = "\n".join(lines)
    starts: list[int] = []
    at = 0
    for line in lines:
        starts.append(at)
        at += len(line) + 1
    candidates = {bisect_right(starts, m.start()) - 1 for m in _CANDIDATE.finditer(text)}
    found = ((i, read_date(lines[i], order=order)) for i in sorted(candidates))
    return {i: reading for i, reading in found if reading}


_CANDIDATE = re.compile(r"\d{4}|\d[./-]\s?\d{1,2}\s?[./-]\s?\d\d")
