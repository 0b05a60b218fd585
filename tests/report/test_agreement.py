"""Sites of which what stays is far from the crudest rule, to drop each line on three pages, are told with counts."""

from __future__ import annotations

import json
import random
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from sites.test_profiles import batch, page, sentence

from ingest.cli import cli
from ingest.config import Settings
from ingest.dataset import Dataset
from ingest.report.agreement import differences, differing, of_last_run
from ingest.report.counts import SiteCounts
from ingest.report.drift import CountedRun, counted_runs
from ingest.report.gather import gather
from ingest.roles import Role
from ingest.run import run
from ingest.stages.repetition import repetition

DONE: Any = {"state": "done", "started": datetime(2021, 1, 2, tzinfo=timezone.utc), "records": 9}


def counts(articles: int = 9, **characters: int) -> SiteCounts:
    usual: Any = {"text": 1000, "text_repeated": 0, "own": 1000, "own_removed": 100}
    return SiteCounts(articles=articles, **{**usual, **characters})


def test_both_kinds_of_difference_are_told_with_counts() -> None:
    """What stays though it repeats, and paragraphs that go though they do not; near the rule nothing is said."""
    assert differences(counts()) == []
    [repeats] = differences(counts(text_repeated=49))
    assert repeats == "5% of the text that stays (49 of 1,000 characters) stands on three pages or more"
    [goes] = differences(counts(own_removed=700))
    assert goes == "70% of the paragraphs that no more than two pages have (700 of 1,000 characters) were removed"
    assert len(differences(counts(text_repeated=500, own_removed=500))) == 2


def test_few_articles_and_no_counts_prove_nothing() -> None:
    """Less than five articles are not told of, nor sites of which an older version counted nothing."""
    assert differences(counts(4, text_repeated=900)) == []
    assert differences(SiteCounts(articles=9)) == []


def test_the_last_run_that_read_enough_of_a_site_counts() -> None:
    """A site that a later run found well again is no longer told of; a run over one page changes nothing."""
    bad, good, one = counts(text_repeated=500), counts(), counts(1)
    runs = [CountedRun(**DONE, run_id=str(n), by_site={"pond.example": found}) for n, found in enumerate([bad, good])]
    assert differing(runs) == {}
    runs = [CountedRun(**DONE, run_id=str(n), by_site={"pond.example": found}) for n, found in enumerate([bad, one])]
    assert list(differing(runs)) == ["pond.example"]


def test_characters_are_counted_by_site() -> None:
    """Lines that stay on three pages or more, and own paragraphs that went; lines of unknown pages count nowhere."""
    b = batch([page(random.Random(1)) for _ in range(2)])
    lines = b.lines
    text = {row for row, line in enumerate(lines.texts) if line.endswith(".") and len(line) > 80}
    lines.role[:] = [
        Role.BODY if row in text or line == "Ponds" else Role.NAVIGATION for row, line in enumerate(lines.texts)
    ]
    lines.on_pages[:] = [0 if not line else 1 if row in text else 3 for row, line in enumerate(lines.texts)]
    gone, unknown = sorted(text)[:2]
    lines.role[gone], lines.on_pages[unknown] = Role.COMMENTS, 0
    [row] = repetition(b).to_pylist()
    size = {row: len(lines.texts[row]) for row in text}
    assert row == {
        "site": "pond.example",
        "text": sum(size.values()) - size[gone] - size[unknown] + 2 * len("Ponds"),
        "text_repeated": 2 * len("Ponds"),
        "own": sum(size.values()) - size[unknown],
        "own_removed": size[gone],
    }


def test_a_run_counts_and_all_commands_tell(tmp_path: Path) -> None:
    """A form whose labels stay: list, show, status and report say so in the same words, and nothing of usual sites."""
    rng = random.Random(2)
    labels = [f"{sentence(rng, 7)[:-1]}:" for _ in range(6)]
    forms = [[line for label in labels for line in (label, sentence(rng, 12))] for _ in range(8)]
    with (tmp_path / "a.jsonl").open("w") as file:
        for site, pages in (("form.example", forms), ("pond.example", [page(rng) for _ in range(8)])):
            for number, lines in enumerate(pages):
                file.write(json.dumps({"text": "\n".join(lines), "url": f"http://{site}/{number}"}) + "\n")
    out = tmp_path / "out"
    run([tmp_path / "a.jsonl"], out, Settings(workers=0, settle=0.0))
    dataset = Dataset.open(out)
    by_site = counted_runs(dataset)[0].by_site
    assert 0 < by_site["form.example"].text_repeated < by_site["form.example"].text
    told = of_last_run(dataset)
    assert list(told) == ["form.example"]
    [words] = told["form.example"]
    for command in (["sites", "list", "-o", str(out)], ["sites", "show", "form.example", "-o", str(out)]):
        assert words in CliRunner().invoke(cli, command).output
    assert words not in CliRunner().invoke(cli, ["sites", "show", "pond.example", "-o", str(out)]).output
    status = CliRunner().invoke(cli, ["status", str(out)]).output
    assert "form.example; `ingest sites list` tells how" in status
    assert json.loads(CliRunner().invoke(cli, ["status", str(out), "--json"]).output)["differing_sites"] == told
    report = gather(out, pages=2)
    assert report.differing == told
    assert [len(report.outlines[site].templates) for site in ("form.example", "pond.example")] == [1, 1]
