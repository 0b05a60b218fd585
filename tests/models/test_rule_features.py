"""What the line models are told of lines: kinds of rules as columns, and what that does to a verdict."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.models import line_model
from ingest.models.rule_features import GROUPS, N_NAMED, columns, groups
from ingest.roles import Role

PARAGRAPH = "The surveyors came back on Tuesday with a longer rope and measured the pond from north to south. "
TEASER = "Zulma pertokin vasala rento mikan odera"  # in no language
HEADING = "Vasaken litora"


def test_each_role_has_one_group_at_most() -> None:
    """No role stands in two groups; article text, titles and the like stand in none."""
    roles = [role for group in GROUPS for role in group]
    assert len(roles) == len(set(roles))
    assert not groups(np.array([Role.UNKNOWN, Role.BODY, Role.TITLE, Role.BYLINE, Role.DATE], np.int8)).any()


@given(st.lists(st.sampled_from(sorted(Role)), max_size=20))
def test_columns_hold_one_sign_for_each_line_that_is_known(roles: list[Role]) -> None:
    """A line with a group has a single 1, in its group's column; all others have none."""
    group = groups(np.array(roles, np.int8))
    found = columns(group)
    assert found.shape == (len(roles), N_NAMED)
    assert (found.sum(1) == (group > 0)).all()
    assert all(role in GROUPS[int(row.argmax())] for role, row in zip(roles, found, strict=True) if row.any())


def page(named: Role | None) -> npt.NDArray[np.float32]:
    """Probabilities of the teasers below a heading in no language, which a rule knows as `named`."""
    lines = ["Pond measured", *[PARAGRAPH * 3] * 4, HEADING, *(f"{TEASER} {i}" for i in range(6))]
    roles = np.zeros(len(lines), np.int8)
    roles[5] = 0 if named is None else named
    return line_model.load().predict(lines, np.array([0, len(lines)]), named=roles).content[6:]


@pytest.mark.parametrize("role", [Role.RELATED, Role.COMMENTS, Role.NEWSLETTER])
def test_a_known_heading_speaks_against_the_lines_below(role: Role) -> None:
    """In a language that the model has never seen, a heading known to the rules makes what is below less probable."""
    assert (page(role) < page(None)).all()


def test_rules_that_say_nothing_are_as_good_as_none() -> None:
    """Zeros and no word of the rules give the same verdict."""
    lines = [PARAGRAPH * 2, HEADING, TEASER]
    offsets = np.array([0, len(lines)])
    model = line_model.load()
    silent = model.predict(lines, offsets, named=np.zeros(len(lines), np.int8))
    assert np.array_equal(silent.content, model.predict(lines, offsets).content)
