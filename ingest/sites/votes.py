"""A frozen profile applied to pages: the template around the article is boilerplate.

A line belongs to the template if it stands on at least half of the site's pages, in the same zone. It counts against a
page's line where nothing of the page's own stands above it, or nothing below it: there the menu and the footer are.
Between the page's own lines a repeated line proves nothing by itself, for labels that repeat on each page and belong to
the body («Phone:») look the same as share buttons; there the line model decides, which is told of the repetition too
(`evidence`). (Measured on the sites of the development sets by a line model that had not seen them: verdicts on inner
lines gained 0.004 of word F1 on news sites and cost a quarter of the article words on a parliament's.)

More traps, each with its guard:

- a page that was updated and scraped again shares most of its paragraphs with its older copy: of such pages only what
  stands above the first and below the last paragraph counts;
- on a site of few pages a background paragraph that two articles end with looks like a footer: paragraphs count in
  full only from `ENOUGH` pages on;
- a title repeats in the "See also" lists of other pages: occurrences are counted by zone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from ingest.document import Batch, Evidence, Role, Verdicts
from ingest.models.told import N_EVIDENCE
from ingest.sites.evidence import COPIED, COPY, SHARE, evidence
from ingest.sites.fingerprint import PARAGRAPH_BIT, Marks, marks, weight
from ingest.sites.profiles import Profile, Profiles
from ingest.sites.zones import Zone, with_zone, zones

STAGE = "sites"

CERTAIN, LIKELY = 0.95, 0.8
TEMPLATE = 0.5  # share of a site's pages from which a line belongs to the template
ENOUGH = 4  # distinct pages from which a paragraph is as surely template as a short line
SENTENCE, _STOPS = 40, frozenset(".!?…。")  # characters of a line that may be a sentence of an article
OWN = 15  # weighted characters; a shorter line is no sign that the page's own text has begun


@dataclass(frozen=True, slots=True)
class Known:
    """A page of a site that has a profile: its rows in the batch, their marks, the profile."""

    rows: range
    marks: Marks
    profile: Profile


def known(batch: Batch, profiles: Profiles) -> list[Known]:
    """The pages of a batch whose sites have profiles of more than one page."""
    found = []
    for position, document in batch.alive():
        profile = profiles.sites.get(document.site or "")
        if profile is not None and profile.pages > 1:
            found.append((batch.lines.span(position), profile))
    told = marks([text for rows, _ in found for text in batch.lines.texts[rows.start : rows.stop]])
    ends = accumulate(len(rows) for rows, _ in found)
    return [
        Known(rows, Marks(told.line[end - len(rows) : end], told.mask[end - len(rows) : end]), profile)
        for (rows, profile), end in zip(found, ends, strict=True)
    ]


def vote(known: Sequence[Known], texts: Sequence[str]) -> Verdicts:
    """Verdicts of the site profiles on the lines of a batch, `texts`; silent where a page's site is not known."""
    verdicts = Verdicts.silent(STAGE, Evidence.SITE, len(texts))
    for page in known:
        first, profile = page.rows.start, page.profile
        scores, pages = score(page.marks.line, texts[first : page.rows.stop], profile)
        for row in np.flatnonzero(scores).tolist():
            rule = f"{profile.name}: on {pages[row]} of {profile.pages} pages"
            verdicts.give(first + row, Role.OTHER_BOILERPLATE, float(scores[row]), rule)
    return verdicts


def evidence_of(
    known: Sequence[Known], texts: Sequence[str]
) -> tuple[npt.NDArray[np.float32] | None, npt.NDArray[np.bool_] | None]:
    """(float32[n, N_EVIDENCE], bool[n]) for the n lines of a batch, `texts`, as the line model takes it: what is known
    of each line, and whether it stands outside all that is the page's own. (None, None) where no site is known.
    """
    if not known:
        return None, None
    told, template = np.zeros((len(texts), N_EVIDENCE), np.float32), np.zeros(len(texts), bool)
    for page in known:
        span = slice(page.rows.start, page.rows.stop)
        found = evidence(page.marks, page.profile.pages - 1, partial(_others, page.profile))
        own = (page.marks.line != 0) & (found[:, SHARE] == 0)
        own[own] = [weight(texts[span.start + row]) >= OWN for row in np.flatnonzero(own).tolist()]
        told[span], template[span] = found, _outside(own)
    return told, template


def _others(profile: Profile, keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.int32]:
    """On how many pages other than the one at hand, which is among those of the profile, each key stands."""
    return np.maximum(_lookup(keys, profile.keys, profile.key_pages) - 1, 0)


def score(
    values: npt.NDArray[np.uint64], texts: Sequence[str], profile: Profile
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int32]]:
    """(float32[n], int32[n]): how surely each line of one page is template, and on how many pages it stands.

    values: uint64[n], fingerprints of the page's lines `texts`, 0 for blank ones. 0 is also the score of all lines that
    the profile says nothing of.
    """
    rows = np.flatnonzero(values)
    lines = values[rows]
    paragraph = (lines & PARAGRAPH_BIT) != 0
    paragraph_pages = _lookup(lines, profile.paragraphs, profile.paragraph_pages)
    repeated = paragraph & (paragraph_pages > 0)
    one_page, nothing = np.zeros(len(lines), np.int64), np.zeros(len(lines), bool)
    zone = zones(lines, one_page, 1, repeated)  # as the profile counted them
    line_pages = _lookup(with_zone(lines, zone), profile.lines, profile.line_pages)
    on_pages = np.where(paragraph, paragraph_pages, line_pages)

    own = on_pages == 0
    own[own] = [weight(texts[row]) >= OWN for row in rows[own].tolist()]
    around = ~nothing
    if repeated.sum() >= COPIED and repeated.sum() > COPY * paragraph.sum():
        around = ~paragraph & (zones(lines, one_page, 1, nothing) != Zone.CORE)
    template = around & _outside(own) & (on_pages >= 2) & (on_pages >= TEMPLATE * profile.pages)
    if profile.pages < ENOUGH:  # where two of three pages are the same article, its sentences are no template
        short = template & ~paragraph
        template[short] = [not _is_sentence(texts[row]) for row in rows[short].tolist()]
    found = np.zeros(len(lines), np.float32)
    found[template] = CERTAIN
    if profile.pages < ENOUGH:
        found[template & paragraph] = LIKELY

    scores, pages = np.zeros(len(values), np.float32), np.zeros(len(values), np.int32)
    scores[rows], pages[rows] = found, on_pages
    return scores, pages


def _is_sentence(text: str) -> bool:
    return len(text) >= SENTENCE and text.rstrip()[-1:] in _STOPS


def _outside(own: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """bool[n]: lines above the first own one or below the last; none where the page has no own line."""
    places = np.flatnonzero(own)
    result = np.zeros(len(own), bool)
    if len(places):
        result[: places[0]] = True
        result[places[-1] + 1 :] = True
    return result


def _lookup(
    values: npt.NDArray[np.uint64], keys: npt.NDArray[np.uint64], counts: npt.NDArray[np.int32]
) -> npt.NDArray[np.int32]:
    """The count of each value, 0 where it is not among the sorted keys."""
    if not len(keys):
        return np.zeros(len(values), np.int32)
    place = np.minimum(np.searchsorted(keys, values), len(keys) - 1)
    return np.where(keys[place] == values, counts[place], 0).astype(np.int32)
