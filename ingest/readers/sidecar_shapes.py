"""Which values of the setting `sidecars` would fit a collection. They are proposed; nothing is guessed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from ingest.config import Settings
from ingest.dataset import SourceFile
from ingest.readers.sidecars import is_page, paired
from ingest.readers.sources import Found

SHAPES = ("{stem}.json", "{name}.json", "{stem}.meta.json")
LISTS = ("index", "meta", "metadata", "items", "pages", "manifest")
SHARE = 0.5  # of the pages, of which a sidecar must say something


class Proposal(NamedTuple):
    """A value for the setting, and what it would find."""

    sidecars: str
    what: str


def proposals(sources: Sequence[SourceFile], settings: Settings) -> list[Proposal]:
    """Each value that would tell something of at least half of the pages; none where the setting is in use."""
    if settings.sidecars:
        return []
    there = {source.path.rpartition("/")[2] for source in sources}
    pages = sum(is_page(source.path, settings) for source in sources)
    listed = [f"{stem}{suffix}" for stem in LISTS for suffix in (".jsonl", ".json") if f"{stem}{suffix}" in there]
    found: list[Proposal] = []
    for pattern in (*SHAPES, *listed):
        trial = paired(Found(list(sources), [], [], []), replace(settings, sidecars=(pattern,)))
        said = sum(bool(source.said) for source in trial.sources)
        if said and said >= SHARE * pages:
            found.append(Proposal(pattern, f"tells of {said:,} of {pages:,} pages"))
    return found
