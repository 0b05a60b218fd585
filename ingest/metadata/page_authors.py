"""The authors of an HTML page: declared persons, else persons shown beside the headline, else a declared
desk.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice
from typing import Any

from lxml import etree

from ingest.metadata import jsonld, tables
from ingest.metadata.authors import clean_authors, read_byline
from ingest.metadata.bylines import find_authors
from ingest.metadata.dates import dates
from ingest.metadata.lines import prepare
from ingest.metadata.names import is_agency, looks_like_name
from ingest.metadata.page import MAX_ELEMENTS, Near, Page, text_content
from ingest.metadata.titles import key

#: Attributes that tell an element's part on the page, and words by which it is a byline.
NAMING = ("class", "id", "data-testid")
_SHOWN = re.compile("author|Author|byline|Byline|autor|person-link")  # all in full: a set of letters searches slower
#: Steps up to the container that two names of one byline share.
_WITHIN = 2
#: Text nodes after the headline that are read.
AFTER = 60


def is_byline(names: str) -> bool:
    """Whether one of the words of `_SHOWN` is part of an element's names."""
    return _SHOWN.search(names) is not None


def _named(tree: Any) -> list[Any]:
    """Elements whose class, id or test id says that they hold a byline, in document order."""
    return [
        element for element in tree.iter(etree.Element) if is_byline(" ".join(element.get(name, "") for name in NAMING))
    ]


def _after(heading: Any, elements: Iterable[Any]) -> list[Any]:
    """Those of `elements` that stand after `heading` in the document, in its order; all of them without a
    heading.
    """
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
    """Names in the first byline among `elements` (in document order): its first name and those of its
    container.
    """
    group: list[Any] = []
    names: list[str] = []
    for el in _after(heading, elements):
        text = text_content(el, 300)
        if not 2 < len(text) <= 150:
            continue
        byline = read_byline(text, bare=True)
        if byline is None or not byline.authors:
            continue
        parents = list(islice(el.iterancestors(), _WITHIN))
        if group and not any(p in group for p in parents):
            break
        group = group or parents
        names += byline.authors
    return clean_authors(names)


def page_authors(
    page: Page,
    article: list[jsonld.Node],
    nodes: list[jsonld.Node],
    near: Near,
    tree: Any,
    site: set[str],
    bylines: list[Any] | None = None,
) -> tuple[list[str], str | None]:
    """Authors and where they stand: declared persons, else persons shown beside the headline, else the
    declared desk.
    """
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
        ("byline", (_named(tree) if bylines is None else bylines)[:MAX_ELEMENTS]),
    ):
        names = [n for n in _shown_authors(elements, near.heading) if key(n) not in site] if elements else []
        if names:
            return names, source
    names = [n for n in _printed_authors(near) if key(n) not in site]
    return (names, "text") if names else fallback


def _printed_authors(near: Near) -> list[str]:
    """Names in the texts after the headline, read as the lines of a flattened page."""
    if near.heading is None:
        return []
    page = prepare([text_content(near.heading) or "-", *near.after(AFTER)])
    if len(page) < 2:
        return []
    first = next((i for i in range(1, len(page)) if page.paragraph[i]), len(page))
    window = range(1, min(first + 2, len(page)))
    dated = dates([page.texts[i] for i in window])
    found = find_authors(page, window, 0, (first, len(page)), {i + 1 for i in dated}, ())
    return found[0] if found else []


def _declared_authors(
    page: Page, article: list[jsonld.Node], nodes: list[jsonld.Node]
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
