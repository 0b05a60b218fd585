"""Word tables of this package, read once from the TOML files beside it."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import tomli

# Blanks, marks without width, hyphens and marks of other scripts as ASCII; one to one, so that offsets stay.
_BLANKS = "\u00a0\u2007\u2009\u200a\u202f\u3000\u200b\u200c\u200e\u200f"
_BLANKS += "\u202a\u202b\u202c\u2066\u2067\u2069\ufeff"
_HYPHENS = "\u2010\u2011\u2012\u2212\uff0d"
_MARKS = dict(zip("‘’ʻʼ،，、؛：∶／．İ", "'''',,,;::/.i", strict=True))
# Letters of Arabic script that keyboards write in several ways: Kazakh, Uyghur, Persian and Urdu have their own.
_LETTERS = dict(zip("أإآٱىیکہھەۀ\u0674", "ااااييكههههء", strict=True))
_FOLD = str.maketrans(dict.fromkeys(_BLANKS, " ") | dict.fromkeys(_HYPHENS, "-") | _MARKS | _LETTERS)


@lru_cache(maxsize=1)
def _fold_table() -> tuple[re.Pattern[str], dict[int, str]]:
    """What is folded beside case: a pattern that finds it, which costs less than to look up each letter."""
    import unicodedata

    digits = {cp: str(d) for cp in range(0x660, 0x1FC00) if (d := unicodedata.decimal(chr(cp), None)) is not None}
    table = _FOLD | digits
    return re.compile(f"[{re.escape(''.join(map(chr, table)))}]"), table


def fold(text: str) -> str:
    """`text` in lower case with all decimal digits, blanks and look-alike marks as ASCII; same length as
    `text`.
    """
    return text.lower() if text.isascii() else _fold(text)


@lru_cache(maxsize=1 << 11)  # a line is folded by one reader after another
def _fold(text: str) -> str:
    folding, table = _fold_table()
    folded = text.translate(table) if folding.search(text) else text
    lower = folded.lower()
    if len(lower) == len(folded):
        return lower
    return "".join(low if len(low := char.lower()) == 1 else char for char in folded)


@cache
def load(name: str) -> dict[str, Any]:
    """The parsed file `name`.toml of this package."""
    table: dict[str, Any] = tomli.loads(files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))
    return table


@cache
def words(name: str, *path: str) -> frozenset[str]:
    """All strings below `path` in the table `name`, folded."""
    node: Any = load(name)
    for key in path:
        node = node[key]
    lists = node.values() if isinstance(node, dict) else [node]
    return frozenset(fold(word) for group in lists for word in group)
