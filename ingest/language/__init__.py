"""Language of texts, lines and passages.

    detect(texts)                  one label and score for each text
    detect_lines(lines, offsets)   lines of documents; clear lines give context to unclear ones
    spans(text), spans_many(texts) passages of one language, switches inside lines included
    summarise(spans)               main language, shares and segments of a text
    ruined_kazakh(text)            certain losses of Kazakh letters
    get_engine(name)               `ngram` (default), `langdetect`, or one from the entry point group `ingest.language`

Labels are BCP-47, with the script where a language has several (`kk`, `kk-Arab`, `kk-Latn`, `uz`, `uz-Cyrl`, `sr`,
`sr-Latn`); `und` is text without evidence. Nothing here raises for any text.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ingest.language.engine import UNDETERMINED, Detection, Engine, Span
from ingest.language.factory import get_engine
from ingest.lines.scan import Codes

__all__ = [
    "UNDETERMINED",
    "Detection",
    "Engine",
    "Span",
    "Summary",
    "detect",
    "detect_lines",
    "get_engine",
    "ruined_kazakh",
    "spans",
    "spans_many",
    "summarise",
]

from ingest.language.ruined import ruined_kazakh
from ingest.language.summary import Summary, summarise


def _engine(engine: str | Engine) -> Engine:
    return get_engine(engine) if isinstance(engine, str) else engine


def detect(texts: Sequence[str], engine: str | Engine = "ngram") -> Detection:
    """Language of each text. Raises ConfigError for an unknown engine, and nothing for any text."""
    return _engine(engine).detect(texts)


def detect_lines(
    lines: Sequence[str],
    offsets: npt.NDArray[np.int64],
    engine: str | Engine = "ngram",
    seen: Codes | None = None,
) -> Detection:
    """Language of each line, with the document as context; lines of document i are lines[offsets[i]:offsets[i+1]].

    seen: the lines, where they are encoded.
    """
    from ingest.language import context

    return context.detect_lines(_engine(engine), lines, np.asarray(offsets, np.int64), seen)


def spans_many(texts: Sequence[str], engine: str | Engine = "ngram", seen: Codes | None = None) -> list[list[Span]]:
    """Passages of each text: adjacent, in order, from the text's start to its end; none where nothing is evidence.

    Offsets are code points. The default engine finds switches inside lines; others without `spans_many` go by lines.
    seen: the lines of the texts, with the blanks at their ends, where they are encoded.
    """
    from ingest.language import passages

    return passages.spans_of(_engine(engine), texts, seen=seen)


def spans(text: str, engine: str | Engine = "ngram", context: str | None = None) -> list[Span]:
    """Passages of one text. `context` is the label of the document it comes from, a prior for unclear words."""
    from ingest.language import passages

    return passages.spans_of(_engine(engine), [text], context)[0]
