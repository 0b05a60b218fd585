"""The weights: one linear softmax per script, eight-bit, packed four labels to a 64-bit integer.

A word's score for a label is the sum of its buckets' weights. Weights are stored as bytes; at load time four labels
share the 16-bit lanes of one integer, so that one gather and one addition serve four labels. The lanes cannot
overflow: a word has at most (MAX_WORD + 1) * ORDERS buckets of at most 255 each. Sums are integers, hence exact and
independent of how texts are batched.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ingest.language.alphabet import Script
from ingest.language.features import hash_words
from ingest.language.memory import WordMemory
from ingest.language.words import Words
from ingest.lines.words import run_hashes

PATH = Path(__file__).with_name("ngram.npz")
# Positions scored at once: keeps the working arrays inside the cache.
_BLOCK = 1 << 16
_NEUTRAL = 128
OUTSIDE = 0.1  # chance that an unclear line or passage is in none of its document's clear languages

# Scripts that one language alone uses here need no weights.
ONLY: dict[Script, str] = {
    Script.GREEK: "el",
    Script.HEBREW: "he",
    Script.ARMENIAN: "hy",
    Script.GEORGIAN: "ka",
    Script.HANGUL: "ko",
}


@dataclass(slots=True)
class Group:
    """Model of one script with k labels."""

    labels: tuple[str, ...]
    bits: int
    scale: float  # nats for one unit of weight
    lanes: npt.NDArray[np.uint64]  # [ceil(k/4), 2**bits]
    prior: npt.NDArray[np.float32]  # [k] nats, for a text without context
    temper: tuple[float, float]  # temperature = a + b * log(words)
    _known: WordMemory = field(init=False)

    def __post_init__(self) -> None:
        self._known = WordMemory(len(self.labels))

    def temper_evidence(
        self, evidence: npt.NDArray[np.float64], n_words: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.float64]:
        """Log-likelihoods [n, k] of texts of `n_words` words whose scores add up to `evidence` [n, k].

        The evidence of several words is not independent; a temperature that grows with the number of words (fitted on
        held-out lines) makes up for it.
        """
        heat = self.temper[0] + self.temper[1] * np.log(n_words)
        return evidence / heat[:, None]

    def context_prior(self, mass: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Log-prior [d, k] of the labels in d documents, given the letters of each label's clear lines [d, k].

        A mixture: what the document has been seen to hold, and, with weight OUTSIDE, what any text may be.
        """
        total = mass.sum(1, keepdims=True)
        own = softmax(self.prior[None].astype(np.float64))
        outside = np.where(total > 0, OUTSIDE, 1.0)
        prior: npt.NDArray[np.float64] = np.log((1 - outside) * mass / np.maximum(total, 1) + outside * own)
        return prior

    def score(self, words: Words, chosen: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """Evidence of each chosen word for each label in nats, float32[len(chosen), k].

        Words repeat, so a word is scored once and remembered.
        """
        hashes = run_hashes(words.symbols, words.start[chosen], words.end[chosen])
        return self._known.look_up(hashes, lambda new: self._score(words, chosen[new]))

    def _score(self, words: Words, chosen: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        k = len(self.labels)
        out = np.empty((len(chosen), k), np.float32)
        sizes = words.end[chosen] - words.start[chosen] + 1
        block = np.cumsum(sizes) // _BLOCK
        cuts = np.flatnonzero(np.diff(block, prepend=-1, append=block[-1] + 1 if len(block) else 0))
        for a, b in pairwise(cuts):
            out[a:b] = self._score_block(words, chosen[a:b])
        return out

    def _score_block(self, words: Words, chosen: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        buckets = hash_words(words, chosen, self.bits)
        sums = np.empty((len(chosen), len(self.lanes)), np.dtype("<u8"))
        for lane, weights in enumerate(self.lanes):
            total = weights.take(buckets.orders[0])
            for order in buckets.orders[1:]:
                total += weights.take(order)
            sums[:, lane] = np.add.reduceat(total, buckets.start)
        units = sums.view("<u2")[:, : len(self.labels)].astype(np.float32)
        units -= (_NEUTRAL * len(buckets.orders) * buckets.size)[:, None].astype(np.float32)
        units *= np.float32(self.scale)
        return units


def softmax(logits: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Probabilities of each row of log-odds."""
    out: npt.NDArray[np.float64] = np.exp(logits - logits.max(1, keepdims=True))
    out /= out.sum(1, keepdims=True)
    return out


def pack(weights: npt.NDArray[np.int8]) -> npt.NDArray[np.uint64]:
    """int8[2**bits, k] to lanes uint64[ceil(k/4), 2**bits]."""
    rows, k = weights.shape
    padded = np.full((rows, -(-k // 4) * 4), _NEUTRAL, np.dtype("<u2"))
    padded[:, :k] = weights.astype(np.int16) + _NEUTRAL
    padded[0] = _NEUTRAL
    return np.ascontiguousarray(padded.view("<u8").T).astype(np.uint64, copy=False)


@cache
def load(path: Path = PATH) -> dict[Script, Group]:
    """Read the trained groups; once per process."""
    groups: dict[Script, Group] = {}
    with np.load(path) as arrays:
        for script in Script:
            name = script.name.lower()
            if f"{name}.weights" not in arrays:
                continue
            weights = arrays[f"{name}.weights"]
            groups[script] = Group(
                labels=tuple(str(label) for label in arrays[f"{name}.labels"]),
                bits=int(weights.shape[0]).bit_length() - 1,
                scale=float(arrays[f"{name}.scale"]),
                lanes=pack(weights),
                prior=arrays[f"{name}.prior"].astype(np.float32),
                temper=(float(arrays[f"{name}.temper"][0]), float(arrays[f"{name}.temper"][1])),
            )
    return groups
