"""A site as a person recognises it: per template the lines that repeat, in page order, and what stands between them.

All is counted over the rows of articles, so it also tells what became of each line.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from ingest.lines.fingerprints import SHAPE_BITS, fingerprints
from ingest.report.page import rebuild
from ingest.sites.page_lines import PageLines
from ingest.sites.templates import Signatures, signatures

OFTEN, LEAST = 0.5, 2  # share of the pages of a template, and number of them, on which a line stands that is told of;
LESS_OFTEN, FEW = 0.25, 5  # where there are fewer such lines than so many, this share
FILLED = 0.05  # share of them that a slot is filled on that is told of
ALIKE = 0.05  # by which the shares of lines differ that are told in one
CHANGED, ENOUGH = 0.5, 3  # by which that share differs between runs; and pages of each, so that this proves something
KEPT = "text"  # what is told as the role of lines that stay

U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    """What stands below a line of the template, up to the next one. Numbers of lines and characters are those of a
    page, least, middle and most; `different` is the number of fillings that differ, but for figures; `roles` counts
    lines; `example` is the longest line of a filling of middle length.
    """

    pages: int
    lines: tuple[int, int, int]
    characters: tuple[int, int, int]
    different: int
    roles: dict[str, int]
    example: str
    example_lines: int


class Anchor(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the template. `before` and `now` are the shares of the pages of former runs, and of the last one, that
    have it, where they differ much; `roles` counts pages.
    """

    text: str
    pages: int
    share: float
    roles: dict[str, int]
    before: float | None = None
    now: float | None = None
    slot: Slot | None = None


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """`number` is 0 for the pages that are like no template. `now`: how many of the pages the last run has read ·
    `often`: the share of the pages from which on a line is told of ·
    `rarer`: lines that repeat on fewer pages than are told of, and count as fillings · `top`: what stands above all.
    """

    number: int
    pages: int
    now: int
    anchors: list[Anchor]
    often: float
    rarer: int
    seldom: int
    top: Slot | None = None


class Outline(msgspec.Struct, frozen=True, kw_only=True):
    """`articles`: those that were read · `now`: how many of them the last run has read, 0 where it has read all."""

    articles: int
    now: int
    templates: list[Template]


@dataclass(frozen=True, slots=True)
class _Page:
    """Lines of a page that have letters or digits.

    line: fingerprints · key: the same without their shape, but another one for a line that stands on the page again ·
    is_new: whether the last run has read the page.
    """

    line: list[int]
    key: list[int]
    text: list[str]
    role: list[str]
    is_new: bool


def outline_of(
    articles: Iterable[Mapping[str, Any]],
    removed: Mapping[str, Sequence[Mapping[str, Any]]],
    signatures_of: Callable[[Sequence[U64]], Signatures],
) -> Outline:
    """The outline of a site.

    articles: rows of it, with id, text, text_lines, ingested_at · removed: their rows of `removed` by id ·
    signatures_of: gives those of the site's templates, for the fingerprints of the pages' lines.
    """
    rows = sorted(articles, key=lambda row: str(row["id"]))
    last = max((row["ingested_at"] for row in rows), default=None)
    pages = list(_pages(rows, removed, last))
    lines = [np.array(page.line, np.uint64) for page in pages]
    template = _templates(lines, signatures_of(lines))
    groups: dict[int, list[_Page]] = {}
    for page, number in zip(pages, template.tolist(), strict=True):
        groups.setdefault(number + 1, []).append(page)
    now = sum(page.is_new for page in pages)
    return Outline(
        articles=len(pages),
        now=now if now < len(pages) else 0,
        templates=[_template(number, groups[number]) for number in sorted(groups, key=lambda n: (n == 0, n))],
    )


def found_in(lines: Sequence[U64], generic: U64) -> Signatures:
    """Signatures of the templates that these very pages have, given by the fingerprints of their lines."""
    joined = np.concatenate([np.empty(0, np.uint64), *lines])
    offsets = np.cumsum([0, *map(len, lines)]).astype(np.int64)
    nothing, none = np.zeros(len(joined), np.uint64), np.zeros(len(joined), np.uint8)
    return signatures(PageLines(joined, nothing, nothing, nothing, none, none, offsets), generic)


def _templates(lines: Sequence[U64], known: Signatures) -> I64:
    page = np.repeat(np.arange(len(lines)), [len(of_page) for of_page in lines])
    if not len(known):
        return np.zeros(len(lines), np.int64)
    return known.template_of(np.concatenate(lines) & ~SHAPE_BITS, page, len(lines))


def _pages(rows: Iterable[Mapping[str, Any]], removed: Mapping[str, Sequence[Any]], last: Any) -> Iterator[_Page]:
    for row in rows:
        lines = rebuild(row, removed.get(row["id"], ()))[0]
        found = fingerprints([line.text for line in lines])
        full = [(value, line) for value, line in zip(found.tolist(), lines, strict=True) if value]
        values = [value for value, _ in full]
        yield _Page(
            values,
            list(_numbered(value & ~int(SHAPE_BITS) for value in values)),
            [" ".join(line.text.split()) for _, line in full],
            [KEPT if line.kept else line.role for _, line in full],
            row["ingested_at"] == last,
        )


def _numbered(keys: Iterable[int]) -> Iterator[int]:
    """The keys, that of a line that has stood on its page before made another."""
    times: Counter[int] = Counter()
    for key in keys:
        yield key if not times[key] else hash((key, times[key]))
        times[key] += 1


def _template(number: int, pages: Sequence[_Page]) -> Template:
    on = Counter(key for page in pages for key in set(page.key))
    repeated = [key for key, times in on.items() if times >= LEAST]
    told, often = _told(repeated, on, OFTEN * len(pages)), OFTEN
    if len(told) < FEW:
        told, often = _told(repeated, on, LESS_OFTEN * len(pages)), LESS_OFTEN
    order = {key: rank for rank, key in enumerate(_ordered(pages, told))}
    slots = _slots(pages, order)
    few = [key for key, fillings in slots.items() if len(fillings) < FILLED * len(pages)]
    seldom = {id(page) for key in few for page, _ in slots.pop(key)}
    return Template(
        number=number,
        pages=len(pages),
        now=sum(page.is_new for page in pages),
        anchors=[_anchor(key, pages, slots.get(key)) for key in order],
        often=often,
        rarer=len(repeated) - len(told),
        seldom=len(seldom),
        top=_slot(slots[None]) if None in slots else None,
    )


def _told(keys: Iterable[int], on: Mapping[int, int], least: float) -> set[int]:
    return {key for key in keys if on[key] >= least}


def _ordered(pages: Sequence[_Page], told: set[int]) -> list[int]:
    """The lines of the template in the order of the page that has most of them, the others where the next pages that
    have them have them.
    """
    parts = sorted(([key for key in page.key if key in told] for page in pages), key=len, reverse=True)
    order: list[int] = []
    known: set[int] = set()
    for part in parts:
        place = 0
        for key in part:
            if key in known:
                place = order.index(key) + 1
            else:
                order.insert(place, key)
                known.add(key)
                place += 1
        if len(known) == len(told):
            break
    return order


def _slots(pages: Sequence[_Page], order: Mapping[int, int]) -> dict[int | None, list[tuple[_Page, list[int]]]]:
    """By the line of the template above (None at the top), the fillings: the lines of each page that has any.

    A page is aligned with the template by its longest run of lines that stand in the template's order; one of them that
    stands elsewhere, too, as the name of a section above an article, is a filling there.
    """
    found: dict[int | None, list[tuple[_Page, list[int]]]] = {}
    for page in pages:
        rows = [row for row, key in enumerate(page.key) if key in order]
        aligned = {rows[at] for at in _longest_rising([order[page.key[row]] for row in rows])}
        filling: dict[int | None, list[int]] = {}
        above: int | None = None
        for row, key in enumerate(page.key):
            if row in aligned:
                above = key
            else:
                filling.setdefault(above, []).append(row)
        for key_above, lines in filling.items():
            found.setdefault(key_above, []).append((page, lines))
    return found


def _longest_rising(values: Sequence[int]) -> list[int]:
    """The places of a longest strictly rising part of some numbers (Fredman, "On computing the length of longest
    increasing subsequences", 1975).
    """
    ends: list[int] = []  # the least last number of a rising part, by its length
    at: list[int] = []
    before: list[int] = []
    for place, value in enumerate(values):
        length = bisect_left(ends, value)
        before.append(at[length - 1] if length else -1)
        ends[length:] = [value, *ends[length + 1 :]]
        at[length:] = [place, *at[length + 1 :]]
    found = []
    place = at[-1] if at else -1
    while place >= 0:
        found.append(place)
        place = before[place]
    return found[::-1]


def _slot(fillings: Sequence[tuple[_Page, list[int]]]) -> Slot:
    lines = [len(rows) for _, rows in fillings]
    characters = [sum(len(page.text[row]) for row in rows) for page, rows in fillings]
    middle = median(characters)
    page, rows = min(zip(characters, fillings, strict=True), key=lambda pair: abs(pair[0] - middle))[1]
    longest = max(rows, key=lambda row: len(page.text[row]))
    return Slot(
        pages=len(fillings),
        lines=_spread(lines),
        characters=_spread(characters),
        different=len({tuple(page.key[row] for row in rows) for page, rows in fillings}),
        roles=_counted(page.role[row] for page, rows in fillings for row in rows),
        example=page.text[longest],
        example_lines=len(rows),
    )


def _spread(values: Sequence[int]) -> tuple[int, int, int]:
    return min(values), round(median(values)), max(values)


def _counted(roles: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(roles).items(), key=lambda item: (-item[1], item[0])))


def _anchor(key: int, pages: Sequence[_Page], fillings: Sequence[tuple[_Page, list[int]]] | None) -> Anchor:
    having = [(page, page.key.index(key)) for page in pages if key in page.key]
    now, before = sum(page.is_new for page in pages), sum(not page.is_new for page in pages)
    with_it = sum(page.is_new for page, _ in having)
    shares = ((len(having) - with_it) / max(before, 1), with_it / max(now, 1))
    changed = min(now, before) >= ENOUGH and abs(shares[0] - shares[1]) >= CHANGED
    return Anchor(
        text=Counter(page.text[at] for page, at in having).most_common(1)[0][0],
        pages=len(having),
        share=len(having) / len(pages),
        roles=_counted(page.role[at] for page, at in having),
        before=shares[0] if changed else None,
        now=shares[1] if changed else None,
        slot=_slot(fillings) if fillings else None,
    )


def runs_of(template: Template) -> list[list[Anchor]]:
    """Lines of a template that are told in one: they follow each other without a slot between, stand on about as many
    pages, have mostly the same role, and have both or neither changed.
    """
    found: list[list[Anchor]] = []
    for anchor in template.anchors:
        first = found[-1][0] if found and found[-1][-1].slot is None else None
        if (
            first is not None
            and abs(first.share - anchor.share) <= ALIKE
            and next(iter(first.roles)) == next(iter(anchor.roles))
            and (first.before, first.now) == (anchor.before, anchor.now)
        ):
            found[-1].append(anchor)
        else:
            found.append([anchor])
    return found
