"""Roles that are only a guess are not told as if they were known."""

from __future__ import annotations

import numpy as np
import pytest

from ingest.document import Batch, Lines, Votes
from ingest.models.line_model import Prediction
from ingest.roles import Evidence, Role
from ingest.stages.guesses import without_guesses
from ingest.votes import rules

LABELS = ("body", "byline", "date", "navigation", "comments")
OTHER = Role.OTHER_BOILERPLATE


def role_after(text: str, role: Role, evidence: Evidence, probability: float, by_rule: Role = Role.UNKNOWN) -> Role:
    lines = Lines([text], np.array([0, 1], np.int64))
    lines.role[0], lines.evidence[0] = int(role), int(evidence)
    share = np.zeros((1, len(LABELS)), np.float32)
    share[0, LABELS.index(role.label)] = probability / 2  # the other half is text, which does not count here
    share[0, 0] = 0.5
    rest = [i for i, label in enumerate(LABELS) if label not in ("body", role.label)]
    share[0, rest] = (1 - probability) / 2 / len(rest)
    nothing = np.zeros(1, np.float32)
    lines.judged = Prediction(nothing, nothing, share, LABELS)
    votes = Votes.silent(rules.VOTER, 1)
    votes.role[0] = int(by_rule)
    lines.votes = [votes]
    without_guesses(Batch([], lines))
    return Role(int(lines.role[0]))


@pytest.mark.parametrize("evidence", [Evidence.MODEL, Evidence.SITE, Evidence.EXTRACTOR])
@pytest.mark.parametrize(("probability", "expected"), [(0.9, Role.NAVIGATION), (0.6, Role.NAVIGATION), (0.3, OTHER)])
def test_a_kind_that_the_model_is_unsure_of_is_not_told(evidence: Evidence, probability: float, expected: Role) -> None:
    """The kind that the line model gives stays where it is likelier than all other kinds together."""
    assert role_after("Маджонг Бабочки HD", Role.NAVIGATION, evidence, probability) is expected


@pytest.mark.parametrize(
    ("text", "role", "stays"),
    [
        ("15.11.2011 13:27", Role.DATE, True),
        ("22 abril, 2022", Role.DATE, True),
        ("27 мамыр 2021, 22:13", Role.DATE, True),
        ("2024年3月5日", Role.DATE, True),
        ("00:00", Role.DATE, False),
        ("ЦСКА Казыгурт 0:3", Role.DATE, False),
        ("Comments Drawer", Role.DATE, False),
        ("Кирилл Власов", Role.BYLINE, True),
        ("Thomas Jäger", Role.BYLINE, True),
        ("By Michael Stratford", Role.BYLINE, True),
        ("412 рет", Role.BYLINE, False),
        ("көрсетілді", Role.BYLINE, False),
        ("0", Role.BYLINE, False),
        ("65 открытий306 показов", Role.BYLINE, False),
        ("emailεκτύπωση", Role.BYLINE, False),
    ],
)
def test_metadata_of_the_model_reads_as_such(text: str, role: Role, stays: bool) -> None:
    """A date that no reader of dates reads is none, and a name that no reader of names reads is no byline."""
    assert role_after(text, role, Evidence.MODEL, 0.4) is (role if stays else OTHER)


def test_what_a_rule_says_stays() -> None:
    """A role that a rule gives is known, whoever is named for the line."""
    assert role_after("Comments", Role.COMMENTS, Evidence.RULE, 0.1) is Role.COMMENTS
    assert role_after("Comments", Role.COMMENTS, Evidence.SITE, 0.1, Role.COMMENTS) is Role.COMMENTS
    assert role_after("Comments", Role.COMMENTS, Evidence.SITE, 0.1) is OTHER
    assert role_after("Қаралды: 5", Role.COMMENTS, Evidence.RULE, 0.9, OTHER) is OTHER
    assert role_after("Көрсетілді 12.03.2021", Role.DATE, Evidence.RULE, 0.9, OTHER) is Role.DATE
