"""The names of sites that nobody named, which stay the same from run to run.

A site is first called by the smallest hash among its pages. What it is called is recorded in the dataset, with some of
its pages: in a later run the site that has these pages keeps the name. If two sites turn out to be one, the name that
goes is recorded as an alias of the one that stays, and the rows that bear it are renamed (`ingest.steps.rename`).

Names follow from the record and the pages alone, so a run that was killed after it had recorded them gives them again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import chain, count

import msgspec

PAGES = 256  # of a site that are recorded, those whose hashes come first
_LETTERS = 8  # of a page's hash


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """What sites were called.

    sites: by name, the hashes of some pages · aliases: names that are no longer given, and the names of the sites that
    they turned out to be · renaming: aliases of which rows may still bear the old name.
    """

    sites: dict[str, list[str]] = {}
    aliases: dict[str, str] = {}
    renaming: list[str] = []

    def current(self, name: str) -> str:
        """The name that a site has now, given one that it had."""
        return self.aliases.get(name, name)


def assigned(clusters: Iterable[list[str]], known: Names) -> dict[str, str]:
    """The name of each page: clusters of pages, given by hashes, are called what most of their recorded pages were.

    Of a site that fell apart, the part with most of its recorded pages keeps the name.
    """
    ordered = sorted(sorted(pages) for pages in clusters)
    name_of = {page: name for name, pages in known.sites.items() for page in pages}
    votes = [Counter(name_of[page] for page in pages if page in name_of) for pages in ordered]
    holder: dict[str, int] = {}
    for number, counts in enumerate(votes):
        for name, times in counts.items():
            if name not in holder or times > votes[holder[name]][name]:
                holder[name] = number
    used = {*known.sites, *known.aliases}
    found: dict[str, str] = {}
    for number, (pages, counts) in enumerate(zip(ordered, votes, strict=True)):
        own = [name for name in counts if holder[name] == number]
        name = min(own, key=lambda name: (-counts[name], name)) if own else _new_name(pages, used)
        used.add(name)
        found.update(dict.fromkeys(pages, name))
    return found


def recorded(known: Names, given: Mapping[str, str]) -> Names:
    """The record after `given`, the name of each page, has been used."""
    pages: dict[str, list[str]] = {}
    for page in sorted(given):
        pages.setdefault(given[page], []).append(page)
    sites = {name: some[:PAGES] for name, some in pages.items()}
    aliases = dict(known.aliases)
    for name, some in known.sites.items():
        if name in sites:
            continue
        now = Counter(given[page] for page in some if page in given)
        if now:
            aliases[name] = min(now, key=lambda other: (-now[other], other))
        else:
            sites[name] = some  # nothing is known of its pages today
    gone = aliases.keys() - known.aliases.keys()
    aliases = {name: _last(name, aliases) for name in aliases}
    changed = {name for name, now in aliases.items() if known.aliases.get(name) != now} | gone
    return Names(
        sites=dict(sorted(sites.items())),
        aliases=dict(sorted(aliases.items())),
        renaming=sorted({*known.renaming, *changed}),
    )


def _new_name(pages: list[str], used: set[str]) -> str:
    by_page = (f"site-{page[:_LETTERS]}" for page in pages)
    numbered = (f"site-{pages[0][:_LETTERS]}-{number}" for number in count(2))
    return next(name for name in chain(by_page, numbered) if name not in used)


def _last(name: str, aliases: Mapping[str, str]) -> str:
    """Where a chain of aliases ends. Names given are no aliases, so it does end."""
    while name in aliases:
        name = aliases[name]
    return name
