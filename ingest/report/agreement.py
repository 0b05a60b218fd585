"""Sites of which what stays differs much from the crudest rule, in words.

Measured on 156 sites with five pages or more (`../shared`), as text and as HTML: where three percent of what stays
repeats, the verdict was better than the rule by 0.05 of word F1, and worse on 8 of 18; where half of the paragraphs are
removed that only their page has, as comments are, it was as good as the better of the rule before and after it. So the
verdict stands, and is reported.
"""

from __future__ import annotations

from collections.abc import Iterable

from ingest.dataset import Dataset
from ingest.dataset.runs import read_runs
from ingest.report.counts import SiteCounts
from ingest.report.drift import CountedRun

REPEATED = 0.03  # of the text that stays, on lines that stand on three pages or more,
REMOVED = 0.5  # and of paragraphs on fewer, those that were removed, from which on it is told
ENOUGH = 5  # articles


def differences(counts: SiteCounts) -> list[str]:
    """What differs much, each a sentence without a subject; empty where verdict and rule are near each other."""
    found: list[str] = []
    if counts.articles < ENOUGH:
        return found
    if counts.text_repeated >= REPEATED * max(counts.text, 1):
        found.append(
            f"{counts.text_repeated / counts.text:.0%} of the text that stays ({counts.text_repeated:,} of "
            f"{counts.text:,} characters) stands on three pages or more"
        )
    if counts.own_removed >= REMOVED * max(counts.own, 1):
        found.append(
            f"{counts.own_removed / counts.own:.0%} of the paragraphs that no more than two pages have "
            f"({counts.own_removed:,} of {counts.own:,} characters) were removed"
        )
    return found


def differing(runs: Iterable[CountedRun]) -> dict[str, list[str]]:
    """By site, what differs much in the last of the runs, given oldest first, that read five articles of it or more."""
    last = {
        site: counts
        for run in runs
        for site, counts in run.by_site.items()
        if site and counts.articles >= ENOUGH
    }  # fmt: skip
    return {site: told for site in sorted(last) if (told := differences(last[site]))}


def of_last_run(dataset: Dataset) -> dict[str, list[str]]:
    """As `differing`, of the last run that read anything."""
    last = next((run for run in read_runs(dataset, CountedRun) if run.records), None)
    return differing([last] if last else [])
