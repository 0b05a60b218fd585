"""Structure of HTML pages in roles, text and Markdown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingest.document import Batch, Lines
from ingest.html.elements import Within
from ingest.html.evidence import evidence
from ingest.html.flatten import flatten
from ingest.html.hints import Hints
from ingest.html.kinds import Kinds
from ingest.html.parse import parse
from ingest.roles import Evidence, Role
from ingest.stages.structure import Block, Piece, markdown, plain, shape

CASES = json.loads((Path(__file__).parent / "structure_cases.json").read_text(encoding="utf-8"))


def pieces(html: str) -> list[Piece]:
    """All lines of a page as those of its text."""
    kinds = Kinds()
    flat = flatten(parse(html)[0], kinds)
    within = evidence([flat], [Hints()], kinds).within
    rows = [row for row, line in enumerate(flat.lines) if line]
    return [Piece(flat.lines[row], int(within[row]), row > 0 and bool(flat.lines[row - 1]), row + 1) for row in rows]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_text_and_markdown(case: dict[str, Any]) -> None:
    """Lists, tables, quotes and code stay together; Markdown says what they are and escapes what only looks like it."""
    assert [block.text for block in plain(pieces(case["html"]))] == case["text"]
    assert [block.text for block in markdown(pieces(case["html"]))] == case["markdown"]


def test_blocks_tell_their_line() -> None:
    """Each block names the line of the page at which it begins, blank lines counted."""
    blocks = plain(pieces("<p>a</p><ul><li>b<li>c</ul><p>d</p>"))
    assert blocks == [Block("a", 1), Block("• b\n• c", 3), Block("d", 6)]


def test_roles_of_lines() -> None:
    """Kept items and quotes get their role, guessed boilerplate in a caption is a caption; what a rule said stays."""
    lines = Lines(["a", "b", "c", "d"], np.array([0, 4], np.int64))
    lines.within[:] = [Within.ITEM, Within.QUOTE, Within.CAPTION, Within.CAPTION]
    lines.role[:] = [Role.BODY, Role.BODY, Role.NAVIGATION, Role.SHARE]
    lines.evidence[:] = [Evidence.NONE, Evidence.NONE, Evidence.MODEL, Evidence.RULE]
    shape(Batch([], lines))
    assert lines.role.tolist() == [Role.LIST, Role.QUOTE, Role.CAPTION, Role.SHARE]
