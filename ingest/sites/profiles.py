"""Frozen site profiles: what the pages of a site share, and in which order it writes dates."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ingest.sites.tally import NOTHING, Tally
from ingest.sites.templates import NO_TEMPLATES, NONE, Signatures


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of one site.

    pages: number of distinct pages that it is known by · day_first, month_first: dates that prove an order · tally:
    what stands on at least two of the pages, see `ingest.sites.template` · templates: the same of the pages of each
    template, where the site has several, which `signatures` tell apart · template: the number of the template that
    this is the profile of, from 1, else 0.
    """

    name: str
    pages: int
    day_first: int = 0
    month_first: int = 0
    tally: Tally = NOTHING
    signatures: Signatures = NO_TEMPLATES
    templates: tuple[Profile, ...] = ()
    template: int = 0

    def of_page(self, key: npt.NDArray[np.uint64]) -> Profile:
        """What is known of the template of a page, given its lines without their shapes; of the site, where it has but
        one, or the page is like none.
        """
        if not self.templates:
            return self
        number = int(self.signatures.template_of(key, np.zeros(len(key), np.int64), 1)[0])
        return self if number == NONE else self.templates[number]


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
        site = sites[name]
        for profile in (site, *site.templates):
            digest.update(f"{profile.name}\0{profile.pages}\0{profile.day_first}\0{profile.month_first}".encode())
            digest.update(profile.tally.keys.tobytes())
            digest.update(profile.tally.sums.tobytes())
        digest.update(site.signatures.keys.tobytes())
        digest.update(site.signatures.has.tobytes())
        digest.update(site.signatures.alike.tobytes())
    return digest.hexdigest()
