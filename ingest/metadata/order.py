"""Day or month first: what settles a date of figures that can be read both ways.

`06/27/2022` can only be month first, `27/06/2022` only day first. The same site may print the date of the page in one
order and the dates of a "See also" list in the other, so only dates at the head of its pages are proofs for the head
(`ingest.sites.contributions` counts them). Where the site proves nothing, some languages have one order in all their
countries; and a page is not published after it was fetched.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from ingest.metadata import tables
from ingest.metadata.dates import DateReading, Order

#: One order wins if it has at least this share of the proofs.
MAJORITY = 0.9


def resolve_order(day_first: int, month_first: int) -> Order | None:
    """The order that so many proofs of either kind stand for; None where there are none, or they contradict."""
    most, both = max(day_first, month_first), day_first + month_first
    if not both or most < MAJORITY * both:
        return None
    return "day" if day_first > month_first else "month"


def conventional_order(language: str | None) -> Order | None:
    """The order that all countries of a language (BCP-47) keep; None where they differ, as in English."""
    if not language:
        return None
    tag = language.replace("_", "-").lower()
    known = tables.load("dates")["order"]["day"]
    return "day" if tag in known or tag.partition("-")[0] in known else None


def settle(reading: DateReading, order: Order | None) -> DateReading:
    """A reading that is open, decided by `order`; as it is where nothing is open, or the order is not known."""
    if order is None or len(reading.values) != 2 or reading.values[0].day == reading.values[1].day:
        return reading  # of two values on one day of the month, a month name has two meanings
    return replace(reading, values=reading.values[:1] if order == "day" else reading.values[1:])


def within(reading: DateReading, earliest: datetime, latest: datetime) -> DateReading | None:
    """A reading without the values that cannot be; None where that is all of them."""
    values = tuple(value for value in reading.values if earliest <= value <= latest)
    return (reading if len(values) == len(reading.values) else replace(reading, values=values)) if values else None
