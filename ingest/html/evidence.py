"""What the tree says of each line of a batch of pages, as arrays beside the line table.

Three kinds: numbers (what the line stands in, how much text and how many links its containers hold, how many lines
stand at the same kind of place, what the head of the page repeats of it), the names of the elements around it as hashed
tokens, and fingerprints of its place for learning across the pages of a site. Whole numbers are summed, so no value
depends on the other pages of the batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ingest.html.elements import Within
from ingest.html.flatten import Flat
from ingest.html.hints import Hints, key
from ingest.html.kinds import Kinds, described

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]
U64 = npt.NDArray[np.uint64]

PLACE = 3  # elements that make up the place of a line
LEVELS = 5  # containers above a line that are described
UP = 6  # steps from the likeliest container that are told apart
LONG = 80  # characters from which a line counts as a paragraph
KEY = 25  # letters and digits from which a line is looked for in what the head repeats
NEAR, MIDDLE = 2, 5  # elements from the line's own that count as near, and past which they are far
N_BAGS = 4
_BITS = len(Within)
_BY_PLACE = 4
N_DENSE = _BITS + 5 + 4 * (LEVELS + 1) + (UP + 2) + 6 + 8 + 6

_PRIME = np.uint64(0x9E3779B97F4A7C15)


@dataclass(slots=True)
class DomEvidence:
    """Of n lines, blank ones included, and e elements, both of all pages one after the other.

    dense: float32[n, N_DENSE], 0 for blank lines · place: uint64[n], fingerprint of the three innermost elements around
    the line by tags and names, 0 for blank ones · within: int64[n], bits of `Within` of the line's element ·
    line_element: int64[n], -1 for blank ones · piece_line, piece_element: int64, elements of the runs of text that do
    not hold all of their line · parent: int64[e], -1 for a page's first · depth: int64[e] · names: int64[e], row of
    `token_span` · token: uint64, token_span: int64[k + 1], hashed tokens of k distinct names.
    """

    dense: F32
    place: U64
    within: I64
    line_element: I64
    piece_line: I64
    piece_element: I64
    parent: I64
    depth: I64
    names: I64
    token: U64
    token_span: I64


def evidence(pages: Sequence[Flat], heads: Sequence[Hints], kinds: Kinds) -> DomEvidence:
    """Evidence of a batch of pages whose elements are of these kinds. Pages without lines are allowed."""
    n_lines = np.array([len(page.lines) for page in pages], np.int64)
    n_elements = np.array([len(page.parent) for page in pages], np.int64)
    first_element = np.cumsum(n_elements) - n_elements
    lines = [line for page in pages for line in page.lines]

    line_element = _elements([page.element for page in pages], first_element)
    parent, end = (
        _elements([page.parent for page in pages], first_element),
        _elements([page.end for page in pages], first_element),
    )
    piece_element = _elements([page.piece_element for page in pages], first_element)
    piece_size = _joined([page.piece_size for page in pages])
    piece_line = np.repeat(np.arange(len(lines)), _joined([page.pieces for page in pages]))
    inside = piece_element != line_element[piece_line]
    depth = _depths(end, first_element, n_elements)
    levels = by_depth(depth)

    kind, names = _with_heads(pages, heads, kinds, first_element)
    prints, tags, token, token_span = described(names)
    path, tag_path = _paths(parent, levels, prints[kind], tags[kind])
    within = np.array(kinds.bits, np.int64)[_joined([page.kind for page in pages])]
    for level in levels[1:]:
        within[level] |= within[parent[level]]
    in_link = (within[piece_element] & int(Within.LINK)) != 0
    linked = np.bincount(piece_line, weights=np.where(in_link, piece_size, 0), minlength=len(lines)).astype(np.float64)

    size = np.fromiter(map(len, lines), np.float64, len(lines))
    page_of = np.repeat(np.arange(len(pages)), n_lines)
    full = np.flatnonzero(line_element >= 0)
    blocks = _Blocks(parent, end, levels, line_element[full], size[full], linked[full])
    parts = [
        _flags(within, line_element[full]),
        _own(size, linked, full, depth, line_element, page_of, n_lines),
        *blocks.around(page_of[full], first_element, n_elements),
        _alike(path[line_element[full]], tag_path[line_element[full]], page_of[full], size[full]),
        _headings(within[line_element[full]], page_of[full]),
        _repeated_by_head(lines, full, page_of, heads, size),
    ]
    dense = np.zeros((len(lines), N_DENSE), np.float32)
    dense[full] = np.concatenate(parts, 1)
    place, line_within = np.zeros(len(lines), np.uint64), np.zeros(len(lines), np.int64)
    place[full] = _places(parent, prints[kind], line_element[full])
    line_within[full] = within[line_element[full]]
    return DomEvidence(
        dense, place, line_within, line_element, piece_line[inside], piece_element[inside], parent, depth, kind, token,
        token_span,
    )  # fmt: skip


def _joined(parts: Sequence[Sequence[int]]) -> I64:
    return np.concatenate([np.zeros(0, np.int64), *(np.array(part, np.int64) for part in parts)])


def _elements(parts: Sequence[Sequence[int]], first_element: I64) -> I64:
    """Element numbers of each page as numbers in the batch; -1 stays."""
    flat = _joined(parts)
    return np.where(flat < 0, -1, flat + np.repeat(first_element, [len(part) for part in parts]))


def _depths(end: I64, first_element: I64, n_elements: I64) -> I64:
    """How many elements each one stands in: those begun before it, less those that have ended."""
    begun = np.arange(len(end)) - np.repeat(first_element, n_elements)
    ended = np.searchsorted(np.sort(end), np.arange(len(end)), side="right")
    result: I64 = begun - (ended - np.repeat(first_element, n_elements))
    return result


def _with_heads(
    pages: Sequence[Flat], heads: Sequence[Hints], kinds: Kinds, first_element: I64
) -> tuple[I64, list[str]]:
    """Kinds of all elements, and their names; what the head says of the page's kind goes to its first element."""
    kind = _joined([page.kind for page in pages])
    names = list(kinds.names)
    for page, head, first in zip(pages, heads, first_element.tolist(), strict=True):
        if page.kind and head.kinds:
            kind[first] = len(names)
            names.append(" ".join([kinds.names[page.kind[0]], *head.kinds]))
    return kind, names


def by_depth(depth: I64) -> list[I64]:
    """The elements of each depth, from the top."""
    order = np.argsort(depth, kind="stable")
    cuts = np.searchsorted(depth[order], np.arange(1, int(depth.max(initial=0)) + 1))
    return np.split(order, cuts)


def _paths(parent: I64, levels: list[I64], prints: U64, tags: U64) -> tuple[U64, U64]:
    """Fingerprints of the way from the page's first element to each, by names and by tags alone."""
    path, tag_path = prints.copy(), tags.copy()
    for level in levels[1:]:
        above = parent[level]
        path[level] ^= path[above] * _PRIME
        tag_path[level] ^= tag_path[above] * _PRIME
    return path ^ path >> np.uint64(29), tag_path


def _places(parent: I64, prints: U64, element: I64) -> U64:
    """Fingerprints of elements with the two above them. More of the way down to them differs from page to page: many
    sites name `<body>` after the article."""
    above = np.append(parent, -1)
    of = np.append(prints, np.uint64(0))  # of what stands above the first element
    place = np.zeros(len(element), np.uint64)
    for _ in range(PLACE):
        place = place * _PRIME ^ of[element]
        element = above[element]
    return place ^ place >> np.uint64(29) | np.uint64(8)


def _flags(within: I64, element: I64) -> F32:
    bits = within[element][:, None] >> np.arange(_BITS) & 1
    return bits.astype(np.float32)


def _own(
    size: npt.NDArray[np.float64], linked: npt.NDArray[np.float64], full: I64, depth: I64, element: I64,
    page_of: I64, n_lines: I64,
) -> F32:  # fmt: skip
    out = np.empty((len(full), 5), np.float32)
    density = np.minimum(linked[full] / np.maximum(size[full], 1), 1)
    out[:, 0], out[:, 1], out[:, 2] = density, density > 0.8, density == 0
    out[:, 3] = np.minimum(depth[element[full]], 40) / 10
    out[:, 4] = np.log1p(n_lines[page_of[full]]) / 5
    return out


def _sums(at: I64, values: npt.NDArray[np.float64], n: int) -> npt.NDArray[np.float64]:
    """float64[n], also where there are no values."""
    result: npt.NDArray[np.float64] = np.bincount(at, weights=values, minlength=n).astype(np.float64, copy=False)
    return result


class _Blocks:
    """Text, links and paragraphs inside each element, and what holds the lines."""

    def __init__(
        self, parent: I64, end: I64, levels: list[I64], element: I64, size: npt.NDArray[np.float64],
        linked: npt.NDArray[np.float64],
    ) -> None:  # fmt: skip
        self.parent, self.end, self.element, self.size = parent, end, element, size
        n = len(parent)
        density = linked / np.maximum(size, 1)
        self.is_text = (size >= LONG) & (density < 0.4)

        def inside(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
            run = np.concatenate([[0.0], np.cumsum(_sums(element, values, n))])
            result: npt.NDArray[np.float64] = run[end] - run[:-1]
            return result

        self.text, self.linked = inside(size), inside(linked)
        self.lines, self.paragraphs = inside(np.ones(len(size))), inside(size * self.is_text)
        self.holder = np.full(n, -1, np.int64)  # the next element above that holds more text
        for level in levels[1:]:
            above = parent[level]
            self.holder[level] = np.where(self.text[above] > self.text[level], above, self.holder[above])

    def around(self, page: I64, first_element: I64, n_elements: I64) -> list[F32]:
        return [self._containers(page), self._likeliest(page, first_element, n_elements)]

    def _containers(self, page: I64) -> F32:
        """Share of the page, links, lines and paragraphs of the line's element and the containers above it."""
        whole = np.bincount(page, weights=self.size, minlength=int(page.max(initial=0)) + 1)[page]
        out = np.zeros((len(page), 4 * (LEVELS + 1)), np.float32)
        at = self.element.copy()
        for level in range(LEVELS + 1):
            text = np.maximum(self.text[at], 1)
            out[:, 4 * level] = text / whole
            out[:, 4 * level + 1] = np.minimum(self.linked[at] / text, 1)
            out[:, 4 * level + 2] = np.log1p(self.lines[at]) / 4
            out[:, 4 * level + 3] = self.paragraphs[at] / text
            at = np.where(self.holder[at] < 0, at, self.holder[at])
        return out

    def _likeliest(self, page: I64, first_element: I64, n_elements: I64) -> F32:
        """Where the line stands to the element that holds most of the page's paragraphs, as Readability scores them
        (Arc90, 2010): a paragraph counts for its parent, half for the one above that, less for links."""
        n = len(self.parent)
        own_lines = np.bincount(self.element, minlength=n)
        holds = np.where((own_lines[self.element] > 1) | (self.parent[self.element] < 0), self.element,
                         self.parent[self.element])  # fmt: skip
        points = np.where(self.is_text, np.minimum(np.floor(self.size / 50), 8) + 2, 0)
        score = _sums(holds, points, n)
        above = self.parent[holds]
        score += _sums(above[above >= 0], points[above >= 0] / 2, n)
        score *= 1 - np.minimum(self.linked / np.maximum(self.text, 1), 1)
        some = np.flatnonzero(n_elements)
        out = np.zeros((len(page), UP + 2), np.float32)
        if not len(some):
            return out
        best = np.maximum.reduceat(score, first_element[some])
        of = np.repeat(np.arange(len(some)), n_elements[some])
        hits = np.flatnonzero(score == best[of])
        top = np.zeros(len(n_elements), np.int64)
        top[some[of[hits[::-1]]]] = hits[::-1]  # the first of the best wins, being written last
        at: I64 = top
        reached = np.zeros(len(page), bool)
        for step in range(UP):
            inside = (at[page] <= self.element) & (self.element < self.end[at[page]]) & ~reached
            out[:, step] = inside
            reached |= inside
            at = np.where(self.parent[at] < 0, at, self.parent[at])
        out[:, UP] = ~reached
        out[:, UP + 1] = np.sign(self.element - top[page]) * np.log1p(np.abs(self.element - top[page])) / 5
        return out


def _alike(path: U64, tag_path: U64, page: I64, size: npt.NDArray[np.float64]) -> F32:
    """How many lines of the page stand at the same kind of place, their share of its text and their mean length."""
    whole = np.bincount(page, weights=size, minlength=int(page.max(initial=0)) + 1)[page]
    out = np.empty((len(page), 6), np.float32)
    for column, values in ((0, path), (3, tag_path)):
        _, inverse, times = np.unique(values + page.astype(np.uint64) * _PRIME, return_inverse=True, return_counts=True)
        text = np.bincount(inverse, weights=size, minlength=len(times))
        out[:, column] = np.log1p(times[inverse]) / 3
        out[:, column + 1] = text[inverse] / whole
        out[:, column + 2] = np.minimum(text[inverse] / times[inverse] / 150, 4)
    return out


def _headings(within: I64, page: I64) -> F32:
    """Headings above and below: whether the first one was met, and how near the next and last ones are."""
    out = np.zeros((len(page), 8), np.float32)
    rows = np.arange(len(page))
    first = np.searchsorted(page, page)
    last = np.searchsorted(page, page, side="right")
    any_heading = int(Within.H1 | Within.H2 | Within.H3)
    for column, bits in ((0, int(Within.H1)), (4, any_heading)):
        hit = (within & bits) != 0
        before = np.maximum.accumulate(np.where(hit, rows, -1))
        after = np.minimum.accumulate(np.where(hit, rows, len(rows))[::-1])[::-1]
        met, comes = before >= first, after < last
        out[:, column] = met
        out[:, column + 1] = comes
        out[:, column + 2] = np.where(met, 1 / (1 + rows - before), 0)
        out[:, column + 3] = np.where(comes, 1 / (1 + after - rows), 0)
    return out


def _repeated_by_head(
    lines: Sequence[str], full: I64, page_of: I64, heads: Sequence[Hints], size: npt.NDArray[np.float64]
) -> F32:
    """What titles, descriptions and JSON-LD repeat of the page's lines."""
    out = np.zeros((len(full), 6), np.float32)
    per_page = np.bincount(page_of, weights=size, minlength=len(heads))
    has_body = np.array([min(len(head.body) / max(total, 1), 2) for head, total in zip(heads, per_page, strict=True)])
    out[:, 0] = has_body[page_of[full]]
    for row, (line, page) in enumerate(zip(full.tolist(), page_of[full].tolist(), strict=True)):
        head, printed = heads[page], lines[line]
        if len(printed) < 8 and printed.isascii():
            continue
        text = key(printed)
        n = len(text)
        if n < 8:
            continue
        out[row, 1] = text in head.titles
        out[row, 2] = n < 300 and any(text in title or title in text for title in head.titles)
        if n >= KEY:
            out[row, 3] = bool(head.body) and text in head.body
            out[row, 4] = any(text in words or words in text for words in head.descriptions)
        elif head.body:
            out[row, 5] = f" {text} " in head.body
    return out
