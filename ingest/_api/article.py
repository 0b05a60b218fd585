"""One cleaned page as plain Python values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, NamedTuple


class Segment(NamedTuple):
    """A passage of `Article.text` in one language (BCP-47): `text[start:end]`."""

    start: int
    end: int
    language: str


@dataclass(frozen=True, slots=True)
class RemovedLine:
    """A line of the page that is not in the text, or not as it stood; `line` counts from 1.

    role: what the line is, e.g. `share`, `newsletter`, `byline`, `title`. evidence: who said so (`site`, `rule`,
    `model`, `extractor`, `duplicate`), with a `score` of 0..1; rule: the id of the rule or the name of the model.
    altered_to: what is left of a line that was only trimmed or mended; None where all of it went.
    """

    line: int
    text: str
    role: str
    evidence: str
    rule: str | None
    score: float
    language: str
    altered_to: str | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """What is left of a page, what the page says of itself, and what was removed, with reasons.

    The fields are those of the table `articles` (`ingest schema` explains them). A page that is no article is no
    exception: its `text` is empty, `outcome` is not `kept`, and `reason` and `remedy` say why in plain words.
    """

    id: str
    outcome: str = "kept"
    reason: str = ""
    remedy: str = ""
    text: str = ""
    title: str | None = None
    standfirst: str | None = None
    authors: list[str] = field(default_factory=list)
    published: datetime | None = None
    published_precision: str | None = None
    published_raw: str | None = None
    published_ambiguous: bool = False
    modified: datetime | None = None
    section: str | None = None
    source: str | None = None
    tags: list[str] = field(default_factory=list)
    language: str = "und"
    language_score: float = 0.0
    languages: dict[str, float] = field(default_factory=dict)
    segments: list[Segment] = field(default_factory=list)
    n_words: int = 0
    url: str | None = None
    site: str | None = None
    encoding: str | None = None
    repairs: list[str] = field(default_factory=list)
    removed: list[RemovedLine] = field(default_factory=list)

    @property
    def kept(self) -> bool:
        """Whether the page is an article."""
        return self.outcome == "kept"


_COLUMNS = frozenset(f.name for f in fields(Article)) - {"removed"}
_REMOVED_COLUMNS = tuple(f.name for f in fields(RemovedLine))


def article_of(row: Mapping[str, Any], removed: Iterable[Mapping[str, Any]]) -> Article:
    """A row of `articles` or `rejected`, with its rows of `removed`, as an `Article`."""
    values = {name: value for name, value in row.items() if name in _COLUMNS and value is not None}
    if "languages" in values:
        values["languages"] = {entry["language"]: round(entry["share"], 4) for entry in values["languages"]}
    if "language_score" in values:
        values["language_score"] = round(values["language_score"], 4)
    if "segments" in values:
        values["segments"] = [Segment(**entry) for entry in values["segments"]]
    return Article(**values, removed=[_removed_line(entry) for entry in removed])


def _removed_line(row: Mapping[str, Any]) -> RemovedLine:
    return RemovedLine(**{name: row[name] for name in _REMOVED_COLUMNS} | {"score": round(row["score"], 4)})
