"""`ingest explain`: why a row of the dataset is as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.text import Text

from ingest.cli import common

HIDDEN = frozenset({"text", "segments", "text_sha256", "pipeline_version", "config_hash", "ingested_at"})


@click.command(
    epilog="""\b
Examples:
  ingest explain 3f9c                       an article by the start of its id
  ingest explain 3f9c --line 42             one removed line, with the text of the rule
  ingest explain 3f9c -o corpus --json
"""
)
@click.argument("identifier", metavar="ID")
@common.dataset_option
@click.option("--line", type=int, help="Only this line of the page.")
@common.json_option
def command(identifier: str, output: Path, line: int | None, as_json: bool) -> int:
    """Show the article or rejected record ID, or the start of it: metadata, text, and why each line went."""
    from ingest.dataset import open_dataset

    dataset = open_dataset(output)
    row, table = _find(dataset, identifier)
    removed = [r for r in _rows(dataset, "removed", row["id"]) if line is None or r["line"] == line]
    removed.sort(key=lambda r: r["line"])
    for entry in removed:
        entry["explanation"] = _rule_text(entry)
    if as_json:
        common.print_json({"table": table, "row": row, "removed": removed})
        return 0
    console = common.out()
    if line is None:
        for key, value in row.items():
            if key not in HIDDEN and value not in (None, [], False):
                console.print(Text(f"{key:>20}: ", style="bold").append(_plain(value), style="default"))
        if row.get("text"):
            console.print(Text(f"\n{row['text']}\n"))
    for entry in removed:
        _show(console, entry)
    if line is not None and not removed:
        console.print(f"line {line} was not removed")
    return 0


def _show(console: Any, entry: dict[str, Any]) -> None:
    score = f"{entry['score']:.2f}" if entry["score"] is not None else ""
    mark = "−" if entry["altered_to"] is None else "~"
    margin = f"{entry['line']:>5} {mark} {entry['role']:<17} {entry['evidence']} {score}  "
    text = Text(margin, style="dim").append(entry["text"], style="red")
    if entry["altered_to"] is not None:
        text.append(f"  → {entry['altered_to']}", style="green")
    console.print(text)
    if entry["explanation"]:
        console.print(Text(f"{'':>8}{entry['explanation']}", style="dim italic"))


def _rule_text(entry: dict[str, Any]) -> str:
    from ingest.errors import RuleError
    from ingest.rules import load

    rule = entry["rule"] or ""
    if entry["evidence"] != "rule" or not rule:
        return rule
    try:
        found = load().explain(rule)
    except RuleError:
        return rule
    where = f"site pack {found.site}" if found.site else "generic rules"
    return f"{rule} ({where}, {found.file.name}, scope {found.scope})" + (f": {found.note}" if found.note else "")


def _find(dataset: Any, identifier: str) -> tuple[dict[str, Any], str]:
    for table in ("articles", "rejected"):
        found = _rows(dataset, table, identifier, prefix=True)
        if len(found) > 1:
            ids = ", ".join(row["id"] for row in found[:5])
            raise click.UsageError(f"{identifier!r} is the start of several ids: {ids}")
        if found:
            return found[0], table
    raise click.UsageError(f"no article or rejected record {identifier!r}; ids are in the column `id`")


def _rows(dataset: Any, table: str, identifier: str, *, prefix: bool = False) -> list[dict[str, Any]]:
    import pyarrow.compute as pc

    rows: list[dict[str, Any]] = []
    for batch in dataset.to_batches(table):
        ids = batch.column("id")
        mask = pc.starts_with(ids, identifier) if prefix else pc.equal(ids, identifier)
        rows += batch.filter(mask).to_pylist()
    return rows


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(
            " ".join(str(v) for v in item.values()) if isinstance(item, dict) else str(item) for item in value
        )
    return f"{value:.3f}" if isinstance(value, float) else str(value)
