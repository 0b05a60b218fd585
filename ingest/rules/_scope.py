"""How far the reach of a matched line goes: the lines that belong under a heading such as «See also».

The rule of thumb everywhere: losing article text is worse than leaving a stray line. So nothing is taken
where no body is seen before the heading, paragraphs are never taken, and between two of them only what must
belong.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ingest.document import Role
from ingest.rules._shape import HEADING, SHORTEST, ends_with_stop, is_paragraph, is_title_like, weight

MIN_BODY = 2  # paragraphs before a heading's block may hold anything
MAX_BETWEEN = 15  # lines of a block that stands between two paragraphs
TITLE = 130  # weighted characters of the longest linked title between two paragraphs
MIN_LIST = 3  # lines that make a list of a most-read block between two paragraphs
SHORT_ITEM = 25  # up to which a line closed by a full stop may still be a date («9 Jan. 2020.») or a count
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
    following = next((r for r in body if r > reach.row), None)
    run: list[int] = []
    for r in range(reach.row + 1, end if following is None else following):
        if not texts[r]:
            continue
        if stops(r) and not reach.to_end:
            break
        run.append(r)
    if following is None:
        return _at_end(reach, texts, run)
    return _between(reach, texts, run, ends_at_body=not run or _reaches(run[-1], following, texts))


def _at_end(reach: Reach, texts: Sequence[str], run: list[int]) -> list[int]:
    taken: list[int] = []
    for r in run:
        if reach.role in LINKS and not is_title_like(texts[r]):
            break
        if reach.role in LINKS and ends_with_stop(texts[r]) and weight(texts[r]) > SHORT_ITEM:
            break
        taken.append(r)
    return taken


def _between(reach: Reach, texts: Sequence[str], run: list[int], *, ends_at_body: bool) -> list[int]:
    """Between two paragraphs: linked titles, less the last line, which may be the next part's own heading."""
    if (
        reach.to_end
        or len(run) > MAX_BETWEEN
        or not all(is_title_like(texts[r]) and weight(texts[r]) <= TITLE for r in run)
    ):
        return []
    if reach.role not in LINKS and not (reach.role is Role.MOST_READ and len(run) >= MIN_LIST):
        return []
    if ends_at_body and len(run) > 1 and weight(texts[run[-1]]) <= HEADING:
        return run[:-1]
    return run


def _reaches(last: int, following: int, texts: Sequence[str]) -> bool:
    return not any(texts[r] for r in range(last + 1, following))
