"""Paragraphs that a flattener broke, put together again, so that they are judged as paragraphs.

Broken at a fixed width: a line goes on in the next one if the next one's first word would not have fitted on it. On a
page wrapped at some width that holds for nearly all long lines; elsewhere it is chance.

Broken at links and the like, as `get_text("\\n")` does: a long line without an end goes on in the next lines if one of
them begins as no sentence does, with a mark or a small letter; what stands between is the link. A short line does so,
too, where the one above it is closed: there a sentence begins.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ingest.lines.scan import Scan
from ingest.lines.unicode import UNSPACED

I64 = npt.NDArray[np.int64]

NARROWEST, WIDEST = 38, 120  # characters of the longest line of a page that may have been wrapped
LONG = 0.6  # share of the width from which a line counts as long, if another follows directly
WRAPPED = 0.6  # share of the long lines that go on in the next one, on a wrapped page
ENOUGH = 4  # such lines at least
SMALL = 0.4  # share of the next ones, of those that begin with a letter that has case, that begin with a small one


def rejoin(lines: Scan, texts: Sequence[str], offsets: I64) -> tuple[Scan, I64, I64] | None:
    """(lines, offsets, place) with the paragraphs of wrapped pages on one line each; None where no page is wrapped.

    lines: the texts, measured · place: int64[len(texts)], the line of the result that each line went to.
    """
    if len(offsets) < 2 or not len(texts):
        return None
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    full = np.flatnonzero(np.diff(offsets))
    widest = np.maximum.reduceat(lengths, offsets[full])
    goes_on = np.zeros(len(texts), bool)
    for d, is_narrow in zip(full.tolist(), ((widest >= NARROWEST) & (widest <= WIDEST)).tolist(), strict=True):
        first, last = int(offsets[d]), int(offsets[d + 1])
        goes_on[first:last] = broken(texts[first:last])
        if is_narrow:
            goes_on[first:last] |= _goes_on(texts[first:last])
    if not goes_on.any():
        return None
    begins = np.append(True, ~goes_on[:-1])
    counts = np.concatenate([[0], np.cumsum(begins)])
    return lines.joined(begins), counts[offsets], counts[1:] - 1


def broken(texts: Sequence[str]) -> npt.NDArray[np.bool_]:
    """bool[n]: of each line of a page, whether the next one goes on with it, behind a link or before one."""
    texts = list(map(str.strip, texts))
    goes_on = np.zeros(len(texts), bool)
    for row, text in enumerate(texts):
        if row and text[:1] in _CONTINUES and _continues(text):
            first = _begins(texts, row)
            # verse, too, goes on with a small letter on the next line, but has no link between
            if row - first != 1 or not text[0].islower() or len(texts[first]) > WIDEST:
                goes_on[first:row] = True
    return goes_on


#: What a continuation may begin with; a hyphen may as well begin a list, and so may a bracket around a number.
_CONTINUES = frozenset(",.;:!?()»”’…、。，；：！？）」』،؛؟")
_CONTINUES |= frozenset(chr(code) for code in range(0x61, 0x590) if chr(code).islower())
_ASIDE = re.compile(r"\([^\W\d]{3}")
_AFTER_MARK = re.compile(r"[^\w\s]+(?:\s|$)")
_ENDED = re.compile(r"[.!?…。！？؟۔।]['\"”’»)\]]*$")
_NO_LINK = re.compile(r"[.!?…:;。！？؟۔।|]$|[.!?] |\d[:.]\d\d|\.\w{3}$|^https?:")
_INNER_END = re.compile(r"\w{3}[.!?…] +[^\W\d_a-zа-я]")
_DATED = re.compile(r"\b(?:19|20)\d\d\b|\d[:.]\d\d\b")
# Characters of a link at most, links in a row, characters and words of the text before the first, and its characters
# below a line that is closed, its words below one that is not text, and characters of a line that goes on to a next.
PIECE, BETWEEN, BEFORE, WORDS, SHORT, SAYING, LONGER = 50, 4, 60, 8, 7, 4, 90


def _continues(text: str) -> bool:
    """Whether a line begins in the middle of a sentence, with a small letter or a mark, and brings it to its end."""
    if not _ENDED.search(text) and not (len(text) >= LONGER and _INNER_END.search(text)):
        return False  # a headline may be followed by «by Ada Quill»
    return (
        text[0].islower()
        or _ASIDE.match(text) is not None
        or (_AFTER_MARK.match(text) is not None and text[:3] != "...")
    )


def _begins(texts: Sequence[str], row: int) -> int:
    """The line that goes on in line `row`, or `row` where none does."""
    links = 0
    for first in range(row - 1, -1, -1):
        text = texts[first]
        if len(text) >= BEFORE:
            if _ENDED.search(text) or len(text.split()) < WORDS:
                return row
            if text[0] not in _CONTINUES:
                return first
            links = 0
        elif not text or links == BETWEEN:
            return row
        elif first and len(text) >= SHORT and text[0] not in _CONTINUES and _opens(texts, first, row):
            return first
        elif len(text) > PIECE or _NO_LINK.search(text):
            return row
        links += 1
    return row


def _opens(texts: Sequence[str], first: int, row: int) -> bool:
    """Whether a short line begins the sentence that goes on in line `row`: the line above it is a sentence's end, or
    blank or a date, and then it says more itself than a name.
    """
    text, above, following = texts[first], texts[first - 1], texts[row]
    if (
        text[0] in "•-*#–—"
        or _NO_LINK.search(text)
        or following[0] in "»”’"
        or sum(map(len, texts[first : row + 1])) < BEFORE
    ):
        return False
    if _ENDED.search(above) or not following[0].islower():
        return not above or bool(_ENDED.search(above)) or _is_date(above)
    return (not above or _is_date(above)) and len(text.split()) >= SAYING


def _is_date(text: str) -> bool:
    return len(text) <= PIECE and _DATED.search(text) is not None


def _goes_on(lines: Sequence[str]) -> list[bool]:
    """Of each line of a page, whether it goes on in the next; all False where the page is not wrapped."""
    stripped = [line.strip() for line in lines]
    width = max(map(len, stripped))
    following = [*stripped[1:], ""]
    long = [len(line) >= LONG * width and bool(after) for line, after in zip(stripped, following, strict=True)]
    found = [
        is_long and len(line) + _needs(line, after) > width
        for line, after, is_long in zip(stripped, following, long, strict=True)
    ]
    heads = [after[0] for after, joined in zip(following, found, strict=True) if joined]
    small, big = sum(map(str.islower, heads)), sum(map(str.isupper, heads))
    wrapped = len(heads) >= max(ENOUGH, WRAPPED * sum(long)) and small >= SMALL * (small + big)
    return found if wrapped else [False] * len(lines)


def _needs(line: str, after: str) -> int:
    """Characters that the first word of `after` would have taken up behind `line`; scripts without spaces break
    anywhere.
    """
    word = after.split(maxsplit=1)[0]
    return 1 if _unspaced(line[-1]) or _unspaced(after[0]) else len(word) + 1


def _unspaced(char: str) -> bool:
    """Whether a character belongs to a script that is written without spaces between words, or to its punctuation."""
    return any(first <= ord(char) <= last for first, last in UNSPACED)
