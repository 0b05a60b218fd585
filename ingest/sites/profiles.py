"""Frozen site profiles: which lines repeat on a site's pages, and in which order it writes dates."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from ingest.sites.evidence import keys_of
from ingest.sites.fingerprint import PARAGRAPH_BIT, Marks
from ingest.sites.places import sums
from ingest.sites.zones import with_zone, zones

REPEATED = 2  # distinct pages from which a line is remembered

_NONE, _NEVER, _ZERO = np.empty(0, np.uint64), np.empty(0, np.int32), np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of one site.

    pages: number of distinct pages that it is known by. paragraphs, lines: sorted uint64 fingerprints of paragraphs,
    and of all lines with their zone, that stand on at least two of them; keys: the same of what `evidence` counts;
    *_pages: int32, on how many. places, place_lines, place_opinion: what stands where, see `ingest.sites.places`.
    """

    name: str
    pages: int
    paragraphs: npt.NDArray[np.uint64]
    paragraph_pages: npt.NDArray[np.int32]
    lines: npt.NDArray[np.uint64]
    line_pages: npt.NDArray[np.int32]
    keys: npt.NDArray[np.uint64]
    key_pages: npt.NDArray[np.int32]
    places: npt.NDArray[np.uint64]
    place_lines: npt.NDArray[np.int64]
    place_opinion: npt.NDArray[np.int64]
    day_first: int = 0
    month_first: int = 0

    @classmethod
    def of_nothing(cls, name: str, pages: int, day_first: int, month_first: int) -> Profile:
        """A site of which no line is known to repeat."""
        return cls(
            name, pages, _NONE, _NEVER, _NONE, _NEVER, _NONE, _NEVER, _NONE, _ZERO, _ZERO, day_first, month_first
        )


@dataclass(frozen=True, slots=True)
class Profiles:
    """All sites of a dataset, frozen. `version` is a hash of the content."""

    sites: dict[str, Profile] = field(default_factory=dict)
    unnamed: dict[str, str] = field(default_factory=dict)  # hash of a page -> name of its cluster
    version: str = "none"


def profile_of(site: Profile, marks: Marks, told: npt.NDArray[np.uint64], page: npt.NDArray[np.int64]) -> Profile:
    """`site` with what its lines tell: `marks` of all of them, page after page, what is `told` of their places, and
    int64[n], the page of each."""
    flat = marks.line
    is_paragraph = (flat & PARAGRAPH_BIT) != 0
    paragraphs, paragraph_pages = _repeated(flat[is_paragraph], page[is_paragraph])
    zone = zones(flat, page, site.pages, np.isin(flat, paragraphs))
    lines, line_pages = _repeated(with_zone(flat, zone), page)
    counted = keys_of(marks, np.diff(page, prepend=-1) != 0)
    real = counted.reshape(-1) != 0
    known, known_pages = _repeated(counted.reshape(-1)[real], np.tile(page, len(counted))[real])
    places, place_lines, place_opinion = sums(told)
    return replace(
        site,
        places=places,
        place_lines=place_lines,
        place_opinion=place_opinion,
        paragraphs=paragraphs,
        paragraph_pages=paragraph_pages,
        lines=lines,
        line_pages=line_pages,
        keys=known,
        key_pages=known_pages,
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


def version_of(sites: dict[str, Profile]) -> str:
    """A hash of all that profiles say."""
    digest = hashlib.blake2b(digest_size=8)
    for name in sorted(sites):
        profile = sites[name]
        digest.update(f"{name}\0{profile.pages}\0{profile.day_first}\0{profile.month_first}".encode())
        for array in (profile.paragraphs, profile.paragraph_pages, profile.lines, profile.line_pages, profile.keys,
                      profile.key_pages, profile.places, profile.place_lines, profile.place_opinion):  # fmt: skip
            digest.update(array.tobytes())
    return digest.hexdigest()
