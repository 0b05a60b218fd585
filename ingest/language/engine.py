"""What a language engine is, and what it answers with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

UNDETERMINED = "und"


@dataclass(slots=True)
class Detection:
    """Labels and scores of n texts. A score is the probability that the label is right, 0..1; `und` has 0."""

    labels: list[str]
    scores: npt.NDArray[np.float32]  # [n]

    def __len__(self) -> int:
        return len(self.labels)


class Span(NamedTuple):
    """A passage in one language; offsets in code points, end exclusive."""

    start: int
    end: int
    language: str
    score: float


@runtime_checkable
class Engine(Protocol):
    """A language detector. `version` changes whenever an answer could, and enters the configuration hash.

    An engine may also have `spans_many(texts) -> list[list[Span]]`; without it, passages are whole lines.
    """

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    def detect(self, texts: Sequence[str]) -> Detection:
        """One label and score for each text; never raises for any text, whatever it holds."""
        ...
