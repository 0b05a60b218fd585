"""The five seed pages with rules alone: each boilerplate line is known, and nothing else is."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ingest.roles import Role
from ingest.rules import load

PAGES = {
    "000_920acb3ed3ee13d4.txt": "AsiaNews",
    "001_eaceda73fd4ce973.txt": "RFE/RL",
    "002_63a85390d41d9b70.txt": "The New Arab",
    "003_0e517ded18c3c2ab.txt": "AsiaNews",
    "004_ded37d85dcde4462.txt": "Eurasianet",
}


@pytest.mark.parametrize("name", sorted(PAGES))
def test_seed_page_comes_out_with_rules_alone(shared: Path, name: str) -> None:
    """Site from signature lines; boilerplate roles on the boilerplate lines and on no other line."""
    gold = json.loads((shared / "gold/seeds.json").read_text(encoding="utf-8"))[name]
    texts = [line.strip() for line in (shared / "seeds" / name).read_text(encoding="utf-8").split("\n")]
    rules = load()
    offsets = np.array([0, len(texts)])
    [site] = rules.sites_of(texts, offsets, [None])
    verdicts = rules.apply(texts, offsets, [site])
    wrong = [
        (number, role, texts[number - 1][:60], verdicts.rule[number - 1])
        for number, role in gold["lines"]
        if role.startswith("chrome:") != Role(int(verdicts.role[number - 1])).is_boilerplate
    ]
    assert wrong == []
    assert site == PAGES[name]


@pytest.mark.parametrize("name", sorted(PAGES))
def test_language_of_widget_lines_is_that_of_their_phrase(shared: Path, name: str) -> None:
    """Kazakh and Russian widget lines around an English article carry their own language."""
    gold = json.loads((shared / "gold/seeds.json").read_text(encoding="utf-8"))[name]
    texts = [line.strip() for line in (shared / "seeds" / name).read_text(encoding="utf-8").split("\n")]
    verdicts = load().apply(texts, np.array([0, len(texts)]), [None])
    fragments = gold["metadata"].get("fragments", {})
    assert {n: verdicts.language[int(n) - 1] for n in fragments} == fragments
