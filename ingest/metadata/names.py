"""Names of persons, agencies and desks: which texts are names, and where one ends and the next begins.

The words for roles, particles, agencies and the like are in `authors.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache

from ingest.metadata import tables
from ingest.metadata.datewords import is_calendar_word

LONGEST_NAME = 80
MAX_WORDS = 6


@cache
def listed(key: str) -> frozenset[str]:
    """The words of a list of `authors.toml`, folded."""
    return tables.words("authors", key)


def any_of(words: Iterable[str]) -> str:
    """A pattern for any of the words, the longest first."""
    return "|".join(re.escape(w) for w in sorted(words, key=lambda w: (-len(w), w)))


@lru_cache(maxsize=1)
def _joints() -> tuple[re.Pattern[str], re.Pattern[str]]:
    words = any_of(listed("joiner"))
    return re.compile(rf"\s*[;|•·&＆、，,]\s*(?:(?:{words})\s+)?"), re.compile(rf"\s+(?:{words})\s+")


_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_HANDLE = re.compile(r"@\w+")
_LINK = re.compile(r"(?:https?://|www\.)\S+")
BRACKET = re.compile(r"\s*[(\[][^()\[\]]*[)\]]")
_HAN = re.compile(r"[\u4e00-\u9fff\u3040-\u30ff々]{2,7}")
_HANGUL = re.compile(r"[\uac00-\ud7a3]{2,5}")
_MARKED = r"(?:[^\W\d_]|[\u0300-\u036f\u064b-\u0652\u0900-\u0e4e])"  # letters and the marks that scripts set on them
_WORD_OF_NAME = re.compile(rf"[^\W\d_]{_MARKED}*(?:['’ʻʼ`.-]{_MARKED}*)*")
MARKS = ' \t\n\r,;:|·•*/–—-_"“”«»<>'


@cache
def _surnames(script: str) -> frozenset[str]:
    names = tables.load("authors")["surname"][script]
    return frozenset("".join(names) if len(names) == 1 else names)


def has_surname(text: str) -> bool:
    """Whether two to six characters of Han or Hangul begin with a family name: a person, and no other word."""
    name = text.replace(" ", "")
    if _HANGUL.fullmatch(name):
        return len(name) == 3 and name[0] in _surnames("ko")
    if not _HAN.fullmatch(name):
        return False
    if 3 <= len(name) <= 6 and any(name[:n] in _surnames("ja") for n in (2, 3)):
        return True
    return (2 <= len(name) <= 3 and name[0] in _surnames("zh")) or (
        3 <= len(name) <= 4 and name[:2] in _surnames("zh_two")
    )


def looks_like_name(text: str) -> bool:
    """Whether `text` has the shape of one person's name: two to six capitalised words, small words between
    them.

    In scripts without capitals: two to four words, or two to seven Han or Kana characters; in Hangul three with a
    family name.
    """
    words = text.split()
    if _HANGUL.fullmatch(text):
        return has_surname(text)
    if _HAN.fullmatch(text.replace(" ", "").replace("・", "")):
        return True
    if not 2 <= len(words) <= MAX_WORDS or len(text) > LONGEST_NAME:
        return False
    capital = 0
    if words[0] == "The" or tables.fold(text) in listed("lead"):
        return False
    for i, word in enumerate(words):
        bare = word.strip(",")
        if not _WORD_OF_NAME.fullmatch(bare):
            return False
        if bare[0].isupper() or (not bare[0].islower() and len(words) <= 4):
            capital += len(bare.rstrip(".")) > 1 or i == 0
        elif tables.fold(bare.rstrip(".")) not in listed("particle") and not re.match(r"[a-z]{1,2}['’-][A-Z]", bare):
            return False
    return capital >= 2 or (capital == 1 and len(words) >= 2 and words[0][0].isupper() and words[-1][0].isupper())


@cache
def _small_words() -> frozenset[str]:
    """Words of names, of agencies, and of what stands between and around names, that may begin with a small letter."""
    lists = ("particle", "joiner", "agency", "prefix", "suffix")
    return frozenset(word.strip(MARKS + ".") for key in lists for phrase in listed(key) for word in phrase.split())


def is_prose(text: str) -> bool:
    """Whether a text without cue, role and desk holds a word that no list of names has; much cheaper than to read it.

    What stands in brackets, addresses and handles is passed over.
    """
    if "(" in text or "[" in text:
        return False
    small = _small_words()
    return any(word[0].islower() and word.isalpha() and tables.fold(word) not in small for word in text.split())


def is_agency(name: str) -> bool:
    """Whether `name` is a news agency or several of them («dpa/AFP»)."""
    folded = tables.fold(name).strip(MARKS)
    return folded in listed("agency") or all(
        part.strip() in listed("agency") for part in re.split(r"[/,+&]| und | et ", folded)
    )


def is_desk(name: str) -> bool:
    """Whether `name` is an editorial desk: a short name that holds a word for one («… Service», «Redaktion
    …»).
    """
    words = {word.strip(MARKS + ".") for word in tables.fold(name).split()}
    return 0 < len(words) <= MAX_WORDS and not words.isdisjoint(listed("desk")) and words.isdisjoint(listed("no_desk"))


def is_house(name: str) -> bool:
    """Whether a name bears a mark of an outlet: an acronym, a domain, a possessive."""
    return bool(re.search(r"\b[A-Z]{2,}[A-Z0-9/]*\b|\w\.\w{2,}\b|['’]s\b|\d", name)) or any(
        is_agency(w) for w in name.split()
    )


def _without_roles(name: str) -> tuple[str, list[str]]:
    """`name` without roles at its ends («Redakteur Max Muster», «A. B., тілші», «C. D. Political
    Correspondent»).
    """
    roles: list[str] = []
    words = name.split()
    folded = [tables.fold(w).strip(MARKS + ".") for w in words]
    if _role_words().isdisjoint(folded):
        return " ".join(words).strip(MARKS), roles
    for n in (3, 2, 1):
        if len(words) > n and " ".join(folded[-n:]) in listed("role"):
            while len(words) > n + 2 and folded[-n - 1] in listed("rank"):
                n += 1
            roles.append(" ".join(words[-n:]))
            words, folded = words[:-n], folded[:-n]
            break
    for n in (3, 2, 1):
        if len(words) > n and " ".join(folded[:n]) in listed("role"):
            roles.append(" ".join(words[:n]))
            words = words[n:]
            break
    return " ".join(words).strip(MARKS), roles


@cache
def _role_words() -> frozenset[str]:
    """All words of all roles: without any of them there is no role."""
    return frozenset(word for role in listed("role") for word in role.split())


@lru_cache(maxsize=1)
def _affixes() -> tuple[re.Pattern[str], tuple[str, ...], re.Pattern[str]]:
    """What may begin a line, and what may end it: as texts, for a quick look, and as they stand behind a name."""
    suffixes = any_of(listed("suffix"))
    return (
        re.compile(rf"(?:{any_of(listed('prefix'))})\s+"),
        tuple(sorted(listed("suffix"))),
        re.compile(rf"(?<=\w\w)(?:\s+(?:{suffixes})|(?<=[^\W\d_])(?:{suffixes}))$"),
    )


def _parts(text: str, at: int) -> bool:
    """Whether two words that are glued can be told apart at a place: a capital behind a small letter, a small letter
    behind capitals and one more («JANE DOEView»), or scripts without capitals.
    """
    first, before = text[at], text[at - 1]
    if not first.isupper():
        return not first.islower() and first.upper() == first.lower()
    return before.islower() or (before.isupper() and text[at + 1 : at + 2].islower() and " " in text[at:])


_GLUED = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-ZА-ЯÀ-ÖØ-Þ][^\W\d_]{2,})")


def trim(text: str) -> str:
    """`text` without what pages print around names: captions of portraits, links to follow, a doubled name,
    glued roles.
    """
    prefix, endings, suffix = _affixes()
    folded = tables.fold(text)
    if m := prefix.match(folded):
        text, folded = text[m.end() :], folded[m.end() :]
    for _ in range(3):
        m = suffix.search(folded) if folded.endswith(endings) else None
        if not m:
            break
        start = m.start()
        if folded[start] != " " and not _parts(text, start):
            break
        text, folded = text[:start].rstrip(MARKS), folded[:start].rstrip(MARKS)
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
        if len(words) >= n + 2 and tables.fold(" ".join(words[-n:])) in listed("agency"):
            return " ".join(words[:-n])
    return name


def split_role(text: str) -> tuple[str, list[str]]:
    """(name, roles) of a text that is a name with roles or without, or a role alone: then the name is
    empty.
    """
    name, roles = _without_roles(text)
    if _is_role(text) and (
        not roles or any(w in listed("rank") for w in tables.fold(name).split()) or not looks_like_name(name)
    ):
        return "", [text]
    return name, roles


@lru_cache(maxsize=1)
def _long_roles() -> tuple[str, ...]:
    return tuple(role for role in sorted(listed("role")) if len(role) >= 8 and " " not in role)


def _is_role(text: str) -> bool:
    """Whether `text` is a role or begins or ends with one («Chief Political Correspondent»)."""
    words = tables.fold(text).strip(MARKS + ".").split()
    roles = listed("role")
    if words and words[-1].endswith(_long_roles()):
        return True  # a compound: «Wirtschaftsredakteur»
    if _role_words().isdisjoint(words):
        return False
    return any(" ".join(words[:n]) in roles or " ".join(words[-n:]) in roles for n in range(1, min(4, len(words)) + 1))


def _cut(pattern: re.Pattern[str], text: str) -> list[str]:
    """`text` cut where its folded form matches, marks and outer blanks off, without empty pieces."""
    out: list[str] = []
    at = 0
    for m in pattern.finditer(tables.fold(text)):
        out.append(text[at : m.start()])
        at = m.end()
    out.append(text[at:])
    return [p for part in out if (p := " ".join(part.split()).strip(MARKS))]


def parts_of(text: str) -> list[str]:
    """The parts of a list of names. Marks always part it, words («and») only where both sides can stand
    alone.
    """
    marks, joiners = _joints()
    out: list[str] = []
    if "http" in text or "www." in text:
        text = _LINK.sub(" ", text)
    if "@" in text:
        text = _HANDLE.sub(" ", _MAIL.sub(" ", text))
    for piece in _cut(marks, text):
        halves = _cut(joiners, piece)
        if len(halves) == 1:
            out += halves
            continue
        bare = [BRACKET.sub("", h).strip(MARKS) for h in halves]
        apart = all(len(h.split()) < 2 or looks_like_name(h) or is_agency(h) or split_role(h)[1] for h in bare)
        names_one_house = is_desk(piece) and not any(looks_like_name(h) for h in halves)
        out += halves if apart and not names_one_house else [piece]
    return out


def read_names(text: str, *, strict: bool) -> tuple[list[str], list[str], str] | None:
    """(names, roles, rest) of a list of names; None if it is something else."""
    names: list[str] = []
    roles: list[str] = []
    rest: list[str] = []
    for part in parts_of(text):
        inner = [b.strip(" ()[]") for b in BRACKET.findall(part)]
        part = BRACKET.sub("", part).strip(MARKS)
        roles += [b for b in inner if _is_role(b)]
        if not part:
            continue
        name, found = split_role(part)
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


def is_interface(name: str) -> bool:
    """Whether a name holds a word of menus and headings («Most Popular», «Weitere Angebote»)."""
    return any(word.strip(MARKS) in listed("interface") for word in tables.fold(name).split())
