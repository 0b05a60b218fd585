"""The kinds of elements of a batch: tag, class, id and what else names or hides an element, each described once.

A page has a thousand elements and some hundred kinds of them, and the pages of a site share theirs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ingest.html.elements import BY_PROPERTY, BY_ROLE, BY_TAG, MARK, Within
from ingest.html.names import fingerprint, tokens
from ingest.metadata.page_authors import is_byline

#: characters of an attribute that are looked at
MAX_NAMES = 200
#: the attributes that make up a kind
TELLING = frozenset(
    ("class", "id", "role", "itemprop", "hidden", "style", "aria-hidden", "data-testid", MARK),
)
SEPARATOR = "\0"  # between the parts of a key; the parser has taken it from the page
_UNSEEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_HIDES = int(Within.UNSEEN)


@dataclass(slots=True)
class Kinds:
    """Kinds by number. `names`: tag, then class, id and other naming attributes, as written · `bits`: of `Within`, not
    what it inherits · `bylines`: whether it is named like a byline."""

    names: list[str] = field(default_factory=list)
    bits: list[int] = field(default_factory=list)
    bylines: list[bool] = field(default_factory=list)
    _number: dict[str, int] = field(default_factory=dict)

    def of(self, tag: str, attributes: Sequence[tuple[str, str]]) -> int:
        """The number of the kind of an element."""
        key = tag
        for name, value in attributes:
            if name in TELLING:
                if name == "style":
                    if _UNSEEN.search(value[:1000]) is None:
                        continue  # all that is drawn is of one kind
                    name, value = "hidden", ""
                key = f"{key}{SEPARATOR}{name}{SEPARATOR}{value[:MAX_NAMES]}"
        number = self._number.get(key)
        return self._describe(key) if number is None else number

    def _describe(self, key: str) -> int:
        tag, *parts = key.split(SEPARATOR)
        names, bits, byline = [tag], BY_TAG.get(tag, 0), False
        for name, value in zip(parts[::2], parts[1::2], strict=True):
            if name in ("class", "id"):
                names.append(value)
            elif name == "role":
                bits |= BY_ROLE.get(value.lower(), 0)
                names.append(f"role-{value}")
            elif name == "itemprop":
                bits |= BY_PROPERTY.get(value.lower(), 0)
                names.append(f"prop-{value}")
            elif name == "data-testid":
                byline |= is_byline(value)
            elif name == MARK:
                bits |= int(value)
            elif name == "hidden" or value == "true":
                bits |= _HIDES
        self._number[key] = len(self.names)
        self.bylines.append(byline or (len(names) > 1 and is_byline(" ".join(names))))
        self.bits.append(int(bits))
        self.names.append(" ".join(names))
        return len(self.names) - 1


def described(
    names: Sequence[str],
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64], npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    """(fingerprints, those of the tags alone, hashed tokens, int64[n + 1] spans of these) of n kinds by their names."""
    found = [tokens(name) for name in names]
    span = np.cumsum([0, *map(len, found)], dtype=np.int64)
    prints = np.fromiter(map(fingerprint, names), np.uint64, len(names))
    tags = np.fromiter((fingerprint(name.split(None, 1)[0]) for name in names), np.uint64, len(names))
    return prints, tags, np.fromiter((t for some in found for t in some), np.uint64), span
