"""Metadata of a page that is only lines of text: what stands where, by position, shape and blank lines.

First the body is found (the run of lines where paragraphs outweigh the rest), then the title before it (the
line whose words the body takes up again), then the small lines around both. Every value names the lines that
it came from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Generic, TypeVar

import numpy as np

from ingest.metadata import tables
from ingest.metadata.bylines import find_authors, find_known
from ingest.metadata.dates import DateReading, Order, may_hold_date, read_date
from ingest.metadata.headline import find_headline
from ingest.metadata.lines import PARAGRAPH, Line, Mark, Page, body_span, prepare
from ingest.metadata.order import conventional_order, settle, within
from ingest.metadata.page_dates import EARLIEST, latest_day
from ingest.metadata.relative import is_relative
from ingest.metadata.sections import section_of
from ingest.metadata.titles import key, letters_of, may_have, places_of, without_bars
from ingest.roles import Role

T = TypeVar("T")

#: How many non-blank lines above and after the title and below the body are looked at.
ABOVE, AFTER, BELOW = 8, 16, 8
#: As how many lines below the title a date counts whose line is a field of the site's pages, so near above it.
AT_FIELD, NEAR = 6, 4
#: Dates of items that make a page a list, lines and characters that hold them, letters that stand beside one.
LISTED, ITEMS_WITHIN, LONGEST_ITEM, WORDS_OF_ITEM = 3, 24, 200, 12
#: Characters of «Source», «Filed under» and the like.
LONGEST_LABEL = 30


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """A value and the indexes (0-based, into the lines given) of the lines that hold it."""

    value: T
    lines: tuple[int, ...]


@dataclass(slots=True)
class TextMetadata:
    """What the lines of a page say of it, each with the line it was read from."""

    title: Found[str] | None = None
    standfirst: Found[str] | None = None
    authors: Found[list[str]] | None = None
    published: Found[DateReading] | None = None
    relative: Found[str] | None = None  # «3 hours ago»: no day, so as printed
    modified: Found[DateReading] | None = None
    section: Found[str] | None = None
    source: Found[str] | None = None
    tags: Found[list[str]] | None = None
    body: tuple[int, int] = (0, 0)


_DATELINE = re.compile(
    r"^[^\W\d_a-zа-я][\w.’'/ -]{1,40}(?:,\s[\w.’' -]{2,30})?\s*(?:\([^()]{2,50}\)\s*)?(?:[-–—]{1,2}|\.-)\s"
)


def read_text(
    lines: Sequence[str],
    roles: Sequence[Role] | None = None,
    *,
    order: Order | None = None,
    language: str | None = None,
    fetched: datetime | None = None,
    authors: Sequence[str] = (),
) -> TextMetadata:
    """Propose title, standfirst, byline, date, section, source and tags of a flattened page.

    lines: the page; roles: what is known of each line (UNKNOWN where nothing is), lines with a boilerplate
    role are left out; order: what the site's dates prove of numeric dates at the head of its pages; language:
    of the page, decides such dates where the site proves nothing and all countries of the language agree;
    fetched: when the page was fetched, no date may be later than a day after it; authors: who wrote it, where that is
    known: only the lines that name them are looked for then. Raises nothing.
    """
    return read_page(prepare(lines, roles), order=order, language=language, fetched=fetched, authors=authors)


def read_page(
    page: Page,
    *,
    order: Order | None = None,
    language: str | None = None,
    fetched: datetime | None = None,
    authors: Sequence[str] = (),
) -> TextMetadata:
    """As `read_text`, of a page whose lines are described already."""
    found = TextMetadata()
    if not page:
        return found
    start, end = body_span(page)
    shown = _dates_of(page, order, language, fetched)
    title = _title(page, start, end, shown)
    if title is not None:
        found.title = Found(without_bars(page[title].text), (page[title].index,))
        if start <= title:
            start = title + 1
    found.body = (
        page.index.item(start) if start < len(page) else page.rows,
        page.index.item(end - 1) + 1 if end else 0,
    )
    used = {title} if title is not None else set()
    _find_dates(found, page, title, start, end, shown, used)
    _find_relative(found, page, _window(page, title, start, end), used)
    dated = set(
        np.searchsorted(page.index, [n for f in (found.published, found.modified) if f for n in f.lines]).tolist()
    )
    window = _window(page, title, start, end)
    byline = (
        find_known(page, window, authors, used)
        if authors
        else find_authors(page, window, title, (start, end), dated, used)
    )
    if byline:
        names, where = byline
        found.authors = Found(names, tuple(page[i].index for i in where))
        used.update(where)
    _find_standfirst(found, page, title, start, end, used)
    _find_above(found, page, title, shown, used)
    _find_labelled(found, page)
    return found


def _dates_of(
    page: Page, order: Order | None, language: str | None, fetched: datetime | None
) -> Callable[[int], DateReading | None]:
    """The date that a line of a page holds; it is read when somebody asks for it, which nobody does of most lines."""
    usual, latest = conventional_order(language), latest_day(fetched)

    @cache
    def shown(i: int) -> DateReading | None:
        text = page.texts[i]
        found = read_date(text, order=order) if page.holds.item(i) & Mark.DIGIT and may_hold_date(text) else None
        found = found and within(found, EARLIEST, latest)
        return found and settle(found, usual)

    return shown


def _title(page: Page, start: int, end: int, shown: Callable[[int], DateReading | None]) -> int | None:
    marked = np.flatnonzero(page.role == int(Role.TITLE))
    return int(marked[0]) if len(marked) else find_headline(page, start, end, shown)


def _window(page: Page, title: int | None, start: int, end: int) -> list[int]:
    """Line numbers where a page states its date and author, nearest to the title first."""
    first = max(0, (title if title is not None else start) - ABOVE)
    after = range((title + 1) if title is not None else 0, min(max(start + 3, (title or 0) + AFTER), len(page)))
    before = range((title if title is not None else start) - 1, first - 1, -1)
    below = range(end, min(len(page), end + BELOW))
    return [i for i in (*after, *before, *below) if page.usable(i)]


def _find_dates(
    found: TextMetadata,
    page: Page,
    title: int | None,
    start: int,
    end: int,
    shown: Callable[[int], DateReading | None],
    used: set[int],
) -> None:
    candidates: list[tuple[float, int, DateReading]] = []
    for rank, i in enumerate(_window(page, title, start, end)):
        if page.paragraph[i] or page.size[i] > 160 or (reading := shown(i)) is None:
            continue
        line = page[i]
        if line.role is not Role.DATE and not (reading.whole or reading.kind) and not _tight(line.text, reading):
            continue
        if reading.kind == "modified":
            found.modified = found.modified or Found(reading, (line.index,))
            continue
        if i >= end and not reading.kind and rank and not reading.whole:
            continue
        cost = (
            rank + (0 if reading.kind == "published" else 6) + (6 if i < (title or 0) else 0) + (20 if i >= end else 0)
        )
        if page.field[i] and 0 < (title or 0) - i <= NEAR:
            cost = min(cost, AT_FIELD if reading.whole else AT_FIELD + 1)
        candidates.append((cost, i, reading))
    if candidates:
        _, i, reading = min(candidates, key=lambda c: c[:2])
        if not (reading.whole or reading.kind) and _is_listed(page, i, reading, shown):
            return
        found.published = Found(reading, (page.index.item(i),))
        if reading.whole:
            used.add(i)


def _is_listed(page: Page, i: int, first: DateReading, shown: Callable[[int], DateReading | None]) -> bool:
    """Whether a date is that of an item: others follow, each beside its own words, as on a page that lists articles."""
    days = {first.values[0].date()}
    for j in range(i, min(i + ITEMS_WITHIN, len(page))):
        reading = shown(j) if page.size[j] <= LONGEST_ITEM and not page.paragraph[j] else None
        if reading and not (reading.whole or reading.kind):
            rest = page.texts[j][: reading.lead] + page.texts[j][reading.span[1] :]
            if sum(map(str.isalpha, rest)) >= WORDS_OF_ITEM:
                days.add(reading.values[0].date())
    return len(days) >= LISTED


def _find_relative(found: TextMetadata, page: Page, window: Sequence[int], used: set[int]) -> None:
    for i in window:
        if i not in used and page.size[i] <= 60 and is_relative(page.texts[i]):
            found.relative = Found(page.texts[i], (page.index.item(i),))
            used.add(i)
            return


def _tight(text: str, reading: DateReading) -> bool:
    """Whether a date shares its line with little else: a name, a place, the reading time."""
    rest = (text[: reading.lead] + " " + text[reading.span[1] :]).strip()
    return (
        len(rest.split()) <= 8 and len(rest) <= 60 and (reading.lead <= 2 or reading.span[1] >= len(text.rstrip()) - 30)
    )


def _find_standfirst(found: TextMetadata, page: Page, title: int | None, start: int, end: int, used: set[int]) -> None:
    marked = np.flatnonzero(page.role == int(Role.STANDFIRST)).tolist()
    if marked:
        found.standfirst = Found("\n".join(page.texts[i] for i in marked), tuple(page.index[marked].tolist()))
        return
    if title is None:
        return
    meta = {n for f in (found.authors, found.published, found.modified) if f for n in f.lines}
    for i in range(title + 1, min(len(page) - 1, max(start, title) + 3)):
        line = page[i]
        if i in used or line.index in meta or not page.usable(i) or line.size < 45 or line.bullet:
            continue
        if not line.sentence or line.size > 420 or _stands_twice(page, line):
            if line.size >= PARAGRAPH:
                return
            continue
        following = [p for p in page[i + 1 : i + 8] if not p.role.is_boilerplate and p.paragraph]
        if not following or _DATELINE.match(line.text):
            return
        small_after = any(p.index in meta for p in page[i + 1 : i + 5] if p.index < following[0].index)
        joined = (
            line.index > 0
            and i > title + 1
            and page[i - 1].index == line.index - 1
            and line.index + 1 != following[0].index
        )
        if (
            small_after
            or _DATELINE.match(following[0].text)
            or joined
            or (
                i == title + 1
                and line.size < 0.6 * following[0].size
                and found.authors is not None
                and found.authors.lines[0] > line.index
            )
        ):
            found.standfirst = Found(line.text, (line.index,))
            used.add(i)
        return


def _stands_twice(page: Page, line: Line) -> bool:
    return len(places_of(page.texts, page.first_of_those(page.size <= 2 * line.size), {key(line.text)})) > 1


def _find_above(
    found: TextMetadata,
    page: Page,
    title: int | None,
    shown: Callable[[int], DateReading | None],
    used: set[int],
) -> None:
    """The short lines right above the title: the section, or the outlet's name."""
    if title is None:
        return
    looked = 0
    for i in range(title - 1, max(-1, title - 5), -1):
        if not page.usable(i):
            continue
        line = page[i]
        looked += 1
        if (
            i in used
            or shown(i)
            or line.bullet
            or line.size > 45
            or not 1 <= len(line.text.split()) <= 6
            or line.sentence
            or page.template[i]
        ):
            break
        name = key(line.text)
        if len(name) > 3 and any(
            other.startswith(name) and len(other) < len(name) + 20
            for j in may_have(page.first_of_those(page.size < 120), {name})
            if j not in (i, title) and (other := key(page.texts[j]))
        ):
            if not found.source:
                found.source = Found(line.text, (line.index,))
        elif not found.section and title - i <= 3 and (section := section_of(line.text)):
            found.section = Found(section, (line.index,))
        if looked >= 2:
            break


@cache
def _labels() -> dict[str, list[str]]:
    """What each label announces."""
    found: dict[str, list[str]] = {}
    for kind in ("source", "tags", "section"):
        for word in tables.words("text", kind):
            found.setdefault(word, []).append(kind)
    return found


@cache
def _label_letters() -> frozenset[int]:
    """What `Page.first` is of lines that may have a label; those of which it says nothing are among them."""
    return frozenset({0, *letters_of(list(_labels())).tolist()})


def _find_labelled(found: TextMetadata, page: Page) -> None:
    """«Source: X», «Tags: a, b», «Section: Y»."""
    labels = _labels()
    letters = _label_letters()
    for i in [i for i, first in enumerate(page.first.tolist()) if first in letters]:
        text = page.texts[i]
        if page.size[i] > 200:
            continue
        label, colon, rest = text.partition(":") if ":" in text else text.partition("：")
        if len(label) > LONGEST_LABEL or (not colon and len(text) > LONGEST_LABEL):
            continue
        for kind in labels.get(tables.fold(label).strip(), ()):
            value = rest.strip()
            if kind == "tags":
                values, where = _tags(page, i, value)
                if values and not found.tags:
                    found.tags = Found(values, where)
            elif colon and 1 < len(value) <= 80:
                if kind == "source":
                    found.source = Found(value, (page.index.item(i),))
                else:
                    found.section = Found(value, (page.index.item(i),))


def _tags(page: Page, i: int, value: str) -> tuple[list[str], tuple[int, ...]]:
    if value:
        parts = [p.strip(" #") for p in re.split(r"[,;|•،、]|\s#", value)]
        return [p for p in parts if 1 < len(p) <= 60], (page.index.item(i),)
    found: list[str] = []
    where = [page.index.item(i)]
    for line in page[i + 1 : i + 13]:
        if (
            line.role.is_boilerplate
            or line.size > 40
            or line.sentence
            or not (line.bullet or line.text.startswith("#"))
        ):
            break
        found.append(line.text.strip(" #"))
        where.append(line.index)
    return found, tuple(where)
