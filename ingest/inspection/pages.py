"""Sources labelled without writing anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from ingest.config import Settings
from ingest.dataset import Dataset, SourceFile
from ingest.dataset.sources import digested
from ingest.document import Document, Outcome, Record, Reject
from ingest.inspection.views import PageView, view
from ingest.pipeline import Chain
from ingest.readers import Limits
from ingest.readers.batches import batches
from ingest.readers.sidecars import find
from ingest.sites import contributions
from ingest.sites.store import ContributionStore, names_of
from ingest.storage.locations import Place


@dataclass(frozen=True, slots=True)
class Labelled:
    """A page, the document behind it, and the chain of stages that labelled it: its rules, profiles and settings."""

    page: PageView
    document: Document
    chain: Chain


def pages(
    arguments: list[Place], settings: Settings, *, dataset: Place | None = None, record: int | None = None
) -> Iterator[PageView | Reject]:
    """Process sources, and tell what became of each line.

    What the sites' pages have in common is learned from these sources together with what `dataset` knows.
    """
    for found in labelled(arguments, settings, dataset=dataset, record=record):
        yield found.page if isinstance(found, Labelled) else found


def labelled(
    arguments: list[Place], settings: Settings, *, dataset: Place | None = None, record: int | None = None
) -> Iterator[Labelled | Reject]:
    """`pages`, each with the chain that labelled it."""
    chain = Chain(settings)
    listed = find(arguments, settings)
    for name, reason, remedy in listed.absent:
        yield Reject(name, None, Outcome.UNREADABLE, reason, remedy)
    sources = [source for source in digested(listed.sources) if source is not None]  # others are gone since listed
    limits = Limits.of(settings)
    if settings.learn:
        opened = Dataset.open(dataset) if dataset is not None else None
        known = contributions_of(opened, chain) if opened is not None else []
        fresh = [
            part
            for source in sources
            for batch in batches(source, settings, limits)
            for part in chain.learn(batch, {source.path: source.digest})
        ]
        chain = chain.freeze([*known, contributions.table(fresh)], names_of(opened))
    for source in sources:
        yield from pages_of(source, chain, record)


def contributions_of(dataset: Dataset, chain: Chain) -> Sequence[pa.Table]:
    """What the dataset has learned of its sites."""
    return ContributionStore(dataset, chain.learning_version).living()


def look(chain: Chain, records: Sequence[Record]) -> Iterator[Labelled]:
    """Records, labelled by the chain."""
    done = chain.label(records)
    for position, document in enumerate(done.documents):
        yield Labelled(view(done, position, document), document, chain)


def pages_of(source: SourceFile, chain: Chain, record: int | None) -> Iterator[Labelled | Reject]:
    """The pages of one source, or only that of one record number."""
    for batch in batches(source, chain.settings, Limits.of(chain.settings)):
        wanted = [item for item in batch if record is None or item.number == record]
        yield from (item for item in wanted if isinstance(item, Reject))
        records = [item for item in wanted if isinstance(item, Record)]
        if records:
            yield from look(chain, records)
        if record is not None and wanted:
            return
