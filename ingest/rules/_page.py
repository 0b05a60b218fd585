"""From the hits of single lines to the verdicts of a page: position, blocks, and lines that go to the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ingest.roles import ROLE_BY_LABEL
from ingest.rules._match import Hit
from ingest.rules._normal import normalise
from ingest.rules._scope import Reach, members, paragraphs
from ingest.rules._spec import RuleSpec

COMPOUND = 0.95  # of the rule's score, for a row of phrases
IN_BLOCK = 0.9  # of the heading's score, for the lines below it
MAX_ITEMS = 8  # item lines directly below a heading


@dataclass(frozen=True, slots=True)
class LineVerdict:
    row: int
    rule: int
    head: int
    factor: float
    language: str | None


@dataclass
class Page:
    """One page of a batch: its rows, the hits of all rows, and the rows that have any."""

    texts: Sequence[str]
    rows: range
    hits: list[tuple[Hit, ...]]
    known: list[int]
    chosen: dict[int, Hit] = field(default_factory=dict)
    saving: frozenset[int] = frozenset()  # rules whose lines are article text

    @cached_property
    def body(self) -> list[int]:
        """Rows of the page's paragraphs; worked out only for pages where a rule asks for them."""
        hits = self.hits
        return paragraphs(self.texts, self.rows, lambda r: bool(hits[r]) and hits[r][0].rule not in self.saving)

    def stands(self, row: int, position: str) -> bool:
        """Whether `row` is before the first or after the last paragraph; neither on a page without any."""
        if position == "any":
            return True
        return bool(self.body) and (row < self.body[0] if position == "head" else row > self.body[-1])


def label(page: Page, rules: Sequence[RuleSpec], items: Sequence[frozenset[str]]) -> Iterator[LineVerdict]:
    """Verdicts of the page, at most one per row."""
    for row in page.known:
        hit = next((h for h in page.hits[row] if page.stands(row, rules[h.rule].position)), None)
        if hit is not None:
            page.chosen[row] = hit
            yield LineVerdict(row, hit.rule, -1, COMPOUND if hit.compound else 1.0, hit.language)
    taken = set(page.chosen)
    for row, hit in page.chosen.items():
        rule = rules[hit.rule]
        below = _items(page, row, items[hit.rule]) if items[hit.rule] else []
        if rule.scope != "line" and not hit.compound:
            reach = Reach(row, ROLE_BY_LABEL[rule.role], rule.scope == "to-end")
            below += members(reach, page.texts, page.rows.stop, page.body, lambda r: _heads(page, rules, r))
        for r in below:
            if r not in taken:
                taken.add(r)
                yield LineVerdict(r, hit.rule, row, IN_BLOCK, None)


def _heads(page: Page, rules: Sequence[RuleSpec], row: int) -> bool:
    hit = page.chosen.get(row)
    return hit is not None and rules[hit.rule].scope != "line"


def _items(page: Page, row: int, phrases: frozenset[str]) -> list[int]:
    """Lines directly below `row` that the rule names as items, with known or blank lines between."""
    found: list[int] = []
    for r in range(row + 1, min(page.rows.stop, row + 1 + 2 * MAX_ITEMS)):
        if not page.texts[r] or r in page.chosen:
            continue
        if normalise(page.texts[r]) not in phrases:
            break
        found.append(r)
    return found
