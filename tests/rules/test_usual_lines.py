"""The usual short lines around an article, by language: what the shipped rules say of each is true, or nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from ingest.roles import ROLE_BY_LABEL, Role
from ingest.rules import load

LISTS: dict[str, dict[str, Any]] = {
    path.stem: msgspec.toml.decode(path.read_bytes())
    for path in sorted((Path(__file__).parent / "usual_lines").glob("*.toml"))
}
RULES = load()


def _roles(lines: list[str]) -> list[Role]:
    """What the rules say of each line, alone on its page."""
    verdicts = RULES.apply(lines, np.arange(len(lines) + 1), [None] * len(lines))
    return [Role(int(role)) for role in verdicts.role]


@pytest.mark.parametrize("language", LISTS)
def test_no_usual_line_gets_a_role_that_is_not_true(language: str) -> None:
    """A usual line gets the role it is listed with, or none, or the one without a claim."""
    wrong = {}
    for label, lines in LISTS[language]["lines"].items():
        for line, got in zip(lines, _roles(lines), strict=True):
            if got not in (ROLE_BY_LABEL[label], Role.UNKNOWN, Role.OTHER_BOILERPLATE):
                wrong[line] = (label, got.label)
    assert wrong == {}


@pytest.mark.parametrize("language", LISTS)
def test_as_many_usual_lines_are_known_as_ever(language: str) -> None:
    """The share of a language's usual lines that rules know is not below its floor."""
    lines = [line for lines in LISTS[language]["lines"].values() for line in lines]
    known = sum(role is not Role.UNKNOWN for role in _roles(lines))
    assert len(lines) >= 25
    assert known / len(lines) >= LISTS[language]["floor"]


@pytest.mark.parametrize("language", LISTS)
def test_sentences_that_look_alike_meet_no_rule(language: str) -> None:
    """Sentences of an article that begin as usual lines do are met by no rule."""
    sentences = LISTS[language]["article"]
    assert len(sentences) >= 5
    assert {text: met for text in sentences if (met := RULES.matches(text))} == {}
