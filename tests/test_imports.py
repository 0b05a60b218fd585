"""Imports go one way: read from the source, so that those inside of functions and for types alone count too."""

from __future__ import annotations

import ast
import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest

import ingest

ROOT = Path(ingest.__file__).parent
RECURSIVE = {"readers.archive", "readers.compressed"}  # an archive holds whatever `readers.registry` can read
FLOORS = runpy.run_path(str(ROOT.parent / "scripts/render_docs.py"))["FLOORS"]  # of docs/architecture.md
UPWARD = {
    # types of what the line table holds
    ("document", "html.evidence"),
    ("document", "metadata.html"),
    ("document", "models.line_model"),
    ("document", "rules._match"),
    # what a part's rows are counted by, told by the report
    ("run", "report.counts"),
    ("steps.run_stats", "report.counts"),
    # one function each
    ("duplicates.index", "engines.memory"),
    ("duplicates.rewrite", "stages.assemble"),
}
GROUND = {
    "storage": {"errors"},
    "engines": {"config", "document", "errors", "stopping"},
    "dataset": {"document", "errors", "schema", "stopping", "storage"},
    "lines": set(),
    "encoding": {"document", "lines"},
    "rules": {"errors", "lines", "plugins", "roles"},
}


def modules() -> dict[str, Path]:
    found = {}
    for path in ROOT.rglob("*.py"):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    del found[""]  # the package itself: a door that imports nothing before it is asked
    return found


MODULES = modules()


def imported(name: str) -> Iterator[str]:
    """Modules that a module names in its imports, as `room.module`."""
    path = MODULES[name]
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.removeprefix("ingest.") for alias in node.names if alias.name.startswith("ingest."))
        elif isinstance(node, ast.ImportFrom):
            above = ["ingest", *package[: len(package) - node.level + 1]] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            if base.split(".")[0] == "ingest":
                for alias in node.names:
                    whole = f"{base}.{alias.name}".removeprefix("ingest.")
                    yield whole if whole in MODULES else base.removeprefix("ingest").removeprefix(".")


def circles(graph: dict[str, set[str]]) -> set[str]:
    """Modules that reach themselves: what is left when those that know no one, or whom no one knows, are taken away."""
    left = dict(graph)
    while True:
        known = {target for targets in left.values() for target in targets}
        outer = {name for name in left if name not in known or not left[name] & left.keys()}
        if not outer:
            return set(left)
        left = {name: targets - outer for name, targets in left.items() if name not in outer}


def test_no_module_comes_back_to_itself() -> None:
    """No chain of imports comes back to its beginning, but that of archives, which hold archives."""
    graph = {name: {other for other in imported(name) if other in MODULES} - {name} for name in MODULES}
    for name in RECURSIVE:
        graph[name].remove("readers.registry")
    assert circles(graph) == set()


def test_circles_are_found() -> None:
    """Of a chain with a circle in it, the circle is named, with what lies between two of them."""
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set()}) == {"b", "c"}
    assert circles({"a": {"b"}, "b": {"c"}, "c": set()}) == set()


@pytest.mark.parametrize("room", GROUND)
def test_rooms_on_the_ground_know_few_others(room: str) -> None:
    """Storage knows nothing of datasets, engines nothing of stages, the dataset nothing of pages."""
    inside = [name for name in MODULES if name.split(".")[0] == room]
    known = {other.split(".")[0] for name in inside for other in imported(name) if other}
    assert known - {room} <= GROUND[room]


def test_imports_go_down_the_floors() -> None:
    """No room knows one of a floor above its own, as docs/architecture.md has them, but those named here."""
    floor = {name.removesuffix(".py"): n for n, names in enumerate(FLOORS.values()) for name in names}
    edges = {(name, other) for name in MODULES for other in imported(name) if name.split(".")[0] in floor}
    up = {(a, b) for a, b in edges if floor.get(b.split(".")[0], 99) < floor[a.split(".")[0]]}
    assert up == UPWARD
