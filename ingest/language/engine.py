"""What a language engine is, and how one is chosen by name.

An engine from another package is a class (or any callable without required arguments) that returns an `Engine`, named
by an entry point of the group `ingest.language`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from ingest import plugins
from ingest.errors import ConfigError, nearest

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


def _ngram() -> Engine:
    from ingest.language.ngram import NgramEngine

    return NgramEngine()


def _langdetect() -> Engine:
    from ingest.language.langdetect_engine import LangdetectEngine

    return LangdetectEngine()


_OWN: dict[str, Callable[[], Engine]] = {"ngram": _ngram, "langdetect": _langdetect}


@cache
def get_engine(name: str = "ngram") -> Engine:
    """The engine of that name, built once per process. Raises ConfigError where it is unknown or cannot be loaded."""
    if name in _OWN:
        return _OWN[name]()
    known = [*_OWN, *plugins.names("language")]
    if name not in known:
        raise ConfigError(f"no language engine is called {name!r}", hint=nearest(name, known))
    made: Callable[[], Engine] = plugins.load("language", name)
    try:
        return made()
    except Exception as error:
        raise ConfigError(f"language engine {name!r} cannot be made: {error}", hint="see `ingest plugins`") from error
