"""Day or month first: what a site's own dates prove.

`06/27/2022` can only be month first, `27/06/2022` only day first. The same site may print the date of the
page in one order and the dates of a "See also" list in the other, so the evidence is kept by *place*.
Evidence is a count per place and order: counts of many pages are merged by addition, in any order, and frozen
with the site's profile.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from . import tables
from .dates import DateReading, Order

Place = Literal["head", "body", "tail"]

#: {place: {"day": n, "month": m}}
OrderCounts = dict[str, dict[Order, int]]

#: One order wins a place if it has at least this share of the proofs there.
MAJORITY = 0.9


def order_evidence(readings: Iterable[tuple[str, DateReading]]) -> OrderCounts:
    """What the readings of one page prove, each given with its place."""
    counts: OrderCounts = {}
    for place, reading in readings:
        if reading.evidence:
            at = counts.setdefault(place, {"day": 0, "month": 0})
            at[reading.evidence] += 1
    return counts


def merge_orders(many: Iterable[Mapping[str, Mapping[Order, int]]]) -> OrderCounts:
    """The sum of several counts; commutative and associative. Keys come out sorted, so equal sums are equal
    bytes."""
    total: OrderCounts = {}
    for counts in many:
        for place, by_order in counts.items():
            at = total.setdefault(place, {"day": 0, "month": 0})
            for order, n in by_order.items():
                at[order] += n
    return {place: total[place] for place in sorted(total)}


def resolve_order(counts: Mapping[str, Mapping[Order, int]], place: str) -> Order | None:
    """The order of numeric dates at `place`, or None where nothing there proves one.

    A place without proofs borrows nothing from another place: the two may well differ.
    """
    at = counts.get(place)
    if not at:
        return None
    day, month = at.get("day", 0), at.get("month", 0)
    if day + month and max(day, month) >= MAJORITY * (day + month):
        return "day" if day > month else "month"
    return None


def conventional_order(language: str | None) -> Order | None:
    """The order that all countries of a language (BCP-47) keep; None where they differ, as in English."""
    if not language:
        return None
    tag = language.replace("_", "-").lower()
    known = tables.load("dates")["order"]["day"]
    return "day" if tag in known or tag.partition("-")[0] in known else None
