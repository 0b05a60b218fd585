"""Word tables of this package, read once from the TOML files beside it."""

from __future__ import annotations

import sys
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

# Code points that stand for an ASCII digit, blank or mark in dates and bylines. One to one, so that offsets
# stay.
_FOLD: dict[int, str] = dict.fromkeys((160, 8199, 8201, 8202, 8239, 12288), " ")
_FOLD |= dict.fromkeys((8203, 8204, 8206, 8207, 8234, 8235, 8236, 8294, 8295, 8297, 65279), " ")
_FOLD |= dict.fromkeys((8208, 8209, 8210, 8722), "-")
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
    """`text` in lower case with all decimal digits, blanks and look-alike marks as ASCII; same length as
    `text`."""
    if text.isascii():
        return text.lower()
    folded = text.translate(_fold_table())
    lower = folded.lower()
    if len(lower) == len(folded):
        return lower
    return "".join(low if len(low := char.lower()) == 1 else char for char in folded)


@cache
def load(name: str) -> dict[str, Any]:
    """The parsed file `name`.toml of this package."""
    table: dict[str, Any] = tomllib.loads(
        files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8")
    )
    return table


@cache
def words(name: str, *path: str) -> frozenset[str]:
    """All strings below `path` in the table `name`, folded."""
    node: Any = load(name)
    for key in path:
        node = node[key]
    lists = node.values() if isinstance(node, dict) else [node]
    return frozenset(fold(word) for group in lists for word in group)
