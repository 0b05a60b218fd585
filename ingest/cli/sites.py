"""`ingest sites`: what was learned of each site."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.markup import escape

from ingest.cli import common
from ingest.cli.arrow import ArrowCommand
from ingest.storage.places import Place


@click.group(epilog="\b\nExamples:\n  ingest sites list\n  ingest sites show example.org -o corpus")
def command() -> None:
    """List the sites of a dataset, or show what their pages share."""


@command.command("list", cls=ArrowCommand)
@common.dataset_option
@common.json_option
def list_sites(output: Place, as_json: bool) -> None:
    """Print all sites with their pages and repeated lines, the largest first."""
    profiles, names = _profiles(output)
    former: dict[str, list[str]] = {}
    for old, now in names.aliases.items():
        former.setdefault(now, []).append(old)
    rows = [_summary(profile) | {"former_names": former.get(profile.name, [])} for profile in profiles.sites.values()]
    rows.sort(key=lambda row: (-row["pages"], row["site"]))
    if as_json:
        common.print_json({"version": profiles.version, "sites": rows})
        return
    console = common.out()
    for row in rows:
        known = f"{row['site']:<40}{row['pages']:>7} pages {row['lines']:>6} repeated lines  {row['dates']}"
        console.print(escape(known + "".join(f", was also {old}" for old in row["former_names"])))
    console.print(f"{len(rows)} sites, profiles {profiles.version}")


@command.command(cls=ArrowCommand)
@click.argument("site")
@common.dataset_option
@common.json_option
def show(site: str, output: Place, as_json: bool) -> None:
    """Print the lines that the profile of SITE removed from the articles, the most frequent first."""
    profiles, names = _profiles(output)
    site = names.current(site)
    if site not in profiles.sites:
        from ingest.errors import nearest

        near = nearest(site, profiles.sites) if profiles.sites else "it has no sites"
        raise click.UsageError(f"no site {site!r} in {output}; {near}; `ingest sites list` names them")
    lines = _removed_lines(output, site)
    if as_json:
        common.print_json(_summary(profiles.sites[site]) | {"removed": lines})
        return
    console = common.out()
    summary = _summary(profiles.sites[site])
    known = f"{summary['pages']} pages, {summary['dates']}"
    console.print(escape(f"{site}: {known}"))
    for line in lines:
        console.print(escape(f"{line['times']:>6}×  {line['role']:<18} {line['text'].strip()}"))


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


def _summary(profile: Any) -> dict[str, Any]:
    from ingest.sites.template import repeated_lines

    order = {(True, False): "day first", (False, True): "month first", (True, True): "both orders"}
    seen = (profile.day_first > 0, profile.month_first > 0)
    return {
        "site": profile.name,
        "pages": profile.pages,
        "lines": repeated_lines(profile.tally),
        "dates": f"dates {order.get(seen, 'prove no order')}",
    }


def _removed_lines(output: Place, site: str) -> list[dict[str, Any]]:
    from collections import Counter

    from ingest.dataset import open_dataset

    snapshot = open_dataset(output)
    articles = snapshot.table("articles", columns=["id", "site"]).to_pylist()
    ids = {row["id"] for row in articles if row["site"] == site}
    counts: Counter[tuple[str, str]] = Counter()
    for row in snapshot.table("removed", columns=["id", "text", "role", "evidence"]).to_pylist():
        if row["id"] in ids and row["evidence"] == "site":
            counts[row["text"].strip(), row["role"]] += 1
    return [{"text": text, "role": role, "times": times} for (text, role), times in counts.most_common()]
