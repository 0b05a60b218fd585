"""Metadata of an HTML page from one parsed tree: what it declares first, what it shows after.

Each value carries where it came from. Nothing is parsed twice and nothing is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ingest.metadata import addresses, jsonld, tables
from ingest.metadata.dates import DateReading
from ingest.metadata.order import conventional_order, settle
from ingest.metadata.page import Near, Page, collect, declared
from ingest.metadata.page_authors import page_authors
from ingest.metadata.page_dates import find_dates
from ingest.metadata.page_title import find_title
from ingest.metadata.titles import key


@dataclass(slots=True)
class HtmlMetadata:
    """What an HTML page says of itself. `*_from` name the place: json-ld, meta:<name>, microdata, time, h1,
    line, title, rel-author, byline, url, text. `published` is the date as the page gives it, its order of day and month
    open where the date itself does not tell it.
    """

    title: str | None = None
    title_from: str | None = None
    authors: list[str] = field(default_factory=list)
    authors_from: str | None = None
    published: DateReading | None = None
    published_from: str | None = None
    modified: datetime | None = None
    modified_from: str | None = None
    section: str | None = None
    tags: list[str] = field(default_factory=list)
    site_name: str | None = None
    language: str | None = None
    canonical_url: str | None = None
    description: str | None = None
    is_article: bool = False  # by its own declaration


def read_html(
    tree: Any,
    url: str | None = None,
    *,
    fetched: datetime | None = None,
    page: Page | None = None,
    nodes: list[jsonld.Node] | None = None,
    bylines: list[Any] | None = None,
    lines: Sequence[str] = (),
) -> HtmlMetadata:
    """Metadata of the page whose parsed `tree` (an lxml.html element, not changed) this is.

    url: its address, where known; fetched: when it was fetched, no date may be later than a day after it; page, nodes:
    what `collect` and `parse_blocks` gave; bylines: the elements that are named so; where that is known already;
    lines: the page as laid out. Raises nothing for any tree.
    """
    page = page or collect(tree)
    nodes = jsonld.parse_blocks(page.blocks) if nodes is None else nodes
    article = jsonld.about(nodes)
    found = HtmlMetadata()
    publisher = _field(article, "publisher")
    found.site_name = declared(page, "site") or publisher
    canonical = page.links.get("canonical") or next(iter(page.meta.get("og:url", ())), None)
    found.canonical_url = addresses.joined(url, canonical)
    base = url or found.canonical_url
    languages = tree.xpath("/html/@lang | /html/@xml:lang")
    found.language = next((v.strip() for v in languages if v.strip()), None) or declared(page, "language")

    title, heading = find_title(page, article, found.site_name, base, lines)
    if title:
        found.title, found.title_from = title.text, title.source

    near = Near(heading)
    dates = find_dates(page, article, near, base, fetched=fetched)
    found.published, found.published_from = dates.published, dates.published_from
    if dates.modified:
        modified = settle(dates.modified, conventional_order(found.language))
        found.modified, found.modified_from = modified.value, dates.modified_from

    own = {key(name) for name in (found.site_name, publisher) if name} | _host_names(base)
    found.authors, found.authors_from = page_authors(page, article, nodes, near, tree, own, bylines)
    found.is_article = jsonld.is_article(article) or "article" in map(str.lower, page.meta.get("og:type", ())[:1])
    found.section = _field(article, "articleSection") or declared(page, "section")
    found.tags = _tags(page, article)
    found.description = declared(page, "description") or _field(article, "description")
    return found


def _field(article: list[jsonld.Node], name: str) -> str | None:
    return next((text for node in article if (text := jsonld.text_of(node.get(name)))), None)


def _host_names(url: str | None) -> set[str]:
    """The host of an address and its longer labels: names under which a site calls itself an author."""
    host = addresses.host(url)
    return {key(host)} | {key(label) for label in host.split(".") if len(label) > 2}


def _tags(page: Page, article: list[jsonld.Node]) -> list[str]:
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
