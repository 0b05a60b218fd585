"""Fixed characters at the start or end of a pattern, so that most lines never meet most patterns."""

from __future__ import annotations

from typing import Literal, NamedTuple

WIDTH = 2  # characters that a pattern must fix at one end
SIGN = "©"  # says enough alone
_META = set(".^$*+?{}[]\\|()")
_QUANTIFIER = set("*+?{")


class Anchor(NamedTuple):
    side: Literal["start", "end"]
    heads: frozenset[str]  # each of WIDTH characters


def anchor(pattern: str) -> Anchor | None:
    """Where `pattern` is fixed, or None. Conservative: what is not understood counts as a wildcard."""
    heads = _starts(pattern)
    if heads is not None:
        return Anchor("start", frozenset(heads))
    tail = _literal_end(pattern)
    return Anchor("end", frozenset({tail})) if tail is not None else None


def _starts(pattern: str) -> set[str] | None:
    """All possible first WIDTH characters: of a plain beginning, or of a group of alternatives that begin plainly."""
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


def _plain_start(pattern: str) -> set[str] | None:
    if pattern[:1] == SIGN and pattern[1:2] not in _QUANTIFIER:
        return {SIGN}
    literal = pattern[:WIDTH]
    if (
        len(literal) < WIDTH
        or any(c in _META for c in literal)
        or (pattern[WIDTH : WIDTH + 1] or " ") in _QUANTIFIER
    ):
        return None
    return {literal}


def _literal_end(pattern: str) -> str | None:
    tail = pattern[-WIDTH:]
    before = pattern[-WIDTH - 1 : -WIDTH]
    if (
        len(tail) < WIDTH
        or before == "\\"
        or any(c in _META for c in tail)
        or len(split_alternatives(pattern)) > 1
    ):
        return None
    return tail


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
    parts = [""]
    depth = 0
    escaped = in_class = False
    for char in pattern:
        if not escaped and not in_class:
            depth += (char == "(") - (char == ")")
            if char == "|" and depth == 0:
                parts.append("")
                continue
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif char == "[" and not in_class:
            in_class = True
        elif char == "]":
            in_class = False
        parts[-1] += char
    return parts
