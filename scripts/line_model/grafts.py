"""Articles with other articles' text set into their page, as feeds, teasers with abstracts and endless scroll have it.

Most words that a model keeps wrongly are whole sentences of other articles, and few pages of the sets show them in each
place and shape. The text that is set in is known from other pages of the same fold, so no fold sees another's.
"""

from __future__ import annotations

import random
import re
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from ingest.html.parse import parse
from scripts.line_model.data import fold_of

PARAGRAPH = 60  # characters of a piece of the known text that tells where the article stands
TEASERS, FURTHER = (3, 10), (1, 3)  # how many are set in
ABSTRACT = 300  # characters of a teaser's text
SCRIPTS = ("latin", "cyrillic", "greek", "wide", "other")
BLOCKS = ("related", "more-news", "teasers", "river", "recommended", "feed", "list", "also", "c-cards", "block")
ITEMS = ("item", "teaser", "card", "story", "post", "entry", "news-item", "c-card")
_OWN = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Text:
    """A known article, to be set into others' pages."""

    site: str
    title: str
    paragraphs: tuple[str, ...]


Library = Mapping[tuple[int, str], Sequence[Text]]


def script_of(text: str) -> str:
    """Of which script most letters of a text are, as far as pages of several scripts stand apart."""
    some = text[:2000]
    counts = (
        len(re.findall(r"[a-zA-Z\u00c0-\u024f]", some)), len(re.findall(r"[\u0400-\u052f]", some)),
        len(re.findall(r"[\u0370-\u03ff]", some)), 2 * len(re.findall(r"[\u3040-\u9fff\uac00-\ud7af]", some)),
        len(re.findall(r"[\u0590-\u0fff]", some)),
    )  # fmt: skip
    return SCRIPTS[max(range(len(counts)), key=counts.__getitem__)]


def kind_of(row: Mapping[str, Any]) -> str:
    """What a text must share with a page to be set into it: the language, where it is known, or the script."""
    return row["language"] or script_of(row["gold_text"])


def library(rows: Iterator[Mapping[str, Any]]) -> Library:
    """The articles of all sets by fold and kind. rows: site, page_type, language, gold_title and gold_text."""
    found: dict[tuple[int, str], list[Text]] = defaultdict(list)
    for row in rows:
        parts = tuple(p.strip() for p in re.split(r"\n+", row["gold_text"] or "") if len(p.strip()) >= PARAGRAPH)
        if parts and row["page_type"] == "article":
            title = row["gold_title"] or parts[0].split(". ")[0][:90]
            text = Text(row["site"] or row["id"], title, parts)
            for kind in {kind_of(row), script_of(row["gold_text"])}:
                found[fold_of(text.site), kind].append(text)
    return found


def graft(row: Mapping[str, Any], texts: Library) -> str | None:
    """The page's HTML with others' text in it; None where it is no article, its text is not found or there are no
    others. The same page always gets the same.
    """
    site = row["site"] or row["id"]
    some = [text for text in texts.get((fold_of(site), kind_of(row)), ()) if text.site != site]
    draw = random.Random(zlib.crc32(f"graft {row['id']}".encode()))
    tree = parse(row["html"])[0] if row["page_type"] == "article" and len(some) >= TEASERS[1] else None
    at = None if tree is None else _article(tree, row["gold_text"])
    if at is None:
        return None
    body, pieces = at
    if draw.random() < 0.45:
        _further(body, pieces, draw.sample(some, draw.randint(*FURTHER)), draw)
    else:
        _teasers(body, pieces, draw.sample(some, draw.randint(*TEASERS)), draw)
    return etree.tostring(tree, encoding="unicode", method="html")


def _article(tree: Any, gold: str) -> tuple[Any, list[Any]] | None:
    """(innermost element around most paragraphs of the known text, its children that hold them)."""
    known = "".join(_OWN.findall(gold.casefold()))
    holders = []
    for element in tree.iter():
        if isinstance(element.tag, str) and element.tag not in ("script", "style", "noscript", "head", "title"):
            own = "".join(_OWN.findall(" ".join(element.xpath("text()")).casefold()))
            if len(own) >= PARAGRAPH // 2 and own[:80] in known:
                holders.append(element)
    if not holders:
        return None
    counts: dict[Any, int] = defaultdict(int)
    for element in holders:
        while element is not None:
            counts[element] += 1
            element = element.getparent()
    # of those that hold the most, the innermost has the longest way up
    inside = [element for element, n in counts.items() if n >= 0.8 * len(holders)]
    body = max(inside, key=lambda element: sum(1 for _ in element.iterancestors()))
    if body.tag in ("p", "html", "span", "a"):
        body = body.getparent()
    if body is None or body.tag == "html" or body.getparent() is None:
        return None
    return body, [child for child in body if child in counts]


def _place(body: Any, pieces: list[Any], block: Any, draw: random.Random, inside: float) -> None:
    """Put the block amid the article's paragraphs, or below it, or at times above it."""
    parent = body.getparent()
    if body.tag == "body" or (len(pieces) > 2 and draw.random() < inside):
        at = body.index(draw.choice(pieces[1:])) if len(pieces) > 2 and draw.random() < 0.7 else len(body)
        body.insert(at, block)
    elif draw.random() < 0.15:
        parent.insert(parent.index(body), block)
    else:
        while draw.random() < 0.3 and parent.getparent() is not None and parent.tag not in ("body", "html"):
            body, parent = parent, parent.getparent()
        tail, body.tail = body.tail, None
        parent.insert(parent.index(body) + 1, block)
        block.tail = tail


def _teasers(body: Any, pieces: list[Any], some: Sequence[Text], draw: random.Random) -> None:
    """Titles with abstracts, of one form for all."""
    block = etree.Element(draw.choice(("div", "section", "aside", "ul")), {"class": draw.choice(BLOCKS)})
    of_item = "li" if block.tag == "ul" else draw.choice(("div", "article", "div"))
    name, heading, abstract = draw.choice(ITEMS), draw.choice(("h2", "h3", "h4", "div", "a")), draw.choice(("p", "div"))
    dated, more, wrapped = draw.random() < 0.4, draw.random() < 0.3, draw.random() < 0.25
    if wrapped:  # all of a teaser is one link
        heading = "h3"
    for text in some:
        item = etree.SubElement(block, of_item, {"class": name})
        inner = etree.SubElement(item, "a", href="/a") if wrapped else item
        if heading == "a" or wrapped:
            etree.SubElement(inner, heading).text = text.title
        else:
            etree.SubElement(etree.SubElement(inner, heading), "a", href="/a").text = text.title
        if dated:
            date = etree.SubElement(inner, "span", {"class": "date"})
            date.text = f"{draw.randint(1, 28):02}.{draw.randint(1, 12):02}.{draw.randint(2009, 2025)}"
        lead = text.paragraphs[0]
        cut = draw.randint(PARAGRAPH, ABSTRACT)
        shown = etree.SubElement(inner, abstract)
        shown.text = lead if len(lead) <= cut else lead[:cut].rsplit(" ", 1)[0] + draw.choice(("…", "...", "", " […]"))
        if more:
            etree.SubElement(inner, "a", href="/a").text = "»"
    _place(body, pieces, block, draw, 0.2)


def _further(body: Any, pieces: list[Any], some: Sequence[Text], draw: random.Random) -> None:
    """Further articles in the page's own form: elements and classes of the article, other words."""
    model = next((piece for piece in pieces if piece.tag == "p"), None)
    block = etree.Element("div")
    for text in some:
        item = etree.SubElement(block, body.tag if body.tag != "body" else "div", _attributes(body))
        heading = etree.SubElement(item, draw.choice(("h1", "h2", "h2", "h3")))
        if draw.random() < 0.6:
            heading = etree.SubElement(heading, "a", href="/a")
        heading.text = text.title
        keep = len(text.paragraphs) if draw.random() < 0.5 else draw.randint(1, 4)
        for paragraph in text.paragraphs[:keep]:
            p = etree.SubElement(item, "p", {} if model is None else _attributes(model))
            p.text = paragraph
    if len(block) == 1 or draw.random() < 0.5:
        for item in reversed(list(block)):
            _after(body, item)
    else:
        _after(body, block)


def _after(body: Any, block: Any) -> None:
    if body.tag == "body":
        body.append(block)
        return
    parent = body.getparent()
    block.tail, body.tail = body.tail, None
    parent.insert(parent.index(body) + 1, block)


def _attributes(element: Any) -> dict[str, str]:
    return {key: value for key, value in element.attrib.items() if key in ("class", "itemprop", "role")}
