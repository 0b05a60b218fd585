"""Cleaning pages from Python: one by one, or as tables."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import pyarrow as pa

from ingest._api.article import Article, article_of
from ingest._api.pages import Pages, page_record, records_of
from ingest.config import Settings, settings_of
from ingest.dataset import Dataset
from ingest.document import Kind, Record, Reject
from ingest.pipeline import Chain
from ingest.readers import Limits
from ingest.schema import SCHEMAS
from ingest.sites import contributions
from ingest.sites.names import Names
from ingest.sites.store import ContributionStore, names_of
from ingest.stages.assemble import Stamp

Config: TypeAlias = "Settings | Mapping[str, Any] | str | os.PathLike[str] | None"


class Tables(NamedTuple):
    """The three tables that pages become, in the schemas of the dataset (`ingest schema`)."""

    articles: pa.Table
    removed: pa.Table
    rejected: pa.Table


class Pipeline:
    """Settings, rules, models, and what is known of sites, ready to clean pages.

    Args:
        config: `Settings`, or a mapping with some of their names, or the path of an `ingest.toml`. Environment and
            working directory are not looked at.
        sites: path of a dataset; what it has learned of sites is used.

    A pipeline never changes, may be used from several threads, and can be pickled, so that it serves in
    `multiprocessing`, `concurrent.futures`, `datasets.map` and the like. The same page gives the same rows, whatever
    stands beside it.

    Raises:
        ConfigError: a setting is unknown or has a wrong value; the message names the nearest one.
        DatasetError: there is no dataset at `sites`.
        RuleError: a rule file is malformed.
    """

    def __init__(self, config: Config = None, *, sites: str | os.PathLike[str] | None = None) -> None:
        chain = Chain(_settings(config))
        dataset = Dataset.open(sites) if sites is not None else None
        known = ContributionStore(dataset, chain.learning_version).living() if dataset is not None else []
        self._bind(chain, tuple(known), names_of(dataset))

    def _bind(self, chain: Chain, known: tuple[pa.Table, ...], called: Names) -> None:
        self._chain = chain.freeze(known, called) if known else chain
        self._known, self._called = known, called

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self._chain.settings

    @property
    def config_hash(self) -> str:
        """Hash of all that can change a row apart from the knowledge of sites; the column `config_hash`."""
        return self._chain.config_hash

    def clean(
        self,
        page: str | bytes,
        url: str | None = None,
        *,
        kind: Kind | None = None,
        charset: str | None = None,
        source: str = "",
    ) -> Article:
        """One page, HTML or flattened text, as an `Article`; no page makes it raise.

        Args:
            page: `bytes` are decoded as a browser would.
            url: where the page is from; its host names the site.
            kind: `html` or `text`; told by the page itself where it is not given.
            charset: what the transport (the HTTP header) said of `bytes`.
            source: name of the place the page is from, for its `id`.
        """
        limits = Limits.of(self.settings)
        tables = self._tables([page_record(page, url, source, kind, charset, limits)])
        kept = tables.articles if tables.articles.num_rows else tables.rejected
        return article_of(kept.to_pylist()[0], tables.removed.to_pylist())

    def process(self, pages: Pages, *, source: str = "", first: int = 0) -> Tables:
        """Many pages as the rows of the three tables; each page is in `articles` or in `rejected`.

        Args:
            pages: an Arrow table or record batch, a Polars or pandas frame, a DuckDB relation, or any iterable of
                mappings; with a column `text` or `html` and, where known, `url`, `id`, `title`, `published`,
                `authors`, `section`, `tags`, `standfirst`, `language`, `fetched_at`.
            source: goes into `source_path` and into the ids of the rows.
            first: number of the first page, where `pages` continue earlier ones: goes into `source_record` and ids.

        Raises:
            SourceError: `pages` is something else. A bad page is a row of `rejected`.
        """
        limits = Limits.of(self.settings)
        return self._tables(records_of(pages, source, first, limits))

    def learn(self, pages: Pages) -> Pipeline:
        """A pipeline that knows, besides what this one knows, which lines the sites of `pages` repeat.

        Learning and cleaning are two steps so that results do not depend on the order of pages. `pages` as for
        `process`; usually the same ones, and several of each site.
        """
        settings, limits = self.settings, Limits.of(self.settings)
        records = records_of(pages, "", 0, limits)
        fresh = [
            part
            for batch in _batches(records, settings)
            for part in self._chain.learn(batch, {item.source: "memory" for item in batch})
        ]
        result = object.__new__(Pipeline)
        result._bind(self._chain, (*self._known, contributions.table(fresh)), self._called)
        return result

    def _tables(self, records: Iterator[Record | Reject] | list[Record | Reject]) -> Tables:
        stamp = Stamp.now(self.config_hash)
        done = [rows for batch in _batches(iter(records), self.settings) for rows in self._chain.process(batch, stamp)]
        return Tables(
            *(pa.Table.from_batches([getattr(rows, name) for rows in done], SCHEMAS[name]) for name in Tables._fields)
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (self.settings, self._known, self._called)

    def __repr__(self) -> str:
        changed = {
            k: v for k in Settings.__struct_fields__ if (v := getattr(self.settings, k)) != getattr(Settings(), k)
        }
        return f"ingest.Pipeline({changed or ''})"


def clean(
    page: str | bytes, url: str | None = None, *, kind: Kind | None = None, charset: str | None = None
) -> Article:
    """One page, HTML or flattened text, as an `Article`, with the default settings; see `Pipeline.clean`.

    >>> import ingest
    >>> article = ingest.clean("Pond measured\\n\\nThe pond is as wide as it was last year.\\n\\nSend to a friend")
    >>> article.text
    'The pond is as wide as it was last year.'
    >>> [(line.text, line.role) for line in article.removed]
    [('Pond measured', 'title'), ('Send to a friend', 'share')]
    """
    return _default().clean(page, url, kind=kind, charset=charset)


@cache
def _default() -> Pipeline:
    return Pipeline()


def _restore(settings: Settings, known: tuple[pa.Table, ...], called: Names) -> Pipeline:
    result = object.__new__(Pipeline)
    result._bind(Chain(settings), known, called)
    return result


def _settings(config: Config) -> Settings:
    if isinstance(config, Settings):
        return config
    return settings_of(Path(config) if isinstance(config, str | os.PathLike) else config or {})


def _batches(records: Iterator[Record | Reject], settings: Settings) -> Iterator[Sequence[Record | Reject]]:
    while batch := list(islice(records, settings.batch_documents)):
        yield batch
