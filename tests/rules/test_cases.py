"""Every rule's own examples, for all rules and site packs."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from ingest.rules import Case, load

RULES = load()
BY_RULE: dict[str, list[Case]] = defaultdict(list)
for _case in RULES.cases():
    BY_RULE[_case.rule].append(_case)


@pytest.mark.parametrize("rule", sorted(BY_RULE))
def test_examples_of_each_rule_come_out(rule: str) -> None:
    """A rule meets its drop cases and phrases; its keep cases are met by neither it nor a generic rule."""
    wrong = {
        case.text: case.expect for case in BY_RULE[rule] if not case.holds(RULES.matches(case.text, site=case.site))
    }
    assert wrong == {}


@pytest.mark.parametrize("rule", sorted(BY_RULE))
def test_each_rule_has_examples_of_both_kinds(rule: str) -> None:
    """No rule stands without a line that it must take and lines that it must leave."""
    written = RULES.rules[[r.id for r in RULES.rules].index(rule)]
    assert len(written.drop) >= 1
    assert len(written.keep) >= 2


def test_no_keep_case_of_any_rule_is_taken_by_a_generic_rule() -> None:
    """What one rule must leave, no other rule that runs on all sites takes."""
    taken = {c.text: RULES.matches(c.text) for c in RULES.cases() if c.expect == "keep" and RULES.matches(c.text)}
    assert taken == {}


def test_failures_are_reported_for_a_rule_that_breaks_its_promise(tmp_path: Path) -> None:
    """`failures` names a drop case that is missed and a keep case that is taken."""
    (tmp_path / "bad.toml").write_text(
        '[[rule]]\nid = "test.bad"\nrole = "share"\ndrop = ["quux elsewhere"]\nkeep = ["quux here"]\n'
        '[rule.phrases]\nen = ["quux here"]\n',
        encoding="utf-8",
    )
    assert [(c.rule, c.text) for c in load([tmp_path]).failures()] == [
        ("test.bad", "quux elsewhere"),
        ("test.bad", "quux here"),
    ]
