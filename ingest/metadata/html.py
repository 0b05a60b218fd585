"""Metadata of an HTML page from one parsed tree: what it declares first, what it shows after, search at last.

Each value carries where it came from. Nothing is parsed twice and nothing is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import Any
from urllib.parse import urljoin, urlsplit

from . import jsonld, tables
from .authors import clean_authors, is_agency, looks_like_name, read_byline
from .dates import DateReading, Order, read_date, read_dates
from .order import conventional_order
from .titles import Title, choose_title, key

#: Bounds of what is looked at: characters of a value, elements of one kind.
MAX_VALUE = 1000
MAX_ELEMENTS = 400
EARLIEST = 1990


@dataclass(slots=True)
class HtmlMetadata:
    """What an HTML page says of itself. `*_from` name the place: json-ld, meta:<name>, microdata, time, h1, title,
    rel-author, byline, url, text, search. `published_values` holds both readings where the order is open."""

    title: str | None = None
    title_from: str | None = None
    authors: list[str] = field(default_factory=list)
    authors_from: str | None = None
    published: datetime | None = None
    published_precision: str | None = None
    published_raw: str | None = None
    published_from: str | None = None
    published_values: tuple[datetime, ...] = ()
    published_ambiguous: bool = False
    modified: datetime | None = None
    modified_from: str | None = None
    section: str | None = None
    tags: list[str] = field(default_factory=list)
    site_name: str | None = None
    language: str | None = None
    canonical_url: str | None = None
    description: str | None = None


@dataclass(slots=True)
class _Page:
    """Everything collected in the one walk over the tree."""

    meta: dict[str, list[str]] = field(default_factory=dict)
    props: dict[str, list[tuple[Any, str]]] = field(default_factory=dict)
    blocks: list[str] = field(default_factory=list)
    headings: list[Any] = field(default_factory=list)
    times: list[Any] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)
    rel_author: list[Any] = field(default_factory=list)


def text_content(element: Any, limit: int = MAX_VALUE) -> str:
    """Visible text of an element with blanks collapsed; scripts, styles and comments left out."""
    out: list[str] = []
    size = 0

    def walk(node: Any, depth: int) -> None:
        nonlocal size
        if depth > 30 or size > limit:
            return
        if node.text:
            out.append(node.text)
            size += len(node.text)
        for child in node:
            if isinstance(child.tag, str):
                if child.tag in ("br", "div", "p", "li", "tr"):
                    out.append(" ")
                if child.tag not in ("script", "style", "svg", "noscript", "template"):
                    walk(child, depth + 1)
            if child.tail:
                out.append(child.tail)
                size += len(child.tail)

    walk(element, 0)
    return " ".join("".join(out).split())[:limit]


def _collect(tree: Any) -> _Page:
    page = _Page()
    for el in tree.iter("meta", "title", "h1", "time", "script", "link"):
        tag = el.tag
        if tag == "meta":
            content = el.get("content")
            if not content:
                continue
            content = " ".join(content[: MAX_VALUE * 4].split())
            for attribute in ("property", "name", "itemprop", "http-equiv"):
                name = el.get(attribute)
                if name and content:
                    page.meta.setdefault(name.strip().lower(), []).append(content)
        elif tag == "script":
            if "ld+json" in (el.get("type") or "").lower() and el.text and len(page.blocks) < 50:
                page.blocks.append(el.text)
        elif tag == "h1":
            if len(page.headings) < 20:
                page.headings.append(el)
        elif tag == "time":
            if len(page.times) < MAX_ELEMENTS:
                page.times.append(el)
        elif tag == "title":
            if el.getparent() is None or el.getparent().tag not in ("svg", "symbol", "g"):
                page.titles.append(text_content(el))
        elif tag == "link":
            rel = (el.get("rel") or "").lower()
            if rel in ("canonical", "author") and el.get("href"):
                page.links.setdefault(rel, el.get("href").strip())
    page.rel_author = tree.xpath("//a[contains(@rel, 'author')]")[:20]
    for el in tree.xpath("//*[@itemprop][not(self::meta)]")[:MAX_ELEMENTS]:
        for name in el.get("itemprop").split():
            value = (
                el.get("datetime") or el.get("content") or el.get("title")
                if name.lower().startswith("date")
                else None
            )
            page.props.setdefault(name.lower(), []).append((el, value or ""))
    return page


def _first(page: _Page, kind: str) -> tuple[str, str] | None:
    """The best declared value of a kind and the name it stood under."""
    for name in tables.load("html")["meta"][kind]:
        for value in page.meta.get(name, ()):
            if value.strip():
                return value.strip(), f"meta:{name}"
    return None


@lru_cache(maxsize=1)
def _url_date() -> re.Pattern[str]:
    return re.compile(r"(?<!\d)((?:19[9]\d|20\d\d))([/_-]?)(0?[1-9]|1[0-2])\2(0?[1-9]|[12]\d|3[01])(?!\d)")


def url_date(url: str | None) -> datetime | None:
    """The day in the path of an address: /2019/10/11/, /2019-10-11-, /20191011/; None if there is none or several."""
    if not url:
        return None
    found = set()
    for m in _url_date().finditer(urlsplit(url).path):
        if not m[2] and (len(m[3]) < 2 or len(m[4]) < 2):
            continue
        try:
            found.add(datetime(int(m[1]), int(m[3]), int(m[4])))
        except ValueError:
            continue
    return found.pop() if len(found) == 1 else None


class _Dates:
    """Accepts dates within the bounds of this page."""

    def __init__(self, fetched: datetime | None, order: Order | None) -> None:
        self.latest = fetched.replace(tzinfo=None) + timedelta(days=1) if fetched else None
        self.order = order

    def read(self, value: str | None) -> DateReading | None:
        if not value:
            return None
        value = value.strip()[:120]
        if re.fullmatch(r"\d{8}(T?\d{4,6})?Z?", value):  # basic ISO 8601
            value = f"{value[:4]}-{value[4:6]}-{value[6:8]}"
        elif re.fullmatch(r"\d{10}(\d{3})?", value):  # Unix time in seconds or milliseconds
            value = (
                str(datetime.fromtimestamp(int(value[:10]), tz=None).date())
                if int(value[:10]) > 600_000_000
                else ""
            )
        reading = read_date(value, order=self.order)
        return reading if reading and self.fits(reading) else None

    def fits(self, reading: DateReading) -> bool:
        return all(v.year >= EARLIEST and (self.latest is None or v <= self.latest) for v in reading.values)


def _published(
    page: _Page, article: list[jsonld.Node], dates: _Dates, url: str | None, tree: Any
) -> Iterable[tuple[DateReading, str]]:
    """Dates of publication, the most trusted first."""
    for node in article:
        for field_ in ("datePublished", "dateCreated", "uploadDate"):
            if reading := dates.read(jsonld.text_of(node.get(field_))):
                yield reading, "json-ld"
    for name in tables.load("html")["meta"]["published"]:
        for value in page.meta.get(name, ()):
            if reading := dates.read(value):
                yield reading, f"meta:{name}"
    for prop in ("datepublished", "datecreated", "dateposted"):
        for el, value in page.props.get(prop, ()):
            if reading := dates.read(value or text_content(el, 200)):
                yield reading, "microdata"


def _time_elements(page: _Page, dates: _Dates, heading: Any) -> Iterable[tuple[DateReading, str]]:
    """Dates of <time> elements: those marked as publication, then those near the headline."""
    marked, plain = [], []
    for el in page.times:
        shown = text_content(el, 200)
        reading = dates.read(el.get("datetime")) or dates.read(shown)
        if not reading:
            continue
        words = " ".join(
            filter(None, (el.get("class"), el.get("itemprop"), el.get("pubdate") is not None and "pubdate"))
        ).lower()
        before = (
            (el.getprevious().tail if el.getprevious() is not None else el.getparent().text)
            if el.getparent() is not None
            else ""
        )
        label = read_date(f"{(before or '')[-60:]} {reading.raw}")
        kind = reading.kind or (label.kind if label else None)
        if kind == "modified" or re.search(r"modif|updat|edited", words):
            continue
        (
            marked
            if kind == "published" or re.search(r"publish|pubdate|entry-date|posted|datepub", words)
            else plain
        ).append(reading)
    for reading in (*marked, *plain):
        yield reading, "time"


def _near_text(heading: Any, limit: int = 40) -> Iterable[str]:
    """Short texts around the headline, in document order: first after it, then before it."""
    if heading is None:
        return
    seen = 0
    for axis in ("following::text()", "preceding::text()"):
        found = heading.xpath(
            axis
            + f"[string-length(normalize-space()) > 2][not(parent::script or parent::style)][position() <= {limit}]"
        )
        for text in found:
            seen += 1
            yield " ".join(text.split())


def _shown_date(tree: Any, heading: Any, dates: _Dates) -> DateReading | None:
    for text in _near_text(heading):
        if len(text) < 120 and any(c.isdigit() for c in text):
            for reading in read_dates(text, order=dates.order):
                if reading.kind != "modified" and dates.fits(reading) and (reading.whole or reading.kind):
                    return reading
    return None


_SHOWN = "|".join(
    f".//*[contains(@class, '{w}') or contains(@id, '{w}') or contains(@data-testid, '{w}')]"
    for w in ("author", "Author", "byline", "Byline", "autor", "person-link")
)
_WITHIN = 4  # steps up to a container that two names of one byline share


def _after(heading: Any, elements: Iterable[Any]) -> list[Any]:
    """Those of `elements` that stand after `heading` in the document, in its order; all of them without a heading."""
    wanted = list(elements)
    if heading is None or not wanted:
        return wanted
    left, out, passed = set(wanted), [], False
    for el in heading.getroottree().getroot().iter(heading.tag, *{el.tag for el in wanted}):
        passed = passed or el is heading
        if el in left:
            left.discard(el)
            if passed:
                out.append(el)
            if not left:
                break
    return out


def _shown_authors(elements: Iterable[Any], heading: Any) -> list[str]:
    """Names in the first byline among `elements` (in document order): its first name and those of its container."""
    group: list[Any] = []
    names: list[str] = []
    for el in _after(heading, elements):
        text = text_content(el, 300)
        if not 2 < len(text) <= 150:
            continue
        byline = read_byline(text, bare=True)
        if byline is None or not byline.authors:
            continue
        parents = list(islice(el.iterancestors(), 0, _WITHIN))[:2]
        if group and not any(p in group for p in parents):
            break
        group = group or parents
        names += byline.authors
    return clean_authors(names)


def _authors(
    page: _Page, article: list[jsonld.Node], nodes: list[jsonld.Node], heading: Any, tree: Any, site: set[str]
) -> tuple[list[str], str | None]:
    """Authors and where they stand: declared persons, else persons shown beside the headline, else the declared desk."""
    fallback: tuple[list[str], str | None] = ([], None)
    for values, source in _declared_authors(page, article, nodes):
        names = clean_authors(values, agencies=True)
        persons = [n for n in names if key(n) not in site]
        if persons and (len(persons[0].split()) > 1 or looks_like_name(persons[0]) or is_agency(persons[0])):
            return persons, source
        if names and not fallback[0]:
            fallback = names, source
    for source, elements in (
        ("microdata", [el for el, _ in page.props.get("author", ())]),
        ("rel-author", page.rel_author),
        ("byline", tree.xpath(_SHOWN)[:MAX_ELEMENTS]),
    ):
        names = [n for n in _shown_authors(elements, heading) if key(n) not in site] if elements else []
        if names:
            return names, source
    for text in _near_text(heading, 25):
        byline = read_byline(text)
        if byline and byline.authors and byline.cue in ("lead", "date"):
            return clean_authors(byline.authors), "byline"
    return fallback


def _declared_authors(
    page: _Page, article: list[jsonld.Node], nodes: list[jsonld.Node]
) -> Iterable[tuple[list[str], str]]:
    for node in article:
        yield jsonld.names_of(node.get("author") or node.get("creator"), nodes), "json-ld"
    for name in tables.load("html")["meta"]["author"]:
        values = page.meta.get(name)
        if values:
            yield (
                [v for v in values if not v.startswith(("http:", "https:", "/", "@")) and not v.isdigit()],
                f"meta:{name}",
            )


def read_html(
    tree: Any,
    url: str | None = None,
    *,
    fetched: datetime | None = None,
    order: Order | None = None,
    search: bool = True,
) -> HtmlMetadata:
    """Metadata of the page whose parsed `tree` (an lxml.html element, not changed) this is.

    url: its address, where known; fetched: when it was fetched, no date may be later than a day after it; order: what
    the site's own dates prove of numeric dates; search: whether to look through the whole page for a date (slow) where
    nothing declares one. Raises nothing for any tree.
    """
    page = _collect(tree)
    nodes = jsonld.parse_blocks(page.blocks)
    article = jsonld.about(nodes)
    found = HtmlMetadata()
    site = _first(page, "site")
    publisher = next((t for n in article if (t := jsonld.text_of(n.get("publisher")))), None)
    found.site_name = (site[0] if site else None) or publisher
    canonical = page.links.get("canonical") or next(iter(page.meta.get("og:url", ())), None)
    base = url or canonical
    if canonical:
        joined = urljoin(url or "", canonical)
        found.canonical_url = joined if joined.startswith(("http://", "https://")) else None
    found.language = (
        tree.get("lang")
        or next(iter(tree.xpath("/html/@lang | /html/@xml:lang")), None)
        or (v[0] if (v := _first(page, "language")) else None)
    )

    # title
    shown = {id(h): text_content(h) for h in page.headings}
    votes = [Title(t, "json-ld") for n in article[:3] if (t := jsonld.text_of(n.get("headline")))]
    declared = next(
        (t for n in article[:3] if jsonld.is_news(n) and (t := jsonld.text_of(n.get("headline")))), None
    )
    votes += [
        Title(v, f"meta:{name}")
        for name in tables.load("html")["meta"]["title"]
        for v in page.meta.get(name, ())[:1]
    ]
    votes += [Title(text_content(el), "microdata") for el, _ in page.props.get("headline", ())[:2]]
    votes += [Title(t, "title") for t in page.titles[:1] if t]
    title = choose_title(
        list(shown.values()), [v for v in votes if v.text], declared=declared, site=found.site_name, url=base
    )
    heading = None
    if title:
        found.title, found.title_from = title.text, title.source
        heading = next((h for h in page.headings if shown[id(h)] == title.text), None)

    # dates
    dates = _Dates(fetched, order or conventional_order(found.language))
    picked = next(iter(_published(page, article, dates, base, tree)), None) or next(
        iter(_time_elements(page, dates, heading)), None
    )
    if not picked and (day := url_date(base)) and (dates.latest is None or day <= dates.latest):
        found.published, found.published_precision, found.published_from = day, "day", "url"
        found.published_raw = base
    if not picked and not found.published and (reading := _shown_date(tree, heading, dates)):
        picked = reading, "text"
    if picked:
        reading, found.published_from = picked
        found.published, found.published_values = reading.value, reading.values
        found.published_ambiguous, found.published_precision = reading.ambiguous, reading.precision
        found.published_raw = reading.raw
    for node in article:
        if not found.modified and (r := dates.read(jsonld.text_of(node.get("dateModified")))):
            found.modified, found.modified_from = r.value, "json-ld"
    for name in tables.load("html")["meta"]["modified"]:
        for value in page.meta.get(name, ()):
            if not found.modified and (r := dates.read(value)):
                found.modified, found.modified_from = r.value, f"meta:{name}"
    if search and not found.published and not found.published_ambiguous:
        _search_date(tree, base, fetched, found)

    hosts = {key(label) for label in (urlsplit(base or "").hostname or "").split(".")} | {
        key(urlsplit(base or "").hostname or "")
    }
    own = {key(n) for n in (found.site_name, publisher) if n} | {h for h in hosts if len(h) > 2}
    found.authors, found.authors_from = _authors(page, article, nodes, heading, tree, own)
    section = next((t for n in article if (t := jsonld.text_of(n.get("articleSection")))), None)
    found.section = section or (v[0] if (v := _first(page, "section")) else None)
    found.tags = _tags(page, article)
    description = _first(page, "description")
    found.description = (
        description[0]
        if description
        else next((t for n in article if (t := jsonld.text_of(n.get("description")))), None)
    )
    return found


def _tags(page: _Page, article: list[jsonld.Node]) -> list[str]:
    values: list[str] = []
    for name in tables.load("html")["meta"]["tags"]:
        if page.meta.get(name):
            values = page.meta[name]
            break
    if not values:
        for node in article:
            words = node.get("keywords")
            values = [t for w in (words if isinstance(words, list) else [words]) if (t := jsonld.text_of(w))]
            if values:
                break
    parts = [part.strip() for value in values for part in re.split(r"[,;،]", value)]
    return list({key(p): p for p in parts if key(p) and len(p) <= 80}.values())[:50]


def _search_date(tree: Any, url: str | None, fetched: datetime | None, found: HtmlMetadata) -> None:
    """Last resort: htmldate over the tree, which looks through comments, scripts and all text."""
    from copy import deepcopy

    from htmldate import find_date

    latest = fetched.strftime("%Y-%m-%d") if fetched else None
    try:
        day = find_date(
            deepcopy(tree),
            url=url,
            original_date=True,
            extensive_search=False,
            max_date=latest,
            min_date=f"{EARLIEST}-01-01",
        )
        if day:
            found.published, found.published_from = datetime.strptime(day, "%Y-%m-%d"), "search"
            found.published_precision, found.published_raw = "day", day
    except Exception:  # a page that breaks the searcher has no date
        return
