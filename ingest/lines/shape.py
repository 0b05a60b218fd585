"""Does a line look like a paragraph of an article, or like a title in a list? By shape alone, in any script.

Asked of few lines, those around one that a rule or a site has matched, so plain Python is fast enough.
"""

from __future__ import annotations

import re

SENTENCE = 70  # weighted characters from which a line that ends as a sentence does is a paragraph
LONG = 180  # from which any line is
HEADING = 60  # up to which a line may be a heading of the article
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff]")
WIDE_WEIGHT = 2.5  # characters of alphabetic text that one Han or Kana character stands for
SHORTEST = SENTENCE / WIDE_WEIGHT  # characters of the shortest paragraph
_FINALS, _CLOSING = frozenset(".!?…。！？؟۔。"), "'\"”’»）)]」』"
_UNPOINTED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]\W*$")  # scripts that end sentences without a mark
_STOP = re.compile(r"[^.][.。۔]['\"”’»）)\]」』]*\s*$")
_COMMA = re.compile(r"[,;:，；、،؛–—]|[.!?。！？؟۔]\s")


def weight(line: str) -> float:
    """Length in characters, with Han, Kana and Hangul counted at what they say."""
    return len(line) if line.isascii() else len(line) + (WIDE_WEIGHT - 1) * len(_WIDE.findall(line))


def is_final(line: str) -> bool:
    """Whether a line is closed like a sentence."""
    return line.rstrip().rstrip(_CLOSING)[-1:] in _FINALS


def is_paragraph(line: str) -> bool:
    """A line that article text may consist of: long, or of several clauses and closed like a sentence."""
    if len(line) < SHORTEST:
        return False
    w = weight(line)
    if w >= LONG:
        return True
    if w >= SENTENCE * 1.4 and _UNPOINTED.search(line):
        return True
    if w < SENTENCE or not is_final(line):
        return False
    return w >= SENTENCE * 1.4 or _COMMA.search(line[:-3]) is not None


def is_title_like(line: str) -> bool:
    """A short line or one that is not closed like a sentence: title, date, prompt."""
    w = weight(line)
    return w <= HEADING or (w < LONG and not is_final(line))


def ends_with_stop(line: str) -> bool:
    """Closed by a full stop, as titles are not (but by a question mark or dots they may be)."""
    return _STOP.search(line) is not None
