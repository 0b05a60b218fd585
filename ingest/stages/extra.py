"""Stages of other packages: the setting `stages` names those that run, and each says behind which own stage it runs.

A stage is a callable from batch to batch (see `ingest.document`), brought by an entry point of the group
`ingest.stages`. Its attribute `after` names one of `PLACES`; without it, it runs behind `metadata`, where lines have
their roles, languages and evidence. It labels lines and never deletes them, and depends on nothing but the page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ingest import plugins
from ingest.document import Batch
from ingest.errors import ConfigError, nearest

PLACES = ("decode", "extract", "repair", "identify", "label", "language", "metadata", "trim")
DEFAULT = "metadata"


class StageError(Exception):
    """A stage of another package failed on a page; the message names the stage."""


@dataclass(frozen=True, slots=True)
class ExtraStage:
    """A plug-in under its name."""

    name: str
    after: str
    call: Callable[[Batch], Batch]

    def __call__(self, batch: Batch) -> Batch:
        try:
            return self.call(batch)
        except MemoryError:
            raise
        except Exception as error:
            raise StageError(f"stage plug-in {self.name!r}: {type(error).__name__}: {error}") from error


def load(names: Iterable[str]) -> list[ExtraStage]:
    """The stages of these names, in this order.

    Raises:
        ConfigError: there is no such stage, it cannot be loaded, or it wants a place that there is not.
    """
    stages = []
    for name in names:
        call = plugins.load("stages", name)
        after = getattr(call, "after", DEFAULT)
        if after not in PLACES:
            hint = nearest(str(after), PLACES)
            raise ConfigError(f"stage plug-in {name!r} wants to run after {after!r}, which is no stage", hint=hint)
        stages.append(ExtraStage(name, after, call))
    return stages
