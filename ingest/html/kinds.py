"""The kinds of elements of a batch: tag, class, id and what else names or hides an element, each described once.

A page has a thousand elements and some hundred kinds of them, and the pages of a site share theirs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ingest.html.elements import BY_PROPERTY, BY_ROLE, BY_TAG, MARK, Within
from ingest.metadata.page_authors import is_byline

#: characters of an attribute that are looked at
MAX_NAMES = 200
SEPARATOR = "\0"  # between the parts of a key; the parser has taken it from the page
#: the attributes that make up a kind, as they stand in its key
TELLING = {
    name: f"{SEPARATOR}{name}{SEPARATOR}"
    for name in ("class", "id", "role", "itemprop", "hidden", "style", "aria-hidden", "data-testid", MARK)
}
_UNSEEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden")
_HIDES = int(Within.UNSEEN)
# plain integers: operations on flags of an enumeration are slow
_BY_TAG, _BY_ROLE, _BY_PROPERTY = ({k: int(bits) for k, bits in t.items()} for t in (BY_TAG, BY_ROLE, BY_PROPERTY))
NO_KIND = 0  # of elements that nobody asks about


@dataclass(slots=True)
class Kinds:
    """Kinds of elements by number.

    Attributes:
        names: tag, then class, id and other naming attributes, as written.
        bits: of `Within`, without what it inherits.
        bylines: whether it is named like a byline.
    """

    names: list[str] = field(default_factory=lambda: [""])
    bits: list[int] = field(default_factory=lambda: [0])
    bylines: list[bool] = field(default_factory=lambda: [False])
    _number: dict[str, int] = field(default_factory=dict)

    def of(self, tag: str, attributes: Sequence[tuple[str, str]]) -> int:
        """The number of the kind of an element."""
        key = tag
        for name, value in attributes:
            if name in TELLING:
                if name == "style":
                    if not _hides(value[:1000]):
                        continue  # all that is drawn is of one kind
                    name, value = "hidden", ""
                key = f"{key}{TELLING[name]}{value[:MAX_NAMES]}"
        number = self._number.get(key)
        return self._describe(key) if number is None else number

    def _describe(self, key: str) -> int:
        tag, *parts = key.split(SEPARATOR)
        names, bits, byline = tag, _BY_TAG.get(tag, 0), False
        for name, value in zip(parts[::2], parts[1::2], strict=True):
            if name in ("class", "id"):
                names = f"{names} {value}"
            elif name == "role":
                bits |= _BY_ROLE.get(value.lower(), 0)
                names = f"{names} role-{value}"
            elif name == "itemprop":
                bits |= _BY_PROPERTY.get(value.lower(), 0)
                names = f"{names} prop-{value}"
            elif name == "data-testid":
                byline |= is_byline(value)
            elif name == MARK:
                bits |= int(value)
            elif name == "hidden" or value == "true":
                bits |= _HIDES
        number = self._number[key] = len(self.names)
        self.bylines.append(byline or (names != tag and is_byline(names)))
        self.bits.append(bits)
        self.names.append(names)
        return number


def _hides(style: str) -> bool:
    style = style.lower()
    return ("none" in style or "hidden" in style) and _UNSEEN.search(style) is not None  # words are found faster
