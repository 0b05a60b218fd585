"""What the head of a page says of its body: titles, descriptions, and the text that JSON-LD repeats."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from ingest.metadata.jsonld import Node, text_of, types
from ingest.metadata.page import Page

_NOT_WORD = re.compile(r"[\W_]+")
_TO_BLANK = {code: " " for code in range(128) if not chr(code).isalnum()}
_TAG = re.compile(r"<[^<>]{1,300}>")
_LONG_FIELDS = ("articleBody", "text", "reviewBody", "description", "step", "recipeInstructions")
_NESTED = ("mainEntity", "acceptedAnswer", "suggestedAnswer", "comment", "review", "hasPart", "step", "itemListElement")

#: Bounds: characters of repeated text, values looked at, and kinds named.
MAX_TEXT, MAX_VALUES, MAX_KINDS = 500_000, 400, 12


@dataclass(slots=True)
class Hints:
    """What the head of a page tells of its text, to compare lines with.

    Attributes:
        titles, descriptions: as `key` gives them.
        body: long texts of the JSON-LD, likewise, "" for none.
        kinds: words that tell the kind of page and the program behind it.
    """

    titles: list[str] = field(default_factory=list)
    descriptions: list[str] = field(default_factory=list)
    body: str = ""
    kinds: list[str] = field(default_factory=list)


def key(text: str) -> str:
    """Words of a text in lower case with single blanks between them."""
    if text.isascii():  # the same, faster
        return " ".join(text.translate(_TO_BLANK).split()).casefold()
    return _NOT_WORD.sub(" ", text).strip().casefold()


def hints(page: Page, nodes: list[Node]) -> Hints:
    """From what the walk over the tree collected, and the parsed nodes of its JSON-LD."""
    meta = page.meta
    titles = [*page.titles[:1], *meta.get("og:title", ())[:1]]
    titles += [text for node in nodes[:20] if (text := text_of(node.get("headline")))]
    descriptions = [*meta.get("og:description", ())[:1], *meta.get("description", ())[:1]]
    kinds = [f"og-{value.lower()[:30]}" for value in meta.get("og:type", ())[:1]]
    kinds += [f"gen-{word.lower()[:20]}" for value in meta.get("generator", ())[:2] for word in value.split()[:1]]
    kinds += [f"ld-{kind[:30]}" for node in nodes[:20] for kind in types(node)]
    body: list[str] = []
    _gather(nodes, body, [MAX_VALUES])
    return Hints(
        [k for k in dict.fromkeys(map(key, titles)) if k],
        [k for k in dict.fromkeys(map(key, descriptions)) if k],
        key(_TAG.sub(" ", "\n".join(body)[:MAX_TEXT])),
        list(dict.fromkeys(kinds))[:MAX_KINDS],
    )


def _gather(value: Any, out: list[str], left: list[int], depth: int = 0) -> None:
    """Append the long texts inside `value`; `left` counts down the values that may still be looked at."""
    if depth > 6 or left[0] <= 0:
        return
    left[0] -= 1
    if isinstance(value, list):
        for item in value:
            _gather(item, out, left, depth + 1)
    elif isinstance(value, dict):
        out += [value[name] for name in _LONG_FIELDS if isinstance(value.get(name), str)]
        for name in _NESTED:
            if isinstance(value.get(name), (dict, list)):
                _gather(value[name], out, left, depth + 1)
