"""A frozen profile applied to pages: repeated lines are boilerplate, the surer the more pages have them at that place.

The traps, each with its guard:

- labels that repeat on each page and belong to the body («Phone:») stand among the paragraphs: in the core zone a
  repeated line gets a doubtful score that needs a second witness;
- a news agency's background paragraph repeats in many articles: a repeated paragraph counts in full only at the edge
  of the page's paragraphs, or on most of the site's pages;
- a page that was updated and scraped again shares most of its paragraphs with its older copy: then they are doubtful;
- a title repeats in the "See also" lists of other pages: occurrences are counted by zone.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ingest.document import Batch, Evidence, Role, Verdicts
from ingest.sites.fingerprint import PARAGRAPH_BIT, fingerprints
from ingest.sites.profiles import Profile, Profiles
from ingest.sites.zones import Zone, with_zone, zones

STAGE = "sites"

CERTAIN, LIKELY, DOUBTFUL = 0.95, 0.8, 0.65
TEMPLATE = 0.5  # share of a site's pages that makes a line part of the template rather than a value that recurs
BLOCK = 3  # template lines in a row that make a block, e.g. a menu
MOST = 0.5  # share of a site's pages that makes a repeated paragraph boilerplate wherever it stands
MOST_MIN_PAGES = 4
COPY = 0.5  # a page of whose paragraphs more than this share is repeated may be a copy of another page


def vote(batch: Batch, profiles: Profiles) -> Verdicts:
    """Verdicts of the site profiles on the lines of a batch; silent where a page's site is not known."""
    verdicts = Verdicts.silent(STAGE, Evidence.SITE, len(batch.lines))
    for position, document in batch.alive():
        profile = profiles.sites.get(document.site or "")
        if profile is None or profile.pages < 2:
            continue
        span = batch.lines.span(position)
        values = fingerprints(batch.lines.texts[span.start : span.stop])
        scores, pages = score(values, profile)
        for row in np.flatnonzero(scores).tolist():
            rule = f"{profile.name}: on {pages[row]} of {profile.pages} pages"
            verdicts.give(span.start + row, Role.OTHER_BOILERPLATE, float(scores[row]), rule)
    return verdicts


def score(values: npt.NDArray[np.uint64], profile: Profile) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int32]]:
    """(float32[n], int32[n]): how surely each line of one page is boilerplate, and on how many pages it stands."""
    scores = np.zeros(len(values), np.float32)
    rows = np.flatnonzero(values)
    lines = values[rows]
    paragraph = (lines & PARAGRAPH_BIT) != 0
    paragraph_pages = _lookup(lines, profile.paragraphs, profile.paragraph_pages)
    repeated = paragraph & (paragraph_pages > 0)
    is_copy = repeated.sum() > COPY * paragraph.sum()
    zone = zones(lines, np.zeros(len(lines), np.int64), 1, repeated & ~is_copy)
    line_pages = _lookup(with_zone(lines, zone), profile.lines, profile.line_pages)

    outside = ~paragraph & (zone != Zone.CORE)
    found = np.zeros(len(lines), np.float32)
    found[~paragraph & (line_pages >= 2)] = DOUBTFUL
    template = ~paragraph & (line_pages >= 2) & (line_pages >= TEMPLATE * profile.pages)
    block = _run_lengths(template) >= BLOCK
    found[template & (outside | block)] = LIKELY
    found[template & outside & block] = CERTAIN
    if is_copy:
        found[repeated] = DOUBTFUL
    else:
        found[paragraph] = _paragraph_scores(paragraph_pages[paragraph], profile.pages)
    scores[rows] = found
    pages = np.zeros(len(values), np.int32)
    pages[rows] = np.where(paragraph, paragraph_pages, line_pages)
    return scores, pages


def _paragraph_scores(pages: npt.NDArray[np.int32], site_pages: int) -> npt.NDArray[np.float32]:
    """float32[m] for the m paragraphs of one page; `pages` says on how many pages each stands, 0 for this one only."""
    result = np.zeros(len(pages), np.float32)
    repeated = pages > 0
    own = np.flatnonzero(~repeated)
    if len(own):
        place = np.arange(len(pages))
        result[repeated] = DOUBTFUL
        result[repeated & ((place < own[0]) | (place > own[-1]))] = LIKELY
        result[(pages >= MOST_MIN_PAGES) & (pages >= MOST * site_pages)] = CERTAIN
    return result


def _run_lengths(flags: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """int64[n]: for each flag that is set, how many stand in a row with it; 0 elsewhere."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    result = np.zeros(len(flags), np.int64)
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        result[start:end] = end - start
    return result


def _lookup(
    values: npt.NDArray[np.uint64], keys: npt.NDArray[np.uint64], counts: npt.NDArray[np.int32]
) -> npt.NDArray[np.int32]:
    """The count of each value, 0 where it is not among the sorted keys."""
    if not len(keys):
        return np.zeros(len(values), np.int32)
    place = np.minimum(np.searchsorted(keys, values), len(keys) - 1)
    return np.where(keys[place] == values, counts[place], 0).astype(np.int32)
