"""`ingest sites`: what was learned of each site."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from rich.markup import escape

from ingest.cli import common
from ingest.cli.arrow import ArrowCommand
from ingest.storage.locations import Place

ARTICLES = 2000  # of a site by which its outline is made


@click.group(epilog="\b\nExamples:\n  ingest sites list\n  ingest sites show example.org -o corpus")
def command() -> None:
    """List the sites of a dataset, or show what their pages share."""


@command.command("list", cls=ArrowCommand)
@common.dataset_argument("-o", "--output")
@common.json_option
def list_sites(dataset: Place, as_json: bool) -> None:
    """Print all sites with their pages and repeated lines, the largest first.

    Below a site is told where what stays of it differs much from the crudest rule, to drop each line that stands on
    three of its pages: something may be wrong there, as after a redesign.
    """
    profiles, names = _profiles(dataset)
    former = _former(names)
    rows = [_summary(profile) | {"former_names": former.get(profile.name, [])} for profile in profiles.sites.values()]
    rows.sort(key=lambda row: (-row["pages"], row["site"]))
    differing = _differing(dataset)
    for row in rows:
        row["differs"] = differing.get(row["site"], [])
    if as_json:
        common.print_json({"version": profiles.version, "sites": rows})
        return
    console = common.out()
    for row in rows:
        several = f"  {row['templates']} templates" if row["templates"] > 1 else ""
        known = f"{row['site']:<40}{row['pages']:>7} pages {row['lines']:>6} repeated lines  {row['dates']}{several}"
        console.print(escape(known + "".join(f", was also {old}" for old in row["former_names"])))
        for told in row["differs"]:
            console.print(escape(f"    beside the crudest rule: {told}"))
    console.print(f"{len(rows)} sites, profiles {profiles.version}")


@command.command(cls=ArrowCommand)
@click.argument("site")
@common.dataset_option
@common.json_option
def show(site: str, output: Place, as_json: bool) -> None:
    """Print the template of SITE: the lines that its pages share, in page order, and what stands between them.

    Of each such line is told on what share of the pages it stands and what it is taken for; of each slot how many pages
    fill it, with how many lines and characters, how many of the fillings differ, what becomes of their lines, and the
    longest line of a usual one. A site with several templates, as of sections or before and after a redesign, is told
    template by template.
    """
    import msgspec

    from ingest.cli.site_outline import print_outline
    from ingest.dataset import open_dataset
    from ingest.report.outline import outline_of
    from ingest.report.site_rows import rows_of_site

    profiles, names = _profiles(output)
    site = names.current(site)
    if site not in profiles.sites:
        from ingest.errors import nearest

        near = nearest(site, profiles.sites) if profiles.sites else "it has no sites"
        raise click.UsageError(f"no site {site!r} in {output}; {near}; `ingest sites list` names them")
    profile = profiles.sites[site]
    articles, removed, total = rows_of_site(open_dataset(output), site, ARTICLES)
    outline = outline_of(articles, removed, lambda pages: profile.signatures)
    summary = _summary(profile) | {"differs": _differing(output).get(site, [])}
    if as_json:
        lines = _removed_by_site(removed)
        common.print_json(summary | {"articles": total} | {"outline": msgspec.to_builtins(outline), "removed": lines})
        return
    console = common.out()
    console.print(escape(f"{site}: known by {summary['pages']} pages, {summary['dates']}"))
    for old in _former(names).get(site, []):
        console.print(escape(f"it was also called {old}"))
    for told in summary["differs"]:
        console.print(escape(f"beside the crudest rule, to drop each line that stands on three pages: {told}"))
    if total > len(articles):
        console.print(f"shown as on {len(articles):,} of its {total:,} articles")
    print_outline(console, outline)


def _profiles(output: Place) -> tuple[Any, Any]:
    """The profiles of a dataset, and the names of its sites."""
    from ingest.config import load as settings
    from ingest.dataset import Dataset
    from ingest.rules import load
    from ingest.sites import freeze
    from ingest.sites.generic import generic_fingerprints
    from ingest.sites.paths import PathSites
    from ingest.sites.store import ContributionStore, names_of

    given = settings().settings
    rules = load([Path(folder) for folder in given.rules])
    dataset = Dataset.open(output)
    known = ContributionStore(dataset, PathSites.of(given).version(rules.version)).living()
    called = names_of(dataset)
    return freeze(known, generic_fingerprints(rules), called), called


def _differing(output: Place) -> dict[str, list[str]]:
    from ingest.dataset import Dataset
    from ingest.report.agreement import differing
    from ingest.report.drift import counted_runs

    return differing(counted_runs(Dataset.open(output)))


def _summary(profile: Any) -> dict[str, Any]:
    from ingest.sites.template import repeated_lines

    order = {(True, False): "day first", (False, True): "month first", (True, True): "both orders"}
    seen = (profile.day_first > 0, profile.month_first > 0)
    return {
        "site": profile.name,
        "pages": profile.pages,
        "lines": repeated_lines(profile.tally),
        "templates": max(1, len(profile.templates)),
        "dates": f"dates {order.get(seen, 'prove no order')}",
    }


def _removed_by_site(removed: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """The lines that the profile removed, the most frequent first."""
    counts = Counter(
        (row["text"].strip(), row["role"]) for rows in removed.values() for row in rows if row["evidence"] == "site"
    )
    return [{"text": text, "role": role, "times": times} for (text, role), times in counts.most_common()]


def _former(names: Any) -> dict[str, list[str]]:
    """What sites were called before."""
    former: dict[str, list[str]] = {}
    for old, now in names.aliases.items():
        former.setdefault(now, []).append(old)
    return former
