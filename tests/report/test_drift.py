"""A site that was redesigned shows as a jump between two runs; what varies by chance does not."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ingest.config import Settings
from ingest.dataset import Dataset
from ingest.report.counts import SiteCounts
from ingest.report.drift import CountedRun, Drift, counted_runs, drifts
from ingest.report.gather import gather
from ingest.run import run

DONE: Any = {"state": "done", "started": datetime(2021, 1, 2, tzinfo=timezone.utc)}


def counts(shares: list[float], words: int = 300, **roles: int) -> SiteCounts:
    return SiteCounts(
        articles=len(shares),
        words=words * len(shares),
        removed_lines=sum(roles.values()),
        removed_share=sum(shares),
        removed_share_squared=sum(share * share for share in shares),
        roles=roles,
    )


def compared(before: SiteCounts, now: SiteCounts, configuration: str = "same") -> Drift:
    runs = [
        CountedRun(**DONE, run_id="1", records=9, by_site={"pond.example": before}, config_hash="same"),
        CountedRun(**DONE, run_id="2", records=9, by_site={"other.example": before}, config_hash="same"),
        CountedRun(**DONE, run_id="3", records=9, by_site={"pond.example": now}, config_hash=configuration),
    ]
    [drift] = drifts(runs)
    return drift


CALM = [0.38, 0.40, 0.42, 0.39, 0.41, 0.40]


def test_a_redesign_is_a_jump() -> None:
    """The share leaps by far more than it varies; the role that grew is named, and the runs compared."""
    drift = compared(counts(CALM, navigation=12), counts([s + 0.3 for s in CALM], words=120, navigation=120))
    assert drift.jump
    assert (drift.run_before, drift.run) == ("1", "3")
    assert drift.role == "navigation"
    assert drift.role_change == pytest.approx(18)
    assert drift.same_configuration


@pytest.mark.parametrize(
    "now",
    [
        counts([0.41, 0.40, 0.43, 0.39, 0.42, 0.40]),  # next to nothing changed
        counts([0.1, 0.9, 0.2, 0.95, 0.3, 0.85]),  # it varies widely, and the mean is less than its error away
        counts([0.9, 0.9]),  # two pages prove nothing
        counts([share + 0.05 for share in CALM]),  # sure, but small
    ],
)
def test_chance_is_no_jump(now: SiteCounts) -> None:
    """Small samples, wide spreads and small changes are told as numbers and not as a jump."""
    assert not compared(counts(CALM), now).jump


def test_another_configuration_is_told() -> None:
    """Where settings, rules or models differ, the change may be theirs."""
    assert not compared(counts(CALM), counts([s + 0.3 for s in CALM], words=100), "other").same_configuration


def test_damaged_and_older_run_records_are_no_obstacle(tmp_path: Path) -> None:
    """A record that cannot be read is left out, one without counts by site is kept for the table of runs."""
    dataset = Dataset.open(tmp_path / "out", create=True)
    old = {"state": "done", "started": "2021-01-02T03:04:05Z"}
    with dataset.lock():
        dataset.put_state("runs/1.json", b"{")
        dataset.put_state("runs/2.json", json.dumps({"run_id": "2", "records": 3, "unknown": [1], **old}).encode())
        dataset.put_state("runs/3.json", json.dumps({"run_id": "3", "records": 0, **old}).encode())
        dataset.put_state("runs/4.json", msgspec.json.encode(CountedRun(**DONE, run_id="4", records=1)))
    assert [record.run_id for record in counted_runs(dataset)] == ["2", "4"]


def test_two_runs_of_a_real_dataset_show_the_redesign(tmp_path: Path) -> None:
    """From pages to report: a site whose second delivery carries a page-long menu is named as changed."""
    body = "The surveyors came back on {} with a longer rope and measured the pond from the north to the south side."
    menu = "\n".join(f"Menu entry number {letter * 5}" for letter in "abcdefghijklmnopqrst")
    for folder, head in (("first", "Home"), ("second", menu)):
        (tmp_path / folder).mkdir()
        for number, letter in enumerate("abcdefgh"):
            text = f"{head}\n\nPond {letter * 6} of {folder} measured\n\n" + "\n\n".join(
                body.format(f"{letter * 4}{day} {folder}") for day in ("Monday", "Tuesday", "Friday")
            )
            page = {"text": f"{text}\n\nSend to a friend", "url": f"https://pond.example/{folder}/{number}"}
            (tmp_path / folder / f"{folder}{number}.jsonl").write_text(json.dumps(page))
        run([tmp_path / folder], tmp_path / "out", Settings())
    report = gather(tmp_path / "out", pages=5)
    [drift] = report.drifts
    assert drift.jump, drift
    assert drift.articles == drift.articles_before == 8
    assert drift.share > drift.share_before + 0.1
    assert len(report.runs) == 2
