"""`ingest schema`: the tables' columns."""

from __future__ import annotations

import click
from rich.table import Table

from ingest.cli import common
from ingest.schema import SCHEMA_VERSION, SCHEMAS, TABLES


@click.command(epilog="\b\nExample:\n  ingest schema articles")
@click.argument("table", required=False, type=click.Choice(TABLES))
@common.json_option
def command(table: str | None, as_json: bool) -> None:
    """Print the columns of TABLE, or of all three tables."""
    names = [table] if table else list(TABLES)
    if as_json:
        columns = {name: [_column(field) for field in SCHEMAS[name]] for name in names}
        common.print_json({"schema_version": SCHEMA_VERSION, "tables": columns})
        return
    console = common.out()
    for name in names:
        view = Table("column", "type", "meaning", title=f"{name} (schema {SCHEMA_VERSION})", title_justify="left")
        for field in SCHEMAS[name]:
            view.add_row(*_column(field).values())
        console.print(view)


def _column(field: object) -> dict[str, str]:
    meaning = (field.metadata or {}).get(b"description", b"").decode()  # type: ignore[attr-defined]
    return {"name": field.name, "type": str(field.type), "description": meaning}  # type: ignore[attr-defined]
