"""Which site a page belongs to: what the user says of its path, its URL's host, a rule pack's signature
lines, or the cluster it was learned in.
"""

from __future__ import annotations

from ingest.document import Batch
from ingest.metadata import addresses
from ingest.rules import RuleSet
from ingest.sites import Profiles
from ingest.sites.paths import PathSites

# Parts of a host name that only say which version of the site it is.
_VERSIONS = ("www.", "m.", "amp.", "mobile.")


def identify(batch: Batch, rules: RuleSet, profiles: Profiles, paths: PathSites) -> Batch:
    """Name the site of each document; None where nothing tells it. What the user says of a path goes first."""
    hosts = [host_of(document.url) for document in batch.documents]
    packs = rules.sites_of(batch.lines.texts, batch.lines.offsets, hosts)
    for position, document in batch.alive():
        named = paths.name(document.record)
        if named is not None:
            named = host_of(named) or named
            document.site = rules.site_at(named) or named  # a folder called as the host of a pack is its site
            continue
        document.site = packs[position] or hosts[position] or profiles.unnamed.get(document.page)
    return batch


def named_by_learning(batch: Batch, profiles: Profiles) -> Batch:
    """Name the sites that nothing but learning could, in a batch that was identified before anything was learned."""
    for _, document in batch.alive():
        document.site = document.site or profiles.unnamed.get(document.page)
    return batch


def host_of(url: str | None) -> str | None:
    """The host of a URL in lower case without `www.` and the like; None for what is no URL with a host."""
    if not url:
        return None
    host = addresses.host(url if "//" in url else f"//{url}").rstrip(".")
    for prefix in _VERSIONS:
        if host.startswith(prefix) and host.count(".") > 1:
            host = host[len(prefix) :]
    return host if "." in host else None
