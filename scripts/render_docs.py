#!/usr/bin/env python3
"""Write docs/reference from the program itself: help of each command, tables, settings.

scripts/render_docs.py            write the pages
scripts/render_docs.py --check    exit code 1 if one of them is not current; writes nothing
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import click
import msgspec

from ingest import config, schema
from ingest.cli import cli
from ingest.document import HARMLESS, Outcome
from ingest.roles import Evidence, Role
from ingest.stages import assemble, order

ROOT = Path(__file__).resolve().parents[1]
NOTE = "<!-- Written by scripts/render_docs.py; changes by hand are lost. -->\n"
WIDTH = 100
FLOORS = {
    "Doors": ["cli", "_api", "report", "inspection"],
    "A run": ["run.py", "stream.py", "steps", "engines", "quarantine", "maintenance"],
    "The way of a page": ["pipeline.py", "shelf.py", "readers", "stages", "votes", "decide.py", "rescue.py"],
    "What stages ask": ["encoding", "html", "rules", "models", "sites", "language", "metadata"],
    "What is kept": ["dataset", "duplicates", "storage", "sinks"],
    "The ground": [
        "document.py",
        "roles.py",
        "schema.py",
        "config",
        "plugins.py",
        "errors.py",
        "stopping.py",
        "lines",
    ],
}
"""Where each package and module of `ingest` stands in docs/architecture.md, from those that call to those called."""


def render() -> dict[str, str]:
    """The pages by their path."""
    return {
        "docs/reference/commands.md": commands(),
        "docs/reference/schema.md": tables(),
        "docs/reference/settings.md": settings(),
        "docs/how-it-decides.md": _between("docs/how-it-decides.md", "stages", stages()),
        "docs/architecture.md": _between("docs/architecture.md", "tree", tree()),
    }


def _between(page: str, name: str, content: str) -> str:
    """A page with `content` between the two marks of that name."""
    text = (ROOT / page).read_text(encoding="utf-8")
    begin, end = text.index("\n", text.index(f"<!-- {name}:")) + 1, text.index(f"<!-- end of {name} -->")
    return f"{text[:begin]}{content}\n{text[end:]}"


def tree() -> str:
    """The packages and modules of `ingest`, each with the first sentence of its docstring, from door to ground.

    Raises:
        ValueError: one of them has no place in `FLOORS`, or one that is there is gone.
    """
    found = {path.parent.name: path for path in ROOT.glob("ingest/*/__init__.py")}
    found |= {path.name: path for path in ROOT.glob("ingest/*.py") if not path.name.startswith("__")}
    placed = [name for names in FLOORS.values() for name in names]
    if sorted(placed) != sorted(found):
        raise ValueError(f"FLOORS in scripts/render_docs.py: mend {sorted(set(placed) ^ set(found))}")
    parts = []
    for floor, names in FLOORS.items():
        rows = []
        for name in names:
            doc = ast.get_docstring(ast.parse(found[name].read_text(encoding="utf-8"))) or ""
            first = re.split(r"(?<=\.)\s", " ".join(doc.split("\n\n")[0].split()) + " ")[0]
            rows.append((f"`{name if name.endswith('.py') else name + '/'}`", first.rstrip(".")))
        parts.append(f"**{floor}**\n\n{_table(('room', 'is'), rows)}")
    return "\n" + "\n\n".join(parts) + "\n"


def stages() -> str:
    """The stages in their order."""
    rows = [
        (
            stage.name,
            stage.code,
            stage.does,
            "yes" if stage.is_place else "",
            " ".join(f"`{value}`" for value in stage.takes_out),
        )
        for stage in order.STAGES
    ]
    rows.append((assemble.STAGE, "`stages/assemble.py`", "rows of the three tables", "", ""))
    return _table(("stage", "module", "what it does", "plug-ins behind it", "`removed.stage`"), rows)


def commands() -> str:
    """The help of each command and its subcommands."""
    parts = [f"{NOTE}\n# Commands\n\nWhat `--help` says of each command."]
    for name, command in _walk(cli, "ingest"):
        context = click.Context(command, info_name=name, terminal_width=WIDTH, max_content_width=WIDTH)
        parts.append(f"## {name}\n\n```text\n{command.get_help(context)}\n```")
    return "\n\n".join(parts) + "\n"


def _walk(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    yield name, command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=name)
        for sub in command.list_commands(context):
            found = command.get_command(context, sub)
            if found is not None:
                yield from _walk(found, f"{name} {sub}")


def tables() -> str:
    """Columns of the tables, and the closed sets that some of them hold."""
    parts = [
        f"{NOTE}\n# Schema\n\nVersion {schema.SCHEMA_VERSION}. Columns are added, never renamed or retyped; an "
        "addition raises the version, which stands in the footer of each Parquet file (`ingest.schema_version`)."
    ]
    for name in schema.TABLES:
        rows = [
            (f"`{field.name}`", f"`{field.type}`", (field.metadata or {}).get(b"description", b"").decode())
            for field in schema.SCHEMAS[name]
        ]
        parts.append(f"## {name}\n\n{_table(('column', 'type', 'meaning'), rows)}")
    roles = [(f"`{role.label}`", _kind(role)) for role in Role if role]
    parts.append(f"## Roles\n\n{_table(('role', 'kind'), roles)}")
    evidence = ", ".join(f"`{item.label}`" for item in Evidence if item)
    parts.append(f"## Evidence\n\n{evidence}: see [how it decides](../how-it-decides.md#the-voters).")
    outcomes = [(f"`{o.value}`", "0" if o in HARMLESS else "3") for o in Outcome]
    parts.append(
        "## Outcomes\n\nEach record ends in one of them. `kept` records are rows of `articles`, the others of "
        "`rejected`.\n\n" + _table(("outcome", "exit code of a run with it"), outcomes)
    )
    return "\n\n".join(parts) + "\n"


def _kind(role: Role) -> str:
    return "content" if role.is_content else "metadata" if role.is_metadata else "boilerplate"


def settings() -> str:
    """Settings with type, default, and what the docstring of each says."""
    parts = [
        f"{NOTE}\n# Settings\n\nIn `ingest.toml`, or in the table `[tool.ingest]` of `pyproject.toml`; "
        "as `INGEST_NAME` in the environment (lists separated as in `PATH`); some as flags of `ingest run`. "
        "See [configuration](../configuration.md)."
    ]
    defaults = config.Settings()
    for name, annotation, meaning in _fields():
        value = getattr(defaults, name)
        effect = "yes" if name in config.ROW_SETTINGS else "no"
        rows = [
            ("type", f"`{annotation}`"),
            ("default", f"`{_toml(value)}`"),
            ("part of the configuration hash", effect),
        ]
        parts.append(f"## {name}\n\n{meaning}\n\n" + "\n".join(f"- {key}: {value}" for key, value in rows))
    return "\n\n".join(parts) + "\n"


def _fields() -> Iterator[tuple[str, str, str]]:
    """Name, type and docstring of each setting, as written in `ingest/config/settings.py`."""
    tree = ast.parse(Path(config.settings.__file__).read_text(encoding="utf-8"))
    body = next(node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Settings")
    for field, doc in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            meaning = ast.literal_eval(doc.value) if isinstance(doc, ast.Expr) else ""
            yield field.target.id, ast.unparse(field.annotation), meaning


def _toml(value: Any) -> str:
    if isinstance(value, msgspec.Struct):
        return f"{{{', '.join(f'{name} = {_toml(inner)}' for name, inner in msgspec.to_builtins(value).items())}}}"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(_toml, value))}]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)


def main(check: bool) -> int:
    """Write or compare the pages."""
    stale = [name for name, text in render().items() if not _same(ROOT / name, text)]
    for name in stale:
        print(f"{name}: {'is not current' if check else 'written'}", file=sys.stderr)
        if not check:
            (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / name).write_text(render()[name], encoding="utf-8")
    return int(check and bool(stale))


def _same(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
