"""Run records, and what they tell of sites that changed: a redesign shows as a jump between two runs."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import msgspec

from ingest.dataset import Dataset
from ingest.dataset.runs import RunRecord, read_runs
from ingest.report.counts import SiteCounts

ENOUGH = 5  # articles of a site in both runs, below which a difference proves nothing
JUMP = 0.1  # of the removed share, or
FALL = 0.5  # of the words an article: to less than this, or to more than its inverse
SURE = 4.0  # standard errors by which the removed shares differ


class CountedRun(RunRecord, frozen=True, kw_only=True):
    """A run record with what the report compares; those of older versions lack it."""

    rows: dict[str, int] = msgspec.field(default_factory=dict)
    stage_seconds: dict[str, float] = msgspec.field(default_factory=dict)
    by_site: dict[str, SiteCounts] = msgspec.field(default_factory=dict)
    config_hash: str = ""


class Drift(msgspec.Struct, kw_only=True):
    """One site in the latest run that read pages of it (`now`), and in the run before it that did (`before`)."""

    site: str
    run: str
    run_before: str
    articles: int
    articles_before: int
    share: float
    share_before: float
    words: float
    words_before: float
    jump: bool
    same_configuration: bool
    role: str  # whose lines became more, or fewer, by the most an article
    role_change: float  # lines an article


def counted_runs(dataset: Dataset) -> list[CountedRun]:
    """The records of all runs that read anything, oldest first."""
    return [run for run in read_runs(dataset, CountedRun) if run.records][::-1]


def drifts(records: Sequence[CountedRun]) -> list[Drift]:
    """Each site that two runs have read, jumps first, then by the change of the removed share."""
    seen: dict[str, list[tuple[CountedRun, SiteCounts]]] = {}
    for record in records:
        for site, counts in record.by_site.items():
            if site and counts.articles:
                seen.setdefault(site, []).append((record, counts))
    found = [_drift(site, *history[-2:]) for site, history in seen.items() if len(history) > 1]
    return sorted(found, key=lambda drift: (not drift.jump, -abs(drift.share - drift.share_before), drift.site))


def _drift(site: str, before: tuple[CountedRun, SiteCounts], now: tuple[CountedRun, SiteCounts]) -> Drift:
    (old_run, old), (run, new) = before, now
    share, error = _mean(new)
    share_before, error_before = _mean(old)
    words, words_before = new.words / new.articles, old.words / old.articles
    change = share - share_before
    sure = abs(change) > SURE * sqrt(error**2 + error_before**2)
    shrunk = not FALL <= (words + 1) / (words_before + 1) <= 1 / FALL
    enough = min(new.articles, old.articles) >= ENOUGH
    role, role_change = _role(old, new)
    return Drift(
        site=site,
        run=run.run_id,
        run_before=old_run.run_id,
        articles=new.articles,
        articles_before=old.articles,
        share=share,
        share_before=share_before,
        words=words,
        words_before=words_before,
        jump=enough and sure and (abs(change) >= JUMP or shrunk),
        same_configuration=run.config_hash == old_run.config_hash,
        role=role,
        role_change=role_change,
    )


def _mean(counts: SiteCounts) -> tuple[float, float]:
    """Mean of the removed share, and its standard error."""
    n = counts.articles
    mean = counts.removed_share / n
    spread = max(0.0, counts.removed_share_squared / n - mean**2)
    return mean, sqrt(spread / n)


def _role(old: SiteCounts, new: SiteCounts) -> tuple[str, float]:
    changes = {
        role: new.roles.get(role, 0) / new.articles - old.roles.get(role, 0) / old.articles
        for role in sorted({*old.roles, *new.roles})
    }
    role = max(changes, key=lambda name: abs(changes[name]), default="")
    return role, changes.get(role, 0.0)
