"""The default engine: script first, then a linear model over hashed character n-grams and words."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ingest.language import model
from ingest.language.alphabet import Script
from ingest.language.engine import UNDETERMINED, Detection
from ingest.language.words import Words, words_of
from ingest.lines.scan import whole

Floats = npt.NDArray[np.float32]

# Raised when the code around the weights changes an answer.
REVISION = 1
# Below this probability a text is `und`.
THRESHOLD = 0.30
# A Latin letter counts less than others when the script of a line is chosen: names of products and firms stand in
# lines of every script. A Han or Kana character is worth several letters.
SCRIPT_WEIGHT = np.array([0, 1, 0.6, 1, 2.5, 1, 1, 1, 1, 2, 1], np.float64)


@dataclass(slots=True)
class Evidence:
    """Scored words of a batch. For a script with a model, `logits[script]` has a row for each of its words."""

    words: Words
    rows: npt.NDArray[np.int64]  # [w] row of each word in its script's logits
    chosen: dict[Script, npt.NDArray[np.int64]]
    logits: dict[Script, Floats]


@dataclass(slots=True)
class Verdicts:
    """What the model says of n texts before a label is chosen."""

    main: npt.NDArray[np.int64]  # [n] Script with the most letters
    share: npt.NDArray[np.float64]  # [n] of the letters that are of the main script
    letters: npt.NDArray[np.float64]  # [n] weighted letters
    members: dict[Script, npt.NDArray[np.int64]]  # texts of a script that has a model
    evidence: dict[Script, npt.NDArray[np.float64]]  # [members, labels] log-likelihoods, to which a prior is added

    def repeated(self, number: npt.NDArray[np.int64]) -> Verdicts:
        """The verdicts of m texts, of which each is one of these: number int64[m]."""
        main = self.main[number]
        place = np.zeros(len(self.main), np.int64)
        members: dict[Script, npt.NDArray[np.int64]] = {}
        evidence: dict[Script, npt.NDArray[np.float64]] = {}
        for script, here in self.members.items():
            place[here] = np.arange(len(here))
            members[script] = np.flatnonzero(main == script)
            evidence[script] = self.evidence[script][place[number[members[script]]]]
        return Verdicts(main, self.share[number], self.letters[number], members, evidence)


class NgramEngine:
    """Own small model; deterministic, exact sums, so results do not depend on batches."""

    name = "ngram"

    def __init__(self) -> None:
        self.groups = model.load()

    @cached_property
    def version(self) -> str:
        return f"{REVISION}+{hashlib.sha256(model.PATH.read_bytes()).hexdigest()[:12]}"

    def score(self, words: Words) -> Evidence:
        """Score all words of some texts."""
        rows = np.zeros(len(words), np.int64)
        chosen: dict[Script, npt.NDArray[np.int64]] = {}
        logits: dict[Script, Floats] = {}
        for script, group in self.groups.items():
            mine = np.flatnonzero(words.script == script)
            if len(mine):
                rows[mine] = np.arange(len(mine))
                chosen[script] = mine
                logits[script] = group.score(words, mine)
        return Evidence(words, rows, chosen, logits)

    def classify(self, words: Words) -> Verdicts:
        """Main script of each text and the evidence for the labels of that script."""
        n = len(words.origin)
        evidence = self.score(words)
        of_text = np.repeat(np.arange(n), np.diff(words.first))
        size = words.end - words.start
        letters = np.bincount(of_text * len(Script) + words.script, size, n * len(Script))
        amount = letters.reshape(n, len(Script)) * SCRIPT_WEIGHT
        total = amount.sum(1)
        main = np.where(total > 0, amount.argmax(1), Script.NONE)
        share = amount.max(1, initial=0) / np.maximum(total, 1e-9)
        members: dict[Script, npt.NDArray[np.int64]] = {}
        tempered: dict[Script, npt.NDArray[np.float64]] = {}
        for script, group in self.groups.items():
            here = np.flatnonzero(main == script)
            if not len(here):
                continue
            owner = of_text[evidence.chosen[script]]
            begins = np.flatnonzero(np.diff(owner, prepend=-1))
            sums = np.add.reduceat(evidence.logits[script], begins, axis=0, dtype=np.float64)
            counts = np.diff(begins, append=len(owner))
            at = np.searchsorted(owner[begins], here)
            members[script] = here
            tempered[script] = group.temper_evidence(sums[at], counts[at])
        return Verdicts(main, share, total, members, tempered)

    def detect(self, texts: Sequence[str]) -> Detection:
        """Label and calibrated probability of each text."""
        verdicts = self.classify(words_of(whole(texts)))
        return self.decide(verdicts, {script: self.groups[script].prior for script in verdicts.members})

    def decide(self, verdicts: Verdicts, priors: Mapping[Script, npt.NDArray[np.floating[Any]]]) -> Detection:
        """The most probable label of each text, or `und` below THRESHOLD. Priors are [k] or [members, k], nats."""
        labels = np.full(len(verdicts.main), UNDETERMINED, object)
        scores = np.zeros(len(verdicts.main), np.float64)
        for script, only in model.ONLY.items():
            here = verdicts.main == script
            labels[here] = only
            scores[here] = verdicts.share[here]
        for script, here in verdicts.members.items():
            probability = model.softmax(verdicts.evidence[script] + priors[script])
            best = probability.argmax(1)
            top = probability[np.arange(len(best)), best]
            names = np.array(self.groups[script].labels, object)[best]
            names[top < THRESHOLD] = UNDETERMINED
            labels[here] = names
            scores[here] = top * verdicts.share[here]
        scores[labels == UNDETERMINED] = 0
        return Detection(labels.tolist(), np.round(scores, 4).astype(np.float32))
