"""What a stage is, and what all stages are handed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from ingest.config import Settings
from ingest.document import Batch
from ingest.html.site_config import SiteConfigs
from ingest.language import Engine
from ingest.rules import RuleSet
from ingest.sites import Profiles
from ingest.sites.paths import PathSites


@dataclass(frozen=True, slots=True)
class Resources:
    """What the settings name, loaded."""

    settings: Settings
    rules: RuleSet
    engine: Engine
    site_configs: SiteConfigs
    paths: PathSites


Run: TypeAlias = "Callable[[Batch, Resources, Profiles], Batch]"


@dataclass(frozen=True, slots=True)
class Stage:
    """A step of the way of a batch.

    does, code: for readers, what it does and where · prepares: it looks at each page alone, and runs to learn, too ·
    is_place: stages of plug-ins may run behind it · takes_out: the values that it writes to the column `stage` of
    `removed`.
    """

    name: str
    run: Run
    does: str
    code: str
    prepares: bool = False
    is_place: bool = False
    takes_out: tuple[str, ...] = ()


def run(stages: Iterable[Stage], batch: Batch, resources: Resources, profiles: Profiles) -> Batch:
    """The batch behind all of the stages; the seconds (wall clock) of each are added to those that it carries."""
    for stage in stages:
        started = time.perf_counter()
        batch = stage.run(batch, resources, profiles)
        batch.seconds[stage.name] += time.perf_counter() - started
    return batch
