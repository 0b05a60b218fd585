"""What a text's passages say of the text as a whole."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.language.engine import UNDETERMINED, Span


@dataclass(frozen=True, slots=True)
class Summary:
    """Language columns of an article. Shares are of the characters that belong to some passage, largest first."""

    language: str
    score: float
    languages: list[tuple[str, float]]
    segments: list[tuple[int, int, str]]


def summarise(spans: Sequence[Span]) -> Summary:
    """Sum up the passages of one text: its main language by characters, the shares, and the segments.

    The score is the share of the text that is surely in the main language: its share, weighted by the passages' scores.
    """
    size: Counter[str] = Counter()
    sure: dict[str, float] = defaultdict(float)
    for span in spans:
        size[span.language] += span.end - span.start
        sure[span.language] += (span.end - span.start) * span.score
    total = sum(size.values())
    if not total:
        return Summary(UNDETERMINED, 0.0, [], [])
    ranked = sorted(size, key=lambda language: (-size[language], language))
    return Summary(
        ranked[0],
        round(sure[ranked[0]] / total, 4),
        [(language, round(size[language] / total, 6)) for language in ranked],
        [(span.start, span.end, span.language) for span in spans],
    )
