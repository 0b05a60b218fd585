"""Which rules a single line meets, without regard to where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ingest.rules._normal import normalise, normalise_many
from ingest.rules._prefix import SIGN, WIDTH, anchor

SHORT = 160  # longest line that is compared as a whole without further ado
MEMO = 200_000  # lines remembered before the memory is cleared
_PROBE = 40  # characters folded at either end of a long line, to see whether the whole is worth it
_HEAD = 8  # folded characters that decide so
_COUNT = " 0()[]:.,+"
# Lines of code and markup are made of the same words as forms and menus are.
_CODE = re.compile(r"""[{};]\s*$|__|^\s*(['"]).*\1\W*$|^\s*</?\w[^<]*>\s*$""")
_SEPARATORS = re.compile(r"\s*[|/•·»>›,]\s*|\s+[-*]\s+")
_MAX_PARTS = 12


@dataclass(frozen=True, slots=True)
class Hit:
    """Line meets rule number `rule`; `language` where all that matched belongs to one language."""

    rule: int
    language: str | None
    compound: bool = False  # the line is a row of several phrases


@dataclass(slots=True)
class Matcher:
    """Phrases in one dictionary, patterns behind their fixed first or last characters."""

    phrases: dict[str, list[Hit]] = field(default_factory=dict)
    counted: dict[str, list[Hit]] = field(default_factory=dict)
    starts: dict[str, list[tuple[re.Pattern[str], int, Hit]]] = field(default_factory=dict)
    ends: dict[str, list[tuple[re.Pattern[str], int, Hit]]] = field(default_factory=dict)
    joinable: set[int] = field(
        default_factory=set
    )  # rules whose phrases may stand in a row: «Home | News | Contact»
    _long_starts: set[str] = field(default_factory=set)
    _long_ends: set[str] = field(default_factory=set)
    _memo: dict[str, tuple[Hit, ...]] = field(default_factory=dict)

    def add_phrases(self, rule: int, language: str, phrases: Iterable[str], *, count: bool = False) -> None:
        for phrase in phrases:
            key = normalise(phrase)
            for table in (self.phrases, self.counted) if count else (self.phrases,):
                hits = table.setdefault(key, [])
                same = [i for i, hit in enumerate(hits) if hit.rule == rule]
                if not same:
                    hits.append(Hit(rule, None if language == "und" else language))
                elif hits[same[0]].language != language:
                    hits[same[0]] = Hit(rule, None)
            if len(key) > SHORT - 20:
                self._long_starts.add(key[:_HEAD])

    def add_patterns(self, rule: int, language: str, patterns: Iterable[str], max_chars: int) -> None:
        for pattern in patterns:
            where = anchor(pattern)
            if where is None:
                raise ValueError(f"pattern without fixed start or end: {pattern!r}")
            table = self.starts if where.side == "start" else self.ends
            entry = (re.compile(pattern), max_chars, Hit(rule, None if language == "und" else language))
            for head in sorted(where.heads):
                table.setdefault(head, []).append(entry)
            if max_chars > SHORT:
                (self._long_starts if where.side == "start" else self._long_ends).update(where.heads)

    def match(self, lines: Sequence[str]) -> list[tuple[Hit, ...]]:
        """Hits of each line, rules in their order; () for a line that no rule knows."""
        memo = self._memo
        if len(memo) > MEMO:
            memo.clear()
        new = [line for line in dict.fromkeys(lines) if len(line) <= SHORT and line not in memo]
        for line, key in zip(new, normalise_many(new), strict=True):
            found = self._find(key) if key else ()
            memo[line] = found if not found or _CODE.search(line) is None else ()
        return [memo[line] if len(line) <= SHORT else self._find_long(line) for line in lines]

    def _find_long(self, line: str) -> tuple[Hit, ...]:
        head, tail = normalise(line[:_PROBE]), normalise(line[-_PROBE:])
        starts = {head[:_HEAD], head[:WIDTH], head[:1]}
        if not starts.isdisjoint(self._long_starts) or tail[-WIDTH:] in self._long_ends:
            return self._find(normalise(line))
        return ()

    def _find(self, key: str) -> tuple[Hit, ...]:
        hits = self.phrases.get(key)
        if hits is not None:
            return tuple(hits)
        if "0" in key:
            hits = self.counted.get(key.strip(_COUNT))
            if hits is not None:
                return tuple(hits)
        found = [
            hit
            for table, end in (
                (self.starts, SIGN if key[0] == SIGN else key[:WIDTH]),
                (self.ends, key[-WIDTH:]),
            )
            for pattern, most, hit in table.get(end, ())
            if len(key) <= most and pattern.fullmatch(key)
        ]
        if found:
            return tuple(sorted(dict.fromkeys(found), key=lambda hit: hit.rule))
        return self._find_row(key)

    def _find_row(self, key: str) -> tuple[Hit, ...]:
        """A row of phrases with separators between them counts as its first phrase."""
        if len(key) > SHORT or _SEPARATORS.search(key) is None:
            return ()
        parts = [part for part in _SEPARATORS.split(key) if part]
        if not 2 <= len(parts) <= _MAX_PARTS:
            return ()
        first: Hit | None = None
        for part in parts:
            hits = self.phrases.get(part) or self.counted.get(part.strip(_COUNT)) or ()
            known = next((hit for hit in hits if hit.rule in self.joinable), None)
            if known is None:
                return ()
            first = first or known
        return (Hit(first.rule, first.language, compound=True),) if first else ()
