"""`ingest explain`: why a row of the dataset is as it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ingest.cli import common
from ingest.cli.arrow import ArrowCommand
from ingest.cli.terminal import Text
from ingest.storage.locations import Place

if TYPE_CHECKING:
    from ingest.config import Settings

HIDDEN = frozenset({"text", "text_lines", "segments", "text_sha256", "pipeline_version", "config_hash", "ingested_at"})
AROUND = 2  # lines shown above and below the one that is explained
SHORT = 100  # characters of them
TOLD = 6  # effects of the line model


@click.command(
    cls=ArrowCommand,
    epilog="""\b
Examples:
  ingest explain 3f9c                       an article by the start of its id
  ingest explain 3f9c --line 42             the full chain of reasons for one line, kept or removed
  ingest explain 3f9c -d corpus --json
""",
)
@click.argument("identifier", metavar="ID")
@common.dataset_option
@click.option("--line", type=click.IntRange(min=1), help="The full chain of reasons for this line of the page.")
@common.extra_rules
@common.json_option
def command(identifier: str, output: Place, line: int | None, rules: tuple[Path, ...], as_json: bool) -> int:
    """Show the article or rejected record ID, or the start of it: metadata, text, and why each line went.

    With --line, the page is read again from its source, and each voter of that line is heard: what it says, what it
    goes by, and what it adds to the odds. What the line model goes by is measured, by changing one thing about the page
    at a time.
    """
    from ingest.dataset import open_dataset
    from ingest.errors import DatasetError
    from ingest.inspection import explain_line, find, page_of

    settings = common.with_rules(rules)
    open_dataset(output)  # no dataset is an error; an id that it does not hold is wrong usage
    try:
        found = find(output, identifier)
    except DatasetError as error:
        raise click.UsageError(str(error)) from None
    if line is None:
        for entry in found.removed:
            entry["explanation"] = _rule_text(entry, settings)
        if as_json:
            common.print_json({"table": found.table, "row": found.row, "removed": found.removed})
        else:
            _show_row(common.out(), found)
        return 0
    page, note = page_of(output, found.row, settings)
    stored = [entry for entry in found.removed if entry["line"] == line]
    explanation = explain_line(page, line) if page else None
    if as_json:
        common.print_json({"row": found.row, "removed": stored, "explanation": explanation, "note": note})
        return 0
    console = common.out()
    if explanation is not None and page is not None:
        _show_chain(console, explanation, page.page)
    elif page is not None:
        raise click.UsageError(f"line {line} is blank, or the page is shorter; it has {page.page.length} lines")
    else:
        for entry in stored:
            entry["explanation"] = _rule_text(entry, settings)
            _show_removed(console, entry)
        if not stored:
            console.print(f"line {line} was not removed")
    if note:
        console.print(Text(f"note: {note}", style="yellow"))
    return 0


def _show_row(console: Any, found: Any) -> None:
    for key, value in found.row.items():
        if key not in HIDDEN and value not in (None, [], False):
            console.print(Text(f"{key:>20}: ", style="bold").append(_plain(value), style="default"))
    if found.row.get("text"):
        console.print()
        for line in found.row["text"].split("\n"):
            console.print(Text(line))
        console.print()
    for entry in found.removed:
        _show_removed(console, entry)
    if found.removed:
        first = found.removed[0]["line"]
        console.print()
        console.print(Text(f"all voters of a line: ingest explain {found.row['id'][:12]} --line {first}", style="dim"))


def _show_removed(console: Any, entry: dict[str, Any]) -> None:
    score = f"{entry['score']:.2f}" if entry["score"] is not None else ""
    mark = "−" if entry["altered_to"] is None else "~"
    margin = f"{entry['line']:>5} {mark} {entry['role']:<17} {entry['evidence']} {score}  "
    text = Text(margin, style="dim").append(entry["text"], style="red")
    if entry["altered_to"] is not None:
        text.append(f"  → {entry['altered_to']}", style="green")
    console.print(text)
    if entry["explanation"]:
        console.print(Text(f"{'':>8}{entry['explanation']}", style="dim italic"))


def _show_chain(console: Any, told: Any, page: Any) -> None:
    nearby = [
        line for line in page.lines if abs(page.lines.index(line) - page.lines.index(page.line(told.line))) <= AROUND
    ]
    for line in nearby:
        style = "bold" if line.line == told.line else "dim"
        mark = " " if line.kept else "−"
        text = line.text if line.line == told.line or len(line.text) <= SHORT else f"{line.text[:SHORT]} …"
        console.print(Text(f"{line.line:>5} {mark} {text}", style=style))
    fate = "was not removed" if told.kept else f"was removed as {told.role}"
    console.print()
    console.print(Text(f"line {told.line} {fate}", style="bold"))
    console.print()
    console.print(Text(f"{'voter':<11}{'says':<28}{'score':>6}{'log-odds of article text':>27}", style="bold"))
    for voter in told.witnesses:
        console.print(f"{voter.evidence:<11}{voter.says:<28}{voter.score:>6.2f}{voter.weight:>+27.2f}", markup=False)
        for ground in filter(None, voter.grounds):
            console.print(Text(f"{'':<13}{ground}", style="dim"))
        if voter.evidence == "model":
            _show_model(console, told)
    least = f"keep = {told.keep}"
    if told.threshold != told.usual:
        least += f" asks for {told.usual:g}, less on this page, of which the model is not sure"
    verdict = f"the line stays from {told.threshold:g} on ({least}): it {told.verdict}"
    console.print(Text(f"{'sum':<45}{told.log_odds:>+27.2f}", style="bold"))
    console.print(Text(f"probability {told.probability:g}; {verdict}", style="bold"))
    for step in told.afterwards:
        console.print(f"afterwards: {step}", markup=False)


def _show_model(console: Any, told: Any) -> None:
    places = f"by itself {told.alone:.2f}, in its place on the page {told.in_context:.2f}"
    console.print(Text(f"{'':<13}{places}", style="dim"))
    for effect in told.effects[:TOLD]:
        direction, style = ("for    ", "green") if effect.change > 0 else ("against", "red")
        measured = f"{effect.instead} it would be {effect.probability:.2f}"
        console.print(Text(f"{'':<13}{direction} {effect.change:+5.1f}  {effect.feature}; {measured}", style=style))


def _rule_text(entry: dict[str, Any], settings: Settings) -> str:
    from ingest.errors import RuleError
    from ingest.rules import load

    rule = entry["rule"] or ""
    if entry["evidence"] != "rule" or not rule:
        return rule
    try:
        found = load([Path(folder) for folder in settings.rules]).explain(rule)
    except RuleError:
        return rule
    where = f"site pack {found.site}" if found.site else "generic rules"
    return f"{rule} ({where}, {found.file.name}, scope {found.scope})" + (f": {found.note}" if found.note else "")


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(
            " ".join(str(v) for v in item.values()) if isinstance(item, dict) else str(item) for item in value
        )
    return f"{value:.3f}" if isinstance(value, float) else str(value)
