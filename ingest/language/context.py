"""Lines in the light of their document: short, unclear lines follow the languages that the document clearly has."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ingest.language import model
from ingest.language.engine import UNDETERMINED, Detection, Engine
from ingest.language.ngram import NgramEngine, Verdicts

CLEAR = 0.95  # a line this sure of itself is never changed, and counts as context for the others
FLOOR = 0.03  # share of its document that any language is granted beforehand


def detect_lines(engine: Engine, lines: Sequence[str], offsets: npt.NDArray[np.int64]) -> Detection:
    """Language of each line; lines of document i are lines[offsets[i]:offsets[i+1]].

    A line that is not clear by itself is decided again with the languages of its document's clear lines, by letters, as
    the prior. For engines that only give a label, such a line takes the document's main language.
    """
    document = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    if len(document) != len(lines):
        raise ValueError(f"offsets cover {len(document)} lines of {len(lines)}")
    if isinstance(engine, NgramEngine):
        verdicts = engine.classify(lines)
        _apply_context(engine.groups, verdicts, document)
        return engine.decide(verdicts)
    found = engine.detect(lines)
    return _main_language(found, lines, document)


def _apply_context(
    groups: dict[model.Script, model.Group], verdicts: Verdicts, document: npt.NDArray[np.int64]
) -> None:
    """Multiply the probabilities of unclear lines by their document's prior, in place."""
    n_documents = int(document.max()) + 1 if len(document) else 0
    for script, here in verdicts.members.items():
        probability = verdicts.probabilities[script]
        top, best = probability.max(1), probability.argmax(1)
        clear = top >= CLEAR
        mass = np.zeros((n_documents, len(groups[script].labels)))
        np.add.at(mass, (document[here[clear]], best[clear]), verdicts.letters[here[clear]])
        total = mass.sum(1, keepdims=True)
        share = np.where(total > 0, mass / np.maximum(total, 1), 1.0)
        prior = np.maximum(share, FLOOR)[document[here]]
        again = probability * prior
        again /= again.sum(1, keepdims=True)
        probability[~clear] = again[~clear]


def _main_language(found: Detection, lines: Sequence[str], document: npt.NDArray[np.int64]) -> Detection:
    labels = np.array(found.labels, object)
    scores = found.scores.copy()
    size = np.array([len(line) for line in lines])
    clear = scores >= CLEAR
    for number in np.unique(document):
        inside = document == number
        names, which = np.unique(labels[inside & clear].astype(str), return_inverse=True)
        if not len(names):
            continue
        main = names[np.bincount(which, size[inside & clear]).argmax()]
        unclear = inside & ~clear & (labels != UNDETERMINED)
        labels[unclear] = main
    return Detection(labels.tolist(), scores)
