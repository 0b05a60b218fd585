"""Scrape dumps in, clean article text and metadata in Parquet out, with a reason for each removed line.

    clean(page, url=None) -> Article    one page
    Pipeline(config)                    many pages, with settings and the knowledge of their sites
    open_dataset(path) -> Snapshot      the committed rows of a dataset

Everything is loaded at its first use, so `import ingest` costs next to nothing. The exceptions are in `ingest.errors`.
"""

from __future__ import annotations

import importlib

TYPE_CHECKING = False  # importing it from typing would cost more than all the rest
if TYPE_CHECKING:
    from typing import Any

    from ingest._api.article import Article, RemovedLine, Segment
    from ingest._api.pipeline import Pipeline, Tables, clean
    from ingest.config import Settings
    from ingest.dataset.reader import Snapshot, open_dataset
    from ingest.errors import ConfigError, DatasetError, IngestError, LockedError, RuleError, SourceError

__version__ = "0.1.0"

__all__ = [
    "Article",
    "ConfigError",
    "DatasetError",
    "IngestError",
    "LockedError",
    "Pipeline",
    "RemovedLine",
    "RuleError",
    "Segment",
    "Settings",
    "Snapshot",
    "SourceError",
    "Tables",
    "__version__",
    "clean",
    "open_dataset",
]

_HOMES = {
    "ingest._api.article": ("Article", "RemovedLine", "Segment"),
    "ingest._api.pipeline": ("Pipeline", "Tables", "clean"),
    "ingest.config": ("Settings",),
    "ingest.dataset.reader": ("Snapshot", "open_dataset"),
    "ingest.errors": ("ConfigError", "DatasetError", "IngestError", "LockedError", "RuleError", "SourceError"),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(_HOME[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
