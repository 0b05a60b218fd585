"""Interface phrases that many sites have: sharing them does not make two pages one site."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ingest.lines.fingerprints import SHAPE_BITS, fingerprints
from ingest.rules import RuleSet


@lru_cache(maxsize=1)  # a large run freezes its profiles portion by portion
def generic_fingerprints(rules: RuleSet) -> npt.NDArray[np.uint64]:
    """Sorted fingerprints, without shape bits, of all phrases of the generic rules."""
    phrases = [phrase for rule in rules.rules for group in rule.phrases.values() for phrase in group]
    known: npt.NDArray[np.uint64] = np.unique(fingerprints(phrases) & ~SHAPE_BITS)
    return known
