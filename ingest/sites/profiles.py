"""Frozen site profiles: which lines repeat on a site's pages, and in which order it writes dates."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ingest.sites.cluster import cluster
from ingest.sites.contributions import SCHEMA
from ingest.sites.evidence import keys_of
from ingest.sites.fingerprint import PARAGRAPH_BIT, Marks
from ingest.sites.zones import with_zone, zones

REPEATED = 2  # distinct pages from which a line is remembered


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of one site.

    pages: number of distinct pages seen. paragraphs, lines: sorted uint64 fingerprints of paragraphs, and of all lines
    with their zone, that stand on at least two of them; keys: the same of what `evidence` counts; *_pages: int32, on
    how many.
    """

    name: str
    pages: int
    paragraphs: npt.NDArray[np.uint64]
    paragraph_pages: npt.NDArray[np.int32]
    lines: npt.NDArray[np.uint64]
    line_pages: npt.NDArray[np.int32]
    keys: npt.NDArray[np.uint64]
    key_pages: npt.NDArray[np.int32]
    day_first: int = 0
    month_first: int = 0


@dataclass(frozen=True, slots=True)
class Profiles:
    """All sites of a dataset, frozen. `version` is a hash of the content."""

    sites: dict[str, Profile] = field(default_factory=dict)
    unnamed: dict[str, str] = field(default_factory=dict)  # hash of a page -> name of its cluster
    version: str = "none"


def freeze(contributions: list[pa.Table], generic: npt.NDArray[np.uint64]) -> Profiles:
    """Merge contributions, in whatever order they come, into profiles.

    Args:
        contributions: tables of `contributions.SCHEMA`.
        generic: sorted fingerprints, without shape bits, of phrases that many sites have.
    """
    table = pa.concat_tables([SCHEMA.empty_table(), *contributions]).sort_by("page")
    if not len(table):
        return Profiles()
    lists = table["lines"].combine_chunks()
    flat = lists.flatten().to_numpy(zero_copy_only=False)
    masks = table["masks"].combine_chunks().flatten().to_numpy(zero_copy_only=False)
    page = np.repeat(np.arange(len(table)), np.diff(lists.offsets.to_numpy()))
    identities = table["identity"].to_numpy()

    names = np.array([name or "" for name in table["site"].to_pylist()], dtype=object)
    nameless = names == ""
    unnamed = {}
    if nameless.any():
        numbers = np.cumsum(nameless) - 1
        of_nameless = nameless[page]
        found = cluster(flat[of_nameless], numbers[page[of_nameless]], identities[nameless], generic)
        keys = table["page"].filter(pa.array(nameless)).to_pylist()
        for position, (key, number) in enumerate(zip(keys, found.tolist(), strict=True)):
            if number >= 0:
                unnamed[key] = names[np.flatnonzero(nameless)[position]] = _cluster_name(keys[number])

    order = np.flatnonzero(names != "")
    site_names, site = np.unique(names[order].astype(str), return_inverse=True)
    # copies of an article count once, else their text would look like boilerplate
    _, distinct = np.unique(np.stack([site.astype(np.uint64), identities[order]]), axis=1, return_index=True)
    site_of_page = np.full(len(table), -1, np.int64)
    site_of_page[order[distinct]] = site[distinct]
    sites = {}
    head_day, head_month = table["head_day_first"].to_numpy(), table["head_month_first"].to_numpy()
    line_site = site_of_page[page]
    by_site = np.argsort(line_site, kind="stable")
    starts = np.searchsorted(line_site[by_site], np.arange(len(site_names) + 1))
    for number, name in enumerate(site_names.tolist()):
        rows = by_site[starts[number] : starts[number + 1]]
        pages = np.flatnonzero(site_of_page == number)
        sites[name] = _profile(
            name,
            Marks(flat[rows], masks[rows]),
            np.searchsorted(pages, page[rows]),
            len(pages),
            int(head_day[pages].sum()),
            int(head_month[pages].sum()),
        )
    return Profiles(sites, unnamed, _version(sites))


def _profile(
    name: str,
    marks: Marks,
    page: npt.NDArray[np.int64],
    n_pages: int,
    day_first: int,
    month_first: int,
) -> Profile:
    flat = marks.line
    is_paragraph = (flat & PARAGRAPH_BIT) != 0
    paragraphs, paragraph_pages = _repeated(flat[is_paragraph], page[is_paragraph])
    zone = zones(flat, page, n_pages, np.isin(flat, paragraphs))
    lines, line_pages = _repeated(with_zone(flat, zone), page)
    starts = np.flatnonzero(np.diff(page, prepend=-1))
    keys = [keys_of(Marks(flat[span], marks.mask[span])) for span in map(slice, starts, [*starts[1:], len(flat)])]
    counted = np.concatenate(keys, axis=1) if keys else np.empty((4, 0), np.uint64)
    of_page = np.tile(page, len(counted))
    known, known_pages = _repeated(counted.reshape(-1)[(real := counted.reshape(-1) != 0)], of_page[real])
    return Profile(
        name, n_pages, paragraphs, paragraph_pages, lines, line_pages, known, known_pages, day_first, month_first
    )


def _repeated(
    values: npt.NDArray[np.uint64], page: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int32]]:
    """Values that stand on `REPEATED` pages or more, sorted, and on how many."""
    order = np.lexsort((page, values))
    values, page = values[order], page[order]
    first = np.ones(len(values), bool)
    first[1:] = (values[1:] != values[:-1]) | (page[1:] != page[:-1])
    unique, counts = np.unique(values[first], return_counts=True)
    often = counts >= REPEATED
    return unique[often], counts[often].astype(np.int32)


def _cluster_name(page: str) -> str:
    """A name for a site that nobody named: from one of its pages, so that each run over the input gives the same."""
    return f"site-{page[:8]}"


def _version(sites: dict[str, Profile]) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for name in sorted(sites):
        profile = sites[name]
        digest.update(f"{name}\0{profile.pages}\0{profile.day_first}\0{profile.month_first}".encode())
        for array in (profile.paragraphs, profile.paragraph_pages, profile.lines, profile.line_pages, profile.keys,
                      profile.key_pages):  # fmt: skip
            digest.update(array.tobytes())
    return digest.hexdigest()
