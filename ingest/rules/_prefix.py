"""Fixed characters at the start or end of a pattern, so that most lines never meet most patterns."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple

from ingest.rules._normal import SIGN

MIN_FIXED = 2  # characters that a pattern must fix at one end
MAX_FIXED = 8  # that are worth knowing
_META = set(".^$*+?{}[]\\|()")
_QUANTIFIER = ("*", "+", "?", "{")
_TOKENS = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]?|[()|]", re.DOTALL)  # escaped characters, classes, and what groups


class Anchor(NamedTuple):
    """`fixed` are the possible starts, of MIN_FIXED to MAX_FIXED characters, or the one end of MIN_FIXED."""

    side: Literal["start", "end"]
    fixed: frozenset[str]


@lru_cache(maxsize=1 << 10)  # asked when a rule is checked, and when it is put in its place
def anchor(pattern: str) -> Anchor | None:
    """Where `pattern` is fixed, or None. Conservative: what is not understood counts as a wildcard."""
    starts = _starts(pattern)
    if starts is not None:
        return Anchor("start", frozenset(starts))
    tail = _literal_end(pattern)
    return Anchor("end", frozenset({tail})) if tail is not None else None


def _starts(pattern: str) -> set[str] | None:
    """Possible starts: of a plain beginning, or of a group of alternatives that begin plainly."""
    parts = split_alternatives(pattern)
    if len(parts) > 1:
        return _union(parts)
    if not pattern.startswith("(?:"):
        return _plain_start(pattern)
    end = _closing(pattern)
    if end is None:
        return None
    options, rest = split_alternatives(pattern[3:end]), pattern[end + 1 :]
    if rest[:1] == "?":
        return _union([*(option + rest[1:] for option in options), rest[1:]])
    if rest[:1] == "+":  # the next turn of the loop may begin where an option ends
        return _union(options)
    return None if rest[:1] in _QUANTIFIER else _union([option + rest for option in options])


def _union(patterns: list[str]) -> set[str] | None:
    heads: set[str] = set()
    for pattern in patterns:
        more = _starts(pattern)
        if more is None:
            return None
        heads |= more
    return heads


def literal_start(pattern: str) -> str:
    """The plain characters that `pattern` begins with; "" for one of several alternatives."""
    literal = ""
    for i, char in enumerate(pattern):
        if char in _META or pattern[i + 1 : i + 2] in _QUANTIFIER:
            break
        literal += char
    return literal if len(split_alternatives(pattern)) == 1 else ""


def _plain_start(pattern: str) -> set[str] | None:
    literal = literal_start(pattern)[:MAX_FIXED]
    return {literal} if len(literal) >= MIN_FIXED or literal == SIGN else None


def _literal_end(pattern: str) -> str | None:
    tail, before = pattern[-MIN_FIXED:], pattern[-MIN_FIXED - 1 : -MIN_FIXED]
    plain = len(tail) == MIN_FIXED and before != "\\" and not any(c in _META for c in tail)
    return tail if plain and len(split_alternatives(pattern)) == 1 else None


def _closing(pattern: str) -> int | None:
    """Index of the bracket that closes the group at the start of `pattern`."""
    depth = 0
    escaped = in_class = False
    for i, char in enumerate(pattern):
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif in_class:
            in_class = char != "]"
        elif char == "[":
            in_class = True
        elif char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
            if depth == 0:
                return i
    return None


def split_alternatives(pattern: str) -> list[str]:
    """Parts of `pattern` between bars that stand outside of groups and classes."""
    if "|" not in pattern:
        return [pattern]
    parts: list[str] = []
    depth = start = 0
    for token in _TOKENS.finditer(pattern):
        mark = token[0]
        depth += (mark == "(") - (mark == ")")
        if mark == "|" and depth == 0:
            parts.append(pattern[start : token.start()])
            start = token.end()
    return [*parts, pattern[start:]]
