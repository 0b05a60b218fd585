"""What one walk over the tree of an HTML page collects for the readers of its metadata."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from lxml import etree

from ingest.metadata import tables

#: Bounds of what is looked at: characters of a value, elements of one kind.
MAX_VALUE = 1000
MAX_ELEMENTS = 400

SOFT_HYPHEN = "\xad"
_BLANKS = " \t\r\n"
_MARKED = etree.XPath("//@itemprop/parent::*[not(self::meta)]")
_CODE = frozenset(("script", "style", "noscript"))


@dataclass(slots=True)
class Page:
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
    return " ".join("".join(out).replace(SOFT_HYPHEN, "").split())[:limit]


def collect(tree: Any) -> Page:
    """What the head and the links of a page hold, in one walk over its tree."""
    page = Page()
    for el in tree.iter("a", "meta", "title", "h1", "time", "script", "link"):
        tag = el.tag
        if tag == "a":
            if "author" in el.get("rel", "") and len(page.rel_author) < 20:
                page.rel_author.append(el)
        elif tag == "meta":
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
    for el in _MARKED(tree)[:MAX_ELEMENTS]:
        for name in el.get("itemprop").split():
            value = (
                el.get("datetime") or el.get("content") or el.get("title") if name.lower().startswith("date") else None
            )
            page.props.setdefault(name.lower(), []).append((el, value or ""))
    return page


def declared(page: Page, kind: str) -> str | None:
    """The best declared value of a kind (a key of [meta] in html.toml)."""
    values = (value for name in tables.load("html")["meta"][kind] for value in page.meta.get(name, ()))
    return next(values, None)


class Near:
    """The texts around a heading, none around None. They are read as far as somebody asks, and once for all who ask."""

    def __init__(self, heading: Any) -> None:
        self.heading = heading
        self._after: list[str] = []
        self._behind = iter(()) if heading is None else _shown(_following(heading))

    def after(self, count: int) -> Iterator[str]:
        """Texts of up to `count` nodes that follow in document order."""
        for number in range(count):
            if number == len(self._after):
                if (text := next(self._behind, None)) is None:
                    return
                self._after.append(text)
            yield self._after[number]

    def before(self, count: int) -> Iterator[str]:
        """Texts of the `count` nodes right before it, in document order."""
        if self.heading is not None:
            yield from reversed([*islice(_shown(_preceding(self.heading)), count)])


def _shown(texts: Iterable[tuple[str | None, Any]]) -> Iterator[str]:
    """Those of the texts, given with the element they stand in, that are more than a character and no code."""
    for text, parent in texts:
        if text and parent.tag not in _CODE and len(text.strip(_BLANKS)) > 1:
            yield " ".join(text.split())


def _following(element: Any) -> Iterator[tuple[str | None, Any]]:
    """The text nodes behind an element, in document order. XPath has an axis for them, but goes through all of it."""
    for place in (element, *element.iterancestors()):
        yield place.tail, place.getparent()
        for sibling in place.itersiblings():
            if isinstance(sibling.tag, str):
                for event, node in etree.iterwalk(sibling, events=("start", "end", "comment", "pi")):
                    yield (node.text, node) if event == "start" else (node.tail, node.getparent())
            else:
                yield sibling.tail, sibling.getparent()


def _preceding(element: Any) -> Iterator[tuple[str | None, Any]]:
    """The text nodes before an element, the nearest first."""
    for place in (element, *element.iterancestors()):
        parent = place.getparent()
        for sibling in place.itersiblings(preceding=True):
            yield sibling.tail, parent
            yield from _backwards(sibling)
        if parent is not None:
            yield parent.text, parent


def _backwards(element: Any) -> Iterator[tuple[str | None, Any]]:
    """The text nodes inside an element from the last to the first. Not recursive: pages nest deep."""
    if not isinstance(element.tag, str):
        return
    open_elements = [(element, element.iterchildren(reversed=True))]
    while open_elements:
        node, children = open_elements[-1]
        child = next(children, None)
        if child is None:
            yield node.text, node
            open_elements.pop()
            continue
        yield child.tail, node
        if isinstance(child.tag, str):
            open_elements.append((child, child.iterchildren(reversed=True)))
