"""From contributions to profiles, in memory that does not grow with the text: a site at a time, and some pages of each.

    contributions ─ census ─▶ sites named ─ sample ─▶ pages that speak for a site ─ shares ─▶ profile by profile

Contributions are gone through three times at most, table by table; what is kept of a page is some hundred bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ingest.sites.cluster import cluster
from ingest.sites.contributions import SCHEMA
from ingest.sites.names import Names, assigned
from ingest.sites.page_lines import PageLines
from ingest.sites.profiles import Profile, Profiles, version_of
from ingest.sites.shares import Share, shares
from ingest.sites.template import learned
from ingest.sites.templates import signatures

SAMPLE = 4096  # distinct pages by which a site is known: those whose hashes come first, whatever the order of the input
NAMELESS = -1
NAMELESS_YET = Names()

I64 = npt.NDArray[np.int64]
U64 = npt.NDArray[np.uint64]


@dataclass(slots=True)
class _Census:
    """What is kept of all pages, by row: the place of a page in the order of the pages' hashes, the number of its site
    in `names`, how many lines it has, and what else is small.
    """

    page: pa.StringArray
    place: I64
    site: I64
    names: list[str]
    identity: npt.NDArray[np.uint64]
    n_lines: I64
    day_first: I64
    month_first: I64


def freeze(contributions: Sequence[pa.Table], generic: npt.NDArray[np.uint64], names: Names = NAMELESS_YET) -> Profiles:
    """Merge contributions, in whatever order they come, into profiles.

    Args:
        contributions: tables of `contributions.SCHEMA`; they are asked for more than once, and not kept.
        generic: sorted fingerprints, without shape bits, of phrases that many sites have.
        names: what sites that nobody named were called before.
    """
    census = _count(contributions)
    if not len(census.page):
        return Profiles()
    unnamed = _name(census, contributions, generic, names)
    chosen = _sample(census)
    of_site = census.site[chosen]
    n_pages = np.bincount(of_site, minlength=len(census.names))
    day_first = np.bincount(of_site, census.day_first[chosen], len(census.names)).astype(int)
    month_first = np.bincount(of_site, census.month_first[chosen], len(census.names)).astype(int)
    sites = {
        name: Profile(name, int(n_pages[number]), int(day_first[number]), int(month_first[number]))
        for number, name in enumerate(census.names)
    }
    # a line of one page alone is no line that repeats
    told = chosen[n_pages[of_site] > 1]
    found = set(unnamed.values())  # of one template each, as they were found by it
    for share in shares(contributions, told, census.site[told], census.place[told], census.n_lines[told]):
        _fill(sites, census.names, share, generic, found)
    return Profiles(sites, unnamed, version_of(sites))


def reduced(contributions: Sequence[pa.Table]) -> pa.Table:
    """Contributions without those pages that no profile will count, however many others are added: of the pages of a
    site in these, its sample. So `freeze` of what was reduced, table by table or in a tree, gives the same profiles.
    This is a bottom-k sketch, which merges without loss: Cohen and Kaplan, "Summarizing data using bottom-k sketches",
    2007.

    Pages that nobody named are all kept: their sites are found when all are there.
    """
    table = pa.concat_tables([SCHEMA.empty_table(), *contributions]).combine_chunks()
    census = _count([table])
    nameless = np.flatnonzero(census.site == NAMELESS)
    return table.take(pa.array(np.sort(np.concatenate([_sample(census), nameless]))))


def _count(contributions: Sequence[pa.Table]) -> _Census:
    small = ["page", "site", "identity", "head_day_first", "head_month_first"]
    tables = [SCHEMA.empty_table().select(small)]
    lengths: list[I64] = [np.empty(0, np.int64)]
    for table in contributions:
        tables.append(table.select(small))
        lengths += [np.diff(chunk.offsets.to_numpy()).astype(np.int64) for chunk in table["lines"].chunks]
    pages = pa.concat_tables(tables).combine_chunks()
    page = pages["page"].combine_chunks()
    place = np.empty(len(pages), np.int64)
    place[pc.sort_indices(page).to_numpy()] = np.arange(len(pages))
    names = sorted(name for name in pages["site"].unique().to_pylist() if name)
    number = pc.index_in(pages["site"], pa.array(names, pa.string())).fill_null(NAMELESS)
    return _Census(
        page,
        place,
        number.to_numpy().astype(np.int64),
        names,
        pages["identity"].to_numpy(),
        np.concatenate(lengths),
        pages["head_day_first"].to_numpy(),
        pages["head_month_first"].to_numpy(),
    )


def _name(
    census: _Census, contributions: Sequence[pa.Table], generic: npt.NDArray[np.uint64], known: Names
) -> dict[str, str]:
    """Give the pages that nobody named the sites that they are clustered into; returns these by page."""
    rows = np.flatnonzero(census.site == NAMELESS)
    if not len(rows):
        return {}
    rows = rows[np.argsort(census.place[rows])]
    number = np.full(len(census.site), -1, np.int64)
    number[rows] = np.arange(len(rows))
    lines, page, first = [], [], 0
    for table in contributions:
        for chunk in table["lines"].chunks:
            values = chunk.flatten().to_numpy(zero_copy_only=False)
            of_page = np.repeat(number[first : first + len(chunk)], np.diff(chunk.offsets.to_numpy()))
            wanted = of_page >= 0
            lines.append(values[wanted])
            page.append(of_page[wanted])
            first += len(chunk)
    found = cluster(np.concatenate(lines), np.concatenate(page), census.identity[rows], generic)
    joined = found >= 0
    keys = census.page.take(pa.array(rows)).to_pylist()
    clusters: dict[int, list[str]] = {}
    for i in np.flatnonzero(joined).tolist():
        clusters.setdefault(int(found[i]), []).append(keys[i])
    unnamed = assigned(clusters.values(), known)
    names = sorted({*census.names, *unnamed.values()})
    place_of = {name: place for place, name in enumerate(names)}
    moved = np.array([place_of[name] for name in census.names], np.int64)
    named = census.site != NAMELESS
    census.site[named] = moved[census.site[named]]
    census.site[rows[joined]] = [place_of[unnamed[keys[i]]] for i in np.flatnonzero(joined).tolist()]
    census.names = names
    return unnamed


def _sample(census: _Census) -> I64:
    """The rows of the pages that speak for their sites: of copies one, and of a large site no more than `SAMPLE`."""
    rows = np.flatnonzero(census.site != NAMELESS)
    # copies of an article count once, else their text would look like boilerplate
    rows = rows[np.lexsort((census.place[rows], census.identity[rows], census.site[rows]))]
    rows = rows[_begins(census.site[rows], census.identity[rows])]
    rows = rows[np.lexsort((census.place[rows], census.site[rows]))]
    starts = np.flatnonzero(_begins(census.site[rows]))
    rank = np.arange(len(rows)) - np.repeat(starts, np.diff(np.append(starts, len(rows))))
    return np.sort(rows[rank < SAMPLE])


def _begins(*columns: npt.NDArray[np.generic]) -> npt.NDArray[np.bool_]:
    """bool[n]: rows that differ from the row before."""
    differs = np.ones(len(columns[0]), bool)
    differs[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in columns])
    return differs


def _fill(sites: dict[str, Profile], names: list[str], share: Share, generic: U64, unnamed: set[str]) -> None:
    """Replace the profiles of the sites of a share by those that tell of lines."""
    starts = np.flatnonzero(_begins(share.site))
    for start, stop in zip(starts.tolist(), [*starts[1:].tolist(), len(share.site)], strict=True):
        name = names[int(share.site[start])]
        seen = share.seen.pages(start, stop)
        sites[name] = replace(sites[name], tally=learned(seen))
        if name not in unnamed:
            sites[name] = _with_templates(sites[name], seen, generic)


def _with_templates(site: Profile, seen: PageLines, generic: U64) -> Profile:
    """A site with what is known of each of its templates, where it has several."""
    found = signatures(seen, generic)
    if not len(found):
        return site
    template = found.template_of(seen.key, seen.page, len(seen.offsets) - 1)
    parts = [seen.chosen(np.flatnonzero(template == number)) for number in range(len(found))]
    templates = tuple(
        Profile(f"{site.name} · {number}", len(part.offsets) - 1, tally=learned(part), template=number)
        for number, part in enumerate(parts, 1)
    )
    return replace(site, signatures=found, templates=templates)
