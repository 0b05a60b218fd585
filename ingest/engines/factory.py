"""Engines and clusters as the settings name them; each is imported where it is used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from ingest.config import Settings
from ingest.engines import Engine, available_cpus
from ingest.engines.cluster import Cluster
from ingest.errors import ConfigError

PACKAGES = {"dask": "distributed"}


def open_engine(settings: Settings) -> Engine:
    """The engine that the setting `workers` asks for; 0 is none but this process."""
    count = available_cpus() if settings.workers == "auto" else settings.workers
    if count == 0:
        from ingest.engines.inline import InlineEngine

        return InlineEngine()
    from ingest.engines.local import LocalEngine
    from ingest.engines.memory import return_freed

    return_freed()
    return LocalEngine(count, seconds=settings.max_document_seconds, memory=settings.max_document_memory)


@contextmanager
def open_cluster(settings: Settings) -> Iterator[Cluster | None]:
    """The cluster that the settings name, or one made on this machine if they give no address; None for `local`.

    Raises:
        ConfigError: the engine is not installed.
        EngineError: there is no cluster at the address.
    """
    if settings.engine == "local":
        yield None
        return
    check_installed(settings)
    workers = available_cpus() if settings.workers == "auto" else max(1, settings.workers)
    from ingest.engines.dask import dask_cluster

    with dask_cluster(settings.engine_address, workers) as cluster:
        yield cluster


def check_installed(settings: Settings) -> None:
    """Raise ConfigError where the engine is not there, before a run has done anything."""
    package = PACKAGES.get(settings.engine)
    if package and find_spec(package) is None:
        raise ConfigError(
            f"engine {settings.engine} needs the package {package}", hint=f"pip install 'ingest[{settings.engine}]'"
        )
