"""Lines in the light of their document: short, unclear lines follow the languages that the document clearly has."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ingest.language import model
from ingest.language.alphabet import Script
from ingest.language.engine import UNDETERMINED, Detection, Engine
from ingest.language.ngram import NgramEngine, Verdicts
from ingest.language.words import words_of
from ingest.lines.chunks import chunks
from ingest.lines.scan import Codes, codes, distinct

CLEAR = 0.95  # a line this sure of itself is never changed, and counts as context for the others
NAMES = 2.0  # how much more the document counts for a line of names, which takes the language whose spelling it has
LONGEST_NAME = 60  # code points; a longer line in capitals is a sentence that shouts


def detect_lines(
    engine: Engine, lines: Sequence[str], offsets: npt.NDArray[np.int64], seen: Codes | None = None
) -> Detection:
    """Language of each line; lines of document i are lines[offsets[i]:offsets[i+1]].

    A line that is not clear by itself is decided again with the languages of its document's clear lines, by letters, as
    the prior. For engines that only give a label, such a line takes the document's main language. seen: the lines,
    where they are encoded.
    """
    document = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    if len(document) != len(lines):
        raise ValueError(f"offsets cover {len(document)} lines of {len(lines)}")
    if not isinstance(engine, NgramEngine):
        return _main_language(engine.detect(lines), lines, document)
    seen = codes(lines) if seen is None else seen
    labels: list[str] = []
    scores: list[npt.NDArray[np.float32]] = [np.zeros(0, np.float32)]
    for first, last in chunks(seen.lengths, offsets):
        here = slice(int(offsets[first]), int(offsets[last]))
        found = _in_context(engine, lines[here], seen.part(here.start, here.stop), document[here] - first)
        labels += found.labels
        scores.append(found.scores)
    return Detection(labels, np.concatenate(scores))


def _in_context(engine: NgramEngine, lines: Sequence[str], seen: Codes, document: npt.NDArray[np.int64]) -> Detection:
    # menus stand on each page of a site, and many lines are blank
    texts, first, number = distinct(lines)
    verdicts = engine.classify(words_of(seen.of(first))).repeated(number)
    names = np.fromiter(map(_may_be_names, texts), bool, len(texts))[number]
    return engine.decide(verdicts, _priors(engine.groups, verdicts, document, names))


def _priors(
    groups: dict[Script, model.Group],
    verdicts: Verdicts,
    document: npt.NDArray[np.int64],
    names: npt.NDArray[np.bool_],
) -> dict[Script, npt.NDArray[np.float64]]:
    """Log-prior of each line: the shares of the document's clear lines for an unclear one, none for a clear one.

    Lines are judged clear without the model's own prior, which would make Kazakh of short Kyrgyz lines; it stands in
    where a document has no clear line. Lines that may be names («KAZAKHSTAN - CHINA») are never clear.
    """
    n_documents = int(document.max()) + 1 if len(document) else 0
    priors = {}
    for script, here in verdicts.members.items():
        group = groups[script]
        probability = model.softmax(verdicts.evidence[script])
        best = probability.argmax(1)
        clear = (probability.max(1) >= CLEAR) & ~names[here]
        mass = np.zeros((n_documents, len(group.labels)))
        np.add.at(mass, (document[here[clear]], best[clear]), verdicts.letters[here[clear]])
        trust = np.where(clear, 0.0, np.where(names[here], NAMES, 1.0))
        priors[script] = trust[:, None] * group.context_prior(mass)[document[here]]
    return priors


def _may_be_names(line: str) -> bool:
    """Whether each word of a short line begins with a capital, or all of it is in capitals."""
    return len(line) <= LONGEST_NAME and (line.istitle() or line.isupper())


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
