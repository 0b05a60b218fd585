"""A person's word about a line becomes a rule with cases, wins over all voters, and never breaks other rules."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ingest.config import Settings
from ingest.dataset import open_dataset
from ingest.errors import RuleError
from ingest.inspection.line_refs import correction_at
from ingest.rules import load
from ingest.rules.corrections import Correction, add
from ingest.run import run

BODY = [
    "The surveyors came back on Tuesday with a longer rope and measured the pond from the north to the south side.",
    "They found it to be as wide as it was last year, which the mayor called a relief, since the maps were printed.",
]


def test_go_and_stay_become_rules_of_the_site_alone(tmp_path: Path) -> None:
    """The line is met on pages of its site, not on others; its cases are run with all others."""
    line = "Warm regards from the pond"
    added, cases = add(tmp_path, [Correction(line, "go", "pond.example", role="site-motto", near=(BODY[0],))])
    assert added[0].is_new
    rules = load([tmp_path])
    assert len(rules.cases()) == cases
    assert rules.failures() == []
    assert rules.matches(line, site="pond.example") == [added[0].rule]
    assert rules.matches(line) == []
    assert {case.text for case in rules.cases() if case.rule == added[0].rule} == {line, BODY[0]}


def test_the_last_word_counts(tmp_path: Path) -> None:
    """A line that was to go and is now to stay leaves its old rule; saying the same twice changes nothing."""
    line = "Warm regards from the pond"
    add(tmp_path, [Correction(line, "go", "pond.example")])
    added, _ = add(tmp_path, [Correction(line, "stay", "pond.example")])
    rules = load([tmp_path])
    assert rules.matches(line, site="pond.example") == [added[0].rule]
    assert rules.explain(added[0].rule).role == "body"
    before = added[0].file.read_bytes()
    again, _ = add(tmp_path, [Correction(line, "stay", "pond.example")])
    assert not again[0].is_new
    assert again[0].file.read_bytes() == before


def test_a_contradiction_changes_nothing(tmp_path: Path) -> None:
    """A line that another rule promises to keep everywhere cannot go everywhere; the files are as before."""
    keep = next(case.text for case in load().cases() if case.expect == "keep" and case.site is None)
    add(tmp_path, [Correction("Warm regards from the pond", "go", None)])
    file = tmp_path / "corrections/everywhere.toml"
    before = file.read_bytes()
    with pytest.raises(RuleError, match="contradicts other cases"):
        add(tmp_path, [Correction("Nothing wrong", "go", "a.example"), Correction(keep, "go", None)])
    assert file.read_bytes() == before
    assert not (tmp_path / "corrections/a.example.toml").exists()
    assert load([tmp_path]).matches("Warm regards from the pond") != []


def test_a_line_without_letters_is_refused(tmp_path: Path) -> None:
    """Rules compare words; a row of stars is none."""
    with pytest.raises(RuleError, match="no rule can know"):
        add(tmp_path, [Correction("***", "go", "pond.example")])
    assert not list(tmp_path.rglob("*.toml"))


@pytest.mark.parametrize("site", ["pond.example", "Пруд и Ко", "../../etc", "everywhere", "a" * 300, "AsiaNews"])
def test_file_names_are_safe_whatever_the_site(tmp_path: Path, site: str) -> None:
    """No site name leaves the folder, and each has its own file; a shipped pack can be added to."""
    add(tmp_path, [Correction("Warm regards from the pond", "go", site)])
    [file] = tmp_path.rglob("*.toml")
    assert file.parent == tmp_path / "corrections"
    assert load([tmp_path]).matches("Warm regards from the pond", site=site)


def test_text_is_written_as_text(tmp_path: Path) -> None:
    """Quotes, backslashes, control characters and bidi overrides survive the file."""
    line = 'He said "\\n"; \u202ereversed\u202c, and \x7f left'
    add(tmp_path, [Correction(line, "stay", "pond.example")])
    assert load([tmp_path]).matches(line, site="pond.example")


def test_saved_lines_stop_no_block_and_code_can_go(tmp_path: Path) -> None:
    """A saved paragraph still counts as body; a line that looks like code, which rules pass over, can be corrected."""
    code = "window.ads.push({});"
    add(tmp_path, [Correction(BODY[1], "stay", "pond.example"), Correction(code, "go", "pond.example")])
    page = [BODY[0], BODY[1], "See also", "A list of frogs", code]
    told = load([tmp_path]).apply(page, np.array([0, len(page)]), ["pond.example"])
    assert told.score[1] == told.score[4] == 1.0
    assert told.rule[3] == "related.heading"


def test_a_correction_shows_in_the_next_run(tmp_path: Path) -> None:
    """Site profile, rules and model against it, the line stays; the model for it, the other one goes."""
    (tmp_path / "raw").mkdir()
    for number, letter in enumerate("abcde"):
        own = [f"The {letter * 9} pond is measured again", "", *(f"{letter * 7} {line}" for line in BODY)]
        page = [*own, "", "Subscribe now", "Home of all reeds and rushes since 1871"]
        (tmp_path / f"raw/{number}.txt").write_text("\n".join(page))
    run([tmp_path / "raw"], tmp_path / "out", Settings())
    rows = {row["source_path"]: row for row in open_dataset(tmp_path / "out").table("articles").to_pylist()}
    identifier = rows["0.txt"]["id"]
    body_line = rows["0.txt"]["text_lines"][-1]
    assert "Subscribe now" not in rows["0.txt"]["text"]
    corrections = [
        correction_at(f"{identifier}:6", "stay", tmp_path / "out", Settings()),
        correction_at(f"{tmp_path}/raw/0.txt:{body_line}", "go", tmp_path / "out", Settings()),
    ]
    assert [c.text for c in corrections] == ["Subscribe now", f"aaaaaaa {BODY[1]}"]
    add(tmp_path / "rules", corrections)
    settings = Settings(rules=(str(tmp_path / "rules"),))
    run([tmp_path / "raw"], tmp_path / "out", settings, reprocess="stale")
    after = {row["source_path"]: row["text"] for row in open_dataset(tmp_path / "out").table("articles").to_pylist()}
    assert "Subscribe now" in after["0.txt"]
    assert "Subscribe now" in after["1.txt"]
    assert BODY[1] not in after["0.txt"]
    assert BODY[1] in after["1.txt"]
