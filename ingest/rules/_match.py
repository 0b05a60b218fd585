"""Which rules a single line meets, without regard to where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ingest.rules._normal import HEAD, SHORT, SIGN, Folder, normalise_many
from ingest.rules._prefix import MIN_FIXED, anchor

_COUNT = " 0()[]:.,+"  # what a number before or behind a phrase may bring along
_SEPARATOR = re.compile(r"[|/•·»›>]| [-*] ")
_SPLIT = re.compile(r"\s*[|/•·»›>]\s*| [-*] ")
_MAX_PARTS = 12
_MAX_ROW = 100  # characters
_MAX_GLUED, _MAX_PAIR = 300, 10  # characters of a line of glued phrases, words of two of them
_LOW, _UP = "a-zß-öø-ÿа-яёәіңғүұқөһα-ω", "A-ZÀ-ÖØ-ÞА-ЯЁӘІҢҒҮҰҚӨҺΑ-Ω"
_GLUE = re.compile(f"[{_LOW})*][{_UP}]")
_GLUED = re.compile(rf"(?<=[{_LOW})*])(?=[{_UP}])|[.!?:|•·]\s+|\s*\*\s*(?=[{_UP}]|$)|\s\s+")
_LONG_PHRASE = 20  # a phrase this much shorter than SHORT may still be a long line, with bullets and spaces
# Lines of code and markup are made of the same words as forms and menus are.
_CODE = re.compile(r"""[{};]\s*$|__|^\s*(['"]).*\1\W*$|^\s*</?\w[^<]*>\s*$""")


@dataclass(frozen=True, slots=True)
class Hit:
    """Line meets rule number `rule`; `language` where all that matched belongs to one language."""

    rule: int
    language: str | None
    compound: bool = False  # the line is a row of several phrases


@dataclass(slots=True)
class _Pattern:
    """A pattern, compiled when the first line comes that may meet it: few pages need more than some of them."""

    fixed: str  # characters at the start, or at the end
    source: str
    most: int
    hit: Hit
    _regex: re.Pattern[str] | None = None

    def meets(self, key: str) -> bool:
        if self._regex is None:
            self._regex = re.compile(self.source)
        return self._regex.fullmatch(key) is not None


@dataclass(slots=True)
class Matcher:
    """Phrases in one dictionary, patterns behind their fixed first or last characters.

    `joinable` are the rules whose phrases may stand in a row: «Home | News | Contact».
    """

    folder: Folder
    joinable: set[int] = field(default_factory=set)
    _phrases: dict[str, tuple[Hit, ...]] = field(default_factory=dict)
    _counted: dict[str, tuple[Hit, ...]] = field(default_factory=dict)
    _starts: dict[str, list[_Pattern]] = field(default_factory=dict)
    _ends: dict[str, list[_Pattern]] = field(default_factory=dict)
    _heads: dict[str, tuple[str, ...]] = field(default_factory=dict)  # what patterns fix, by its first MIN_FIXED

    def add_phrases(self, rule: int, language: str, phrases: Iterable[str], *, count: bool = False) -> None:
        hit = Hit(rule, None if language == "und" else language)
        for key in normalise_many(list(phrases)):
            for table in (self._phrases, self._counted) if count else (self._phrases,):
                table[key] = _with(table.get(key, ()), hit)
            if len(key) > SHORT - _LONG_PHRASE:
                self.folder.starts.add(key[:HEAD])

    def add_patterns(self, rule: int, language: str, patterns: Iterable[str], max_chars: int) -> None:
        """Raises ValueError for a pattern that is fixed at neither end."""
        for source in patterns:
            where = anchor(source)
            if where is None:
                raise ValueError(f"pattern without fixed start or end: {source!r}")
            hit = Hit(rule, None if language == "und" else language)
            for fixed in sorted(where.fixed):
                pattern = _Pattern(fixed, source, max_chars, hit)
                if where.side == "start":
                    self._starts.setdefault(fixed[:MIN_FIXED], []).append(pattern)
                    heads = self._heads.get(fixed[:MIN_FIXED], ())
                    self._heads[fixed[:MIN_FIXED]] = heads if fixed in heads else (*heads, fixed)
                else:
                    self._ends.setdefault(fixed, []).append(pattern)
            if max_chars > SHORT:
                long = self.folder.starts if where.side == "start" else self.folder.ends
                long.update(fixed[:HEAD] for fixed in where.fixed)

    def match(self, keys: Sequence[str]) -> list[tuple[Hit, ...]]:
        """Hits of each line given in comparable form, rules in their order; () where no rule knows it."""
        phrases, counted, heads, ends = self._phrases, self._counted, self._heads, self._ends
        known: dict[str, tuple[Hit, ...]] = {"": ()}
        for key in dict.fromkeys(keys):
            if key in known:
                continue
            found = phrases.get(key)
            if found is None:
                found = counted.get(key.strip(_COUNT), ()) if "0" in key else ()
                if not found and (
                    key.startswith(heads.get(key[:MIN_FIXED], ()))
                    or key[-MIN_FIXED:] in ends
                    or key[0] == SIGN
                    or (len(key) <= _MAX_ROW and _SEPARATOR.search(key))
                ):
                    found = self._find(key)
            known[key] = found
        return list(map(known.__getitem__, keys))

    def glued(self, line: str) -> tuple[Hit, ...]:
        """What a line is that is nothing but phrases that a flattener glued: «ShareTweetPrint»."""
        if len(line) > _MAX_GLUED or not _GLUE.search(line):
            return ()
        keys = [key for key in normalise_many(_GLUED.split(line)) if key]
        if not 2 <= len(keys) <= _MAX_PARTS:
            return ()
        first: Hit | None = None
        for key in keys:
            known = self._known(key) or self._known_pair(key)
            if known is None:
                return ()
            first = first or known
        return (Hit(first.rule, first.language, compound=True),) if first else ()

    def _known(self, key: str) -> Hit | None:
        """The first rule that knows a part of a row and may stand in one."""
        hits = self._phrases.get(key) or self._counted.get(key.strip(_COUNT)) or self._find(key)
        return next((hit for hit in hits if hit.rule in self.joinable), None)

    def _known_pair(self, key: str) -> Hit | None:
        """As `_known`, of two phrases with a blank between them."""
        words = key.split(" ")
        for cut in range(1, min(len(words), _MAX_PAIR)):
            first, second = (self._phrases.get(" ".join(part)) for part in (words[:cut], words[cut:]))
            if first and second and (hit := next((hit for hit in first if hit.rule in self.joinable), None)):
                return hit
        return None

    def _find(self, key: str) -> tuple[Hit, ...]:
        size = len(key)
        found = [
            p.hit
            for p in self._starts.get(SIGN if key[0] == SIGN else key[:MIN_FIXED], ())
            if size <= p.most and key.startswith(p.fixed) and p.meets(key)
        ]
        found += [p.hit for p in self._ends.get(key[-MIN_FIXED:], ()) if size <= p.most and p.meets(key)]
        if found:
            return tuple(sorted(dict.fromkeys(found), key=lambda hit: hit.rule))
        return self._find_row(key) if size <= _MAX_ROW and _SEPARATOR.search(key) else ()

    def _find_row(self, key: str) -> tuple[Hit, ...]:
        """A row of phrases with separators between them counts as its first phrase."""
        parts = [part for part in _SPLIT.split(key) if part]
        if not 2 <= len(parts) <= _MAX_PARTS:
            return ()
        first: Hit | None = None
        for part in parts:
            hits = self._phrases.get(part) or self._counted.get(part.strip(_COUNT)) or ()
            known = next((hit for hit in hits if hit.rule in self.joinable), None)
            if known is None:
                return ()
            first = first or known
        return (Hit(first.rule, first.language, compound=True),) if first else ()


def is_code(line: str) -> bool:
    """Whether a line, as it stands on the page, is rather code or markup than an interface phrase."""
    return _CODE.search(line) is not None


def _with(hits: tuple[Hit, ...], new: Hit) -> tuple[Hit, ...]:
    """`hits` and one more; a rule stands once, without language if its phrase belongs to several."""
    if not hits:
        return (new,)
    old = next((hit for hit in hits if hit.rule == new.rule), None)
    if old is None:
        return (*hits, new)
    return hits if old.language == new.language else tuple(Hit(h.rule, None) if h is old else h for h in hits)
