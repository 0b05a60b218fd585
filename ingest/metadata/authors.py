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
from functools import cache, lru_cache
from itertools import islice
from typing import Literal

from . import tables
from .dates import read_dates
from .datewords import is_calendar_word

Cue = Literal["lead", "date", "role", "desk", "bare", "agency"]

#: No list of authors in print is longer; what is longer is a page's text in the wrong field.
LONGEST_LINE = 240
LONGEST_NAME = 80
MAX_AUTHORS = 100
MAX_WORDS = 6


@dataclass(frozen=True, slots=True)
class Byline:
    """An author line: `authors` as printed, `roles` found beside them, `rest` of the line that is neither (a
    place, a date); `cue` is what made it a byline, `others` are photographers, editors and translators."""

    authors: list[str]
    cue: Cue
    roles: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    rest: str = ""


@cache
def _words(key: str) -> frozenset[str]:
    return tables.words("authors", key)


def _alternatives(words: Iterable[str]) -> str:
    return "|".join(re.escape(w) for w in sorted(words, key=lambda w: (-len(w), w)))


@lru_cache(maxsize=1)
def _lead() -> re.Pattern[str]:
    return re.compile(rf"(?P<word>{_alternatives(_words('lead') | _words('other'))})(?P<mark>\s*[:：/|]\s*|\s+|$)")


@lru_cache(maxsize=1)
def _joints() -> tuple[re.Pattern[str], re.Pattern[str]]:
    words = _alternatives(_words("joiner"))
    return re.compile(rf"\s*[;|•·&＆、，,]\s*(?:(?:{words})\s+)?"), re.compile(rf"\s+(?:{words})\s+")


_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_HANDLE = re.compile(r"@\w+")
_LINK = re.compile(r"(?:https?://|www\.)\S+")
_BRACKET = re.compile(r"\s*[(\[][^()\[\]]*[)\]]")
_HAN = re.compile(r"[\u4e00-\u9fff\u3040-\u30ff々]{2,7}")
_WORD_OF_NAME = re.compile(r"[^\W\d_][^\W\d_'’ʻʼ`.-]*(?:['’ʻʼ`.-][^\W\d_]*)*")
_MARKS = ' \t\n\r,;:|·•*/–—-_"“”«»<>'


def looks_like_name(text: str) -> bool:
    """Whether `text` has the shape of one person's name: two to six capitalised words, small words between
    them.

    In scripts without capitals: two to four words, or two to seven Han or Kana characters.
    """
    words = text.split()
    if _HAN.fullmatch(text.replace(" ", "").replace("・", "")):
        return True
    if not 2 <= len(words) <= MAX_WORDS or len(text) > LONGEST_NAME:
        return False
    capital = 0
    if words[0] == "The" or tables.fold(text) in _words("lead"):
        return False
    for i, word in enumerate(words):
        bare = word.strip(",")
        if not _WORD_OF_NAME.fullmatch(bare):
            return False
        if bare[0].isupper() or (not bare[0].islower() and len(words) <= 4):
            capital += len(bare.rstrip(".")) > 1 or i == 0
        elif tables.fold(bare.rstrip(".")) not in _words("particle") and not re.match(r"[a-z]{1,2}['’-][A-Z]", bare):
            return False
    return capital >= 2 or (capital == 1 and len(words) >= 2 and words[0][0].isupper() and words[-1][0].isupper())


def is_agency(name: str) -> bool:
    """Whether `name` is a news agency or several of them («dpa/AFP»)."""
    folded = tables.fold(name).strip(_MARKS)
    return folded in _words("agency") or all(
        part.strip() in _words("agency") for part in re.split(r"[/,+&]| und | et ", folded)
    )


def is_desk(name: str) -> bool:
    """Whether `name` is an editorial desk: a short name that holds a word for one («… Service», «Redaktion
    …»)."""
    words = tables.fold(name).split()
    return 0 < len(words) <= MAX_WORDS and any(w.strip(_MARKS + ".") in _words("desk") for w in words)


def _house(name: str) -> bool:
    """Whether a name bears a mark of an outlet: an acronym, a domain, a possessive."""
    return bool(re.search(r"\b[A-Z]{2,}[A-Z0-9/]*\b|\w\.\w{2,}\b|['’]s\b|\d", name)) or any(
        is_agency(w) for w in name.split()
    )


def _without_roles(name: str) -> tuple[str, list[str]]:
    """`name` without roles at its ends («Redakteur Max Muster», «A. B., тілші», «C. D. Political
    Correspondent»)."""
    roles: list[str] = []
    words = name.split()
    folded = [tables.fold(w).strip(_MARKS + ".") for w in words]
    for n in (3, 2, 1):
        if len(words) > n and " ".join(folded[-n:]) in _words("role"):
            while len(words) > n + 2 and folded[-n - 1] in _words("rank"):
                n += 1
            roles.append(" ".join(words[-n:]))
            words, folded = words[:-n], folded[:-n]
            break
    for n in (3, 2, 1):
        if len(words) > n and " ".join(folded[:n]) in _words("role"):
            roles.append(" ".join(words[:n]))
            words = words[n:]
            break
    return " ".join(words).strip(_MARKS), roles


@lru_cache(maxsize=1)
def _affixes() -> tuple[re.Pattern[str], re.Pattern[str]]:
    suffixes = _alternatives(_words("suffix"))
    return (
        re.compile(rf"^(?:{_alternatives(_words('prefix'))})\s+"),
        re.compile(rf"(?<=\w\w)(?:\s+(?:{suffixes})|(?<=[a-zа-яß-öø-ÿ])(?:{suffixes})|(?:の写真))$"),
    )


_GLUED = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-ZА-ЯÀ-ÖØ-Þ][^\W\d_]{2,})")


def _trim(text: str) -> str:
    """`text` without what pages print around names: captions of portraits, links to follow, a doubled name,
    glued roles."""
    prefix, suffix = _affixes()
    folded = tables.fold(text)
    if m := prefix.match(folded):
        text, folded = text[m.end() :], folded[m.end() :]
    for _ in range(3):
        m = suffix.search(folded)
        if not m:
            break
        start = m.start()
        glued = folded[start] != " " and not folded.startswith("の", start)
        if glued and not (text[start].isupper() and text[start - 1].islower()):
            break
        text, folded = text[:start].rstrip(_MARKS), folded[:start].rstrip(_MARKS)
    for m in _GLUED.finditer(text):  # «Ulrich ExnerKorrespondent», «Jane DoeJane Doe»
        head, tail = text[: m.start()], text[m.start() :]
        if tail == head or _is_role(tail):
            return head if tail == head else f"{head}, {tail}"
    words = text.split()
    half = len(words) // 2
    return " ".join(words[:half]) if half > 1 and words[:half] == words[half:] else text


def _without_agency(name: str) -> str:
    """«Jane Doe The Associated Press» without the agency."""
    words = name.split()
    for n in (3, 2, 1):
        if len(words) >= n + 2 and tables.fold(" ".join(words[-n:])) in _words("agency"):
            return " ".join(words[:-n])
    return name


def _split_role(text: str) -> tuple[str, list[str]]:
    """(name, roles) of a text that is a name with roles or without, or a role alone: then the name is
    empty."""
    name, roles = _without_roles(text)
    if _is_role(text) and (
        not roles or any(w in _words("rank") for w in tables.fold(name).split()) or not looks_like_name(name)
    ):
        return "", [text]
    return name, roles


@lru_cache(maxsize=1)
def _long_roles() -> tuple[str, ...]:
    return tuple(role for role in sorted(_words("role")) if len(role) >= 8 and " " not in role)


def _is_role(text: str) -> bool:
    """Whether `text` is a role or begins or ends with one («Chief Political Correspondent»)."""
    words = tables.fold(text).strip(_MARKS + ".").split()
    roles = _words("role")
    if words and words[-1].endswith(_long_roles()):
        return True  # a compound: «Wirtschaftsredakteur»
    return any(" ".join(words[:n]) in roles or " ".join(words[-n:]) in roles for n in range(1, min(4, len(words)) + 1))


def _cut(pattern: re.Pattern[str], text: str) -> list[str]:
    """`text` cut where its folded form matches, marks and outer blanks off, without empty pieces."""
    out: list[str] = []
    at = 0
    for m in pattern.finditer(tables.fold(text)):
        out.append(text[at : m.start()])
        at = m.end()
    out.append(text[at:])
    return [p for part in out if (p := " ".join(part.split()).strip(_MARKS))]


def _parts(text: str) -> list[str]:
    """The parts of a list of names. Marks always part it, words («and») only where both sides can stand
    alone."""
    marks, joiners = _joints()
    out: list[str] = []
    for piece in _cut(marks, _HANDLE.sub(" ", _MAIL.sub(" ", _LINK.sub(" ", text)))):
        halves = _cut(joiners, piece)
        bare = [_BRACKET.sub("", h).strip(_MARKS) for h in halves]
        apart = all(len(h.split()) < 2 or looks_like_name(h) or is_agency(h) or _split_role(h)[1] for h in bare)
        names_one_house = is_desk(piece) and not any(looks_like_name(h) for h in halves)
        out += halves if apart and not names_one_house else [piece]
    return out


def _names(text: str, *, strict: bool) -> tuple[list[str], list[str], str] | None:
    """(names, roles, rest) of a list of names; None if it is something else."""
    names: list[str] = []
    roles: list[str] = []
    rest: list[str] = []
    for part in _parts(text):
        inner = [b.strip(" ()[]") for b in _BRACKET.findall(part)]
        part = _BRACKET.sub("", part).strip(_MARKS)
        roles += [b for b in inner if _is_role(b)]
        if not part:
            continue
        name, found = _split_role(part)
        roles += found
        if not name:
            continue
        part = _without_agency(name)
        if looks_like_name(part) or is_agency(part) or (is_desk(part) and part[0].isupper()):
            names.append(part.rstrip(".") if not re.search(r"\b\w\.$|[JS]r\.$", part) else part)
        elif not strict and not names and len(part.split()) == 1 and part[0].isupper() and len(part) > 2:
            if is_calendar_word(part):
                return None  # «By Monday»
            names.append(part)
        elif names and len(part.split()) <= 3:
            rest.append(part)  # «Von Johannes Ritter, Zürich»
        else:
            return None
    return (names, roles, ", ".join(rest)) if names else None


def _is_interface(name: str) -> bool:
    """Whether a name holds a word of menus and headings («Most Popular», «Weitere Angebote»)."""
    return any(word.strip(_MARKS) in _words("interface") for word in tables.fold(name).split())


_SEGMENTS = re.compile(r"\s*[|•·]\s*|\s+/\s+")
_PARTED = re.compile(r"\d|[|•·]|\s/\s")


_TOKEN = re.compile(r"\w+")


@lru_cache(maxsize=1)
def _cue_tokens() -> tuple[frozenset[str], tuple[str, ...]]:
    """(words that cues begin with, endings of words without which a line holds neither role nor desk)."""
    leads = frozenset(tokens[0] for cue in _words("lead") | _words("other") if (tokens := _TOKEN.findall(cue)))
    known = (_TOKEN.findall(word) for word in _words("role") | _words("desk"))
    return leads, tuple(sorted({max(tokens, key=len) for tokens in known if tokens}))


@lru_cache(maxsize=1 << 16)
def _may_be_cue(token: str) -> bool:
    leads, endings = _cue_tokens()
    return token in leads or token.endswith(endings)


def _may_be_signed(text: str) -> bool:
    """Whether a line may be a byline by itself: without cue, role, desk, figures or marks between parts it is none.

    Most lines of a page are refused here, at the price of a look at their words.
    """
    return bool(_PARTED.search(text)) or any(map(_may_be_cue, _TOKEN.findall(tables.fold(text))))


@lru_cache(maxsize=1 << 14)  # menus stand on each page of a site
def read_byline(line: str, *, bare: bool = False) -> Byline | None:
    """Read `line` as an author line; None if it is anything else.

    With `bare`, a line that is nothing but names or an agency counts too: ask for it only where an author
    stands (next to the title or the date).
    """
    text = line.strip().strip(_MARKS).strip("()（）")
    if not 1 < len(text) <= LONGEST_LINE or not (bare or _may_be_signed(text)):
        return None
    pieces = [text]
    dated = ""
    if any(c.isdigit() for c in text) and (readings := read_dates(text)):
        first, last = min(r.lead for r in readings), max(r.span[1] for r in readings)
        dated = text[first:last].strip()
        pieces = [text[:first].strip(_MARKS + "()"), text[last:].strip(_MARKS + "()")]
    segments = [s for piece in pieces for s in _SEGMENTS.split(piece) if s.strip(_MARKS)]
    found = [
        b for s in segments if (b := _read_segment(_trim(s.strip(_MARKS)), bool(dated) or len(segments) > 1, bare))
    ]
    best = min(found, key=lambda b: _TRUST[b.cue], default=None)
    if best is None or (best.cue in ("date", "bare") and len(segments) > 3):
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
    found = _names(text, strict=True)
    if not found:
        return None
    names, roles, rest = found
    people = [n for n in names if looks_like_name(n) and not is_desk(n) and not is_agency(n)]
    if rest:
        return None
    cue: Cue
    if people:
        if not (bare or roles or beside) or any(_is_interface(name) for name in people):
            return None
        cue = "role" if roles else "date" if beside else "bare"
    elif all(is_agency(n) for n in names):
        if not (bare or beside):
            return None
        cue = "agency"
    elif all(_house(n) and is_desk(n) for n in names):
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
    other = lead["word"] in _words("other") and lead["word"] not in _words("lead")
    colon = lead["mark"].strip() != ""
    # «Reporting by A; Editing by B»: each clause has its own cue
    for clause in re.split(r"[;|•·]\s*", body):
        inner = _lead().match(tables.fold(clause))
        if inner and clause is not body:
            other = inner["word"] in _words("other") and inner["word"] not in _words("lead")
            clause = clause[inner.end() :]
        if not clause.strip():
            continue
        found = _names(clause, strict=not colon and lead["word"] not in ("by", "von", "par", "di", "por"))
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
                if lead["word"] in _words("other") and lead["word"] not in _words("lead"):
                    if found:
                        continue
                    lead = lead if lead["mark"].strip() else None  # «Redaktion example.org» is a desk
                clause = (lead and clause[lead.end() :]) or clause
            for part in _parts(clause):
                name = _BRACKET.sub("", part).strip(_MARKS)
                name, _ = _split_role(name)
                if not any(c.isalpha() for c in name) or len(name) > LONGEST_NAME:
                    continue
                if len(name.split()) > MAX_WORDS + 2:
                    continue
                found.setdefault(" ".join(re.findall(r"\w+", name.casefold())), name)
    names = [name for key, name in found.items() if key]
    return names if agencies else [n for n in names if not is_agency(n)] or names
