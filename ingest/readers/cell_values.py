"""Cells that hold several values: lists, objects with a name, and lists that a program wrote as text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import chain
from typing import Any

import msgspec

LONGEST, MOST = 4096, 100  # characters of a list in text, and values
_NAMES = ("name", "title", "label", "full_name", "value")  # under which an object gives its name
_BRACKETS = {"[": "]", "(": ")", "{": "}"}
#: As Python, NumPy and JavaScript quote: what stands within is any but the quote.
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")
_ESCAPE = re.compile(r"\\(.)")


def values(cell: Any) -> list[str]:
    """The values of a cell, in their order; empty for what holds none.

    A text is one value, unless it is a list written as text: `["A", "B"]`, `['A', 'B']`, `['A' 'B']`, `[A, B]`.
    """
    if isinstance(cell, str):
        return _of_text(cell.strip())
    if isinstance(cell, Mapping):
        return next((found for name in _NAMES if (found := _plain(cell.get(name)))), [])
    if isinstance(cell, list):
        listed = (values(item) if isinstance(item, Mapping) else _plain(item) for item in cell[:MOST])
        return list(chain.from_iterable(listed))
    return []


def _plain(value: Any) -> list[str]:
    return [text] if isinstance(value, str) and (text := " ".join(value.split())) else []


def _of_text(text: str) -> list[str]:
    if not 2 <= len(text) <= LONGEST or _BRACKETS.get(text[0]) != text[-1]:
        return _plain(text)
    try:
        cell = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        cell = [_ESCAPE.sub(r"\1", a or b) for a, b in _QUOTED.findall(text)] or text[1:-1].split(",")
    return values(cell) if isinstance(cell, list | dict) else _plain(text)
