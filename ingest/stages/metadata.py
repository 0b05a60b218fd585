"""What the page says of itself: values for the columns, and roles for the lines that say them.

HTML pages declare most of it; a flattened page says it in its lines. A title or date that the source gives beside the
page wins over what the page seems to say. Lines that were read as metadata leave the text and carry the role.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from itertools import pairwise
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from ingest.document import Alteration, Batch, Document, Lines
from ingest.html.elements import Within
from ingest.language import UNDETERMINED
from ingest.lines import fingerprints
from ingest.lines.fingerprints import is_paragraph
from ingest.metadata import text as page_text
from ingest.metadata.authors import clean_authors
from ingest.metadata.dates import DateReading, Order, read_date
from ingest.metadata.html import HtmlMetadata
from ingest.metadata.lines import PROSE, SENTENCE_END, Page, Table, describe
from ingest.metadata.order import conventional_order, resolve_order, settle
from ingest.metadata.titles import key, places_of
from ingest.models.wrapping import broken
from ingest.roles import Evidence, Role
from ingest.sites import Profiles
from ingest.sites.profiles import Profile
from ingest.sites.repeats import Repeats
from ingest.stages.removed import IN_TEXT, among
from ingest.votes import rules

STAGE = "metadata"
SURE = 0.9
SHORTEST = fingerprints.PARAGRAPH // fingerprints.WIDE_WEIGHT  # characters without which no line is a paragraph
PARAGRAPH, AROUND = 80, 30  # characters of an HTML line by which the body is known, and lines around it that are read


FEWEST_WORDS, NEAR_TOP = 3, 8  # of a title that is looked for inside a line, and lines of text that are looked at
_MARKS = re.compile(r"[\n,;|،、，]")

T = TypeVar("T")


def read_metadata(batch: Batch, profiles: Profiles, orders: Mapping[str, Order]) -> Batch:
    """Fill `meta` of each document and give its title, byline, date … lines their roles.

    orders: what a site's pack says comes first in its dates of figures; it outweighs what its pages prove.
    """
    by_person = rules.kept_by_person(batch.lines)
    table = describe(batch.lines.texts, batch.lines.codes)
    for position, document in batch.alive():
        profile = profiles.sites.get(document.site or "")
        order = orders.get(document.site or "")
        if order is None and profile is not None:
            order = resolve_order(profile.day_first, profile.month_first)
        _read(document, batch.lines, batch.lines.span(position), table, order, by_person, profile)
    return batch


def fetched_at(document: Document) -> datetime | None:
    """When the page was fetched, if its source tells; UTC offsets are dropped, times are as printed."""
    reading = read_date(document.record.given.get("fetched_at", ""))
    return reading.value if reading else None


def _read(
    document: Document,
    lines: Lines,
    span: range,
    table: Table,
    order: Order | None,
    by_person: npt.NDArray[np.bool_],
    profile: Profile | None,
) -> None:
    html: HtmlMetadata = document.html_meta or HtmlMetadata()
    given = document.record.given
    meta = document.meta
    meta.fetched_at = fetched_at(document)
    meta.title = given.get("title") or html.title
    language = _main_language(lines, span) or given.get("language")
    roles = _roles(lines, span, table, meta.title)
    if document.html_meta is not None:
        span, roles = _near_body(lines, span, roles)
    repeats = None if profile is None else Repeats(profile, lines.marks.part(span))
    page = Page(table, span, roles)
    if repeats is not None:
        page.template, page.field = repeats.of_most()[page.index], repeats.fields()[page.index]
    if document.html_meta is None:
        page.close(broken(lines.texts[span.start : span.stop]))
    known = clean_authors(given.get("authors", "").split("\n")) or html.authors
    read = partial(page_text.read_page, page, order=order, language=language, fetched=meta.fetched_at, authors=known)
    found = read()
    # a page of which nothing is told is a copy, and what its versions share is its own
    if meta.title is None and found.title and repeats is not None and lines.on_pages[span.start : span.stop].any():
        of_site = repeats.of_site()
        if of_site[found.title.lines[0]]:
            # the day of many pages repeats, too, and so does the line of a busy author
            of_site[[at for place in (found.published, found.modified) if place for at in place.lines]] = False
            page.role[of_site[page.index]] = int(Role.OTHER_BOILERPLATE)
            signed, found = found.authors, read()
            found.authors = found.authors or signed

    prose = set(page.index[page.prose | page.paragraph].tolist())

    def mark(place: page_text.Found[T] | None, role: Role) -> T | None:
        if place is None:
            return None
        for index in place.lines:
            row = span.start + index
            if by_person[row] or (role is not Role.STANDFIRST and index in prose):
                continue  # what is said within prose is read there, and the prose stays
            if document.unframed and index >= found.body[0] and role.is_metadata:
                continue  # of text that nothing surrounds, only the lines above it are no text
            only_model = int(lines.evidence[row]) in (Evidence.NONE, Evidence.MODEL)
            if role is not Role.STANDFIRST or only_model:
                lines.set(row, role, Evidence.RULE, SURE, f"metadata.{role.label}", STAGE)
        return place.value

    # Where the source states a title, no other line is one; a page of one paragraph is text without a title.
    if meta.title is None and found.title is not None and not _is_all_text(found.title.lines, lines, span):
        meta.title = mark(found.title, Role.TITLE)
    if meta.title is None:
        _give_back_titles(lines, span)
    _mark_printed_title(lines, span, table, meta.title, by_person)
    meta.standfirst = mark(found.standfirst, Role.STANDFIRST) or given.get("standfirst")
    section, source, tags = (
        mark(found.section, Role.SECTION),
        mark(found.source, Role.SOURCE),
        mark(found.tags, Role.TAG),
    )
    meta.section, meta.source = given.get("section") or html.section or section, source
    meta.tags = _tags(given.get("tags", "")) or html.tags or tags or []
    authors = mark(found.authors, Role.BYLINE)
    meta.authors = known or clean_authors(authors or [])
    _mark_author_boxes(lines, span, meta.authors, by_person)
    published, modified = mark(found.published, Role.DATE), mark(found.modified, Role.DATE)
    relative = mark(found.relative, Role.DATE)
    meta.modified = html.modified or (modified.value if modified else None)
    _date(document, html, published, order)
    meta.published_raw = meta.published_raw or relative
    document.url = document.url or html.canonical_url


def _tags(stated: str) -> list[str]:
    """Tags as a source states them, one a line or parted by marks."""
    return list(dict.fromkeys(tag for part in _MARKS.split(stated) if (tag := part.strip(" #"))))


def _near_body(lines: Lines, span: range, roles: npt.NDArray[np.int8]) -> tuple[range, npt.NDArray[np.int8]]:
    """The rows around the title and the kept paragraphs of an HTML page, and their roles.

    What the page declares needs no finding; menus and footers far from the body are left out, as reading them takes
    longer than all else.
    """
    texts = lines.texts
    anchors = [row for row in _rows_of(lines, span, Role.BODY) if len(texts[row]) >= PARAGRAPH]
    anchors += (np.flatnonzero(roles == int(Role.TITLE)) + span.start).tolist()  # there is one at most
    if not anchors:
        return span, roles
    near = range(max(span.start, min(anchors) - AROUND), min(span.stop, max(anchors) + AROUND + 1))
    return near, roles[near.start - span.start : near.stop - span.start]


def _main_language(lines: Lines, span: range) -> str | None:
    """The language that most characters of the page's text are in."""
    sizes: Counter[str] = Counter()
    for row in _rows_of(lines, span, Role.BODY):
        if lines.language[row] != UNDETERMINED:
            sizes[lines.language[row]] += len(lines.texts[row])
    return max(sizes, key=lambda label: (sizes[label], label)) if sizes else None


def _rows_of(lines: Lines, span: range, *roles: Role) -> list[int]:
    """The rows of a page that have one of the roles now."""
    wanted = among(lines.role[span.start : span.stop], *roles)
    rows: list[int] = (np.flatnonzero(wanted) + span.start).tolist()
    return rows


def _roles(lines: Lines, span: range, table: Table, title: str | None) -> npt.NDArray[np.int8]:
    """Roles as the reader of page text wants them: boilerplate as it is, the rest open.

    Only paragraphs and what a rule knows are closed. Other lines that site or model speak against stay open: date lines
    are equal on all pages once digits count as equal, so is the line of a busy author, and a title is no article text.
    """
    here = slice(span.start, span.stop)
    by_rules = lines.votes_of(rules.VOTER)
    goes = lines.role[here] >= int(Role.NAVIGATION)
    closed = goes & (by_rules.role[here] != int(Role.UNKNOWN)) if by_rules is not None else np.zeros(len(span), bool)
    for place in np.flatnonzero(goes & ~closed).tolist():
        text = lines.texts[span.start + place]
        closed[place] = len(text) >= SHORTEST and is_paragraph(text)
    roles = np.where(closed, lines.role[here], np.int8(Role.UNKNOWN))
    if title and (wanted := key(title)):
        for place, _ in places_of(lines.texts[here], table.first[here], {wanted})[:1]:
            roles[place] = Role.TITLE
    return roles


def _mark_printed_title(
    lines: Lines, span: range, table: Table, title: str | None, by_person: npt.NDArray[np.bool_]
) -> None:
    """The title is not repeated in the text: the lines that print it go, unless there is no other text. From a line
    that goes on with a sentence it is cut, and a heading that goes on goes whole.
    """
    wanted = key(title) if title else ""
    if not title or not wanted:
        return
    here = slice(span.start, span.stop)
    text = among(lines.role[here], *IN_TEXT) & ~table.blank[here]
    first = np.where(text, table.first[here], -1)
    printed = [span.start + place for place, _ in places_of(lines.texts[here], first, {wanted})]
    if len(printed) == text.sum():
        del printed[-1:]  # a post that its source gives as its own title, too
    for row in printed:
        if int(lines.role[row]) == Role.BODY and not by_person[row]:
            lines.set(row, Role.TITLE, Evidence.RULE, SURE, "metadata.title", STAGE)
    if printed or len(wanted.split()) < FEWEST_WORDS:
        return
    for place in np.flatnonzero(text)[:NEAR_TOP].tolist():
        row = span.start + place
        rest = _behind(lines.texts[row], title)
        if rest is None or by_person[row] or int(lines.role[row]) != Role.BODY:
            continue
        if lines.within[row] & Within.H1:
            lines.set(row, Role.TITLE, Evidence.RULE, SURE, "metadata.title", STAGE)
        elif SENTENCE_END.search(rest) and len(rest) >= PROSE and rest[0].isupper():
            lines.altered[row] = Alteration(rest, title, Role.TITLE, "metadata.title")
        return


def _give_back_titles(lines: Lines, span: range) -> None:
    """Where no title is found, what the line model alone took for one is text."""
    for row in _rows_of(lines, span, Role.TITLE):
        if int(lines.evidence[row]) == Evidence.MODEL:
            lines.set(row, Role.BODY, Evidence.NONE, float(lines.score[row]), "", STAGE)


def _behind(line: str, title: str) -> str | None:
    """What follows a title in the line that begins with it, None where nothing does."""
    line = line.strip()
    rest = line[len(title) :] if line.startswith(title) else ""
    return rest.strip() if rest[:1].isspace() else None


def _mark_author_boxes(lines: Lines, span: range, authors: list[str], by_person: npt.NDArray[np.bool_]) -> None:
    """Below article text, an author's name on a line of its own with a paragraph that begins with it is a portrait."""
    body = _rows_of(lines, span, Role.BODY)
    if not authors or not body:
        return
    names, begins = {key(author): author for author in authors}, tuple(authors)
    for row, below in pairwise(row for row in range(body[0] + 1, span.stop) if lines.texts[row]):
        portrayed = lines.texts[below].strip()
        if not portrayed.startswith(begins):
            continue
        author = names.get(key(lines.texts[row]))
        if author and portrayed.startswith(author):
            for portrait, role in ((row, Role.BYLINE), (below, Role.AUTHOR_BIO)):
                if int(lines.role[portrait]) == Role.BODY and not by_person[portrait]:
                    lines.set(portrait, role, Evidence.RULE, SURE, "metadata.author-box", STAGE)


def _date(document: Document, html: HtmlMetadata, line: DateReading | None, order: Order | None) -> None:
    given = document.record.given.get("published", "")
    reading = read_date(given, order=order) if given else None
    if reading is not None:
        _take(document, reading, "given")
    elif html.published is not None:
        reading = settle(html.published, order or conventional_order(html.language))
        _take(document, reading, html.published_from)
    elif line is not None:
        _take(document, line, "line")


def _take(document: Document, reading: DateReading, origin: str | None) -> None:
    meta = document.meta
    meta.published, meta.published_precision = reading.value, reading.precision
    meta.published_ambiguous, meta.published_from = reading.ambiguous, origin
    meta.published_raw = reading.raw
    if reading.ambiguous:
        both = " | ".join(value.isoformat(" ", "minutes") for value in reading.values)
        meta.published_raw = f"{reading.raw} [{both}]"
        meta.published_precision = None


def _is_all_text(places: Iterable[int], lines: Lines, span: range) -> bool:
    """Whether these lines hold the only paragraph of the page that is text."""
    own = {span.start + place for place in places}
    content = _rows_of(lines, span, Role.TITLE, Role.CAPTION, *IN_TEXT)
    if any(row not in own and is_paragraph(lines.texts[row]) for row in content):
        return False  # of most pages, the first paragraph tells
    return any(is_paragraph(lines.texts[row]) for row in own.intersection(content))
