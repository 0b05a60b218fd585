"""What a run record keeps of each site: sums that merge, so that later runs can be compared with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import msgspec
import pyarrow as pa

MOST_SITES = 2000  # in one run record: the largest; what is left out is counted


class SiteCounts(msgspec.Struct, kw_only=True):
    """Sums over the articles of one site in one run. `removed_share` and its squares give mean and spread; for the
    last four, in characters, see `ingest.stages.repetition`.
    """

    articles: int = 0
    words: int = 0
    removed_lines: int = 0
    removed_share: float = 0.0
    removed_share_squared: float = 0.0
    without_title: int = 0
    without_date: int = 0
    roles: dict[str, int] = {}
    text: int = 0
    text_repeated: int = 0
    own: int = 0
    own_removed: int = 0

    def add(self, other: SiteCounts) -> None:
        for name in self.__struct_fields__:
            if name != "roles":
                setattr(self, name, getattr(self, name) + getattr(other, name))
        for role, lines in other.roles.items():
            self.roles[role] = self.roles.get(role, 0) + lines


def count_sites(articles: pa.Table, removed: pa.Table, into: dict[str, SiteCounts]) -> None:
    """Add the rows of a batch to the counts by site; articles of unknown site count under ""."""
    columns = ("id", "site", "title", "published", "n_words", "removed_lines", "removed_share")
    site_of: dict[str, str] = {}
    for row in articles.select(columns).to_pylist():
        site = site_of[row["id"]] = row["site"] or ""
        share = row["removed_share"] or 0.0
        into.setdefault(site, SiteCounts()).add(
            SiteCounts(
                articles=1,
                words=row["n_words"],
                removed_lines=row["removed_lines"],
                removed_share=share,
                removed_share_squared=share * share,
                without_title=not row["title"],
                without_date=row["published"] is None,
            )
        )
    lines_of = zip(removed["id"].to_pylist(), removed["role"].to_pylist(), strict=True)
    roles = Counter((site_of[page], role) for page, role in lines_of if page in site_of)
    for (site, role), lines in roles.items():
        into[site].add(SiteCounts(roles={role: lines}))


def count_repetition(rows: pa.Table, into: dict[str, SiteCounts]) -> None:
    """Add what was counted beside the rows of a batch."""
    for row in rows.to_pylist():
        into.setdefault(row.pop("site"), SiteCounts()).add(SiteCounts(**row))


def largest(sites: Mapping[str, SiteCounts], most: int = MOST_SITES) -> dict[str, SiteCounts]:
    """The sites with the most articles, by name."""
    chosen = sorted(sites, key=lambda site: (-sites[site].articles, site))[:most]
    return {site: sites[site] for site in sorted(chosen)}
