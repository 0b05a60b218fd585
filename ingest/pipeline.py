"""The chain of stages for a batch, nothing else.

    decode → limit → extract → repair → identify → judge
           → label → language → metadata → trim → structure → rescue → refuse → assemble

The first six make up `prepare`; learning across the pages of a site needs only these. A stage that fails on a batch is
run again document by document, so that a bad document costs itself and never its neighbours.
"""

from __future__ import annotations

import hashlib
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import pyarrow as pa

from ingest import language, libraries, plugins, rules, sites
from ingest.config import Settings, row_hash
from ingest.document import OUT_OF_MEMORY, Batch, Document, Ending, Outcome, Record, Reject
from ingest.html import site_config
from ingest.html.site_config import SiteConfigs
from ingest.models import dom_model, line_model, site_model
from ingest.rescue import rescue
from ingest.schema import ARTICLES, REMOVED
from ingest.shelf import Shelf
from ingest.sites import Profiles
from ingest.sites.generic import generic_fingerprints
from ingest.sites.names import Names
from ingest.sites.paths import PathSites
from ingest.stages.assemble import Rows, Stamp, assemble, assemble_rejects
from ingest.stages.decode import decode
from ingest.stages.extra import ExtraStage
from ingest.stages.extra import load as load_extra
from ingest.stages.extract import extract
from ingest.stages.identify import identify, identify_again
from ingest.stages.label import label
from ingest.stages.language import detect
from ingest.stages.limit import limit
from ingest.stages.metadata import read_metadata
from ingest.stages.predict import judge
from ingest.stages.refuse import refuse
from ingest.stages.repair import repair
from ingest.stages.structure import shape
from ingest.stages.trim import trim
from ingest.timing import timed

T = TypeVar("T")

P = ParamSpec("P")


@dataclass(slots=True)
class Chain:
    """Settings bound to the rules, engines and site profiles that they name.

    Deterministic: the same record gives the same rows, whatever stands beside it in the batch.
    """

    settings: Settings
    profiles: Profiles = field(default_factory=Profiles)
    shelf: Shelf | None = None
    rules: rules.RuleSet = field(init=False)
    engine: language.Engine = field(init=False)
    site_configs: SiteConfigs = field(init=False)
    paths: PathSites = field(init=False)
    extra: list[ExtraStage] = field(init=False)

    def __post_init__(self) -> None:
        self.rules = rules.load([Path(folder) for folder in self.settings.rules])
        self.engine = language.get_engine(self.settings.language_engine)
        self.site_configs = site_config.load([Path(folder) for folder in self.settings.site_configs])
        self.paths = PathSites.of(self.settings)
        self.extra = load_extra(self.settings.stages)

    @property
    def config_hash(self) -> str:
        """Hash of all that can change a row, apart from the site profiles."""
        versions = {
            "rules": self.rules.version,
            "language": self.engine.version,
            "line_model": line_model.version_of(line_model.WEIGHTS),
            "site_configs": self.site_configs.version,
            "dom_model": line_model.version_of(dom_model.WEIGHTS),
            "site_model": line_model.version_of(site_model.WEIGHTS),
            **{f"library:{name}": version for name, version in libraries.versions().items()},
            **plugins.versions("readers"),
            **plugins.versions("stages", self.settings.stages),
        }
        return row_hash(self.settings, versions)

    @property
    def learning_version(self) -> str:
        """What decides of which site a page is learned, beside the page: part of the names of what is stored."""
        return self.paths.version(self.rules.version)

    def __reduce__(self) -> tuple[type[Chain], tuple[Settings, Profiles, Shelf | None]]:
        """What another process needs to make an equal chain; rules and models are read there."""
        return Chain, (self.settings, self.profiles, self.shelf)

    def learn(self, records: Sequence[Record | Reject], digests: Mapping[str, str]) -> list[pa.RecordBatch]:
        """What pages contribute to the knowledge of their sites; `digests` are those of their sources, by path.

        A page that fails contributes nothing.
        """

        def contribute(records: Sequence[Record]) -> pa.RecordBatch:
            return sites.learn(self.prepare(records, learning=True), digests)

        pages = [record for record in records if isinstance(record, Record)]
        return _one_by_one_on_failure(contribute, pages, lambda record, error: None)

    def freeze(self, contributions: Sequence[pa.Table], names: Names | None = None) -> None:
        """Merge contributions into the profiles that `process` uses from now on.

        names: what sites that nobody named were called before.
        """
        self.profiles = sites.freeze(contributions, generic_fingerprints(self.rules), names or Names())

    def prepare(self, records: Sequence[Record], *, learning: bool = False) -> Batch:
        """Records to documents with known lines and sites.

        What was made of them while `learning` is taken from the shelf, where there is one.
        """
        documents = [document_of(record) for record in records]
        shelf = None if self.extra else self.shelf  # nobody knows what stages of others want to find again
        if not learning and shelf is not None and (kept := shelf.take(documents)) is not None:
            return timed("identify", identify_again, kept, self.profiles)
        batch = self._step("decode", decode, Batch(documents))
        batch = self._step("limit", limit, batch, self.settings.max_html_elements)
        batch = self._step("extract", extract, batch, configs=self.site_configs)
        batch = self._step("repair", repair, batch)
        batch = self._step("identify", identify, batch, self.rules, self.profiles, self.paths)
        batch = timed("judge", judge, batch, self.rules)
        if learning and shelf is not None and not self.profiles.unnamed:
            shelf.put(batch)
        return batch

    def label(self, records: Sequence[Record]) -> Batch:
        """Records to documents whose lines all have their final role, language and evidence."""
        settings = self.settings
        batch = self.prepare(records)
        batch = self._step("label", label, batch, self.rules, self.profiles, settings.keep, settings.html_engine)
        batch = self._step("language", detect, batch, self.engine)
        batch = self._step("metadata", read_metadata, batch, self.profiles, self.rules.date_orders)
        batch = self._step("trim", trim, batch)
        batch = self._step("structure", shape, batch)
        batch = self._step("rescue", rescue, batch)
        return self._step("refuse", refuse, batch)

    def _step(
        self, name: str, stage: Callable[Concatenate[Batch, P], Batch], batch: Batch, *args: P.args, **kwargs: P.kwargs
    ) -> Batch:
        """An own stage, then those of plug-ins that run behind it."""
        batch = timed(name, stage, batch, *args, **kwargs)
        for extra in self.extra:
            if extra.after == name:
                batch = timed(extra.name, extra, batch)
        return batch

    def process(self, records: Sequence[Record | Reject], stamp: Stamp) -> list[Rows]:
        """Records to rows; what the readers refused goes straight to `rejected`."""

        def rows(records: Sequence[Record]) -> Rows:
            return assemble(
                self.label(records),
                stamp,
                min_words=self.settings.min_words,
                engine=self.engine,
                markdown=self.settings.text_format == "markdown",
            )

        def failed(record: Record, error: Exception) -> Rows:
            if isinstance(error, MemoryError):
                return self.end(record, OUT_OF_MEMORY, stamp)
            place = traceback.extract_tb(error.__traceback__)[-1]
            reason = f"{type(error).__name__}: {error} ({Path(place.filename).name}:{place.lineno})"
            remedy = "a fault of ingest: please report it with this page"
            return self.end(record, Ending(Outcome.FAILED, reason, remedy), stamp)

        pages = [record for record in records if isinstance(record, Record)]
        refused = [record for record in records if isinstance(record, Reject)]
        result = _one_by_one_on_failure(rows, pages, failed)
        if refused:
            result.append(_only_rejected([(reject_id(reject), reject) for reject in refused], stamp))
        return result

    def end(self, record: Record, ending: Ending, stamp: Stamp) -> Rows:
        """The rows of a record that the stages could not bring to an end."""
        reject = record.refused(ending.outcome, ending.reason, ending.remedy)
        return _only_rejected([(document_of(record).id, reject)], stamp)


def document_of(record: Record) -> Document:
    """A document with its stable id: a hash of where the record stands and what it holds before any processing."""
    content = record.content
    page = _hash(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
    return Document(_hash(f"{record.source}\0{record.number}\0{page}".encode()), record, page, record.url)


def reject_id(reject: Reject) -> str:
    """Stable id of what could not be read: by its place, as there may be no content to hash."""
    number = "" if reject.number is None else reject.number
    return _hash(f"{reject.source}\0{number}\0rejected\0{reject.outcome.value}".encode())


def _hash(*parts: bytes) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(part)
    return digest.hexdigest()


def _only_rejected(rejects: list[tuple[str, Reject]], stamp: Stamp) -> Rows:
    return Rows(
        pa.RecordBatch.from_pylist([], schema=ARTICLES),
        pa.RecordBatch.from_pylist([], schema=REMOVED),
        assemble_rejects(rejects, stamp),
    )


def _one_by_one_on_failure(
    work: Callable[[Sequence[Record]], T],
    records: Sequence[Record],
    failed: Callable[[Record, Exception], T | None],
) -> list[T]:
    if not records:
        return []
    try:
        return [work(records)]
    except Exception as error:
        if len(records) == 1:
            result = failed(records[0], error)
            return [] if result is None else [result]
    return [result for record in records for result in _one_by_one_on_failure(work, [record], failed)]
