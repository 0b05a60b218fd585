"""The words of printed dates as look-up tables and patterns, built once from `dates.toml`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from ingest.metadata import tables

Kind = Literal["published", "modified"]

# What can stand before a month word: a day, with a year before it or not.
_BEFORE_DAY = r"(?<![\d.:/])(\d{1,2})(?:st|nd|rd|th|er|re|º|°|ª|ος|ші|шы|інші|ыншы|-?го|-?е|-?а)?[\s.,/-]*"


@lru_cache(maxsize=1)
def month_patterns() -> tuple[re.Pattern[str], ...]:
    """Patterns of dates that name their month, in the order in which they are tried."""
    alternatives = {
        key: "|".join(re.escape(w) for w in sorted(tables.words("dates", "glue", key), key=lambda w: (-len(w), w)))
        for key in ("inside", "year", "day")
    }
    inside, year, day = (rf"(?:(?:{alternatives[k]})(?![^\W\d_])[\s.,]*)" for k in ("inside", "year", "day"))
    year_before = rf"(?<!\d)(\d{{4}})[\s.,-]*{year}?"
    return (
        re.compile(rf"(?:{year_before})?{_BEFORE_DAY}(?:{day}|{inside})*$"),  # [2019 yil] 11 |oktabr
        re.compile(rf"{year_before}$"),  # 2019. |október 11.
        re.compile(rf"[\s.,/'-]*(?:{inside})*(\d{{4}})(?!\d(?!\d?:\d\d)|[.:]\d)(?:[\s-]*{year})?"),  # |oktober 2019
        re.compile(
            rf"[\s.-]*(\d{{1,2}})(?:st|nd|rd|th)?[\s.,]+(?:{inside})*(\d{{4}})(?!\d(?!\d?:\d\d)|[.:]\d)(?:[\s-]*{year})?"
        ),
        re.compile(rf"[\s.-]*(\d{{1,2}})(?![\d:])(?:st|nd|rd|th)?\.?(?:\s?{day})?"),
    )


@lru_cache(maxsize=1)
def months() -> dict[str, tuple[int, ...]]:
    """Numbers of the months that a name may stand for, by name."""
    found: dict[str, set[int]] = {}
    for names in tables.load("dates")["months"].values():
        for number, forms in enumerate(names, 1):
            for form in forms.split("|"):
                found.setdefault(tables.fold(form), set()).add(number)
    return {word: tuple(sorted(numbers)) for word, numbers in found.items()}


@lru_cache(maxsize=1)
def month_beginnings() -> frozenset[str]:
    """All that a word can be which is the name of a month, or the first of two words of one."""
    return frozenset(word[:end] for word in months() for end in range(1, len(word) + 1))


@lru_cache(maxsize=1)
def weekdays() -> dict[str, int]:
    """Weekday names that mean one day in all languages, Monday = 0."""
    found: dict[str, set[int]] = {}
    for names in tables.load("dates")["weekdays"].values():
        for number, forms in enumerate(names):
            for form in forms.split("|"):
                found.setdefault(tables.fold(form), set()).add(number)
    return {word: min(numbers) for word, numbers in found.items() if word and len(numbers) == 1}


@lru_cache(maxsize=1)
def day_first_weekdays() -> frozenset[str]:
    """Weekday names that stand only in languages that put the day first."""
    data = tables.load("dates")
    first = {
        lang: {tables.fold(form) for forms in names for form in forms.split("|")}
        for lang, names in data["weekdays"].items()
    }
    day = set(data["order"]["day"])
    other = frozenset().union(*(names for lang, names in first.items() if lang not in day))
    return frozenset().union(*(names for lang, names in first.items() if lang in day)) - other


@lru_cache(maxsize=1)
def labels() -> dict[str, tuple[Kind, str]]:
    """Kind andlanguage of the words that introduce a date, by word."""
    data = tables.load("dates")
    kinds: tuple[Kind, Kind] = ("published", "modified")
    return {
        tables.fold(word): (kind, language)
        for kind in kinds
        for language, group in data[kind].items()
        for word in group
    }


@lru_cache(maxsize=1)
def filler() -> frozenset[str]:
    """Words that may stand beside a date and say nothing of it."""
    glue = frozenset().union(
        *(tables.words("dates", "glue", key) for key in ("time", "zone", "year", "day", "am", "pm"))
    )
    return glue | frozenset(weekdays())


def is_calendar_word(word: str) -> bool:
    """Whether `word` names a month or a weekday in some language."""
    folded = tables.fold(word)
    return folded in months() or folded in weekdays()
