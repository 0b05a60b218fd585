"""HTML laid out as lines."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.html.flatten import flatten
from ingest.html.kinds import Kinds
from ingest.html.parse import parse

CASES = json.loads((Path(__file__).parent / "flatten_cases.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_layout(case: dict[str, object]) -> None:
    """Blocks start lines, margins are blank lines, items get bullets, hidden things vanish."""
    assert flatten(parse(str(case["html"]))[0], Kinds()).lines == case["lines"]


def test_deep_nesting_needs_no_recursion() -> None:
    """A page nested 2,000 deep is flattened like any other."""
    tree, fault = parse("<div>" * 2_000 + "text" + "</div>" * 2_000 + "<p>after</p>")
    assert (flatten(tree, Kinds()).lines, fault) == (["text", "", "after"], "")


def test_parser_limit_is_told() -> None:
    """Where the parser gives up and drops the rest of the page, it is not passed over in silence."""
    _, fault = parse("<p>before</p>" + "<div>" * 5_000 + "text" + "</div>" * 5_000)
    assert "depth" in fault


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="<>/pdivul lia&;=\"'!-\n\té漢", max_size=80))
def test_no_input_fails_and_blank_lines_never_double(html: str) -> None:
    """Whatever the markup, flattening gives lines without line breaks and without two blank ones in a row."""
    tree, _ = parse(html)
    if tree is None:
        return
    lines = flatten(tree, Kinds()).lines
    assert all("\n" not in line for line in lines)
    assert all(a or b for a, b in pairwise(lines))
    assert not lines or (lines[0] and lines[-1])
