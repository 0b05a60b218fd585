"""How far the reach of a matched line goes: the lines that belong under a heading such as «See also».

The rule of thumb everywhere: losing article text is worse than leaving a stray line. So nothing is taken
where no body is seen before the heading, paragraphs are never taken, and between two of them only what must
belong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from ingest.lines.shape import HEADING, LONG, SHORTEST, ends_with_stop, is_paragraph, is_title_like, weight
from ingest.roles import Role

MIN_BODY = 2  # paragraphs before a heading's block may hold anything
MAX_BETWEEN = 15  # lines of a block that stands between two paragraphs,
MOSTLY = 0.75  # of more only where so much of the page's paragraphs, by weight, stand above it
TITLE = 130  # weighted characters of the longest linked title between two paragraphs
MIN_LIST = 3  # lines that make a list of a most-read block between two paragraphs
SHORT_ITEM = 25  # up to which a line closed by a full stop may still be a date («9 Jan. 2020.») or a count
CLOSED_ITEM = 90  # weighted characters of the longest headline that ends with a full stop
TIME = 18  # characters of a time or date above a headline
CLOSED = 0.25  # share of the lines of a list that may end with a full stop
LISTED = 5  # lines of a list in which one may end so
AMID = 2  # headlines above and below a line that looks like a sentence, and is one of them
LINKS = frozenset({Role.RELATED, Role.READ_MORE})


@dataclass(frozen=True, slots=True)
class Reach:
    """A matched line whose rule reaches further: `row`, role, and whether to the page's end."""

    row: int
    role: Role
    to_end: bool


def paragraphs(texts: Sequence[str], rows: range, matched: Callable[[int], bool]) -> list[int]:
    """Rows that look like article text and that no rule has matched."""
    # the shortest are told by their length alone, which spares most of the calls
    return [r for r in rows if len(texts[r]) >= SHORTEST and is_paragraph(texts[r]) and not matched(r)]


def members(
    reach: Reach, texts: Sequence[str], end: int, body: Sequence[int], stops: Callable[[int], bool]
) -> list[int]:
    """Rows below `reach.row` that belong to it; `end` is the row after the page, `body` its paragraphs."""
    if sum(1 for r in body if r < reach.row) < MIN_BODY:
        return []
    below = [r for r in body if r > reach.row]
    if reach.role in LINKS or reach.role is Role.MOST_READ:
        items = [r for r in below if _is_item(texts, r, reach.row, end, body)]
        below = [r for r in below if r not in items]
    following = below[0] if below else None
    run: list[int] = []
    for r in range(reach.row + 1, end if following is None else following):
        if not texts[r]:
            continue
        if stops(r) and not reach.to_end:
            break
        run.append(r)
    if following is None:
        return _at_end(reach, texts, run)
    above = sum(weight(texts[r]) for r in body if r < reach.row)
    long = MAX_BETWEEN if above < MOSTLY * (above + sum(weight(texts[r]) for r in below)) else 2 * MAX_BETWEEN
    return _between(reach, texts, run, long, ends_at_body=not run or _reaches(run[-1], following, texts))


def _is_item(texts: Sequence[str], row: int, heading: int, end: int, body: Sequence[int]) -> bool:
    """Whether a line that looks like a paragraph is one more headline of the list that it stands in: a short one, with
    headlines or times before and after it, and no more of the article below.
    """
    w = weight(texts[row])
    if w > (CLOSED_ITEM if ends_with_stop(texts[row]) else TITLE):
        return False
    before = _filled(texts, range(row - 1, heading, -1))
    after = _filled(texts, range(row + 1, end))
    if w > len(texts[row]):
        return False  # in Chinese and Japanese, weight says little of what is a headline
    timed = bool(before) and len(texts[before[0]]) <= TIME and texts[before[0]][-1].isdigit()
    if not (timed or len(before) >= AMID) or len(after) < (1 if timed else AMID):
        return False
    listed = all(is_title_like(texts[r]) for r in (*before, *after))
    later = [r for r in body if r > row]
    prose = any(weight(texts[r]) >= LONG for r in later) or any(b - a <= 2 for a, b in pairwise([row, *later]))
    return listed and not prose


def _filled(texts: Sequence[str], rows: Iterable[int]) -> list[int]:
    """The first lines of some that are not blank, as many as are looked at around an item."""
    return list(islice((r for r in rows if texts[r]), AMID))


def _at_end(reach: Reach, texts: Sequence[str], run: list[int]) -> list[int]:
    taken: list[int] = []
    for place, r in enumerate(run):
        if reach.role in LINKS:
            is_open = is_title_like(texts[r]) and not (ends_with_stop(texts[r]) and weight(texts[r]) > SHORT_ITEM)
            if not is_open and not _amid(texts, run, place):
                break
        taken.append(r)
    return taken


def _amid(texts: Sequence[str], run: list[int], place: int) -> bool:
    """Whether a line of a list that ends like a sentence has headlines above and below: it is one, too."""
    if place < AMID or place == len(run) - 1 or len(run) < LISTED or weight(texts[run[place]]) > TITLE:
        return False
    closed = [r for r in (*run[place - AMID : place], *run[place + 1 : place + 1 + AMID]) if ends_with_stop(texts[r])]
    return len(closed) < 2 and sum(ends_with_stop(texts[r]) for r in run) <= CLOSED * len(run)


def _between(reach: Reach, texts: Sequence[str], run: list[int], longest: int, *, ends_at_body: bool) -> list[int]:
    """Between two paragraphs: linked titles, less the last line, which may be the next part's own heading."""
    if reach.to_end or (reach.role not in LINKS and reach.role is not Role.MOST_READ):
        return []
    titles: list[int] = []
    for place, r in enumerate(run):
        closed = ends_with_stop(texts[r]) and weight(texts[r]) > SHORT_ITEM
        if not is_title_like(texts[r]) or weight(texts[r]) > TITLE or (closed and not _amid(texts, run, place)):
            ends_at_body = True  # the article goes on with a short line
            break
        titles.append(r)
    if len(titles) > longest or (reach.role is Role.MOST_READ and len(titles) < MIN_LIST):
        return []
    if ends_at_body and len(titles) > 1 and weight(texts[titles[-1]]) <= HEADING:
        return titles[:-1]
    return titles


def _reaches(last: int, following: int, texts: Sequence[str]) -> bool:
    return not any(texts[r] for r in range(last + 1, following))
