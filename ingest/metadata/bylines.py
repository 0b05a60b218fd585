"""Find the authors among the lines of a flattened page."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import cached_property

import numpy as np

from ingest.metadata import tables
from ingest.metadata.authors import Byline, Cue, clean_authors, read_byline
from ingest.metadata.lines import Line, Page
from ingest.metadata.names import has_surname
from ingest.metadata.titles import key
from ingest.roles import Role

#: What a cue costs, in lines of distance from the title.
_COST: dict[Cue, int] = {"lead": 0, "date": 1, "role": 3, "bare": 8, "desk": 12, "agency": 14}
LONGEST = 200
#: Lines from the date or the title within which a bare name is believed, and lines below the body.
NEAR, UNDER = 4, 2
#: Words beside the names on a line that is nothing but a byline: «by», an office, a place, the date.
BESIDE = 8

PLACE = 30  # characters of a paper's name or a town below a signature
_QUOTED = re.compile(r"[«\"“„].+[»\"”“]")
_SIGNED = re.compile(r"([^,]+),\s*[^\W\d_]+(?:-[^\W\d_]+)?[.,]?")  # «Ada Quill, Larkmouth» below the body
_TOWN = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)?(?: [^\W\d_]+)?")
_WORD = re.compile(r"[^\W\d_]{2,}")
_LETTER = re.compile(r"[^\W\d_]")


class _Words:
    """The words of a page, looked for only where a line may be a byline."""

    def __init__(self, page: Page, title: int | None, body: tuple[int, int]) -> None:
        self._page, self._title, self._body = page, title, body

    @cached_property
    def _told(self) -> str:
        page, (start, end) = self._page, self._body
        told = [page.texts[i] for i in (np.flatnonzero(page.paragraph[start:end]) + start).tolist()]
        if self._title is not None:
            told.append(page.texts[self._title])
        return " ".join(told)

    @cached_property
    def _all(self) -> str:
        return " ".join(self._page.texts)

    def tell_of(self, names: Sequence[str]) -> bool:
        """Whether the article speaks of these people: the last word of each name stands in its title or paragraphs."""
        return all(any(_holds(self._told, w) for w in _WORD.findall(name)[-1:]) for name in names)

    def make_up(self, names: Sequence[str]) -> bool:
        """Whether the words of the names are ordinary words: the page writes them in lower case elsewhere."""
        words = {w.lower() for name in names for w in _WORD.findall(name) if w.lower() != w}
        return bool(words) and 2 * sum(_holds(self._all, w) for w in words) >= len(words)


def _holds(text: str, word: str) -> bool:
    """Whether a text has this word, which is one of `_WORD`, with no letter before or behind it."""
    at = text.find(word)
    while at >= 0:
        if not _LETTER.match(text[at - 1 : at]) and not _LETTER.match(text, at + len(word)):
            return True
        at = text.find(word, at + 1)
    return False


def find_authors(
    page: Page,
    window: Sequence[int],
    title: int | None,
    body: tuple[int, int],
    dated: Collection[int],
    used: Collection[int],
) -> tuple[list[str], tuple[int, ...]] | None:
    """The names and the line numbers of the best byline in `window` (line numbers, the likeliest place
    first).
    """
    end = body[1]
    words = _Words(page, title, body)
    best: tuple[float, tuple[int, ...], list[str]] | None = None
    for rank, i in enumerate(window):
        if best is not None and rank >= best[0]:
            break  # no line costs less than its rank
        if i in used or page.paragraph[i] or page.size[i] > LONGEST:
            continue
        line = page[i]
        near = any(abs(i - d) <= NEAR for d in dated) or (title is not None and 0 < i - title <= NEAR)
        below = end <= i < end + UNDER
        byline, where = _read(page, i, bare=line.role is Role.BYLINE or near or below)
        if byline is None and below and (signed := _SIGNED.fullmatch(line.text)):
            byline = read_byline(signed[1], bare=True)
        if byline is None or not byline.authors:
            continue
        cost = float(rank + _COST[byline.cue] + (4 if line.bullet and byline.cue == "bare" else 0))
        if byline.cue in ("bare", "date") and words.tell_of(byline.authors):
            continue  # who is written about is not who writes
        if byline.cue == "bare" and title is not None and i < title and _heads_others(line, page):
            continue  # above the title: the name of the site
        if (
            byline.cue in ("bare", "date")
            and _uncased("".join(byline.authors))
            and not _beside(i, title, dated)
            and not (i in dated and all(map(has_surname, byline.authors)))
            and not _signs(page, i, end)
        ):
            continue
        if byline.cue in ("bare", "desk") and page.template[i]:
            continue  # a menu's entry, or a heading, on all pages of the site
        if byline.cue in ("bare", "date") and i not in dated and words.make_up(byline.authors):
            continue
        authors = list(byline.authors)
        if byline.cue in ("bare", "role", "lead"):
            where, authors = _join_following(page, where, authors, words)
        if i >= end:
            where = _with_place(page, where)
        names = clean_authors(authors)
        if names and (best is None or cost < best[0]):
            best = (cost, where, names)
    return (best[2], best[1]) if best else None


def find_known(
    page: Page, window: Sequence[int], names: Sequence[str], used: Collection[int]
) -> tuple[list[str], tuple[int, ...]] | None:
    """As `find_authors`, where it is known who wrote the page: the first lines in a row that name them and say little
    else.
    """
    wanted = [name for name in map(key, names) if name]
    where: list[int] = []
    for i in window:
        if where and i != where[-1] + 1:
            break
        if i in used or page.paragraph[i] or page.size[i] > LONGEST:
            continue
        printed = f" {key(page.texts[i])} "
        rest = printed
        for name in wanted:
            rest = rest.replace(f" {name} ", " ")
        if rest != printed and len(rest.split()) <= BESIDE:
            where.append(i)
    return (list(names), tuple(where)) if where else None


def _read(page: Page, i: int, *, bare: bool) -> tuple[Byline | None, tuple[int, ...]]:
    """The byline of line `i`, or of a cue («Von») on it and the names on the next line."""
    text = page.texts[i]
    folded = tables.fold(text).strip(" :")
    if folded in tables.words("authors", "lead") and len(folded) > 1 and i + 1 < len(page):
        return read_byline(f"{text} {page.texts[i + 1]}"), (i, i + 1)
    return read_byline(text, bare=bare), (i,)


def _heads_others(line: Line, page: Page) -> bool:
    """Whether other short lines begin with this one: «Harbour Times», «Harbour Times Logo» name the site."""
    others = (page.size > line.size) & (page.size < line.size + 16) & ~page.sentence
    return any(page.texts[i].startswith(line.text) for i in np.flatnonzero(others).tolist())


def _with_place(page: Page, where: tuple[int, ...]) -> tuple[int, ...]:
    """With the lines below a signature that name the paper, in quotes, and the town, as papers print them."""
    found = list(where)
    for i in range(where[-1] + 1, min(where[-1] + 3, len(page))):
        text, before = page.texts[i].rstrip(",."), page.texts[i - 1]
        if page.index[i] - page.index[i - 1] > 1 or not page.usable(i) or page.size[i] > PLACE:
            break
        quoted = _QUOTED.fullmatch(text)
        town = (before.endswith(",") or _QUOTED.fullmatch(before.rstrip(",."))) and _TOWN.fullmatch(text)
        if not (quoted or town):
            break
        found.append(i)
    return tuple(found)


def _signs(page: Page, i: int, end: int) -> bool:
    """Whether a line of two or three words is all that follows the body: who wrote it, in scripts without capitals."""
    words = page.texts[i].split()
    alone = end <= i and not any(page.usable(j) for j in range(end, len(page)) if j != i)
    return alone and 2 <= len(words) <= 3 and all(len(word) > 1 and word.isalpha() for word in words)


def _uncased(text: str) -> bool:
    return text.lower() == text.upper()


def _beside(i: int, title: int | None, dated: Collection[int]) -> bool:
    """Whether a line stands right beside the date, below the title: in scripts without capitals any word fits
    a name.
    """
    return title is not None and i > title and any(abs(i - d) == 1 for d in dated)


def _join_following(
    page: Page, where: tuple[int, ...], authors: list[str], words: _Words
) -> tuple[tuple[int, ...], list[str]]:
    """With the names on the lines right after a byline: one name a line, commas and «and» between them."""
    last = where[-1]
    found = list(where)
    for i in range(last + 1, min(last + 8, len(page))):
        text = page.texts[i].strip(" ,;&|/")
        apart = page.index[i] - page.index[found[-1]]
        if apart > 2:
            break
        if not text or tables.fold(text) in tables.words("authors", "joiner"):
            found.append(i)
            continue
        byline = read_byline(text, bare=True)
        if (
            not byline
            or byline.cue not in ("bare", "role", "agency")
            or words.tell_of(byline.authors)
            or _uncased(text)
        ):
            break
        if apart > 1:
            break
        authors = authors + byline.authors
        found.append(i)
    return tuple(found), authors
