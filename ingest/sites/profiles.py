"""Frozen site profiles: what the pages of a site share, and in which order it writes dates."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from ingest.sites.tally import NOTHING, Tally


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of one site.

    pages: number of distinct pages that it is known by · day_first, month_first: dates that prove an order · tally:
    what stands on at least two of the pages, see `ingest.sites.template`.
    """

    name: str
    pages: int
    day_first: int = 0
    month_first: int = 0
    tally: Tally = NOTHING


@dataclass(frozen=True, slots=True)
class Profiles:
    """All sites of a dataset, frozen. `version` is a hash of the content."""

    sites: dict[str, Profile] = field(default_factory=dict)
    unnamed: dict[str, str] = field(default_factory=dict)  # hash of a page -> name of its cluster
    version: str = "none"


def version_of(sites: dict[str, Profile]) -> str:
    """A hash of all that profiles say."""
    digest = hashlib.blake2b(digest_size=8)
    for name in sorted(sites):
        profile = sites[name]
        digest.update(f"{name}\0{profile.pages}\0{profile.day_first}\0{profile.month_first}".encode())
        digest.update(profile.tally.keys.tobytes())
        digest.update(profile.tally.sums.tobytes())
    return digest.hexdigest()
