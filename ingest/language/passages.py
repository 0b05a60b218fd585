"""Passages of one language inside texts: which word belongs to which language, switches inside a line included.

Each line is cut into runs of one script; a run of fewer than MIN_RUN words beside a longer one is a name or a loan and
goes with its neighbour. Inside a run a Viterbi path over the words finds the switches; the evidence of one word is
bounded, and a single word never makes a passage. The languages that a text clearly has weigh as its prior.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, pairwise

import numpy as np
import numpy.typing as npt

from ingest.language import model
from ingest.language.alphabet import Script
from ingest.language.engine import UNDETERMINED, Engine, Span
from ingest.language.ngram import SCRIPT_WEIGHT, Evidence, NgramEngine
from ingest.language.viterbi import best_paths
from ingest.language.words import words_of
from ingest.lines.chunks import chunks
from ingest.lines.scan import Codes, whole

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

MIN_RUN = 2  # words of a passage inside a line
MIN_SCRIPT_RUN = 3  # words of another script inside a line that are a passage of their own,
MIN_FULL_WORDS = 2  # if so many of them have FULL_WORD letters: lists of abbreviations are none
FULL_WORD = 4
SWITCH = 5.0  # nats
CLEAR_MARGIN = 4.0  # nats by which a run's best label leads where the run counts as context for the others
ABSENT = 8.0  # nats that a switch costs more into a label that the text has nowhere else, which names often feign
ABSENT_BELOW = -5.0  # log-prior of such a label
WORD_LIMIT = 8.0  # nats: most that one word can say against another label
ROUNDING = 0.1  # nats: far above what sums of so many numbers of single precision lose
NAMES, HEADLINE = 0.75, 0.6  # shares of capitals that make words a list of names, and a line a headline
LONGEST = 256  # words of a sequence; longer lines are cut


def spans_of(
    engine: Engine, texts: Sequence[str], context: str | None = None, seen: Codes | None = None
) -> list[list[Span]]:
    """Passages of each text by the engine's own means, or line by line where it has none.

    seen: the lines of the texts, where they are encoded.
    """
    if isinstance(engine, NgramEngine):
        lines = [text.split("\n") for text in texts]
        offsets = np.cumsum([0, *map(len, lines)], dtype=np.int64)
        seen = whole(list(chain.from_iterable(lines))) if seen is None else seen
        return [
            spans
            for first, last in chunks(seen.lengths, offsets)
            for spans in spans_many(
                engine, texts[first:last], lines[first:last], seen.part(offsets[first], offsets[last]), context
            )
        ]
    own = getattr(engine, "spans_many", None)
    return own(texts) if own is not None else _by_lines(engine, texts)


def _by_lines(engine: Engine, texts: Sequence[str]) -> list[list[Span]]:
    """Passages as runs of lines with the same label; lines without one go with the line before."""
    lines = [line for text in texts for line in text.split("\n")]
    found = engine.detect(lines)
    out: list[list[Span]] = []
    row = 0
    for text in texts:
        spans: list[Span] = []
        at = 0
        for line in text.split("\n"):
            label, score = found.labels[row], float(found.scores[row])
            row, start, at = row + 1, at, at + len(line) + 1
            if label == UNDETERMINED or (spans and spans[-1].language == label):
                continue
            if spans:
                spans[-1] = spans[-1]._replace(end=start)
            spans.append(Span(start if spans else 0, len(text), label, round(score, 4)))
        out.append(spans)
    return out


def spans_many(
    engine: NgramEngine, texts: Sequence[str], of: Sequence[list[str]], seen: Codes, context: str | None
) -> list[list[Span]]:
    """Passages of each text, adjacent and in order; a text without evidence has none. of: the lines of each text."""
    lines = list(chain.from_iterable(of))
    evidence = engine.score(words_of(seen))
    words = evidence.words
    if not len(words):
        return [[] for _ in texts]
    line_of = np.repeat(np.arange(len(lines)), np.diff(words.first))
    counts = np.fromiter(map(len, of), np.int64, len(of))
    text_of_line = np.repeat(np.arange(len(texts)), counts)
    label, score = _label_words(engine, evidence, line_of, text_of_line[line_of], context)
    start, end = words.offsets()
    label = _without_names(label, lines, line_of, start)
    base = seen.start - np.repeat(seen.start[np.cumsum(counts) - counts], counts)
    shift = base[line_of]
    return _collect(texts, text_of_line[line_of], line_of, start + shift, end + shift, label, score)


def _without_names(
    label: npt.NDArray[np.object_], lines: Sequence[str], line_of: Ints, start: Ints
) -> npt.NDArray[np.object_]:
    """Labels with those of names inside a line taken back: a list of towns has its own language's letters, and is part
    of the sentence that it stands in. start: int64[w], where each word begins in its line.
    """
    switches = np.flatnonzero((label[1:] != label[:-1]) & (line_of[1:] == line_of[:-1]))
    for line in np.unique(line_of[switches]).tolist():
        first, last = np.searchsorted(line_of, [line, line + 1]).tolist()
        capital = np.array([lines[line][at].isupper() for at in start[first:last].tolist()])
        if capital.mean() > HEADLINE:
            continue
        runs = [first, *(int(i) + 1 for i in switches if first <= i < last - 1), last]
        for begin, end in pairwise(runs):
            if capital[begin - first : end - first].mean() >= NAMES and label[begin]:
                label[begin:end] = label[begin - 1] if begin > first else label[end]
    return label


def _runs(evidence: Evidence, line_of: Ints) -> tuple[Ints, npt.NDArray[np.uint8]]:
    """Start of each run of words that are decided together, and its script."""
    words = evidence.words
    script, size = words.script, words.end - words.start
    edge = (np.diff(line_of, prepend=-1) != 0) | (np.diff(script.astype(np.int64), prepend=-1) != 0)
    begin = np.flatnonzero(edge)
    count = np.diff(begin, append=len(script))
    line, run_script = line_of[begin], script[begin].copy()
    weight = np.add.reduceat(size * SCRIPT_WEIGHT[script], begin)
    full = np.add.reduceat((size >= FULL_WORD).astype(np.int64), begin)
    short = ((count < MIN_SCRIPT_RUN) | (full < MIN_FULL_WORDS)) & (run_script != Script.CJK)
    # the heaviest run of a line always stands for itself
    heaviest = np.lexsort((-weight, line))
    heads = heaviest[np.flatnonzero(np.diff(line[heaviest], prepend=-1))]
    short[heads] = False
    # a short run takes the script of the last run before it that stands, or of the first after it in the line
    stands = np.flatnonzero(~short)
    before = np.maximum.accumulate(np.where(short, -1, np.arange(len(begin))))
    same_line = (before >= 0) & (line[np.maximum(before, 0)] == line)
    after = stands[np.minimum(np.searchsorted(stands, np.arange(len(begin))), len(stands) - 1)]
    host = np.where(same_line, before, after)
    run_script = run_script[host]
    keep = np.flatnonzero((np.diff(line, prepend=-1) != 0) | (np.diff(run_script.astype(np.int64), prepend=-1) != 0))
    return begin[keep], run_script[keep]


def _label_words(
    engine: NgramEngine, evidence: Evidence, line_of: Ints, text_of: Ints, context: str | None
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.float64]]:
    """Label of each word and how sure it is, by runs."""
    words = evidence.words
    n = len(words)
    label = np.full(n, "", object)
    sure = np.zeros(n)
    begin, run_script = _runs(evidence, line_of)
    run_of = np.repeat(np.arange(len(begin)), np.diff(begin, append=n))
    host = run_script[run_of]
    for script in np.unique(run_script):
        mine = np.flatnonzero(host == script)
        if script in model.ONLY:
            label[mine] = model.ONLY[Script(script)]
            sure[mine] = 1.0
        elif script in engine.groups:
            group = engine.groups[Script(script)]
            own = words.script[mine] == script
            gain = np.zeros((len(mine), len(group.labels)), np.float32)
            gain[own] = evidence.logits[Script(script)][evidence.rows[mine[own]]]
            gain -= gain.max(1, keepdims=True)
            np.maximum(gain, -WORD_LIMIT, out=gain)
            size = words.end[mine] - words.start[mine]
            states, certainty = _label_script(group, gain, run_of[mine], text_of[mine], size, context)
            label[mine] = np.array(group.labels, object)[states]
            sure[mine] = certainty
    return label, sure


def _label_script(
    group: model.Group, gain: npt.NDArray[np.float32], run: Ints, text: Ints, size: Ints, context: str | None
) -> tuple[Ints, npt.NDArray[np.float64]]:
    """State of each word of one script, and the probability of the passage that it is in."""
    head = np.diff(run, prepend=-1) != 0
    place = np.arange(len(run)) - np.flatnonzero(head)[np.cumsum(head) - 1]
    begin = np.flatnonzero(head | (place % LONGEST == 0))
    count = np.diff(begin, append=len(run))
    total = np.add.reduceat(gain, begin, axis=0)
    alone = total + group.prior
    enter = _text_prior(group, alone, text[begin], np.add.reduceat(size, begin), context)
    states = np.repeat((total + enter).argmax(1), count)
    # only a run whose words could together win the price of a switch over its best single label is searched
    over = -gain[np.arange(len(gain)), states]  # the best label of each word has 0
    price = enter - np.where(enter < ABSENT_BELOW, np.float32(ABSENT), np.float32(0))
    maybe = np.add.reduceat(over, begin) > SWITCH
    if maybe.any():
        chosen = np.repeat(maybe, count)
        maybe[maybe] = _may_switch(gain[chosen], total[maybe], count[maybe], states[begin[maybe]], price[maybe])
    if maybe.any():
        chosen = np.repeat(maybe, count)
        first = np.concatenate(([0], np.cumsum(count[maybe])))
        states[chosen] = _without_short(best_paths(gain[chosen], first, price[maybe], SWITCH), first)
    own_run = np.repeat(np.arange(len(begin)), count)
    passage = np.flatnonzero((np.diff(states, prepend=-1) != 0) | (np.diff(own_run, prepend=-1) != 0))
    length = np.diff(passage, append=len(run))
    evidence = np.add.reduceat(gain, passage, axis=0, dtype=np.float64)
    probability = model.softmax(group.temper_evidence(evidence, length) + enter[own_run[passage]])
    return states, np.repeat(probability[np.arange(len(passage)), states[passage]], length)


def _may_switch(
    gain: npt.NDArray[np.float32],
    total: npt.NDArray[np.float32],
    count: Ints,
    state: Ints,
    price: npt.NDArray[np.float32],
) -> Bools:
    """bool[s]: whether the best path of a run can have another label than `state` somewhere; of most it can not.

    Args:
        gain: float32[w, k], evidence of the words of all runs.
        total: float32[s, k], its sums.
        count: int64[s], words of each.
        state: int64[s].
        price: float32[s, k], log-prior of a label at the start of a run and at a switch.

    What a label can gain at most is what it gains over `state` on the words where it gains anything. A label is on no
    best path if `state` in its place is better even so; and there is no switch where no label that is left wins a run
    as a whole, its start, or a stretch within.
    """
    number = np.arange(len(count))
    begin = np.cumsum(count) - count
    lead = gain - gain[np.arange(len(gain)), np.repeat(state, count)][:, None]
    whole = total - total[number, state][:, None]
    most = np.add.reduceat(np.maximum(lead, 0, out=lead), begin, axis=0)
    instead = price - price[number, state][:, None]
    wins = (whole + instead > -ROUNDING) | (most + instead > SWITCH - ROUNDING) | (most + price > SWITCH - ROUNDING)
    wins &= most + instead > -ROUNDING
    wins[number, state] = False
    result: Bools = wins.any(1)
    return result


def _text_prior(
    group: model.Group, alone: npt.NDArray[np.float32], owner: Ints, size: Ints, context: str | None
) -> npt.NDArray[np.float32]:
    """Log-prior of each label for each run, from the letters of the text's other runs that are clear by themselves."""
    best = alone.argmax(1)
    ordered = np.partition(alone, -2, axis=1)
    clear = (ordered[:, -1] - ordered[:, -2]) > CLEAR_MARGIN
    mass = np.zeros((int(owner.max()) + 1, len(group.labels)))
    np.add.at(mass, (owner[clear], best[clear]), size[clear])
    if context in group.labels:  # as much as all clear runs together
        mass[:, group.labels.index(context)] += np.maximum(mass.sum(1), 1.0)
    others = mass[owner]
    others[clear, best[clear]] -= size[clear]
    return group.context_prior(others).astype(np.float32)


def _without_short(states: Ints, first: Ints) -> Ints:
    """Give runs of fewer than MIN_RUN words to the longer neighbour inside their sequence."""
    states = states.copy()
    sequence = np.repeat(np.arange(len(first) - 1), np.diff(first))
    while True:
        edge = (np.diff(states, prepend=-1) != 0) | (np.diff(sequence, prepend=-1) != 0)
        begin = np.flatnonzero(edge)
        count = np.diff(begin, append=len(states))
        of = sequence[begin]
        left = np.concatenate(([False], of[1:] == of[:-1]))
        right = np.concatenate((of[1:] == of[:-1], [False]))
        short = np.flatnonzero((count < MIN_RUN) & (left | right))
        if not len(short):
            return states
        # shortest first and never two neighbours in one pass, so that the passes end
        short = short[count[short] == count[short].min()]
        short = short[np.concatenate(([True], np.diff(short) > 1))]
        padded = np.concatenate(([0], count, [0]))
        use_left = left[short] & (~right[short] | (padded[short] >= padded[short + 2]))
        host = np.where(use_left, short - 1, short + 1)
        new = states[begin[np.clip(host, 0, len(begin) - 1)]]
        for run, state in zip(short, new, strict=True):
            states[begin[run] : begin[run] + count[run]] = state


def _collect(
    texts: Sequence[str],
    text_of: Ints,
    line_of: Ints,
    start: Ints,
    end: Ints,
    label: npt.NDArray[np.object_],
    sure: npt.NDArray[np.float64],
) -> list[list[Span]]:
    """Adjacent spans from labelled words. A border falls on a line end if there is one, else on the last space."""
    out: list[list[Span]] = [[] for _ in texts]
    known = np.flatnonzero(label != "")
    if not len(known):
        return out
    text_of, start, end, label, sure = text_of[known], start[known], end[known], label[known], sure[known]
    edge = np.concatenate(([True], (label[1:] != label[:-1]) | (text_of[1:] != text_of[:-1])))
    begin = np.flatnonzero(edge)
    weight = (end - start).astype(np.float64)
    mean = np.add.reduceat(sure * weight, begin) / np.add.reduceat(weight, begin)
    for i, at in enumerate(begin):
        text = texts[text_of[at]]
        spans = out[text_of[at]]
        cut = 0
        if spans:
            gap = text[end[at - 1] : start[at]]
            border = gap.rfind("\n") if "\n" in gap else gap.rfind(" ")
            cut = int(start[at]) - len(gap) + border + 1
            spans[-1] = spans[-1]._replace(end=cut)
        spans.append(Span(cut, len(text), str(label[at]), round(float(mean[i]), 4)))
    return out
