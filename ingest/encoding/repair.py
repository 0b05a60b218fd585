"""Repair of broken text in layers, cheapest test first, over a batch of lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from .plausibility import score

SUSPECT_MEAN = 4.2
SUSPECT_WORST = 12.0


@dataclass(frozen=True, slots=True)
class Step:
    """One kind of change to a line, and how often it was made there."""

    name: str
    count: int = 1


@dataclass(slots=True)
class Repaired:
    """As many texts as were given, and the steps taken by index, for altered texts only."""

    texts: list[str]
    steps: dict[int, list[Step]] = field(default_factory=dict)


def repair(texts: Sequence[str]) -> Repaired:
    """Repair each text on its own; a right text never changes, and a second repair changes nothing."""
    from ftfy import TextFixerConfig, fix_encoding_and_explain

    done = Repaired(list(texts))
    if not texts:
        return done
    scores = score(texts)
    suspects = np.flatnonzero((scores.mean > SUSPECT_MEAN) | (scores.worst > SUSPECT_WORST))
    config = TextFixerConfig(unescape_html=False, uncurl_quotes=False, fix_latin_ligatures=False, fix_character_width=False)
    for index in suspects.tolist():
        text = texts[index]
        fixed, plan = fix_encoding_and_explain(text, config)
        if fixed != text and fixed.count("\n") == text.count("\n"):
            done.texts[index] = fixed
            done.steps[index] = [Step("mojibake:" + "/".join(step.parameter for step in plan))]
    return done
