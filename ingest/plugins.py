"""What other packages bring in by entry points: readers, stages, rules, sinks, language engines.

A plug-in is loaded when it is needed and not before, so a broken one harms only what needs it, and names itself there.

Source: the entry points specification, https://packaging.python.org/specifications/entry-points/.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Literal, get_args

from ingest.errors import ConfigError, nearest

Kind = Literal["readers", "stages", "rules", "sinks", "language"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Plugin:
    """One entry point: `target` is what it names, `error` says why it cannot be used, and is empty where it can."""

    kind: Kind
    name: str
    target: str
    package: str
    version: str
    error: str = ""


def survey() -> list[Plugin]:
    """All plug-ins there are, each tried, sorted by kind and name. Nothing that a plug-in does makes this raise."""
    found = []
    for kind in KINDS:
        for name, points in sorted(_points(kind).items()):
            error = ""
            try:
                load(kind, name)
            except ConfigError as fault:
                cause = fault.__cause__
                error = fault.message if cause is None else f"{type(cause).__name__}: {cause}"
            found += [_describe(kind, point, error) for point in points]
    return found


def names(kind: Kind) -> list[str]:
    """Names of the plug-ins of a kind, sorted, broken ones among them."""
    return sorted(_points(kind))


@cache
def load(kind: Kind, name: str) -> Any:
    """What the entry point `name` gives, loaded once.

    Raises:
        ConfigError: there is none, several packages bring one, or it cannot be loaded; names package and remedy.
    """
    points = _points(kind).get(name, [])
    if not points:
        raise ConfigError(f"there is no plug-in {name!r} among the {kind}", hint=nearest(name, names(kind)))
    if len(points) > 1:
        packages = " and ".join(sorted(_package(point) for point in points))
        raise ConfigError(f"{kind} plug-in {name!r} comes from {packages}", hint="uninstall all of them but one")
    try:
        return points[0].load()
    # a plug-in may fail in whatever way, even by calling sys.exit
    except (Exception, SystemExit) as error:
        raise ConfigError(
            f"{kind} plug-in {name!r} of {_package(points[0])} cannot be loaded: {type(error).__name__}: {error}",
            hint=f"mend or uninstall {_package(points[0])}; `ingest plugins` lists all plug-ins with their state",
        ) from error


def versions(kind: Kind, wanted: Iterable[str] | None = None) -> dict[str, str]:
    """Packages with versions behind plug-ins, by `kind:name`, for the configuration hash; `wanted` limits the names."""
    chosen = names(kind) if wanted is None else wanted
    points = _points(kind)
    return {f"{kind}:{name}": " ".join(sorted(map(_package, points.get(name, ())))) for name in chosen}


def _points(kind: Kind) -> dict[str, list[EntryPoint]]:
    return _installed()[kind]


@cache
def _installed() -> dict[Kind, dict[str, list[EntryPoint]]]:
    """Entry points by kind and name. All packages are looked through once, which takes some 5 ms for a hundred."""
    points = entry_points()
    found: dict[Kind, dict[str, list[EntryPoint]]] = {kind: {} for kind in KINDS}
    for kind, by_name in found.items():
        for point in sorted(points.select(group=f"ingest.{kind}"), key=_package):
            by_name.setdefault(point.name, []).append(point)
    return found


def _package(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist is not None else "an unknown package"


def _describe(kind: Kind, point: EntryPoint, error: str) -> Plugin:
    name, version = (point.dist.name, point.dist.version) if point.dist is not None else ("", "")
    return Plugin(kind, point.name, point.value, name, version, error)
