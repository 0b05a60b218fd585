"""Dates as printed: golden cases of many languages, cases that are no dates, and what holds for any text."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import tomli
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.metadata.dates import DateReading, Order, dates, read_date, read_dates
from ingest.metadata.order import resolve_order, settle, within

CASES = tomli.loads((Path(__file__).parent / "data" / "dates.toml").read_text(encoding="utf-8"))


def printed(reading: DateReading) -> list[str]:
    size = {"day": 10, "minute": 16, "second": 19}[reading.precision]
    return [value.isoformat(timespec="seconds")[:size] for value in reading.values]


@pytest.mark.parametrize("case", CASES["case"], ids=lambda case: case["line"])
def test_golden_dates(case: dict[str, object]) -> None:
    """Each printed form gives its value, its precision and what its label says."""
    reading = read_date(str(case["line"]))
    assert reading is not None
    assert printed(reading) == case["at"]
    assert reading.kind == case.get("kind")
    assert reading.raw == str(case["line"])[slice(*reading.span)]
    if "raw" in case:
        assert reading.raw == case["raw"]


def reading_of(line: str, order: Order | None = None) -> DateReading:
    """The reading of a line that has one."""
    found = read_date(line, order=order)
    assert found is not None
    return found


@pytest.mark.parametrize("line", CASES["none"]["lines"])
def test_no_date_is_invented(line: str) -> None:
    """Impossible, incomplete and relative dates, numbers and versions give no reading."""
    assert read_date(line) is None


def test_order_decides_ambiguous_dates() -> None:
    """What is known of the page decides a date that nothing in its line decides, and only such a date."""
    assert reading_of("12/10/2019", order="day").value == datetime(2019, 10, 12)
    assert reading_of("12/10/2019", order="month").value == datetime(2019, 12, 10)
    assert reading_of("27/06/2022", order="month").value == datetime(2022, 6, 27)
    assert reading_of("12/10/2019").value is None


def test_label_language_decides_order() -> None:
    """A label, weekday or filler of a language that writes the day first decides the order; an English one
    does not.
    """
    assert reading_of("Опубликовано 03/04/2019").value == datetime(2019, 4, 3)
    assert reading_of("Published 03/04/2019").ambiguous


def test_weekday_decides_order() -> None:
    """The weekday beside a date excludes the reading that falls on another day."""
    assert reading_of("Tuesday, 12/10/2019").value == datetime(2019, 12, 10)
    assert reading_of("Saturday, 12/10/2019").value == datetime(2019, 10, 12)


def test_published_goes_before_updated() -> None:
    """Of several dates on a line the one labelled as publication is the date; the others keep their
    labels.
    """
    line = "Updated: 02.02.2025 23:49 Published: 01.02.2025 21:52"
    assert reading_of(line).value == datetime(2025, 2, 1, 21, 52)
    assert [r.kind for r in read_dates(line)] == ["modified", "published"]


def test_whole_line() -> None:
    """A line of nothing but labels, weekday, date, time and zone is whole; a name or sentence beside it makes
    it not.
    """
    assert reading_of("Published: Friday, October 11, 2019 at 10:01 GMT").whole
    assert not reading_of("Darkhan Umirbekov Oct 11, 2019").whole


def test_batch_equals_single() -> None:
    """The batch function finds what the single one finds, by line number, and nothing in other lines."""
    lines = [case["line"] for case in CASES["case"]] + CASES["none"]["lines"] + ["No date here"] * 50
    batch = dates(lines)
    assert batch == {i: r for i, line in enumerate(lines) if (r := read_date(line))}
    assert len(batch) == len(CASES["case"])


def test_proofs_decide_the_order() -> None:
    """Nine proofs in ten settle the order; none, or proofs that contradict each other, settle nothing."""
    assert resolve_order(0, 3) == "month"
    assert resolve_order(9, 1) == "day"
    assert resolve_order(3, 2) is None
    assert resolve_order(0, 0) is None


def test_an_open_date_is_settled_by_what_is_known() -> None:
    """The site's order, or that one reading lies after the fetch, decides an open date; nothing decides a clear one."""
    open_date = reading_of("12/10/2019, 09.17")
    december, october = datetime(2019, 12, 10, 9, 17), datetime(2019, 10, 12, 9, 17)
    assert settle(open_date, None).value is None
    assert settle(open_date, "month").value == december
    assert settle(open_date, "day").value == october
    before = within(open_date, datetime(1990, 1, 1), datetime(2019, 11, 1))
    assert before is not None
    assert before.value == october
    assert within(open_date, datetime(1990, 1, 1), datetime(2019, 1, 1)) is None
    clear = reading_of("06/27/2022, 10.01")
    assert settle(clear, "day") == clear


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=120))
def test_any_text_is_harmless(text: str) -> None:
    """No text raises; each reading lies in the text and in the calendar's range."""
    for reading in read_dates(text):
        assert 0 <= reading.lead <= reading.span[0] < reading.span[1] <= len(text)
        assert all(1800 <= value.year <= 2099 for value in reading.values)


FORMATS = [
    "%d %B %Y",
    "%B %d, %Y",
    "%d.%m.%Y",
    "%Y-%m-%d",
    "%d-%b-%Y",
    "%Y/%m/%d",
    "%a %d %b %Y",
    "%d %B, %Y",
]


@settings(max_examples=300, deadline=None)
@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.sampled_from(FORMATS))
def test_round_trip(day: date, form: str) -> None:
    """Any day printed in a usual form is read back."""
    reading = reading_of(day.strftime(form))
    assert reading is not None
    assert reading.value == datetime(day.year, day.month, day.day)


@settings(max_examples=200, deadline=None)
@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_slashes_give_both_readings_or_one(day: date) -> None:
    """A date with slashes always holds the day meant, and is ambiguous exactly when the swapped one exists
    and differs.
    """
    reading = reading_of(day.strftime("%d/%m/%Y"))
    assert datetime(day.year, day.month, day.day) in reading.values
    assert reading.ambiguous == (day.day <= 12 and day.day != day.month)


def test_digits_of_other_scripts() -> None:
    """Decimal digits of any script read like ASCII ones."""
    day = date(2019, 1, 1)
    for zero in (0x660, 0x6F0, 0x966, 0x9E6, 0xFF10):
        for _ in range(3):
            text = "".join(chr(zero + int(c)) if c.isdigit() else c for c in day.isoformat())
            assert reading_of(text).value == datetime(day.year, day.month, day.day)
            day += timedelta(days=97)
