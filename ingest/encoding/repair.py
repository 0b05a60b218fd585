"""Repair of broken text in layers, cheapest test first, over a batch of lines.

One vectorised pass over the batch's code points decides which lines need any work: those that hold a flagged
character, and those whose character pairs are unlikely as text. Only they go through the layers: surrogates, entities,
Cyrillic round trips, ftfy, controls, invisible marks, presentation forms. Steps run until nothing changes, so repairing
twice is repairing once.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ingest.encoding import clean
from ingest.encoding.mojibake import undo
from ingest.encoding.triage import triage
from ingest.lines.scan import Codes, distinct

ROUNDS = 5
FTFY_LONGEST = 50_000  # characters: ftfy's time grows faster than the line
# Lines that hold nothing else beyond ASCII stay as they are: no pattern of `ftfy.badness` is made of these alone.
_BEYOND_TYPOGRAPHY = re.compile("[^\x00-\x7f\xa0©®™‘’“”–—…•]")


@dataclass(frozen=True, slots=True)
class Step:
    """One kind of change to a line, and how often it was made there."""

    name: str
    count: int = 1


@dataclass(slots=True)
class Repaired:
    """As many texts as were given; `steps` by index, for altered texts only; `lost`: U+FFFD that stay, by index."""

    texts: list[str]
    steps: dict[int, list[Step]] = field(default_factory=dict)
    lost: dict[int, int] = field(default_factory=dict)


def repair(texts: Sequence[str], seen: Codes | None = None) -> Repaired:
    """Repair each text on its own; a right text never changes, and a second repair changes nothing.

    seen: the texts without the blanks at their ends, where they are encoded.

    The steps' names are `mojibake:` with the charsets undone, `ftfy:` with ftfy's plan, and those of `clean`.
    """
    done = Repaired(list(texts))
    unique, row, _ = distinct(texts)
    found = triage(unique, None if seen is None else seen.of(row))
    flagged, suspect = ({unique[number] for number in numbers} for numbers in found)
    mended = _mended([text for text in unique if text in flagged or text in suspect], flagged, suspect)
    for index, text in enumerate(texts) if mended else ():
        if text not in mended:
            continue
        if (new := mended[text]) is not None:
            done.texts[index], done.steps[index] = new.text, new.steps
        if (new is not None or text in flagged) and (n := done.texts[index].count("\ufffd")):
            done.lost[index] = n
    return done


@dataclass(frozen=True, slots=True)
class _Mended:
    text: str
    steps: list[Step]


# What became of lines of late, None where nothing did: doubtful lines stand on each page of a site, and each page is
# read twice where sites are learned. Emptied when it is full.
_memory: dict[str, _Mended | None] = {}
_UNKNOWN = _Mended("", [])
MEMORY, REMEMBERED = 1 << 14, 1_000  # lines, and characters of the longest


def _mended(lines: Sequence[str], flagged: set[str], suspect: set[str]) -> dict[str, _Mended | None]:
    """What becomes of each of the lines, which differ; some hold flagged characters, some are unlikely as text."""
    found = {line: known for line in lines if (known := _memory.get(line, _UNKNOWN)) is not _UNKNOWN}
    fresh = _mend([line for line in lines if line not in found], flagged, suspect)
    if len(_memory) + len(fresh) > MEMORY:
        _memory.clear()
    _memory.update((line, result) for line, result in fresh.items() if len(line) <= REMEMBERED)
    return found | fresh


def _mend(lines: Sequence[str], flagged: set[str], suspect: set[str]) -> dict[str, _Mended | None]:
    now = dict(enumerate(lines))
    work = now.copy()
    unclean, unlikely = ({index for index, line in work.items() if line in which} for which in (flagged, suspect))
    taken: dict[int, clean.Counts] = {}
    for _ in range(ROUNDS):
        changed = _round(work, unclean, unlikely)
        if not changed:
            break
        for index, (text, counts) in changed.items():
            now[index] = text
            taken.setdefault(index, []).extend(counts)
        work = {index: now[index] for index in changed}
        unclean, unlikely = set(work), _unlikely(work, work)
    return {
        line: _Mended(now[index], [Step(name, n) for name, n in clean.merge(taken[index])])
        if now[index] != line
        else None
        for index, line in enumerate(lines)
    }


def _round(lines: dict[int, str], unclean: set[int], unlikely: set[int]) -> dict[int, tuple[str, clean.Counts]]:
    """One pass through all layers: the lines that changed. Those that hold flagged characters, and those that a layer
    has changed, are cleaned; mojibake is sought in those that are unlikely as text.
    """
    now = dict(lines)
    taken: dict[int, clean.Counts] = {}
    _apply((clean.join_surrogates, clean.unescape_entities), unclean, now, taken)
    suspects = sorted(unlikely - taken.keys() | _unlikely(now, taken))
    undone = undo([now[index] for index in suspects])
    for i, index in enumerate(suspects):
        if i in undone:
            now[index], chain = undone[i]
            taken.setdefault(index, []).extend(("mojibake:" + "/".join(pair), 1) for pair in chain)
        elif len(now[index]) <= FTFY_LONGEST and _BEYOND_TYPOGRAPHY.search(now[index]):
            now[index], counts = _ftfy(now[index])
            taken.setdefault(index, []).extend(counts)
    layers = (clean.c1_as_windows, clean.strip_controls, clean.strip_invisible, clean.base_letters)
    _apply(layers, unclean | taken.keys(), now, taken)
    return {
        index: (unicodedata.normalize("NFC", now[index]), taken.get(index, []))
        for index in lines
        if now[index] != lines[index]
    }


def _unlikely(lines: dict[int, str], which: Iterable[int]) -> set[int]:
    """Which of some lines are unlikely as text."""
    order = list(which)
    return {order[i] for i in triage([lines[index] for index in order])[1]}


def _apply(
    layers: Sequence[Callable[[str], tuple[str, clean.Counts]]],
    which: set[int],
    lines: dict[int, str],
    taken: dict[int, clean.Counts],
) -> None:
    for index in which:
        line = lines[index]
        for layer in layers:
            line, counts = layer(line)
            if counts:
                taken.setdefault(index, []).extend(counts)
        lines[index] = line


@lru_cache(maxsize=1)
def _ftfy_config() -> Any:
    from ftfy import TextFixerConfig

    return TextFixerConfig(
        unescape_html=False, uncurl_quotes=False, fix_latin_ligatures=False, fix_character_width=False
    )


def _ftfy(line: str) -> tuple[str, clean.Counts]:
    from ftfy import fix_encoding_and_explain

    fixed, plan = fix_encoding_and_explain(line, _ftfy_config())
    if fixed == line or fixed.count("\n") != line.count("\n"):
        return line, []
    return fixed, [("ftfy:" + "/".join(step.parameter for step in plan or ()), 1)]
