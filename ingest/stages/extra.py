"""Stages of other packages: the setting `stages` names those that run, and each says behind which own stage it runs.

A stage is a callable from batch to batch (see `ingest.document`), brought by an entry point of the group
`ingest.stages`. Its attribute `after` names one of `PLACES`; without it, it runs behind `metadata`, where lines have
their roles, languages and evidence. It labels lines and never deletes them, and depends on nothing but the page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ingest import plugins
from ingest.document import Batch
from ingest.errors import ConfigError, nearest
from ingest.sites import Profiles
from ingest.stages.measure import measure_again
from ingest.stages.order import PLACES, STAGES
from ingest.stages.stage import Resources, Stage

DEFAULT = "metadata"


class StageError(Exception):
    """A stage of another package failed on a page; the message names the stage."""


def with_plugins(names: Iterable[str]) -> tuple[Stage, ...]:
    """All stages, with those of plug-ins of these names behind the places that they want, in this order.

    Raises:
        ConfigError: there is no such stage, it cannot be loaded, or it wants a place that there is not.
    """
    stages = STAGES
    for name in reversed(list(names)):
        call = plugins.load("stages", name)
        after = getattr(call, "after", DEFAULT)
        if after not in PLACES:
            hint = nearest(str(after), PLACES)
            raise ConfigError(f"stage plug-in {name!r} wants to run after {after!r}, which is no stage", hint=hint)
        stages = with_stage(stages, after, name, call)
    return stages


def with_stage(stages: tuple[Stage, ...], after: str, name: str, call: Callable[[Batch], Batch]) -> tuple[Stage, ...]:
    """The stages with a further one right behind that called `after`; it runs to learn where that does.

    Where it changes the text of a line that is encoded, the batch is measured again.
    """
    names = [stage.name for stage in stages]
    place = names.index(after)
    is_encoded = "repair" in names[: place + 1]

    def run(batch: Batch, given: Resources, profiles: Profiles) -> Batch:
        lines, texts = batch.lines, [*batch.lines.texts]
        try:
            batch = call(batch)
        except MemoryError:
            raise
        except Exception as error:
            raise StageError(f"stage plug-in {name!r}: {type(error).__name__}: {error}") from error
        changed = batch.lines is not lines or batch.lines.texts != texts
        return measure_again(batch) if changed and is_encoded else batch

    prepares = stages[place].prepares
    extra = Stage(name, run, "a stage of a plug-in", "", prepares=prepares)
    return (*stages[: place + 1], extra, *stages[place + 1 :])
