"""The dates of an HTML page: declared, marked, in the address, printed beside the headline.

The page is not searched for others: of 75 dates that only a search (htmldate) found on 499 pages, 5 were known to be
right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import chain, islice
from typing import Any

from ingest.metadata import addresses, jsonld, tables
from ingest.metadata.dates import DateReading, read_date, read_dates
from ingest.metadata.order import within
from ingest.metadata.page import Near, Page, text_content

LISTED, LEVELS = 3, 4  # items that make a list, and elements between a date and its item
EARLIEST, LATEST = datetime(1990, 1, 1), datetime(2099, 12, 31)
#: Text nodes after and before the headline in which a printed date is looked for.
AFTER, BEFORE = 40, 25

SHORT_TEXT = 120  # characters from which a text is the article's own

_IN_PATH = re.compile(r"(?<!\d)(199\d|20\d\d)([/_-]?)(0?[1-9]|1[0-2])\2(0?[1-9]|[12]\d|3[01])(?!\d)")
_PUBLISHED = re.compile(r"publish|pubdate|entry-date|posted|datepub|created")
_MODIFIED = re.compile(r"modif|updat|edited")


@dataclass(frozen=True, slots=True)
class PageDates:
    """Date of publication with its place, and date of the last change with its own."""

    published: DateReading | None = None
    published_from: str | None = None
    modified: DateReading | None = None
    modified_from: str | None = None


def url_date(url: str | None) -> datetime | None:
    """The day in the path of an address: /2019/10/11/, /2019-10-11-, /20191011/; None if there is none or
    several.
    """
    if not url:
        return None
    found = set()
    for m in _IN_PATH.finditer(addresses.parts(url).path):
        if not m[2] and (len(m[3]) < 2 or len(m[4]) < 2):
            continue
        try:
            found.add(datetime(int(m[1]), int(m[3]), int(m[4])))
        except ValueError:
            continue
    return found.pop() if len(found) == 1 else None


def latest_day(fetched: datetime | None) -> datetime:
    """The last moment that a page fetched then can have been published; a day is left for time zones."""
    return fetched.replace(tzinfo=None) + timedelta(days=1) if fetched else LATEST


class _Reader:
    """Reads dates and takes those that this page can have."""

    def __init__(self, fetched: datetime | None, earliest: datetime) -> None:
        self.latest = latest_day(fetched)
        self.earliest = earliest

    def read(self, value: str | None) -> DateReading | None:
        value = (value or "").strip()[:120]
        if m := re.fullmatch(r"(\d{4})(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d)?)?Z?", value):  # basic ISO 8601
            value = f"{m[1]}-{m[2]}-{m[3]}" + (f"T{m[4]}:{m[5]}" if m[4] else "")
        elif re.fullmatch(r"\d{10}(?:\d{3})?", value):  # Unix time in seconds or milliseconds
            value = datetime.fromtimestamp(int(value[:10]), tz=timezone.utc).isoformat()
        reading = read_date(value) if value else None
        return self.possible(reading) if reading else None

    def possible(self, reading: DateReading) -> DateReading | None:
        return within(reading, self.earliest, self.latest)


def find_dates(
    page: Page, article: list[jsonld.Node], near: Near, url: str | None, *, fetched: datetime | None
) -> PageDates:
    """The dates of a page, the cheapest and most trusted place first.

    The order of day and month stays open where the date itself does not tell it. No date is later than a day after
    the fetch. None is before 1990, unless two declared dates agree that the page is so old.
    """
    reader = _Reader(fetched, EARLIEST)
    published: tuple[DateReading | None, str | None]
    published = next(_declared(page, article, reader), None) or _old(page, article, fetched) or (None, None)
    changed: tuple[DateReading | None, str | None] = next(_modified(page, article, reader), (None, None))
    if published[0] is None:
        published = next(_shown(page, near, url, reader), (None, None))
    return PageDates(published[0], published[1], changed[0], changed[1])


def _old(page: Page, article: list[jsonld.Node], fetched: datetime | None) -> tuple[DateReading, str] | None:
    """A date before 1990 where two places agree on it; not a 1 January, which stands for missing dates."""
    found = list(_declared(page, article, _Reader(fetched, datetime.min)))
    days = {reading.values[0].date() for reading, _ in found}
    places = {place for _, place in found}
    if len(days) == 1 and len(places) > 1 and (found[0][0].values[0].month, found[0][0].values[0].day) != (1, 1):
        return found[0]
    return None


def _declared(page: Page, article: list[jsonld.Node], reader: _Reader) -> Iterator[tuple[DateReading, str]]:
    for node in article:
        for name in ("datePublished", "dateCreated", "uploadDate"):
            if reading := reader.read(jsonld.text_of(node.get(name))):
                yield reading, "json-ld"
    for name in tables.load("html")["meta"]["published"]:
        for value in page.meta.get(name, ()):
            if reading := reader.read(value):
                yield reading, f"meta:{name}"
    for prop in ("datepublished", "datecreated", "dateposted"):
        for element, value in page.props.get(prop, ()):
            if reading := reader.read(value or text_content(element, 200)):
                yield reading, "microdata"


def _modified(page: Page, article: list[jsonld.Node], reader: _Reader) -> Iterator[tuple[DateReading, str]]:
    for node in article:
        if reading := reader.read(jsonld.text_of(node.get("dateModified"))):
            yield reading, "json-ld"
    for name in tables.load("html")["meta"]["modified"]:
        for value in page.meta.get(name, ()):
            if reading := reader.read(value):
                yield reading, f"meta:{name}"
    for element, value in page.props.get("datemodified", ()):
        if reading := reader.read(value or text_content(element, 200)):
            yield reading, "microdata"


def _shown(page: Page, near: Near, url: str | None, reader: _Reader) -> Iterator[tuple[DateReading, str]]:
    yield from ((reading, "time") for reading in _time_elements(page, reader))
    if (day := url_date(url)) and reader.earliest <= day <= reader.latest:
        yield DateReading((day,), "day", day.date().isoformat(), (0, 10)), "url"
    yield from (
        (reading, "text") for side in (near.after(AFTER), near.before(BEFORE)) for reading in _printed(side, reader)
    )


def _printed(texts: Iterable[str], reader: _Reader) -> Iterator[DateReading]:
    """The dates that texts print, but for those of a list: several days with no text of an article between."""
    run: list[DateReading] = []
    for text in chain(texts, ["." * SHORT_TEXT]):
        if len(text) < SHORT_TEXT:
            if any(c.isdigit() for c in text):
                found = [x for x in read_dates(text) if x.kind != "modified" and (x.whole or x.kind)]
                run += [reading for x in found if (reading := reader.possible(x))]
            continue
        listed = len({reading.values[0].date() for reading in run}) >= LISTED
        yield from (reading for reading in run if not listed or reading.kind)
        run = []


def _of_items(page: Page) -> set[Any]:
    """The <time> elements that stand in the items of a list: of other articles, of comments."""
    within: dict[tuple[Any, Any], dict[Any, list[Any]]] = {}
    for el in page.times if len(page.times) >= LISTED else ():
        for item in islice(el.iterancestors(), LEVELS):
            if (parent := item.getparent()) is not None:
                within.setdefault((parent, item.tag), {}).setdefault(item, []).append(el)
    return {el for items in within.values() if len(items) >= LISTED for times in items.values() for el in times}


def _time_elements(page: Page, reader: _Reader) -> list[DateReading]:
    """Dates of <time> elements that no mark or label calls a change: those marked as publication first."""
    marked: list[DateReading] = []
    plain: list[DateReading] = []
    items = _of_items(page)
    for el in page.times:
        if el in items:
            continue
        reading = reader.read(el.get("datetime")) or reader.read(text_content(el, 200))
        if not reading:
            continue
        marks = f"{el.get('class', '')} {el.get('itemprop', '')} " + ("pubdate" if "pubdate" in el.attrib else "")
        sibling, parent = el.getprevious(), el.getparent()
        before = sibling.tail if sibling is not None else parent.text if parent is not None else ""
        label = read_date(f"{(before or '')[-60:]} {reading.raw}")
        kind = reading.kind or (label.kind if label else None)
        if kind == "modified" or _MODIFIED.search(marks.lower()):
            continue
        (marked if kind == "published" or _PUBLISHED.search(marks.lower()) else plain).append(reading)
    return marked + plain
