"""Titles compared: their words in one form, and what is no part of a headline, the site's name, bars and kickers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice

import numpy as np
import numpy.typing as npt

from ingest.lines.scan import whole
from ingest.lines.unicode import PLANE
from ingest.metadata import addresses

I64 = npt.NDArray[np.int64]

_SEPARATOR = re.compile(
    r"\s+[-–—|·•»«:/~]+\s+|\s*[|｜]\s*|\s+::\s+|:\s+|\s*_\s*(?=[^_]*$)|\s*[-－]+(?=[\u3040-\u9fff][^-]*$)"
)
_WORD = re.compile(r"\w+")
DENSE = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")  # scripts that write few blanks or none

#: Share of common words from which a heading and a declared title are one headline in two wordings.
SAME = 0.5


@dataclass(frozen=True, slots=True)
class Title:
    """A title and where the page gives it."""

    text: str
    source: str


FIRST, _BITS = 3, 16  # letters of a key that are looked at, and bits of each
_NO_WORD = {code: " " for code in range(128) if not (chr(code).isalnum() or chr(code) == "_")}


@lru_cache(maxsize=1 << 14)  # the same line is compared many times, and menus stand on each page of a site
def key(text: str) -> str:
    """Words of a text in one form, for comparison."""
    folded = text.casefold()
    return " ".join(folded.translate(_NO_WORD).split() if folded.isascii() else _WORD.findall(folded))


_UNTOLD = PLANE - 1  # stands for code points that a glance does not tell the folded form of


@cache
def _folded() -> npt.NDArray[np.int64]:
    """int64[65536]: the letter of a key that a code point is, 0 for what parts words."""
    chars = list(map(chr, range(PLANE)))
    folded = (ord(form) if len(form) == 1 else _UNTOLD for form in map(str.casefold, chars))
    table = np.where(np.fromiter(map(str.isalnum, chars), bool, PLANE), np.fromiter(folded, np.int64, PLANE), 0)
    table[[ord("_"), _UNTOLD]] = ord("_"), _UNTOLD
    return table


def first_letters(codes: npt.NDArray[np.uint32], start: I64) -> I64:
    """int64[n]: the first letters of the first word of the keys of n texts, packed, or 0 where no glance tells them.

    Args:
        codes: code points, at least `FIRST` more than the texts have, with a line end behind each text.
        start: int64[n], where each text begins.
    """
    first, second, third = (_folded()[np.minimum(codes[start + i], _UNTOLD)] for i in range(FIRST))
    third = np.where(second == 0, 0, third)
    told = (first != 0) & (np.maximum(np.maximum(first, second), third) < _UNTOLD)
    return np.where(told, first | second << _BITS | third << 2 * _BITS, 0)


def letters_of(texts: Sequence[str]) -> I64:
    """`first_letters` of some texts."""
    lines = whole([*texts, *[""] * FIRST])
    return first_letters(lines.points, lines.start[: len(texts)])


def _first_of(key: str) -> int:
    """`first_letters` of the texts that have a key, where they can be told."""
    return sum(ord(letter) << i * _BITS for i, letter in enumerate(key.partition(" ")[0][:FIRST]))


def may_have(first: I64, wanted: Collection[str]) -> list[int]:
    """Places of the texts that may have one of the keys, by their first letters; most others are told by them."""
    fits = first == 0
    for letters in {*map(_first_of, wanted)}:
        fits |= first == letters
    places: list[int] = np.flatnonzero(fits).tolist()
    return places


def places_of(texts: Sequence[str], first: I64, wanted: Collection[str]) -> list[tuple[int, str]]:
    """(place, key) of those of `texts` whose key is among `wanted`; `first` are their `first_letters`, and negative for
    texts to pass over.
    """
    return [(place, own) for place in may_have(first, wanted) if (own := key(texts[place])) in wanted]


def similarity(a: str, b: str) -> float:
    """0..1: common words by the longer of both (multiset); of scripts without blanks, characters."""
    ka, kb = key(a), key(b)
    if not ka or not kb:
        return 0.0
    if ka == kb:
        return 1.0
    shared, longer, _ = _shared(ka, kb)
    return shared / longer


def common(a: str, b: str) -> float:
    """0..1: as `similarity`, by the shorter of both."""
    shared, _, shorter = _shared(key(a), key(b))
    return shared / max(shorter, 1)


def _shared(ka: str, kb: str) -> tuple[int, int, int]:
    """Common words of two keys, words of the longer and of the shorter one; characters of scripts without blanks."""
    wa, wb = ka.split(), kb.split()
    if min(len(wa), len(wb)) < 3 and (DENSE.search(ka) or DENSE.search(kb)):
        wa, wb = list(ka), list(kb)
    return (Counter(wa) & Counter(wb)).total(), max(len(wa), len(wb)), min(len(wa), len(wb))


def is_site(part: str, site: str | None, url: str | None) -> bool:
    """Whether a part of a title names the site: its name, or its host's first label."""
    flat = key(part).replace(" ", "")
    if not flat:
        return True
    if site and (
        flat == (name := key(site).replace(" ", ""))
        or (len(flat) > 3 and name.startswith(flat))
        or (len(name) > 3 and flat.startswith(name))
    ):
        return True
    host = addresses.host(url)
    labels = [label for label in host.split(".") if len(label) > 2 and label != "www"]
    return any(
        flat == label.replace("-", "")
        or flat == host.replace(".", "")
        or (len(label) > 4 and label.replace("-", "") in flat and len(flat) < len(label) + 8)
        for label in labels
    )


def cut_site(
    title: str,
    *,
    site: str | None = None,
    url: str | None = None,
    votes: Sequence[str] = (),
    printed: Sequence[str] = (),
) -> str:
    """`title` without the name of the site at its end or start.

    A declared vote that equals the rest confirms the cut on either side; a `printed` heading only that of an end:
    what stands before it may be its kicker, which newsrooms often print apart from the heading.
    """
    declared = {key(v) for v in votes if v}
    wanted = declared | {key(v) for v in printed if v}
    for _ in range(3):
        marks = list(_SEPARATOR.finditer(title))
        if not marks:
            break
        cut = None
        for m in reversed(marks):
            if m[0].startswith(":"):
                continue  # «Kicker: headline» is for the caller to judge
            head, tail = title[: m.start()].strip(), title[m.end() :].strip()
            if head and key(head) in wanted:
                return head
            if tail and key(tail) in declared and len(tail) > len(head):
                return tail
        last, first = marks[-1], marks[0]
        if is_site(title[last.end() :], site, url) and title[: last.start()].strip():
            cut = title[: last.start()].strip()
        elif is_site(title[: first.start()], site, url) and title[first.end() :].strip():
            cut = title[first.end() :].strip()
        if not cut or len(key(cut)) < 2:
            break
        title = cut
    return title


_BETWEEN = re.compile(
    r"\s+[-–—|·•»«:/~>]+\s+|\s*[|｜_]\s*|\s*::\s*|:\s+|-{2,}|(?<=[\u3040-\u9fff）])[-－]|[-－](?=[\u3040-\u9fff])"
)


MOST_SEPARATORS = 12


def segments(title: str) -> Iterator[str]:
    """Each run of the parts that separators make of a title, but not the whole of it."""
    marks = [mark.span() for mark in islice(_BETWEEN.finditer(title), MOST_SEPARATORS)]
    starts, ends = [0, *(end for _, end in marks)], [*(start for start, _ in marks), len(title)]
    for first, start in enumerate(starts):
        for last in range(first, len(ends)):
            if (first, last) != (0, len(marks)):
                yield title[start : ends[last]].strip()


_BAR = re.compile(r"\s+[|｜]\s+|[｜]")


def without_bars(line: str) -> str:
    """The longest part of a headline that stands between bars: they part it from the names of site and section."""
    return max(_BAR.split(line), key=len).strip() or line


_KICKER = re.compile(r"\s*[:|–—/-]\s+")


def without_kicker(heading: str, votes: Sequence[Title]) -> str:
    """A heading without the kicker before it («Economy: …», «Middle East - …») where a vote is the rest, or
    the rest after a kicker of its own.
    """
    wanted = {key(v.text) for v in votes}
    if key(heading) in wanted:
        return heading
    wanted = wanted.union(*(after_kickers(v.text) for v in votes))
    for m in _KICKER.finditer(heading):
        rest = heading[m.end() :]
        if len(key(rest)) > 12 and key(rest) in wanted:
            return rest
    return heading


def after_kickers(title: str) -> set[str]:
    """What remains of a title after each of its kickers, as keys."""
    return {rest for m in _KICKER.finditer(title) if len(rest := key(title[m.end() :])) > 12}


def signs(heading: str, votes: Sequence[Title]) -> bool:
    """Whether a heading is the site's name: some vote is another vote with the heading at its end or start."""
    name, texts = key(heading), {key(v.text) for v in votes}
    return name not in texts and any(f"{text} {name}" in texts or f"{name} {text}" in texts for text in texts)
