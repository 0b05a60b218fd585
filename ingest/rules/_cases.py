"""Examples that stand beside the rules: proof of what each takes and what it leaves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ingest.rules._spec import RuleSpec


@dataclass(frozen=True, slots=True)
class Case:
    """`text` must be met by the rule (`drop`), or neither by it nor by any generic rule (`keep`)."""

    rule: str
    text: str
    expect: Literal["drop", "keep"]
    site: str | None
    file: Path

    def holds(self, matched: list[str]) -> bool:
        return self.rule in matched if self.expect == "drop" else not matched


def cases_of(rule: RuleSpec, site: str | None, file: Path) -> list[Case]:
    phrases = [phrase for group in rule.phrases.values() for phrase in group]
    return [
        *(Case(rule.id, text, "drop", site, file) for text in (*rule.drop, *phrases)),
        *(Case(rule.id, text, "keep", site, file) for text in rule.keep),
    ]
