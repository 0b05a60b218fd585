"""`ingest rules`: what the rules are, and whether they keep their own promises."""

from __future__ import annotations

from pathlib import Path

import click
from rich.markup import escape

from ingest.cli import common


def extra_rules(function: common.F) -> common.F:
    return click.option(
        "--rules",
        multiple=True,
        type=click.Path(exists=True, path_type=Path),
        help="Folder or file of further rules.",
    )(function)


@click.group(epilog="\b\nExamples:\n  ingest rules list --role share\n  ingest rules test --rules my-rules/")
def command() -> None:
    """List the rules, or run their must-keep and must-drop cases."""


@command.command("list")
@click.option("--role", help="Only rules for this role, e.g. newsletter.")
@extra_rules
@common.json_option
def list_rules(role: str | None, rules: tuple[Path, ...], as_json: bool) -> None:
    """Print all rules: id, role, scope, and how many phrases in how many languages."""
    from ingest.rules import load

    rule_set = load(rules)
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
@extra_rules
@common.json_option
def test_rules(rules: tuple[Path, ...], as_json: bool) -> int:
    """Run every case of every rule. Exit code 0 if all hold, 1 if not."""
    from ingest.rules import load

    rule_set = load(rules)
    failures = rule_set.failures()
    if as_json:
        common.print_json({"cases": len(rule_set.cases()), "failures": failures})
    else:
        console = common.out()
        for case in failures:
            console.print(escape(f"✗ {case}"))
        console.print(f"{len(rule_set.cases())} cases, {len(failures)} failures")
    return 1 if failures else 0
