"""`ingest rules`: what the rules are, and whether they keep their own promises."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.markup import escape

from ingest.cli import common
from ingest.storage.locations import Place

DEFAULT_RULES = "rules"
SHORT = 80  # characters of a line that are told


@click.group(
    epilog="""\b
Examples:
  ingest rules list --role share
  ingest rules test --rules my-rules/
  ingest rules add --go 3f9c2a:17 --stay 3f9c2a:30
"""
)
def command() -> None:
    """List the rules, run their must-keep and must-drop cases, or correct what they say of a line."""


@command.command("list")
@click.option("--role", help="Only rules for this role, e.g. newsletter.")
@common.extra_rules
@common.json_option
def list_rules(role: str | None, rules: tuple[Path, ...], as_json: bool) -> None:
    """Print all rules: id, role, scope, and how many phrases in how many languages."""
    from ingest.rules import load

    rule_set = load(common.rules_in_use(rules))
    rows = [rule_set.explain(rule.id) for rule in rule_set.rules if role in (None, rule.role)]
    if as_json:
        common.print_json(rows)
        return
    console = common.out()
    for row in rows:
        phrases = sum(map(len, row.phrases.values()))
        where = f"only {row.site}" if row.site else f"{len(row.phrases)} languages"
        console.print(escape(f"{row.id:<36}{row.role:<20}{row.scope:<9}{phrases:>4} phrases, {where}"))
    console.print(f"{len(rows)} rules, version {rule_set.version}")


@command.command("test")
@common.extra_rules
@common.json_option
def test_rules(rules: tuple[Path, ...], as_json: bool) -> int:
    """Run every case of every rule. Exit code 0 if all hold, 1 if not."""
    from ingest.rules import load

    rule_set = load(common.rules_in_use(rules))
    failures = rule_set.failures()
    if as_json:
        common.print_json({"cases": len(rule_set.cases()), "failures": failures})
    else:
        console = common.out()
        for case in failures:
            console.print(escape(f"✗ {case}"))
        console.print(f"{len(rule_set.cases())} cases, {len(failures)} failures")
    return 1 if failures else 0


@command.command(
    "add",
    epilog="""\b
Examples:
  ingest rules add --go 3f9c2a:17                 line 17 of the article whose id begins so is no article text
  ingest rules add --go 3f9c2a:17 --role share    and it is a share button
  ingest rules add --stay dump.jsonl#4:12         line 12 of record 4 belongs to the text
  ingest rules add --from corrections.toml        what was marked in the report
  ingest run --rules rules --reprocess stale      see the effect
""",
)
@click.option("--stay", multiple=True, metavar="PLACE", help="A line that should stay: ID:LINE or FILE[#RECORD]:LINE.")
@click.option("--go", multiple=True, metavar="PLACE", help="A line that should go.")
@click.option("--from", "saved", type=click.Path(exists=True, path_type=Path), help="A file that the report saved.")
@click.option("--role", help="What the lines that go are, e.g. share; default: other-boilerplate.")
@common.dataset_option
@click.option(
    "--rules",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of your rules; default: the first of the setting `rules`, else rules/.",
)
@common.json_option
def add_rules(
    stay: tuple[str, ...],
    go: tuple[str, ...],
    saved: Path | None,
    role: str | None,
    output: Place,
    folder: Path | None,
    as_json: bool,
) -> None:
    """Say that a line should stay, or go: it becomes a rule of its site, and a case that all rules are tested against.

    The rule holds for this line on all pages of the site (numbers count as equal), or everywhere if the site is not
    known. If any case of any rule fails with it, nothing is changed.
    """
    from ingest.config import load
    from ingest.inspection.line_refs import correction_at, corrections_from
    from ingest.roles import ROLE_BY_LABEL
    from ingest.rules.corrections import add

    if role is not None and (role not in ROLE_BY_LABEL or not ROLE_BY_LABEL[role].is_boilerplate):
        names = ", ".join(name for name, value in ROLE_BY_LABEL.items() if value.is_boilerplate)
        raise click.BadParameter(f"{role!r} is no role of lines that go: {names}", param_hint="--role")
    wanted = [*corrections_from(saved)] if saved else []
    wanted += [(place, "stay") for place in stay] + [(place, "go") for place in go]
    if not wanted:
        raise click.UsageError("say which lines: --stay PLACE, --go PLACE, or --from FILE")
    settings = load().settings
    target = folder or Path(settings.rules[0] if settings.rules else DEFAULT_RULES)
    corrections = [correction_at(place, should, output, settings, role=role) for place, should in wanted]
    added, cases = add(target, corrections, common.rules_in_use(()))
    if as_json:
        common.print_json({"added": added, "cases": cases})
        return
    console = common.out()
    for item in added:
        _tell_added(console, item)
    console.print(f"{cases} cases of all rules hold")
    configured = any(Path(known).resolve() == target.resolve() for known in settings.rules)
    rules = "" if configured else f" --rules {target}"
    console.print(escape(f"next: ingest run SOURCES -o {output}{rules} --reprocess stale"))
    if not configured:
        console.print(escape(f"every run will use them once ingest.toml says: rules = ['{target}']"))


def _tell_added(console: Any, item: Any) -> None:
    from ingest.cli.terminal import Text

    correction = item.correction
    where = f"on pages of {correction.site}" if correction.site else "on every page, as its site is not known"
    line = correction.text.strip()
    line = line if len(line) <= SHORT else f"{line[:SHORT]} …"
    console.print(Text(f"{correction.should:<5}", style="green" if correction.should == "stay" else "red")
                  .append(f"«{line}» {where}", style="default"))  # fmt: skip
    known = "" if item.is_new else " (it was there already)"
    console.print(Text(f"     {item.rule} in {item.file}{known}", style="dim"))
