"""A batch of texts as one array of code points, cut into words.

Everything that follows (hashing, scoring, spans) works on these arrays; no step goes through characters or words in
Python. Time and memory are linear in the number of code points.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ingest.language import alphabet
from ingest.language.alphabet import Script
from ingest.lines.scan import Codes

Ints = npt.NDArray[np.int64]

# Longer runs of letters are cut into pieces: the lanes of `model.py` hold the sum of at most this many characters.
MAX_WORD = 48


@dataclass(slots=True)
class Words:
    """The words of a batch, in order. n = code points of the batch, w = words, t = texts."""

    symbols: npt.NDArray[np.uint16]  # [n] folded letters, 0 between words
    start: Ints  # [w] first symbol of the word
    end: Ints  # [w] behind its last symbol
    script: npt.NDArray[np.uint8]  # [w] alphabet.Script
    first: Ints  # [t+1] words of text i are first[i]:first[i+1]
    origin: Ints  # [t] position of the text's first code point in the joined batch
    position: Ints | None  # [n] symbol to joined position where marks were skipped, else None

    def __len__(self) -> int:
        return len(self.start)

    def offsets(self) -> tuple[Ints, Ints]:
        """Start and end of each word in code points of its own text, int64[w] each."""
        start, last = self.start, self.end - 1
        if self.position is not None:
            start, last = self.position[start], self.position[last]
        base = np.repeat(self.origin, np.diff(self.first))
        return start - base, last + 1 - base


def words_of(texts: Codes) -> Words:
    """Cut texts into words: runs of letters, with an apostrophe or a lost letter ('?') between letters.

    Han and Kana runs end where another script begins, as these are written without spaces.
    """
    points, origin = np.minimum(texts.points, 0xFFFF), texts.start
    position: Ints | None = None
    skipped = alphabet.skipped_table()[points]
    if skipped.any():
        position = np.flatnonzero(~skipped)
        points = points[position]
    symbols = alphabet.fold_table()[points]
    scripts = alphabet.script_table()[symbols]
    _settle_inner_marks(symbols, scripts)

    kind = (symbols != 0).astype(np.int8)
    kind[scripts == Script.CJK] = 2
    edge = np.flatnonzero(np.diff(kind, prepend=np.int8(0), append=np.int8(0)))
    begins = np.append(kind, np.int8(0))[edge] != 0
    start = edge[begins]
    end = edge[1:][begins[:-1]]  # each run ends at the next edge, wherever that leads
    start, end = _cut_long(start, end)
    script = _word_scripts(symbols, scripts, points, start, end)
    bounds = origin if position is None else np.searchsorted(position, origin)
    first = np.append(np.searchsorted(start, bounds), len(start))
    return Words(symbols, start, end, script, first, origin, position)


def _settle_inner_marks(symbols: npt.NDArray[np.uint16], scripts: npt.NDArray[np.uint8]) -> None:
    """Keep an apostrophe between two letters and a '?' before a letter; make all others boundaries (in place)."""
    marks = np.flatnonzero((symbols == alphabet.APOSTROPHE) | (symbols == alphabet.LOST))
    if not len(marks):
        return
    padded = np.concatenate(([0], scripts, [0]))  # scripts are 0 for the marks themselves
    before, after = padded[marks], padded[marks + 2]
    # a lost letter counts only before a Cyrillic one, in the words that suffer such damage
    keep = np.where(symbols[marks] == alphabet.LOST, after == Script.CYRILLIC, (before != 0) & (after != 0))
    symbols[marks[~keep]] = 0


def _cut_long(start: Ints, end: Ints) -> tuple[Ints, Ints]:
    """Cut words of more than MAX_WORD symbols into pieces of that length."""
    size = end - start
    if not len(size) or size.max() <= MAX_WORD:
        return start, end
    pieces = -(-size // MAX_WORD)
    base = np.repeat(start, pieces)
    number = np.arange(len(base)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    cut = base + number * MAX_WORD
    return cut, np.minimum(cut + MAX_WORD, np.repeat(end, pieces))


def _word_scripts(
    symbols: npt.NDArray[np.uint16],
    scripts: npt.NDArray[np.uint8],
    points: npt.NDArray[np.uint32],
    start: Ints,
    end: Ints,
) -> npt.NDArray[np.uint8]:
    """Script of each word. Words of mixed script are decided one by one, and look-alikes in them are folded (in place).

    A word with a Cyrillic letter, all of whose other letters have a Cyrillic twin, is Cyrillic; other mixed words go by
    majority, the earlier script of `Script` on a tie, and Cyrillic twins in a Latin word become Latin.
    """
    if not len(start):
        return np.zeros(0, np.uint8)
    word_script: npt.NDArray[np.uint8] = scripts[start]
    # there is more to a word than its first letter only where two scripts meet, or a letter and a mark
    meet = (scripts[1:] != scripts[:-1]) & (symbols[1:] != 0) & (symbols[:-1] != 0)
    several = np.unique(np.searchsorted(start, np.flatnonzero(meet), side="right") - 1)
    bounds = np.stack([start[several], end[several]], 1).ravel()
    padded = np.append(scripts, np.uint8(0))
    highest = np.maximum.reduceat(padded, bounds)[::2]
    lowest = np.minimum.reduceat(np.where(padded == 0, np.uint8(255), padded), bounds)[::2]
    word_script[several] = highest
    twins, latin_twins = alphabet.twin_table(), alphabet.latin_twin_table()
    for word in several[(lowest != highest) & (lowest != 255)]:
        a, b = start[word], end[word]
        own = scripts[a:b]
        foreign = (own != Script.CYRILLIC) & (own != Script.NONE)
        replaced = twins[points[a:b]]
        if (own == Script.CYRILLIC).any() and (replaced[foreign] != 0).all():
            symbols[a:b][foreign] = replaced[foreign]
            word_script[word] = Script.CYRILLIC
        else:
            counts = np.bincount(own, minlength=len(Script))
            word_script[word] = counts[1:].argmax() + 1
            if word_script[word] == Script.LATIN:
                latin = latin_twins[points[a:b]]
                symbols[a:b][latin != 0] = latin[latin != 0]
    return word_script
