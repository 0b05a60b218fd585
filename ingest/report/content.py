"""What the report shows, as plain values; the page in the browser gets them as JSON."""

from __future__ import annotations

import msgspec

from ingest.report.drift import CountedRun, Drift
from ingest.report.lines import RemovedShare, TopLine
from ingest.report.outline import Outline
from ingest.report.page import PageLine


class Site(msgspec.Struct):
    """A row of the site table. `share` and `words` are means an article; `language` is its most frequent one."""

    site: str
    articles: int
    share: float
    words: float
    language: str
    untitled: int
    undated: int
    first: str
    last: str


class Page(msgspec.Struct, kw_only=True):
    """A sample page. `exact`: whether the order of `lines` is known; `cut`: characters that are not shown."""

    id: str
    source: str
    record: int
    outcome: str
    site: str = ""
    url: str = ""
    title: str = ""
    authors: list[str] = []
    published: str = ""
    section: str = ""
    language: str = ""
    words: int = 0
    share: float = 0.0
    encoding: str = ""
    repairs: list[str] = []
    duplicate_of: str = ""
    reason: str = ""
    remedy: str = ""
    lines: list[PageLine] = []
    exact: bool = True
    cut: int = 0


class Report(msgspec.Struct, kw_only=True):
    """The content of the report. Totals are those of the whole dataset; `pages` are a sample."""

    dataset: str
    option: str
    """What names the dataset in the commands shown, as it was named for the report: ` -d corpus`."""
    version: str
    last_commit: str
    sources: int
    records: int
    outcomes: dict[str, int]
    rows: dict[str, int]
    kept_characters: int
    removed: list[RemovedShare]
    languages: list[tuple[str, int]]
    months: list[tuple[str, int]]
    undated: int
    ambiguous: int
    untitled: int
    word_bins: list[int]
    words: list[int]
    shares: list[int]
    sites: list[Site]
    n_sites: int
    unknown_site: int
    top: dict[str, list[TopLine]]
    counted: dict[str, int]
    drifts: list[Drift]
    differing: dict[str, list[str]]
    outlines: dict[str, Outline]
    runs: list[CountedRun]
    pages: list[Page]
