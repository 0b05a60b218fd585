"""Cyrillic mojibake: undo the wrong reading whose undoing is clearly likelier as text.

ftfy (https://ftfy.readthedocs.io) repairs UTF-8 that was read as something else, and no mix-up of two 8-bit charsets.
Here the pairs of charsets of `mixups.toml` are tried on suspect lines, and a reading is taken if it is Cyrillic,
plausible as text, and far likelier than what stands there. Two steps: layers of UTF-8 are peeled off where there are
some, which is specific enough to be done without asking for likelihood; then all swaps of 8-bit charsets are weighed
on the line and on what came out of the peeling. All work is per line, so results do not depend on the batch.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import msgspec
import numpy as np
import numpy.typing as npt

from ingest.encoding.plausibility import SCALE, Scores, class_tables, score
from ingest.encoding.roundtrip import NO_BYTE, byte_of, char_of, reread
from ingest.lines.scan import BREAK, Codes, whole

LAYERS = 3  # of UTF-8 that are peeled off
NEUTRAL = 5.0  # nats per pair: right text costs less, mojibake more
PLAUSIBLE = 5.2  # nats per pair: what comes out must be at least this likely
GAIN_PER_PAIR = 0.8  # nats that it must be likelier per changed pair
GAIN = 12.0  # nats that it must be likelier over the whole line
WORTH_A_LOOK = 6.0  # the same, as reckoned before the text is built
GAIN_PLAIN = 24.0  # the same where what stands there is plain Cyrillic letters, as in ГКЧП, which are rarely wrong
MIN_DISTINCT = 2  # different characters that are replaced: a row of dots, or one odd letter, is no mix-up
MIN_IN_WORDS = 0.6  # share of the new characters that stand in Cyrillic words of three letters and more
VARIETY = 5  # different characters that a line which is replaced as a whole must have, if it is long enough
MAX_SAME = 0.9  # share of one character among those replaced, for the same reason
MIN_LETTERS = 3  # Cyrillic letters in what comes out
MAX_OTHER = 0.3  # share of other scripts among the letters beyond ASCII that come out
MIN_SEQUENCES = 3  # of UTF-8 in a line that is worth peeling
LONGEST = 8_000  # characters: a longer line is judged by this much of it, from its first character beyond ASCII
CHUNK = 30_000  # characters weighed together, to bound memory
SHORTLIST = 3  # readings per line that are looked at closely
_CYRILLIC = re.compile("[\u0400-\u052f]")
_OTHER_LETTER = re.compile("[^\\W\\d_\x00-\x7f\u0400-\u052f]")
_WORD = re.compile("[\u0400-\u052f]{3,}")
_C1 = re.compile("[\x80-\x9f]")
_PLAIN_LETTER = re.compile("[А-Яа-яЁё]")
_BEYOND = re.compile("[^\x00-\x7f]")

Pair = tuple[str, str]
Floats = npt.NDArray[np.float64]


class _Mixups(msgspec.Struct, forbid_unknown_fields=True):
    wrong: dict[str, float]
    right: dict[str, float]


@lru_cache(maxsize=1)
def _mixups() -> _Mixups:
    data = files(__package__).joinpath("mixups.toml").read_bytes()
    return msgspec.toml.decode(data, type=_Mixups)


@dataclass(frozen=True, slots=True)
class Reading:
    """Another reading of line number `line`: the text, the (wrong, right) charsets undone, what they must make up.

    base: the number of the reading that the last 8-bit swap was done on, else of the line itself.
    """

    line: int
    text: str
    chain: tuple[Pair, ...]
    prior: float
    base: int


def undo(lines: Sequence[str]) -> dict[int, tuple[str, tuple[Pair, ...]]]:
    """The lines that can be repaired, by index: the new text, and the (wrong, right) charsets undone, in order."""
    done: dict[int, tuple[str, tuple[Pair, ...]]] = {}
    chunk: list[int] = []
    room = CHUNK
    for index, line in enumerate(lines):
        if _may_be_mixed_up(line):
            chunk.append(index)
            room -= min(len(line), LONGEST)
        if room <= 0:
            done |= _undo_chunk(lines, chunk)
            chunk, room = [], CHUNK
    return done | _undo_chunk(lines, chunk)


def _may_be_mixed_up(line: str) -> bool:
    """Whether a line has enough characters beyond ASCII, and not one sign alone, for what must come out of it."""
    beyond = _BEYOND.findall(line)
    return len(beyond) >= MIN_LETTERS and (beyond[0].isalpha() or beyond.count(beyond[0]) < len(beyond))


def _undo_chunk(lines: Sequence[str], chunk: list[int]) -> dict[int, tuple[str, tuple[Pair, ...]]]:
    if not chunk:
        return {}
    heads = [_head(lines[index]) for index in chunk]
    states, codes = _peel([Reading(i, head, (), 0.0, i) for i, head in enumerate(heads)], whole(heads))
    readings = [reading for reading in [*states[len(heads) :], *_swaps(states, codes)] if _is_cyrillic(reading.text)]
    chosen: dict[int, tuple[str, tuple[Pair, ...]]] = {}
    for i, reading in _best(states, codes, readings).items():
        text = lines[chunk[i]]
        for wrong, right in reading.chain:
            text = reread(text, wrong, right)
        chosen[chunk[i]] = (unicodedata.normalize("NFC", text), reading.chain)
    return chosen


def _is_cyrillic(text: str) -> bool:
    if _C1.search(text):
        return False
    cyrillic = len(_CYRILLIC.findall(text))
    return cyrillic >= MIN_LETTERS and len(_OTHER_LETTER.findall(text)) <= MAX_OTHER * cyrillic


def _head(line: str) -> str:
    if len(line) <= LONGEST:
        return line
    found = _BEYOND.search(line)
    start = max(0, found.start() - 100) if found else 0
    return line[start : start + LONGEST]


def _peel(states: list[Reading], codes: Codes) -> tuple[list[Reading], Codes]:
    """The lines, and what comes out of them if layers of UTF-8 are taken off, each distinct text once."""
    seen = {(state.line, state.text) for state in states}
    layer = states
    for _ in range(LAYERS):
        below: list[Reading] = []
        for wrong, numbers in _layered(codes.part(len(codes) - len(layer), len(codes))):
            prior = _mixups().wrong[wrong]
            for state in (layer[number] for number in numbers):
                text = reread(state.text, wrong, "utf-8")
                if (state.line, text) not in seen:
                    seen.add((state.line, text))
                    chain = (*state.chain, (wrong, "utf-8"))
                    below.append(Reading(state.line, text, chain, state.prior + prior, state.line))
        if not below:
            break
        states, layer = [*states, *below], below
        codes = codes.followed_by(whole([state.text for state in below]))
    return states, codes


def _layered(codes: Codes) -> Iterator[tuple[str, list[int]]]:
    """Per wrong charset the numbers of the texts that hold UTF-8 sequences in it."""
    small, starts = _small(codes), codes.start
    for wrong in _mixups().wrong:
        raw = byte_of(wrong).take(small)
        lead = (raw >= 0xC2) & (raw <= 0xF4)
        follows = (raw >= 0x80) & (raw < 0xC0)
        sequences = np.add.reduceat((lead[:-1] & follows[1:]), starts, dtype=np.int64)
        yield wrong, np.flatnonzero(sequences >= MIN_SEQUENCES).tolist()


def _small(codes: Codes) -> npt.NDArray[np.uint16]:
    """The code points, those beyond 16 bits as U+FFFF, behind a line break."""
    return np.minimum(np.append(BREAK, codes.points), 0xFFFF).astype(np.uint16)


def _swaps(states: Sequence[Reading], codes: Codes) -> Iterator[Reading]:
    """The likeliest swaps of 8-bit charsets for each state, at most `SHORTLIST`, weighed without building the texts."""
    mixups = _mixups()
    small, starts = _small(codes), codes.start
    rows, columns, table = class_tables()
    row, column = rows.take(small), columns.take(small)
    old = np.add.reduceat(table.take(row[:-1] + column[1:]), starts, dtype=np.int64)
    pairs: list[Pair] = []
    gains: list[Floats] = []
    for wrong, wrong_prior in mixups.wrong.items():
        raw = byte_of(wrong).take(small)
        stays = raw == NO_BYTE
        any_stays = bool(stays.any())
        for right, right_prior in mixups.right.items():
            if right in (wrong, "utf-8"):
                continue
            chars = char_of(right)
            new_row, new_column = rows.take(chars).take(raw), columns.take(chars).take(raw)
            if any_stays:
                new_row, new_column = np.where(stays, row, new_row), np.where(stays, column, new_column)
            new = np.add.reduceat(table.take(new_row[:-1] + new_column[1:]), starts, dtype=np.int64)
            pairs.append((wrong, right))
            gains.append((old - new) / SCALE - wrong_prior - right_prior)
    by_gain = np.stack(gains)
    for rank in np.argsort(-by_gain, axis=0, kind="stable")[:SHORTLIST]:
        for number, pair in enumerate(rank.tolist()):
            if by_gain[pair, number] > WORTH_A_LOOK:
                state, (wrong, right) = states[number], pairs[pair]
                prior = state.prior + mixups.wrong[wrong] + mixups.right[right]
                text = reread(state.text, wrong, right)
                yield Reading(state.line, text, (*state.chain, (wrong, right)), prior, number)


def _best(states: Sequence[Reading], codes: Codes, readings: Sequence[Reading]) -> dict[int, Reading]:
    """The winning reading of each line that has one."""
    if not readings:
        return {}
    line = np.array([reading.line for reading in readings])
    base = np.array([reading.base for reading in readings])
    prior = np.array([reading.prior for reading in readings])
    new, old = score(whole([reading.text for reading in readings])), _excess(score(codes))
    excess = _excess(new)
    total = old[line] - excess - prior
    gain = np.minimum(old[base] - excess - prior, total)  # the last step must be worth it by itself
    best: dict[int, int] = {}
    for i in np.flatnonzero((new.mean < PLAUSIBLE) & (gain > GAIN)).tolist():
        changed, plain, distinct = _changed(states[readings[i].base].text, readings[i].text)
        needed = max(GAIN_PLAIN if plain == changed else GAIN, GAIN_PER_PAIR * changed)
        owner = readings[i].line
        if gain[i] > needed and distinct >= MIN_DISTINCT and (owner not in best or total[i] > total[best[owner]]):
            best[owner] = i
    return {owner: readings[i] for owner, i in best.items()}


def _excess(scores: Scores) -> Floats:
    """Nats beyond what neutral text would cost: what compares readings of unlike lengths."""
    return scores.cost - NEUTRAL * scores.pairs


def _changed(old: str, new: str) -> tuple[int, int, int]:
    """How many characters are new, how many of those they replace are plain Cyrillic letters, and how many differ.

    Texts of one length are compared place by place; of others it is the difference in length, none of it plain.
    """
    if len(old) != len(new):
        return max(1, len(old) - len(new)), 0, MIN_DISTINCT
    places = [i for i, (a, b) in enumerate(zip(old, new, strict=True)) if a != b]
    replaced = [old[i] for i in places]
    in_words = {i for word in _WORD.finditer(new) for i in range(*word.span())}
    if sum(i in in_words for i in places) < MIN_IN_WORDS * len(places):
        return len(places), 0, 0  # signs that would become lone letters
    kinds = Counter(replaced).most_common()
    distinct = len(kinds)
    if 2 * len(replaced) > len(_BEYOND.findall(old)):  # the line as a whole: a mix-up shows in many letters
        return len(replaced), _plain(replaced), distinct if distinct >= min(VARIETY, 0.4 * len(replaced)) else 0
    if kinds and kinds[0][1] > MAX_SAME * len(replaced):
        # one kind among right letters: no mix-up if a sign; if a letter, as much evidence as for plain ones
        return len(replaced), len(replaced), MIN_DISTINCT if kinds[0][0].isalpha() else 0
    return len(replaced), _plain(replaced), distinct


def _plain(chars: Sequence[str]) -> int:
    return len(_PLAIN_LETTER.findall("".join(chars)))
