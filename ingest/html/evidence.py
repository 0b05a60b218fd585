"""What the tree says of each line of a batch of pages, as arrays beside the line table.

Three kinds: numbers (what the line stands in, how much text and how many links its containers hold, how many lines
stand at the same kind of place, what the head of the page repeats of it), the names of the elements around it as hashed
tokens, and fingerprints of its place for learning across the pages of a site. Whole numbers are summed, so no value
depends on the other pages of the batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, starmap

import numpy as np
import numpy.typing as npt

from ingest.html.elements import Within
from ingest.html.flatten import Flat
from ingest.html.hints import Hints, key
from ingest.html.kinds import Kinds
from ingest.html.names import described, without_numbers
from ingest.html.outline import Outline, outline

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

    Attributes:
        dense: float32[n, N_DENSE], 0 for blank lines.
        place: uint64[n], fingerprint of the three innermost elements around the line by tags and names, 0 for blank
            ones.
        within: int64[n], bits of `Within` of the line's element.
        line_element: int64[n], -1 for blank ones.
        piece_line, piece_element: int64, elements of the runs of text that do not hold all of their line.
        parent: int64[e], -1 for a page's first.
        end: int64[e], past the last element inside.
        depth: int64[e].
        names: int64[e], row of `token_span`, of no meaning for elements without text.
        token, token_span: uint64 and int64[k + 1], hashed tokens of k distinct names.
    """

    dense: F32
    place: U64
    within: I64
    line_element: I64
    piece_line: I64
    piece_element: I64
    parent: I64
    end: I64
    depth: I64
    names: I64
    token: U64
    token_span: I64


def evidence(pages: Sequence[Flat], heads: Sequence[Hints], kinds: Kinds) -> DomEvidence:
    """Evidence of a batch of pages whose elements are of these kinds. Pages without lines are allowed."""
    n_lines = np.array([len(page.lines) for page in pages], np.int64)
    lines = [line for page in pages for line in page.lines]
    tree = outline(pages)
    parent, depth, levels, line_element = tree.parent, tree.depth, tree.levels, tree.line_element
    first_element = np.cumsum(tree.n_elements) - tree.n_elements

    names, prints, tags, token, token_span = _described(*_with_heads(tree, heads, kinds, first_element))
    path, tag_path = _paths(parent, levels, prints[names], tags[names])
    within = np.array(kinds.bits, np.int64)[tree.kind]
    for level in levels[1:]:
        within[level] |= within[parent[level]]
    in_link = (within[tree.run_element] & int(Within.LINK)) != 0
    linked = _sums(tree.run_line, np.where(in_link, tree.run_size, 0), len(lines))

    size = np.fromiter(map(len, lines), np.float64, len(lines))
    page_of = np.repeat(np.arange(len(pages)), n_lines)
    full = np.flatnonzero(line_element >= 0)
    blocks = _Blocks(parent, tree.end, levels, line_element[full], size[full], linked[full])
    parts = [
        _flags(within, line_element[full]),
        _own(size, linked, full, depth, line_element, page_of, n_lines),
        *blocks.around(page_of[full], first_element, tree.n_elements),
        _alike(path[line_element[full]], tag_path[line_element[full]], page_of[full], size[full]),
        _headings(within[line_element[full]], page_of[full]),
        _repeated_by_head(lines, full, page_of, heads, size),
    ]
    dense = np.zeros((len(lines), N_DENSE), np.float32)
    dense[full] = np.concatenate(parts, 1)
    place, line_within = np.zeros(len(lines), np.uint64), np.zeros(len(lines), np.int64)
    place[full] = _places(parent, prints[names], line_element[full])
    line_within[full] = within[line_element[full]]
    inside = tree.run_element != line_element[tree.run_line]
    return DomEvidence(
        dense, place, line_within, line_element, tree.run_line[inside], tree.run_element[inside], parent, tree.end,
        depth, names, token, token_span,
    )  # fmt: skip


def _with_heads(tree: Outline, heads: Sequence[Hints], kinds: Kinds, first_element: I64) -> tuple[I64, list[str]]:
    """Kinds of all elements, and their names; what the head says of the page's kind goes to its first element."""
    kind, names = tree.kind.copy(), list(kinds.names)
    for head, first, count in zip(heads, first_element.tolist(), tree.n_elements.tolist(), strict=True):
        if count and head.kinds:
            names.append(" ".join([names[kind[first]], *head.kinds]))
            kind[first] = len(names) - 1
    return kind, names


def _described(kind: I64, names: Sequence[str]) -> tuple[I64, U64, U64, U64, I64]:
    """(row of each element; for k rows uint64[k] fingerprints and uint64[k] those of the tags alone; uint64 hashed
    tokens and int64[k + 1] spans of these) by the kinds of the elements and their names.
    """
    keys = [(name.partition(" ")[0], plain) for name, plain in zip(names, without_numbers(names), strict=True)]
    number = {key: i for i, key in enumerate(dict.fromkeys(keys))}
    row = np.fromiter(map(number.__getitem__, keys), np.int64, len(keys))
    prints, tags, found = zip(*starmap(described, number), strict=True)
    span = np.cumsum([0, *map(len, found)], dtype=np.int64)
    token = np.fromiter(chain.from_iterable(found), np.uint64, int(span[-1]))
    return row[kind], np.array(prints, np.uint64), np.array(tags, np.uint64), token, span


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
    sites name `<body>` after the article.
    """
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
        (Arc90, 2010): a paragraph counts for its parent, half for the one above that, less for links.
        """
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
    words = [_words(head) for head in heads]
    for row, (line, page) in enumerate(zip(full.tolist(), page_of[full].tolist(), strict=True)):
        printed = lines[line]
        if len(printed) < 8 and printed.isascii():
            continue
        folded = printed.casefold()
        word = next(filter(str.isalnum, folded.split()), "")
        known, telling = words[page]
        if word not in known and not any(map(folded.__contains__, telling)):
            continue  # neither holds the other
        text = key(printed)
        n = len(text)
        if n < 8:
            continue
        head = heads[page]
        if n < 300:
            for title in head.titles:
                if text in title or title in text:
                    out[row, 1], out[row, 2] = text in head.titles, True
                    break
        elif text in head.titles:
            out[row, 1] = True
        if n >= KEY:
            if head.body and text in head.body:
                out[row, 3] = True
            for description in head.descriptions:
                if text in description or description in text:
                    out[row, 4] = True
                    break
        elif head.body and f" {text} " in head.body:
            out[row, 5] = True
    return out


def _words(head: Hints) -> tuple[str, list[str]]:
    """What the head of a page says, and a word of each of its titles and descriptions that no text can do without which
    holds all of it.
    """
    whole = [*head.titles, *head.descriptions]
    return "\n".join([head.body, *whole]), [max(text.split(), key=len) for text in whole]
