"""Examples that stand beside the rules: proof of what each takes and what it leaves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ingest.rules._spec import RuleSpec


@dataclass(frozen=True, slots=True)
class Case:
    """An example: a line that must go (`drop`) or stay (`keep`).

    Of a rule that removes, `drop` lines must be met by it, `keep` lines neither by it nor by any other that removes. Of
    one that saves it is the other way round: `keep` lines must be met by it, `drop` lines must not.
    """

    rule: str
    text: str
    expect: Literal["drop", "keep"]
    site: str | None
    file: Path
    saves: bool = False

    def holds(self, matched: list[str]) -> bool:
        """`matched`: ids of the rules that the text meets; for a rule that removes, of those that remove."""
        if self.saves:
            return (self.rule in matched) == (self.expect == "keep")
        return self.rule in matched if self.expect == "drop" else not matched


def cases_of(rule: RuleSpec, site: str | None, file: Path) -> list[Case]:
    phrases = [phrase for group in rule.phrases.values() for phrase in group]
    drop, keep = ([*rule.drop], [*rule.keep, *phrases]) if rule.saves else ([*rule.drop, *phrases], [*rule.keep])
    return [
        *(Case(rule.id, text, "drop", site, file, rule.saves) for text in drop),
        *(Case(rule.id, text, "keep", site, file, rule.saves) for text in keep),
    ]
