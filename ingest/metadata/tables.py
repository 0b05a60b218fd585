"""Word tables of this package, read once from the TOML files beside it."""

from __future__ import annotations

import sys
from functools import lru_cache
from importlib.resources import files
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

# Code points that stand for an ASCII digit, blank or mark in dates and bylines. One to one, so that offsets stay.
_FOLD: dict[int, str] = {cp: " " for cp in (0xA0, 0x2007, 0x2009, 0x200A, 0x202F, 0x3000)}
_FOLD |= {
    cp: " " for cp in (0x200B, 0x200C, 0x200E, 0x200F, 0x202A, 0x202B, 0x202C, 0x2066, 0x2067, 0x2069, 0xFEFF)
}
_FOLD |= {cp: "-" for cp in (0x2010, 0x2011, 0x2012, 0x2212)}
_FOLD |= {0x2018: "'", 0x2019: "'", 0x02BB: "'", 0x02BC: "'", 0x0130: "i", 0x066A: "%", 0x060C: ",", 0xFF0C: ",",
          0xFF1A: ":", 0xFF0F: "/", 0xFF0E: ".", 0xFF0D: "-", 0x2236: ":", 0x3001: ",", 0x061B: ";"}  # fmt: skip


@lru_cache(maxsize=1)
def _fold_table() -> dict[int, str]:
    import unicodedata

    digits = {
        cp: str(d) for cp in range(0x660, 0x1FC00) if (d := unicodedata.decimal(chr(cp), None)) is not None
    }
    return _FOLD | digits


def fold(text: str) -> str:
    """`text` in lower case with all decimal digits, blanks and look-alike marks as ASCII; same length as `text`."""
    if text.isascii():
        return text.lower()
    folded = text.translate(_fold_table())
    lower = folded.lower()
    if len(lower) == len(folded):
        return lower
    return "".join(low if len(low := char.lower()) == 1 else char for char in folded)


@lru_cache(maxsize=None)
def load(name: str) -> dict[str, Any]:
    """The parsed file `name`.toml of this package."""
    return tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))


def words(name: str, *path: str) -> frozenset[str]:
    """All strings below `path` in the table `name`, folded."""
    node: Any = load(name)
    for key in path:
        node = node[key]
    lists = node.values() if isinstance(node, dict) else [node]
    return frozenset(fold(word) for group in lists for word in group)
