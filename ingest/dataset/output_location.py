"""Sources and the dataset that is written to are kept apart."""

from __future__ import annotations

import os
from collections.abc import Iterable

from ingest.dataset.layout import OWN, REPORT
from ingest.errors import SourceError
from ingest.storage.locations import Place, as_place, is_url


def keep_apart(arguments: Iterable[Place], output: Place, *, force: bool = False) -> list[Place]:
    """The folders that no source may lie in: that of the dataset, or, where sources do lie in it, what it keeps there.

    A dataset in a folder below the sources is common, and does no harm.

    Raises:
        SourceError: a source is the dataset's folder, or lies in it, and `force` does not allow it.
    """
    place = as_place(output)
    inside = [argument for argument in arguments if _is_in(argument, place)]
    if not inside:
        return [place]
    if not force:
        what = "is both source and dataset" if _is_in(place, as_place(inside[0])) else f"holds the source {inside[0]}"
        raise SourceError(
            f"{output} {what}",
            source=output,
            hint="give the dataset a folder of its own with -o, or --force to have both in one folder",
        )
    return [f"{place}/{name}" if is_url(place) else os.path.join(place, name) for name in (*sorted(OWN), REPORT)]


def _is_in(argument: Place, folder: Place) -> bool:
    """Whether a source is a folder or lies below it."""
    given = as_place(argument)
    if is_url(given) or is_url(folder):
        return is_url(given) and is_url(folder) and f"{given}/".startswith(f"{folder}/")
    real, base = os.path.realpath(given), os.path.realpath(folder)
    return real == base or real.startswith(base.rstrip(os.sep) + os.sep)
