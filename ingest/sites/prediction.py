"""A frozen profile applied to pages: how probable each line is with all that the site's other pages show.

The line model says how probable a line is by its page alone; the model of sites says it with what the other pages show
(`features`), and `votes.template` votes by the difference. A page that its site knows as a copy of another says nothing
of itself: what its versions share is its text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ingest.document import Batch
from ingest.models import site_model
from ingest.sites.features import evidence
from ingest.sites.page_lines import PageLines, opinions, sizes
from ingest.sites.profiles import Profile, Profiles
from ingest.sites.tally import within
from ingest.sites.template import By, Sum, keys_of, nearest, of_kind, others_of_anchor, values_of

COPIED = 3  # paragraphs on few other pages, from which on a page may be a copy,
COPY = 0.5  # if they are more than this share of its paragraphs
FEW, FEWEST = 0.3, 3  # share of the other pages that are few, and number of them that always are

MANY = 3  # pages of a site, from which on the table of lines is told how many have a line

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Known:
    """A page of a site that has a profile of more than one page: its rows in the batch, and the profile."""

    rows: range
    profile: Profile


@dataclass(frozen=True, slots=True)
class SitePrediction:
    """What profiles say of k lines of a batch.

    rows: int64[k], ascending, lines of the batch · logit: float32[k], log-odds of content with all that is known ·
    on, exact, slot: int64[k], other pages that have the line, that have it with its very numbers, and that have text at
    the same place between two lines of the template · above, below: int64[k], the rows of these two lines, -1 for the
    page's edge · anchor: bool[k], whether the line is of the template · others: int64[k], other pages known ·
    template: int64[k], the number of the template that these are pages of, 0 for the whole site.
    """

    rows: I64
    logit: F32
    on: I64
    exact: I64
    slot: I64
    above: I64
    below: I64
    anchor: npt.NDArray[np.bool_]
    others: I64
    template: I64


def known(batch: Batch, profiles: Profiles) -> list[Known]:
    """The pages of a batch whose sites have profiles of more than one page."""
    found = []
    for position, document in batch.alive():
        profile = profiles.sites.get(document.site or "")
        if profile is not None and profile.pages > 1 and len(profile.tally.keys):
            found.append(Known(batch.lines.span(position), profile))
    return found


def predict(batch: Batch, known: Sequence[Known]) -> SitePrediction | None:
    """What the profiles of `known` pages say of their lines; None where there are none."""
    if not known:
        return None
    lines = batch.lines
    rows = np.concatenate([np.arange(page.rows.start, page.rows.stop) for page in known])
    found = lines.marks
    full = np.flatnonzero(found.line[rows])
    ends = np.cumsum([len(page.rows) for page in known])
    offsets = np.concatenate([[0], np.searchsorted(full, ends)]).astype(np.int64)
    rows = rows[full]
    thought, size = opinions(lines.judged.content[rows]), sizes(found.size[rows])
    seen = PageLines(found.line[rows], found.mask[rows], found.exact[rows], lines.place[rows], thought, size, offsets)
    profiles = [
        page.profile.of_page(seen.key[first:last]) for page, (first, last) in zip(known, pairwise(offsets), strict=True)
    ]
    others = np.repeat([profile.pages - 1 for profile in profiles], np.diff(offsets)).astype(np.int64)
    predicted = _predict(seen, rows, others, profiles)
    many = predicted.others + 1 >= MANY
    lines.on_pages[predicted.rows[many]] = predicted.exact[many] + 1
    return predicted


def sums_of(seen: PageLines, profiles: Sequence[Profile]) -> tuple[I64, npt.NDArray[np.bool_]]:
    """(int64[len(By), n, len(Sum)], bool[n]): what the other pages of each page's site have of its lines, and which of
    them are anchors. profiles: of the site of each page.
    """
    n = len(seen)
    spans = _sites(seen, profiles)
    lines = np.zeros(n, np.int64)
    line = of_kind(seen.key, By.LINE)
    anchor = np.zeros(n, bool)
    for rows, profile in spans:
        lines[rows] = profile.tally.find(line[rows])[:, Sum.PAGES]
        anchor[rows] = lines[rows] > others_of_anchor(profile.pages - 1)
    keys, values, page = keys_of(seen, anchor), values_of(seen, lines > 0), seen.page
    sums = np.zeros((len(By), n, len(Sum)), np.int64)
    for by in By:
        if not keys[by].any():
            continue
        for rows, profile in spans:
            sums[by, rows] = profile.tally.find(keys[by, rows])
        stands = sums[by, :, Sum.PAGES] > 0
        sums[by] -= np.where(stands[:, None], within(keys[by], page, values), 0)
    return sums, anchor


def _sites(seen: PageLines, profiles: Sequence[Profile]) -> list[tuple[I64, Profile]]:
    """The rows of the pages of each site."""
    of: dict[str, list[int]] = {}
    for number, profile in enumerate(profiles):
        of.setdefault(profile.name, []).append(number)
    bounds = seen.offsets
    return [
        (np.concatenate([np.arange(bounds[i], bounds[i + 1]) for i in pages]), profiles[pages[0]])
        for pages in of.values()
    ]


def _predict(seen: PageLines, rows: I64, others: I64, profiles: Sequence[Profile]) -> SitePrediction:
    sums, anchor = sums_of(seen, profiles)
    model = site_model.load()
    logit = model.score(evidence(seen, sums, others, anchor))
    on = sums[By.LINE, :, Sum.PAGES]
    copy = of_copies(seen, on, others)
    logit = np.where(copy, seen.logit, logit).astype(np.float32)
    above, below = nearest(anchor, seen.offsets)
    row = np.append(rows, -1)
    pages = sums[:, ~copy, Sum.PAGES]
    template = np.repeat([profile.template for profile in profiles], np.diff(seen.offsets)).astype(np.int64)
    return SitePrediction(
        rows[~copy], logit[~copy], on[~copy], pages[By.EXACT], pages[By.BETWEEN], row[above][~copy], row[below][~copy],
        anchor[~copy], others[~copy], template[~copy],
    )  # fmt: skip


def of_copies(seen: PageLines, on: I64, others: I64) -> npt.NDArray[np.bool_]:
    """bool[n]: lines of pages of whose paragraphs most stand on few other pages, as those of copies and versions do."""
    paragraph = seen.is_paragraph
    few = paragraph & (on > 0) & (on <= np.maximum(FEWEST, FEW * others))
    run_few, run = (np.concatenate([[0], np.cumsum(flags)]) for flags in (few, paragraph))
    first, last = seen.offsets[:-1], seen.offsets[1:]
    shared, every = run_few[last] - run_few[first], run[last] - run[first]
    return np.repeat((shared >= COPIED) & (shared > COPY * every), np.diff(seen.offsets))
