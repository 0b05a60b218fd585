"""JSON-LD of a page: find it, tolerate its usual damage within bounds, pick the node that the page is
about.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from ingest.metadata import tables

#: Bounds: characters of one block, nodes of one page, nesting followed.
MAX_BLOCK = 2_000_000
MAX_NODES = 2_000
MAX_DEPTH = 12
#: Place of the last type in the list of article types that says «article» and not only «page».
LAST_ARTICLE = 9

Node = dict[str, Any]

_COMMENT = re.compile(
    r"^\s*(?:<!--|//<!\[CDATA\[|/\*<!\[CDATA\[\*/|<!\[CDATA\[)|(?:-->|//\]\]>|/\*\]\]>\*/|\]\]>)\s*;?\s*$"
)
_TRAILING_COMMA = re.compile(r",\s*([}\]])")
_SALVAGE = re.compile(
    r'"(headline|datePublished|dateModified|dateCreated|articleSection)"\s*:\s*"((?:[^"\\]|\\.){1,400})"'
)


def _parse(text: str) -> Any:
    """The value of one block; where it cannot be parsed, the plain string fields found in it."""
    text = _COMMENT.sub("", text.strip()).strip().rstrip(";")
    for attempt in (text, _TRAILING_COMMA.sub(r"\1", text)):
        if (value := _load(attempt)) is not None:
            return value
    found = {m[1]: value for m in _SALVAGE.finditer(text) if (value := _load(f'"{m[2]}"'))}
    return {"@type": "NewsArticle", **found} if found else None


def _load(text: str) -> Any:
    """The JSON value of `text`, line breaks in strings allowed; None where it is none or nests too deep."""
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _walk(value: Any, depth: int = 0) -> Iterator[Node]:
    if depth > MAX_DEPTH:
        return
    if isinstance(value, list):
        for item in value:
            yield from _walk(item, depth + 1)
    elif isinstance(value, dict):
        yield value
        for key in (
            "@graph",
            "mainEntity",
            "mainEntityOfPage",
            "itemListElement",
            "liveBlogUpdate",
            "hasPart",
        ):
            # entries of lists are other pages; only graphs and main entities speak of this one
            if key in ("@graph", "mainEntity", "mainEntityOfPage") and key in value:
                yield from _walk(value[key], depth + 1)


def parse_blocks(blocks: Iterable[str]) -> list[Node]:
    """All nodes of the JSON-LD `blocks` of a page, in their order, graphs and arrays flattened."""
    nodes: list[Node] = []
    for block in blocks:
        if len(block) > MAX_BLOCK:
            continue
        for node in _walk(_parse(block)):
            nodes.append(node)
            if len(nodes) >= MAX_NODES:
                return nodes
    return nodes


def types(node: Node) -> list[str]:
    """Types of a node, lower case, without their vocabulary's address."""
    kinds = node.get("@type") or []
    return [
        str(k).rsplit("/", 1)[-1].rsplit(":", 1)[-1].lower() for k in (kinds if isinstance(kinds, list) else [kinds])
    ]


def about(nodes: list[Node]) -> list[Node]:
    """The nodes that describe this page's article, best first."""
    order = {kind: i for i, kind in enumerate(tables.load("html")["jsonld"]["article"])}
    fields = ("headline", "datePublished", "author", "name")
    ranked = []
    for i, node in enumerate(nodes):
        rank = min((order[kind] for kind in types(node) if kind in order), default=None)
        if rank is not None:
            # among news and article types the fuller one wins: they tell the same thing at several lengths
            ranked.append((rank if rank > LAST_ARTICLE else 0, -sum(bool(node.get(f)) for f in fields), i))
    return [nodes[i] for *_, i in sorted(ranked)]


def text_of(value: Any) -> str | None:
    """A string field, or the first of several, or the name of an object."""
    if isinstance(value, list):
        return next((t for v in value if (t := text_of(v))), None)
    if isinstance(value, dict):
        return text_of(value.get("name") or value.get("@value") or value.get("headline"))
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        return " ".join(html.unescape(str(value)).split()) or None
    return None


def names_of(value: Any, nodes: list[Node], depth: int = 0) -> list[str]:
    """Names of an author field: strings, objects, lists of them, references to other nodes of the graph."""
    if depth > 3 or value is None:
        return []
    if isinstance(value, list):
        return [name for v in value[:50] for name in names_of(v, nodes, depth + 1)]
    if isinstance(value, dict):
        if not value.get("name") and value.get("@id"):
            target = next((n for n in nodes if n.get("@id") == value["@id"] and n.get("name")), None)
            return names_of(target, nodes, depth + 1) if target else []
        if value.get("givenName") and value.get("familyName") and not value.get("name"):
            return [f"{text_of(value['givenName'])} {text_of(value['familyName'])}"]
        return names_of(value.get("name"), nodes, depth + 1)
    text = text_of(value)
    return [text] if text else []


def is_article(article: list[Node]) -> bool:
    """Whether the best of the nodes that `about` gave says «article», and not only «page»."""
    kinds = tables.load("html")["jsonld"]["article"][: LAST_ARTICLE + 1]
    return any(kind in kinds for node in article[:1] for kind in types(node))


def is_news(node: Node) -> bool:
    """Whether a node is of a news article type: such nodes are kept by the newsroom's own system."""
    kinds = tables.load("html")["jsonld"]["news"]
    return any(k in kinds for k in types(node))
