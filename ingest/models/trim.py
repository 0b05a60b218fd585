"""Interface words at the edge of a line of article text: «Headline Open in fullscreen», «… [Getty]», «… Read
more».

The phrases are data (`trim.toml`). What is cut is always a suffix or prefix, kept and removed part together
are the whole line but for the space between them, and a line is never cut down to nothing: a line that is
only a phrase is left alone, since dropping whole lines is the business of rules and model.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import tomli

from ingest.roles import ROLE_BY_LABEL, Role

PHRASES = Path(__file__).with_name("trim.toml")
MIN_KEPT = 5  # characters; a CJK sentence can be that short

_ENDS = r"[.!?…。！？؟۔।:][\"'”’»)\]」』]*\s*$"
_TRAILING = " »›>→…."
_NEAR = 24  # characters
_TRAILER = r"[\s»›>→…\.]*"


@dataclass(frozen=True)
class Trim:
    """A line cut in two: `text[start:end]` is removed, `kept` is the rest without the space at the cut."""

    kept: str
    removed: str
    start: int
    end: int
    role: Role
    rule: str


@dataclass(frozen=True)
class _Pattern:
    quick: tuple[str, ...]  # endings or beginnings in lower case, one of which the line must have
    pattern: re.Pattern[str]
    tail: bool
    sentence: bool
    role: Role
    rule: str


def _alternatives(phrases: Sequence[str]) -> str:
    return "|".join(re.escape(p) for p in sorted(set(phrases), key=lambda p: (-len(p), p)))


def compile_phrases(data: Mapping[str, Any]) -> tuple[_Pattern, ...]:
    """Patterns from the content of a phrase file. Raises KeyError or ValueError where an entry is incomplete
    or wrong.
    """
    out = []
    for entry in data["phrase"]:
        tail = {"tail": True, "head": False}[entry["where"]]
        sentence = {"sentence": True, "any": False}[entry["after"]]
        body = _alternatives(entry["text"])
        shape = rf"(?P<cut>(?:{body}){_TRAILER})$" if tail else rf"^(?P<cut>(?:{body}))(?=\s)"
        quick = tuple(sorted({p.lower() for p in entry["text"]}))
        role = ROLE_BY_LABEL[entry["role"]]
        out.append(_Pattern(quick, re.compile(shape, re.I), tail, sentence, role, entry["rule"]))
    if credit := data.get("credit"):
        agency, word = _alternatives(credit["agencies"]), _alternatives(credit["words"])
        slash = rf"(?:{agency})(?:\s*/\s*(?:{agency}))?"
        square = rf"\[(?:{slash}|(?:{word})\s*[:：][^\[\]]{{1,60}})\]"
        round_ = rf"[(（](?:{word})\s*[:：][^()（）]{{1,60}}[)）]"
        shape = rf"(?P<cut>{square}|{round_})$"
        role = ROLE_BY_LABEL[credit["role"]]
        out.append(_Pattern(("]", ")", "）"), re.compile(shape, re.I), True, False, role, credit["rule"]))
    return tuple(out)


@lru_cache(maxsize=1)
def phrases() -> tuple[_Pattern, ...]:
    """The patterns of the package's own phrase file."""
    with PHRASES.open("rb") as file:
        return compile_phrases(tomli.load(file))


@lru_cache(maxsize=1)
def _edges() -> tuple[frozenset[str], frozenset[str]]:
    """The first two letters of all beginnings, and the last two, or the last, of all endings; few lines have any."""
    heads = frozenset(quick[:2] for p in phrases() if not p.tail for quick in p.quick)
    return heads, frozenset(quick[-2:] for p in phrases() if p.tail for quick in p.quick)


def _may_be_cut(stripped: str) -> bool:
    """Whether a line has an edge at which some phrase may stand; the rest of it is not looked at."""
    heads, tails = _edges()
    end, start = stripped[-_NEAR:].lower().rstrip(_TRAILING), stripped[:_NEAR].lower().lstrip()
    if len(end) < 2 or len(start) < 2:
        end, start = stripped.lower().rstrip(_TRAILING), stripped.lower().lstrip()
    return end[-2:] in tails or end[-1:] in tails or start[:2] in heads


def trim_line(text: str, patterns: tuple[_Pattern, ...] | None = None) -> Trim | None:
    """The cut that `text` calls for, or None. One cut per call; call again on `kept` for more."""
    stripped = text.rstrip()
    if len(stripped) <= MIN_KEPT:
        return None
    if patterns is None:
        if not _may_be_cut(stripped):
            return None
        patterns = phrases()
    low = stripped.lower().rstrip(_TRAILING)
    for p in patterns:
        if not (low.endswith(p.quick) if p.tail else low.lstrip().startswith(p.quick)):
            continue
        found = _tail(stripped, p) if p.tail else _head(stripped, p)
        if found:
            return found
    return None


def _tail(text: str, p: _Pattern) -> Trim | None:
    match = p.pattern.search(text)
    if not match:
        return None
    start = match.start("cut")
    kept = text[:start].rstrip()
    spaced = start > len(kept)
    if len(kept.strip()) < MIN_KEPT or text[start].islower():
        return None
    ends = re.search(_ENDS, kept) is not None
    if not spaced and (not ends or text[start].isascii()) and text[start] not in "[(（":
        return None  # inside a word; only scripts without spaces may join directly, after a full stop
    if p.sentence and not ends:
        return None
    return Trim(kept, text[start:], start, len(text), p.role, p.rule)


def _head(text: str, p: _Pattern) -> Trim | None:
    lead = len(text) - len(text.lstrip())
    match = p.pattern.search(text[lead:])
    if not match:
        return None
    end = lead + match.end("cut")
    removed, kept = text[:end], text[end:].lstrip()
    if len(kept) < MIN_KEPT or removed.lstrip()[:1].islower():
        return None
    if p.sentence and not (removed.strip().isupper() and not kept.isupper() and kept[:1].isupper()):
        return None  # a label in capitals before a sentence; «Advertisement sales fell» is none
    return Trim(kept, removed, 0, end, p.role, p.rule)
