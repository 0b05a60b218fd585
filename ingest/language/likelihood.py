"""Does a text read like a language at all? Mean log-probability of its letters under a letter-pair model.

The engines only ask which language is the least unlikely; letters that came out of a wrong code page get a confident
label as well. This measure tells them apart: text in a language has some -2.5 nats a letter under its own model, the
same bytes in a wrong Cyrillic code page less than -4.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ingest.language import model
from ingest.language.alphabet import Script
from ingest.language.features import lay_out
from ingest.language.words import split_words

# Signs that stand beside letters where bytes were read in the wrong code page, and hardly ever elsewhere; each counts
# as a letter that is in no language: C1 controls, box drawing and blocks, U+FFFD, stray signs of Latin-1 and cp1251.
_DEBRIS = re.compile("[\x80-\x9f\u2500-\u259f\ufffd\u00f7\u00ac\u00a6\u00a4\u00b6\u00af\u00a8\u00b4\u00b8]")
_DEBRIS_COST = 8.5  # nats


def log_likelihood(texts: Sequence[str], labels: Sequence[str] | None = None) -> npt.NDArray[np.float32]:
    """Mean log-probability of a letter, nats.

    Parameters
    ----------
    texts : sequence of n strings
    labels : sequence of m labels, optional
        Languages with a letter-pair model; by default those written in Cyrillic.

    Returns
    -------
    float32[n, m]
        Only words with a letter outside ASCII count, except for labels in Latin script, since ASCII is the same in all
        code pages in question. NaN where a text has no such word.

    Raises
    ------
    ValueError
        A label has no model.
    """
    groups = model.load()
    if labels is None:
        labels = groups[Script.CYRILLIC].labels
    home = {label: script for script, group in groups.items() for label in group.labels}
    unknown = [label for label in labels if label not in home]
    if unknown:
        raise ValueError(f"no letter-pair model for {', '.join(unknown)}")
    words = split_words(texts)
    of_text = np.repeat(np.arange(len(texts)), np.diff(words.first))
    highest = np.maximum.reduceat(words.symbols, words.start) if len(words) else np.zeros(0)
    debris = np.fromiter((len(_DEBRIS.findall(text)) for text in texts), np.float64, len(texts))
    out = np.full((len(texts), len(labels)), np.nan, np.float32)
    for script in {home[label] for label in labels}:
        group = groups[script]
        chosen = np.arange(len(words)) if script == Script.LATIN else np.flatnonzero(highest > 0x7F)
        symbols, _, size = lay_out(words, chosen, 1)
        letters = group.alphabet[symbols]
        columns = [i for i, label in enumerate(labels) if home[label] == script]
        which = [group.labels.index(labels[i]) for i in columns]
        owner = np.repeat(of_text[chosen], size)
        n_letters = np.bincount(owner, minlength=len(texts)).astype(np.float64) + debris
        n_letters[n_letters == 0] = np.nan
        for column, label in zip(columns, which, strict=True):
            cost = group.pairs[letters[:-1], letters[1:], label]
            total = np.bincount(owner, cost, len(texts)) / model.PAIR_UNITS + debris * _DEBRIS_COST
            out[:, column] = -total / n_letters
    return out
