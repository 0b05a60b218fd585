"""Which lines of a flattened page belong to its article, found by aligning them with the known article text.

The gold text is not made of the page's lines, so each line is looked up as a run of words: long lines by
shared triples of words on one diagonal, short ones (up to three words) only whole, and where they fill a line
of the gold text or touch a neighbour that is aligned. A heaviest increasing chain over all these matches
picks those in reading order, so that the word «Health» in a menu is not taken for the one in the text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict

CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
WORD = re.compile(rf"[{CJK}]|(?:(?![{CJK}])\w)+")

MAX_PLACES = 40  # a triple found in more places than this says nothing


def words_of(text: str) -> list[str]:
    """Words as the score counts them: Han and Kana characters singly, else runs of word characters, in lower
    case.
    """
    return WORD.findall(text.lower())


def align(lines: list[str], gold: str) -> list[tuple[int, int]]:
    """For each line: (words it has, words of it that lie in the gold text at the aligned place)."""
    gold_words: list[str] = []
    starts: set[int] = set()
    ends: set[int] = set()
    for part in gold.split("\n"):
        found = words_of(part)
        if found:
            starts.add(len(gold_words))
            gold_words += found
            ends.add(len(gold_words))
    triples: dict[tuple[str, ...], list[int]] = defaultdict(list)
    singles: dict[str, list[int]] = defaultdict(list)
    for i, word in enumerate(gold_words):
        singles[word].append(i)
        if i + 2 < len(gold_words):
            triples[word, gold_words[i + 1], gold_words[i + 2]].append(i)

    tokens = [words_of(line) for line in lines]
    result = [(len(t), 0) for t in tokens]
    candidates = [
        _long(t, triples, set()) if len(t) > 3 else _short(t, singles, gold_words, starts, ends) for t in tokens
    ]
    taken: set[int] = set()
    chain = _chain(candidates, len(gold_words))
    for i in _drop_lone_short(chain, tokens, starts, ends):
        del chain[i]
    for i, (_, covered, _) in chain.items():
        taken |= covered
        result[i] = (len(tokens[i]), len(covered))
    for i, t in enumerate(tokens):  # text that stands elsewhere than in the gold order
        if i not in chain and len(t) > 5:
            best = max(_long(t, triples, taken), default=None, key=lambda c: c[2])
            if best and len(best[1]) > 0.6 * len(t):
                taken |= best[1]
                result[i] = (len(t), len(best[1]))
    return result


Candidate = tuple[int, set[int], float]  # first gold word, covered gold words, weight


def _long(t: list[str], triples: dict[tuple[str, ...], list[int]], taken: set[int]) -> list[Candidate]:
    votes: Counter[int] = Counter()
    hits: list[tuple[int, int]] = []
    for i in range(len(t) - 2):
        places = triples.get((t[i], t[i + 1], t[i + 2]), ())
        if len(places) <= MAX_PLACES:
            for p in places:
                if p not in taken:
                    votes[p - i] += 1
                    hits.append((i, p))
    out: list[Candidate] = []
    used: set[int] = set()
    for diagonal, _ in votes.most_common(6):
        if diagonal in used:
            continue
        slack = 3 + len(t) // 8  # words left out or put in along the line
        near = {d for d in votes if abs(d - diagonal) <= slack}
        used |= near
        covered = {p + k for i, p in hits if p - i in near for k in range(3)}
        if len(covered) > len(t):  # a repeated phrase: keep the main diagonal
            covered = {p + k for i, p in hits if p - i == diagonal for k in range(3)}
        out.append((min(covered), covered, len(covered) - 0.4 * (len(t) - len(covered))))
    return [c for c in out if c[2] > 0]


def _short(
    t: list[str], singles: dict[str, list[int]], gold: list[str], starts: set[int], ends: set[int]
) -> list[Candidate]:
    if not t:
        return []
    m, out = len(t), []
    for p in singles.get(t[0], ())[:200]:
        if gold[p : p + m] == t:
            whole = p in starts and p + m in ends
            out.append((p, set(range(p, p + m)), m * (1.0 if whole else 0.2)))
    return out


def _chain(candidates: list[list[Candidate]], n: int) -> dict[int, Candidate]:
    """Heaviest chain of matches in which gold positions rise with the lines; a Fenwick tree of maxima over
    gold ends.
    """
    best: list[tuple[float, int]] = [(0.0, -1)] * (n + 2)
    nodes: list[tuple[int, Candidate, int]] = []
    for line, options in enumerate(candidates):
        new = []
        for option in options:
            i, top = option[0] + 1 + 1, (0.0, -1)  # an overlap of one word is allowed
            i = min(i, n + 1)
            while i > 0:
                top = max(top, best[i])
                i -= i & -i
            nodes.append((line, option, top[1]))
            new.append((top[0] + option[2], len(nodes) - 1, max(option[1]) + 1))
        for weight, node, end in new:
            i = end + 1
            while i < n + 2:
                best[i] = max(best[i], (weight, node))
                i += i & -i
    top = max(best)[1]
    out: dict[int, Candidate] = {}
    while top >= 0:
        line, option, previous = nodes[top]
        out[line] = option
        top = previous
    return dict(sorted(out.items()))


def _drop_lone_short(
    chain: dict[int, Candidate], tokens: list[list[str]], starts: set[int], ends: set[int]
) -> list[int]:
    """Lines of up to three words that neither fill a gold line nor touch an aligned neighbour."""
    order = list(chain)
    begin = [chain[i][0] for i in order]
    drop = []
    for k, i in enumerate(order):
        if len(tokens[i]) > 3:
            continue
        first, last = chain[i][0], max(chain[i][1]) + 1
        fills = first in starts and last in ends
        before = k > 0 and abs(max(chain[order[k - 1]][1]) + 1 - first) <= 1
        later = bisect_right(begin, first)
        after = later < len(order) and abs(begin[later] - last) <= 1
        if not (fills or before or after):
            drop.append(i)
    return drop
