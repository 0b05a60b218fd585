"""The outline of a site on a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from ingest.cli.inspect import BOILERPLATE_STYLE, METADATA, METADATA_STYLE, STYLES
from ingest.cli.terminal import Text
from ingest.report.outline import FILLED, KEPT, Anchor, Outline, Slot, Template, runs_of

WIDTH = 17  # of a role
EXAMPLE = 100  # characters of a filling
BETWEEN = "  ▪  "
LEGEND = "On what share of the pages, taken for what: line  ▪  line; ┆ what stands below them"


def print_outline(console: Console, outline: Outline) -> None:
    """Print it template by template."""
    several = len(outline.templates) > 1
    console.print(Text(LEGEND, style="dim"))
    for template in outline.templates:
        console.print()
        console.print(Text(_title(template, outline, several), style="bold"))
        _print_template(console, template)
        for note in _notes(template):
            console.print(Text(note, style="dim"))


def _title(template: Template, outline: Outline, several: bool) -> str:
    name = f"Template {template.number}" if template.number else "Pages that are like no template"
    head = f"{name}: {_pages(template.pages)} of {outline.articles:,}" if several else _pages(template.pages)
    if outline.now:
        head += f", {template.now:,} of them read by the last run"
    return f"── {head} · {_number(len(template.anchors), 'line')} in common"


def _notes(template: Template) -> list[str]:
    found = []
    if template.rarer:
        found.append(
            f"{_number(template.rarer, 'more line')} on two pages or more, but on less than {template.often:.0%} of "
            "them: not shown, and counted with what stands between the others."
        )
    if template.seldom:
        found.append(
            f"{_pages(template.seldom)} with lines at further places, where less than 5% of the pages have any."
        )
    return found


def _print_template(console: Console, template: Template) -> None:
    rows: list[tuple[Text, Text]] = []
    if template.top is not None:
        rows.append(_slot(template.top, template.pages))
    for run in runs_of(template):
        rows.append(_anchors(run))
        slot = run[-1].slot
        if slot is not None:
            rows.append(_slot(slot, template.pages))
    if console.soft_wrap:
        for margin, text in rows:
            console.print(margin + text)
        return
    table = Table.grid(expand=False)
    table.add_column(no_wrap=True, width=WIDTH + 10)
    table.add_column(overflow="fold")
    for margin, text in rows:
        table.add_row(margin, text)
    console.print(table)


def _anchors(run: list[Anchor]) -> tuple[Text, Text]:
    """Lines that follow each other and have the same share and role, in one."""
    first = run[0]
    role = next(iter(first.roles))
    style = _style(role)
    margin = Text(f"{_range([anchor.share for anchor in run]):>7}  ").append(f"{role:<{WIDTH}} ", style=style)
    text = Text(BETWEEN.join(anchor.text for anchor in run), style=style)
    others = _others(run)
    if others:
        text.append(f"  ({others})", style="dim")
    if first.before is not None and first.now is not None:
        text.append(
            f"  ← on {first.before:.0%} of the pages before the last run, {first.now:.0%} in it", style="yellow"
        )
    return margin, text


def _slot(slot: Slot, pages: int) -> tuple[Text, Text]:
    margin = Text(f"{slot.pages / pages:>7.0%}  {'┆':<{WIDTH}} ", style="dim")
    text = Text(
        f"{_spread(slot.lines, 'line')}, {_spread(slot.characters, 'character')}; {_varied(slot)}; "
        f"{_shares(slot.roles)}: ",
        style="dim",
    )
    cut = slot.example[:EXAMPLE] + ("…" if len(slot.example) > EXAMPLE else "")
    return margin, text.append(f"«{cut}»", style=_style(next(iter(slot.roles))))


def _varied(slot: Slot) -> str:
    if slot.different == slot.pages:
        return "all different" if slot.pages > 1 else "on one page"
    return f"{slot.different:,} different" if slot.different > 1 else "always the same"


def _spread(values: tuple[int, int, int], unit: str) -> str:
    least, middle, most = values
    return _number(least, unit) if least == most else f"{least:,} to {_number(most, unit)} (usually {middle:,})"


def _shares(roles: Mapping[str, int]) -> str:
    whole = sum(roles.values())
    return ", ".join(f"{role} {lines / whole:.0%}" for role, lines in list(roles.items())[:3])


def _others(run: list[Anchor]) -> str:
    """What else lines are taken for, on one page of twenty or more."""
    roles = sum((Counter(anchor.roles) for anchor in run), Counter[str]())
    main = next(iter(run[0].roles))
    seldom = [(role, pages / roles.total()) for role, pages in roles.most_common() if role != main]
    return ", ".join(f"{role} on {share:.0%}" for role, share in seldom if share >= FILLED)


def _range(shares: list[float]) -> str:
    least, most = f"{min(shares):.0%}", f"{max(shares):.0%}"
    return most if least == most else f"{least[:-1]}–{most}"


def _style(role: str) -> str:
    if role == KEPT:
        return "green"
    return STYLES.get(role, METADATA_STYLE if role in METADATA else BOILERPLATE_STYLE)


def _pages(n: int) -> str:
    return _number(n, "page")


def _number(n: int, unit: str) -> str:
    return f"{n:,} {unit}{'' if n == 1 else 's'}"
