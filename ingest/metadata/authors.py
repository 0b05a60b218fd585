"""Read author lines, and bring names to one form.

Two rules keep body text out: a line is a byline only where *all* of it is spoken for (cue words, names,
roles, dates), and a bare name without any cue is no byline unless the caller asks for it, knowing where the
line stands.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import islice
from typing import Literal

from ingest.metadata import tables
from ingest.metadata.dates import read_dates
from ingest.metadata.names import (
    BRACKET,
    LONGEST_NAME,
    MARKS,
    MAX_WORDS,
    any_of,
    is_agency,
    is_desk,
    is_house,
    is_interface,
    is_prose,
    listed,
    looks_like_name,
    parts_of,
    read_names,
    split_role,
    trim,
)

Cue = Literal["lead", "date", "role", "desk", "bare", "agency"]

#: No list of authors in print is longer; what is longer is a page's text in the wrong field.
LONGEST_LINE = 240
MAX_AUTHORS = 100


@dataclass(frozen=True, slots=True)
class Byline:
    """An author line: `authors` as printed, `roles` found beside them, `rest` of the line that is neither (a
    place, a date); `cue` is what made it a byline, `others` are photographers, editors and translators.
    """

    authors: list[str]
    cue: Cue
    roles: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    rest: str = ""


@lru_cache(maxsize=1)
def _lead() -> re.Pattern[str]:
    return re.compile(rf"(?P<word>{any_of(listed('lead') | listed('other'))})(?P<mark>\s*[:：/|]\s*|\s+|$)")


_OUTLET = re.compile(r",\s*[«\"“„][^«»\"“”„]{2,30}[»\"”“]?\W*$")
#: A cue that a page glued to the name: «ByJane Doe».
_OPENING = re.compile(r"^(By|BY|Von|Автор|Текст|Author|Autor|Yazan)(?=[A-ZА-ЯÀ-Þ][a-zа-яß-ÿ]+[\s-])")
_SEGMENTS = re.compile(r"\s*[|•·]\s*|\s+/\s+")
_PARTED = re.compile(r"\d|[|•·]|\s/\s")


_TOKEN = re.compile(r"\w+")


_SHORTEST_GLUED = 3  # letters of a role that a page glued to a name, see `names.trim`


@dataclass(frozen=True, slots=True)
class _CueTokens:
    """Words that cues begin with, and those that may stand before a cue on its line; words, and endings of words,
    without which a line holds neither role nor desk.
    """

    leads: frozenset[str]
    openers: frozenset[str]
    titles: frozenset[str]
    endings: tuple[str, ...]


@lru_cache(maxsize=1)
def _cue_tokens() -> _CueTokens:
    leads, prefixes = (
        frozenset(tokens[0] for cue in cues if (tokens := _TOKEN.findall(cue)))
        for cues in (listed("lead") | listed("other"), listed("prefix"))
    )
    known = (_TOKEN.findall(word) for word in listed("role") | listed("desk"))
    titles = frozenset(max(tokens, key=len) for tokens in known if tokens)
    endings = tuple(sorted(word for word in titles if len(word) >= _SHORTEST_GLUED))
    return _CueTokens(leads, leads | prefixes, titles, endings)


@lru_cache(maxsize=1 << 16)
def _may_be_title(token: str) -> bool:
    known = _cue_tokens()
    return token in known.titles or token.endswith(known.endings)


def _holds_title(text: str) -> bool:
    """Whether a text may hold a role or a desk; a look at its words tells it of most."""
    return any(map(_may_be_title, _TOKEN.findall(tables.fold(text))))


def _holds_cue(text: str, parted: bool) -> bool:
    """Whether a line may hold a cue, a role or a desk; cues begin a line, or a part of it where it is `parted`."""
    tokens = _TOKEN.findall(tables.fold(text))
    known = _cue_tokens()
    if (parted or (tokens and tokens[0] in known.openers)) and not known.leads.isdisjoint(tokens):
        return True
    return any(map(_may_be_title, tokens))


@lru_cache(maxsize=1 << 14)  # menus stand on each page of a site
def read_byline(line: str, *, bare: bool = False) -> Byline | None:
    """Read `line` as an author line; None if it is anything else.

    With `bare`, a line that is nothing but names or an agency counts too: ask for it only where an author
    stands (next to the title or the date).
    """
    text = _OPENING.sub(r"\1 ", line.strip().strip(MARKS).strip("()（）"))
    if bare and line.rstrip().endswith((":", "：")):
        bare = False  # the label of what follows
    if not 1 < len(text) <= LONGEST_LINE:
        return None
    # without a cue, only what stands beside names makes a byline of them: a date, or a mark between two parts
    parted = _PARTED.search(text) is not None
    cued = _holds_cue(text, parted)
    alone = not bare and not cued
    if alone and not parted:
        return None
    pieces = [text]
    dated = ""
    if any(c.isdigit() for c in text) and (readings := read_dates(text)):
        first, last = min(r.lead for r in readings), max(r.span[1] for r in readings)
        dated = text[first:last].strip()
        pieces = [text[:first].strip(MARKS + "()"), text[last:].strip(MARKS + "()")]
    segments = [s for piece in pieces for s in _SEGMENTS.split(piece) if s.strip(MARKS)]
    if alone and not dated and len(segments) < 2:
        return None
    parts = len(segments)
    if not cued:
        segments = [s for s in segments if not is_prose(s)]
    found = [b for s in segments if (b := _read_segment(trim(s.strip(MARKS)), bool(dated) or parts > 1, bare))]
    best = min(found, key=lambda b: _TRUST[b.cue], default=None)
    if best is None or (best.cue in ("date", "bare") and parts > 3):
        return None
    if best.cue == "date" and not dated and not bare:
        return None  # a name beside something else that is no date
    return replace(best, rest=", ".join(filter(None, (best.rest, dated))))


_TRUST: dict[Cue, int] = {"lead": 0, "date": 1, "role": 2, "desk": 3, "bare": 4, "agency": 5}


def _read_segment(text: str, beside: bool, bare: bool) -> Byline | None:
    """One segment of a line; `beside` says that other segments or a date share the line."""
    lead = _lead().match(tables.fold(text))
    if lead:
        byline = _led(text, lead)
        if byline or lead["mark"].strip():
            return byline
    if not _holds_title(text) and (not (bare or beside) or is_prose(text)):
        return None
    found = read_names(text, strict=True)
    if not found:
        return None
    names, roles, rest = found
    people = [n for n in names if looks_like_name(n) and not is_desk(n) and not is_agency(n)]
    if rest and not (people and _OUTLET.search(text)):  # «Ada Quill, "Pond News"»
        return None
    cue: Cue
    if people:
        if not (bare or roles or beside) or any(is_interface(name) for name in people):
            return None
        cue = "role" if roles else "date" if beside else "bare"
    elif all(is_agency(n) for n in names):
        if not (bare or beside):
            return None
        cue = "agency"
    elif all(is_house(n) and is_desk(n) for n in names):
        cue = "desk"
    else:
        return None
    return Byline(names, cue, roles)


def _led(text: str, lead: re.Match[str]) -> Byline | None:
    """A line that begins with a cue word."""
    body = text[lead.end() :]
    authors: list[str] = []
    others: list[str] = []
    roles: list[str] = []
    rest: list[str] = []
    other = lead["word"] in listed("other") and lead["word"] not in listed("lead")
    colon = lead["mark"].strip() != ""
    # «Reporting by A; Editing by B»: each clause has its own cue
    for clause in re.split(r"[;|•·]\s*", body):
        inner = _lead().match(tables.fold(clause))
        if inner and clause is not body:
            other = inner["word"] in listed("other") and inner["word"] not in listed("lead")
            clause = clause[inner.end() :]
        if not clause.strip():
            continue
        found = read_names(clause, strict=not colon and lead["word"] not in ("by", "von", "par", "di", "por"))
        if found is None:
            if authors and len(clause) < 60:
                rest.append(clause.strip())
                continue
            return None
        (others if other else authors).extend(found[0])
        roles += found[1]
        if found[2]:
            rest.append(found[2])
    if not authors and not others:
        return None
    return Byline(authors, "lead", roles, others, ", ".join(rest))


def clean_authors(authors: Iterable[str], *, agencies: bool = False) -> list[str]:
    """Names in one form and order of appearance: split, without cues, roles, addresses, doubles.

    An agency stays only where no person is named, or where `agencies` says that it is listed as an author of
    its own. A field longer than any list of authors is dropped.
    """
    found: dict[str, str] = {}
    for field_ in islice(authors, MAX_AUTHORS):
        text = html.unescape(field_ or "")
        if not text.strip() or len(text) > 4 * LONGEST_LINE or "<" in text:
            continue
        text = " ".join(text.split())
        for clause in re.split(r"\s*[;|•\n]\s*", text):
            lead = _lead().match(tables.fold(clause))
            if lead and lead["mark"]:
                if lead["word"] in listed("other") and lead["word"] not in listed("lead"):
                    if found:
                        continue
                    lead = lead if lead["mark"].strip() else None  # «Redaktion example.org» is a desk
                clause = (lead and clause[lead.end() :]) or clause
            for part in parts_of(clause):
                name = BRACKET.sub("", part).strip(MARKS)
                name, _ = split_role(name)
                if not any(c.isalpha() for c in name) or len(name) > LONGEST_NAME:
                    continue
                if len(name.split()) > MAX_WORDS + 2:
                    continue
                found.setdefault(" ".join(re.findall(r"\w+", name.casefold())), name)
    names = [name for key, name in found.items() if key]
    return names if agencies else [n for n in names if not is_agency(n)] or names
