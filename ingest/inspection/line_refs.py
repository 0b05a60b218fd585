"""Places that people name, `ID:LINE` or `FILE[#RECORD]:LINE`, and what a correction there needs to know."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from ingest.config import Settings
from ingest.dataset import Dataset, open_dataset
from ingest.errors import DatasetError, SourceError
from ingest.inspection.lookup import find, page_of
from ingest.inspection.pages import Labelled, labelled
from ingest.lines.fingerprints import SPECIFIC, weight
from ingest.report.page import PageLine, rebuild
from ingest.roles import Evidence
from ingest.rules import RuleSet, load
from ingest.rules.corrections import Correction, clear_of_rules
from ingest.storage.locations import Place, as_place, exists

SIGNATURES = 5  # lines by which pages of a learned site are known
OFTEN = 0.5  # of the site's pages that such a line must stand on

_LEARNED = re.compile(r"site-[0-9a-f]{8}")  # the name of a cluster, which may change as the cluster grows


@dataclass(frozen=True, slots=True)
class _Spot:
    """A line on its page."""

    line: PageLine
    lines: list[PageLine]
    site: str | None


class _Entry(msgspec.Struct, frozen=True):
    line: str
    should: Literal["stay", "go"]
    text: str = ""


class _File(msgspec.Struct, frozen=True):
    correction: list[_Entry]


def split_source(place: str) -> tuple[Place, int | None]:
    """`FILE` or `FILE#RECORD` as path or URL, and record number; a path that has the mark in its name is a path."""
    path, mark, number = place.rpartition("#")
    if mark and number.isdigit() and not exists(place):
        return as_place(path), int(number)
    return as_place(place), None


def correction_at(
    place: str, should: Literal["stay", "go"], dataset: Place, settings: Settings, *, role: str | None = None
) -> Correction:
    """The correction for the line at a place.

    Raises:
        DatasetError: no such id, or no such line in the page.
        SourceError: no such file, or no such record in it.
    """
    where, _, number = place.rpartition(":")
    if not where or not number.isdigit():
        raise SourceError(f"{place!r} names no line", hint="give ID:LINE or FILE[#RECORD]:LINE")
    path, record = split_source(where)
    spot = _in_source(path, record, int(number), dataset, settings) if exists(str(path)) else None
    spot = spot or _in_dataset(where, int(number), dataset, settings)
    rules = load([Path(folder) for folder in settings.rules])
    opposite = [line for line in spot.lines if line.kept == (should == "go") and line.cut is None]
    opposite.sort(key=lambda line: (abs(line.line - spot.line.line), line.line))
    near = [line.text.strip() for line in opposite]
    site, signatures = _site(spot.site, dataset, rules)
    return Correction(
        text=spot.line.text,
        should=should,
        site=site,
        role=role or "other-boilerplate",
        near=tuple(clear_of_rules(rules, near, site) if should == "go" else near),
        signatures=signatures,
    )


def _in_dataset(identifier: str, number: int, dataset: Place, settings: Settings) -> _Spot:
    """From the rows; a line within a wrapped paragraph only from the page itself."""
    found = find(dataset, identifier)
    article = found.row if found.table == "articles" else None
    lines = rebuild(article, found.removed)[0]
    line = next((line for line in lines if line.line == number), None)
    site = found.row.get("site")
    if line is not None and line.cut is None and line.mended_from is None:
        return _Spot(line, lines, site)
    page, reason = page_of(dataset, found.row, settings)
    spot = _on_page(page, number) if page else None
    if spot is None:
        because = f" ({reason})" if page is None else ""
        raise DatasetError(f"{identifier} has no line {number} that holds text{because}", hint="see `ingest explain`")
    return spot


def _in_source(path: Place, record: int | None, number: int, dataset: Place, settings: Settings) -> _Spot:
    known = dataset if Dataset.exists(dataset) else None
    pages = [page for page in labelled([path], settings, dataset=known, record=record) if isinstance(page, Labelled)]
    if len(pages) != 1:
        raise SourceError(
            f"{path} holds {len(pages)} pages", source=path, hint="name one: FILE#RECORD:LINE, records count from 0"
        )
    spot = _on_page(pages[0], number)
    if spot is None:
        raise SourceError(
            f"{path} has no line {number} that holds text", source=path, record=record, hint="see `ingest inspect`"
        )
    return spot


def _on_page(found: Labelled, number: int) -> _Spot | None:
    lines = [PageLine(line.line, line.kept, line.text, line.role) for line in found.page.lines]
    line = next((line for line in lines if line.line == number), None)
    return _Spot(line, lines, found.page.site) if line else None


def _site(site: str | None, dataset: Place, rules: RuleSet) -> tuple[str | None, tuple[str, ...]]:
    """The site under whose name a correction lasts, and the lines that name it where nothing else does."""
    if site is None or not _LEARNED.fullmatch(site) or site in rules.sites:
        return site, ()
    signatures = _signatures(site, dataset, rules) if Dataset.exists(dataset) else ()
    return (site, signatures) if signatures else (None, ())


def _signatures(site: str, dataset: Place, rules: RuleSet) -> tuple[str, ...]:
    """Lines that most pages of a learned site print and that no rule knows from elsewhere."""
    snapshot = open_dataset(dataset)
    ids: set[str] = set()
    for batch in snapshot.to_batches("articles", ("id", "site")):
        pairs = zip(batch.column("id").to_pylist(), batch.column("site").to_pylist(), strict=True)
        ids.update(name for name, of_site in pairs if of_site == site)
    pages: Counter[str] = Counter()
    seen: set[tuple[str, str]] = set()
    for batch in snapshot.to_batches("removed", ("id", "text", "evidence")):
        columns = (batch.column(name).to_pylist() for name in ("id", "text", "evidence"))
        for name, text, evidence in zip(*columns, strict=True):
            line = text.strip()
            if (
                name in ids
                and evidence == Evidence.SITE.label
                and weight(line) >= SPECIFIC
                and (name, line) not in seen
            ):
                seen.add((name, line))
                pages[line] += 1
    often = [line for line, n in pages.items() if n >= OFTEN * len(ids)]
    own = clear_of_rules(rules, often, None)
    return tuple(sorted(own, key=lambda line: (-pages[line], line))[:SIGNATURES])


def corrections_from(path: Path) -> Sequence[tuple[str, Literal["stay", "go"]]]:
    """Places and verdicts of a file that the report saved.

    Raises:
        SourceError: the file cannot be read, or is not such a file.
    """
    try:
        found = msgspec.toml.decode(path.read_bytes(), type=_File)
    except (OSError, msgspec.MsgspecError, ValueError) as error:
        raise SourceError(
            f"{path}: {error}", source=path, hint="give the corrections.toml that the report saved"
        ) from None
    return [(entry.line, entry.should) for entry in found.correction]
