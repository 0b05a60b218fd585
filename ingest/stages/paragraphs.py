"""Lines of text to paragraphs: one each, unless the page was wrapped at a fixed width."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

# A page counts as wrapped if it has some lines, none much longer than a terminal is wide, and nearly all that another
# line follows directly are nearly that long.
MIN_LINES = 4
WIDEST = 110
NEARLY = 0.75
MOST = 0.8


def paragraphs(lines: Sequence[str], follows: Sequence[bool]) -> list[str]:
    """Paragraphs of a text.

    Args:
        lines: the lines that make up the text, stripped, none of them blank.
        follows: for each line, whether it stood directly below the line before it.
    """
    first = starts(lines, follows)
    return [" ".join(lines[begin:end]) for begin, end in pairwise([*first, len(lines)])]


def starts(lines: Sequence[str], follows: Sequence[bool]) -> list[int]:
    """The place in `lines` at which each paragraph begins."""
    wrapped = is_wrapped(lines, follows)
    return [place for place, joined in enumerate(follows) if not (wrapped and joined and place)]


def is_wrapped(lines: Sequence[str], follows: Sequence[bool]) -> bool:
    """Whether a text was broken at a fixed width, so that a line break within a paragraph means nothing."""
    width = max(map(len, lines), default=0)
    broken = [line for line, joined in zip(lines, follows[1:], strict=False) if joined]
    if len(broken) < MIN_LINES or width > WIDEST:
        return False
    return sum(len(line) >= NEARLY * width for line in broken) >= MOST * len(broken)
