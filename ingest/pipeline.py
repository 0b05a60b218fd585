"""The chain of stages for a batch, nothing else: those of `ingest.stages.order`, then `assemble`.

The stages that prepare a page look at it alone; learning across the pages of a site needs only these. A stage that
fails on a batch is run again document by document, so that a bad document costs itself and never its neighbours.
"""

from __future__ import annotations

import hashlib
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import InitVar, dataclass, field
from pathlib import Path
from typing import TypeVar

import pyarrow as pa

from ingest import language, plugins, rules, sites
from ingest.config import Settings, libraries, row_hash
from ingest.document import OUT_OF_MEMORY, Batch, Document, Ending, Outcome, Record, Reject
from ingest.html import site_config
from ingest.models import dom_model, line_model, site_model
from ingest.schema import ARTICLES, REMOVED
from ingest.shelf import Shelf
from ingest.sites import Profiles
from ingest.sites.generic import generic_fingerprints
from ingest.sites.names import Names
from ingest.sites.paths import PathSites
from ingest.stages.assemble import Rows, Stamp, assemble, assemble_rejects
from ingest.stages.extra import with_plugins
from ingest.stages.identify import named_by_learning
from ingest.stages.order import STAGES
from ingest.stages.stage import Resources, Stage, run

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Chain:
    """Settings bound to the rules, engines and site profiles that they name.

    Deterministic: the same record gives the same rows, whatever stands beside it in the batch. `like` is a chain of the
    same settings, whose rules and engines are taken over.
    """

    settings: Settings
    profiles: Profiles = field(default_factory=Profiles)
    shelf: Shelf | None = None
    like: InitVar[Chain | None] = None
    resources: Resources = field(init=False)
    stages: tuple[Stage, ...] = field(init=False)

    def __post_init__(self, like: Chain | None) -> None:
        object.__setattr__(self, "resources", like.resources if like else _load(self.settings))
        object.__setattr__(self, "stages", like.stages if like else with_plugins(self.settings.stages))

    def __reduce__(self) -> tuple[type[Chain], tuple[Settings, Profiles, Shelf | None]]:
        """What another process needs to make an equal chain; rules and models are read there."""
        return Chain, (self.settings, self.profiles, self.shelf)

    @property
    def config_hash(self) -> str:
        """Hash of all that can change a row, apart from the site profiles."""
        given = self.resources
        versions = {
            "rules": given.rules.version,
            "language": given.engine.version,
            "line_model": line_model.version_of(line_model.WEIGHTS),
            "site_configs": given.site_configs.version,
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
        return self.resources.paths.version(self.resources.rules.version)

    def learn(self, records: Sequence[Record | Reject], digests: Mapping[str, str]) -> list[pa.RecordBatch]:
        """What pages contribute to the knowledge of their sites; `digests` are those of their sources, by path.

        A page that fails contributes nothing.
        """

        def contribute(records: Sequence[Record]) -> pa.RecordBatch:
            return sites.learn(self.prepare(records, learning=True), digests)

        pages = [record for record in records if isinstance(record, Record)]
        return _one_by_one_on_failure(contribute, pages, lambda record, error: None)

    def freeze(self, contributions: Sequence[pa.Table], names: Names | None = None) -> Chain:
        """This chain with the profiles that contributions are merged to.

        names: what sites that nobody named were called before.
        """
        profiles = sites.freeze(contributions, generic_fingerprints(self.resources.rules), names or Names())
        return Chain(self.settings, profiles, self.shelf, self)

    def with_shelf(self, shelf: Shelf | None) -> Chain:
        """This chain with a shelf for what learning prepares."""
        return Chain(self.settings, self.profiles, shelf, self)

    def prepare(self, records: Sequence[Record], *, learning: bool = False) -> Batch:
        """Records to documents with known lines and sites.

        What was made of them while `learning` is taken from the shelf, where there is one.
        """
        documents = [document_of(record) for record in records]
        # nobody knows what stages of others want to find again
        shelf = self.shelf if len(self.stages) == len(STAGES) else None
        if not learning and shelf is not None and (kept := shelf.take(documents)) is not None:
            return named_by_learning(kept, self.profiles)
        batch = self._run(Batch(documents), prepares=True)
        if learning and shelf is not None and not self.profiles.unnamed:
            shelf.put(batch)
        return batch

    def label(self, records: Sequence[Record]) -> Batch:
        """Records to documents whose lines all have their final role, language and evidence."""
        return self._run(self.prepare(records), prepares=False)

    def _run(self, batch: Batch, *, prepares: bool) -> Batch:
        stages = [stage for stage in self.stages if stage.prepares is prepares]
        return run(stages, batch, self.resources, self.profiles)

    def process(self, records: Sequence[Record | Reject], stamp: Stamp) -> list[Rows]:
        """Records to rows; what the readers refused goes straight to `rejected`."""

        def rows(records: Sequence[Record]) -> Rows:
            return assemble(
                self.label(records),
                stamp,
                min_words=self.settings.min_words,
                engine=self.resources.engine,
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


def _load(settings: Settings) -> Resources:
    """What the settings name.

    Raises:
        ConfigError: there is no such language engine, or a path names no site.
        RuleError: a rule file is malformed.
    """
    return Resources(
        settings,
        rules.load([Path(folder) for folder in settings.rules]),
        language.get_engine(settings.language_engine),
        site_config.load([Path(folder) for folder in settings.site_configs]),
        PathSites.of(settings),
    )


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
