"""The trees of a batch of pages as arrays, from the walks over them: what holds what, and where the lines stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ingest.html.flatten import Flat

I64 = npt.NDArray[np.int64]


@dataclass(slots=True)
class Outline:
    """Of e elements, n lines and r runs of text, each of all pages one after the other; int64.

    Attributes:
        kind, parent, end, depth: [e], number of the `Kinds`, -1 for a page's first element, past the last element
            inside, 0 for a page's first.
        levels: the elements of each depth, from the top.
        n_elements: of each page.
        line_element: [n], the innermost element that holds all of a line, -1 for blank ones.
        run_line, run_element, run_size: [r], line, innermost element and characters.
    """

    kind: I64
    parent: I64
    end: I64
    depth: I64
    levels: list[I64]
    n_elements: I64
    line_element: I64
    run_line: I64
    run_element: I64
    run_size: I64


def outline(pages: Sequence[Flat]) -> Outline:
    """Elements and lines of a batch. As each page ends all elements that it begins, the walks make up a single one."""
    walk = _joined([page.walk for page in pages])
    begins = walk >= 0
    is_open = np.cumsum(np.where(begins, 1, -1))  # how many elements are, after each step
    level = is_open - begins  # depth of the element that begins or ends
    number = np.cumsum(begins) - 1  # of the element that began last

    # of one depth, elements end before the next one begins: begin and end take turns
    order = np.argsort(_narrow(level), kind="stable")
    began, ended = order[0::2], order[1::2]
    element = number[began]
    end, depth = np.empty_like(element), np.empty_like(element)
    end[element], depth[element] = number[ended] + 1, level[began]
    place = level[began] * len(walk) + began  # ascending

    def holder(at: I64, depth: I64) -> I64:
        """The last element of each depth that has begun before each step."""
        return element[np.searchsorted(place, depth * len(walk) + at) - 1] if len(element) else at

    parent = np.where(depth == 0, -1, holder(np.flatnonzero(begins), depth - 1))

    run_at = _joined([page.run_at for page in pages])
    run_at += np.repeat(_before([len(page.walk) for page in pages]), [len(page.run_at) for page in pages])
    run_element = holder(run_at, is_open[run_at - 1] - 1)
    runs = np.concatenate([np.zeros(0, np.int64), *(np.diff(_array(page.until), prepend=0) for page in pages)])
    run_line = np.repeat(np.arange(len(runs)), runs)
    return Outline(
        walk[begins],
        parent,
        end,
        depth,
        np.split(element, np.cumsum(np.bincount(depth))[:-1]),
        np.array([len(page.walk) // 2 for page in pages], np.int64),
        _common(parent, end, run_element, runs),
        run_line,
        run_element,
        _joined([page.run_size for page in pages]),
    )


def _common(parent: I64, end: I64, run_element: I64, runs: I64) -> I64:
    """The innermost element that holds all runs of each line, of which it has `runs`; -1 where there are none."""
    full = np.flatnonzero(runs)
    result = np.full(len(runs), -1, np.int64)
    if len(full):
        first = _before(runs[full])
        at, last = (each.reduceat(run_element, first) for each in (np.minimum, np.maximum))
        narrow = np.flatnonzero(end[at] <= last)
        while len(narrow):
            at[narrow] = parent[at[narrow]]
            narrow = narrow[end[at[narrow]] <= last[narrow]]
        result[full] = at
    return result


def _array(values: Sequence[int]) -> I64:
    return np.array(values, np.int64)


def _joined(parts: Sequence[Sequence[int]]) -> I64:
    return np.concatenate([np.zeros(0, np.int64), *map(_array, parts)])


def _before(sizes: Sequence[int] | I64) -> I64:
    """Of parts of these sizes, how much comes before each."""
    result: I64 = np.cumsum(sizes, dtype=np.int64) - sizes
    return result


def _narrow(level: I64) -> npt.NDArray[np.integer]:
    """Small numbers, where they are, sort in linear time."""
    return level.astype(np.uint16) if level.max(initial=0) < 1 << 16 else level
