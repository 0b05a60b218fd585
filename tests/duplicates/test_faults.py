"""A run that is cut off while it marks or drops duplicates leaves a valid dataset; the next one ends as it would."""

from __future__ import annotations

import errno
import os
import shutil
import warnings
from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Any

import pytest
from dataset.disk_faults import Count, FailAt, KillAt, PowerCut, PowerCutAt, hooked
from duplicates.small_world import SmallWorld, text_of

from ingest.dataset import Dataset, open_dataset
from ingest.errors import DatasetError

A, B, C = text_of(1), text_of(2), text_of(3)


class Story:
    """A dataset with marked duplicates, before and after a run that finds older originals, near copies, and drops."""

    def __init__(self, new_world: Callable[[], SmallWorld]) -> None:
        self.before, self.after, self.place = new_world(), new_world(), new_world()
        for world in (self.before, self.after):
            world.put("a", (A, 2005), (B, 2005))
            world.put("b", (A, 2006), (C, 2001))
            world.put("c", (B, 2001))
            world.run(group=1)
            world.put("c", (text_of(4), 2001))  # takes an original away
            world.put("d", (A, 2001), (text_of(3, changed=[20]), 2005), (B, 2007))
        self.after.run(mode="near", drop=True)
        self.expected, self.ids = self.after.rows(), self.ids_in(self.before) | self.ids_in(self.after)
        self.place.raw.rmdir()
        self.place.raw = self.before.raw

    @staticmethod
    def ids_in(world: SmallWorld) -> Any:
        tables = open_dataset(world.out).tables({"articles": None, "rejected": None})
        rows = [row for table in tables.values() for row in table.to_pylist()]
        assert len({row["id"] for row in rows}) == len(rows)
        return {(row["source_path"], row["source_record"]) for row in rows}

    def restart(self) -> Any:
        shutil.rmtree(self.place.out, ignore_errors=True)
        shutil.copytree(self.before.out, self.place.out)
        return self.place

    def operations(self) -> Any:
        count, place = Count(), self.restart()
        with hooked(count):
            place.run(mode="near", drop=True)
        return count.n

    def check(self, message: str) -> None:
        found = self.ids_in(self.place)
        assert {("a", 0), ("a", 1), ("b", 0), ("b", 1)} <= found <= self.ids, message
        with Dataset.open(self.place.out).lock() as dataset:
            dataset.recover()
        result = Dataset.open(self.place.out).verify()
        assert result.ok, (message, result.findings)
        self.place.run(mode="near", drop=True)
        assert self.place.rows() == self.expected, message
        assert not self.place.findings(), message


@pytest.fixture
def story(new_world: Callable[[], SmallWorld]) -> Story:
    return Story(new_world)


@pytest.fixture(params=[pytest.param(11, id="some"), pytest.param(1, id="each", marks=pytest.mark.slow)])
def instants(request: pytest.FixtureRequest, story: Story) -> range:
    return range(1 + request.param // 2, story.operations() + 1, request.param)


def test_the_story_is_one(story: Story) -> None:
    """The undisturbed run replaces parts, drops exact and near copies, and unmarks what lost its original."""
    assert story.operations() > 60
    story.restart().run(mode="near", drop=True)
    reasons = {(row["source_path"], row["source_record"]): row["reason"] for row in story.place.rows()["rejected"]}
    assert {place: reason.split()[0] for place, reason in reasons.items()} == {
        ("a", 0): "the",
        ("b", 0): "the",
        ("d", 1): "nearly",
        ("d", 2): "the",
    }


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_kill_at_any_operation(story: Story, instants: range) -> None:
    """SIGKILL at each operation in turn."""
    for n in instants:
        place = story.restart()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # the child does nothing with the parent's threads
            child = os.fork()
        if not child:
            try:
                with hooked(KillAt(n)):
                    place.run(mode="near", drop=True)
            finally:
                os._exit(1)
        _, status = os.waitpid(child, 0)
        assert os.WTERMSIG(status) == 9
        story.check(f"kill at operation {n}")


def test_a_full_disk_at_any_operation(story: Story, instants: range) -> None:
    """From the n-th operation on there is no space: a plain error, and the next run does the rest."""
    for n in instants:
        place = story.restart()
        fault = FailAt(n, errno.ENOSPC, lasting=True)
        with suppress(DatasetError), hooked(fault):
            place.run(mode="near", drop=True)
        assert fault.hit
        story.check(f"disk full at operation {n}")


def test_a_power_cut_at_any_operation(story: Story, instants: range) -> None:
    """The power goes and takes along what was not fsynced."""
    random = Random(3)
    for n in instants:
        place = story.restart()
        cut = PowerCutAt(n, random)
        with pytest.raises(PowerCut), hooked(cut):
            place.run(mode="near", drop=True)
        cut.lose()
        story.check(f"power cut at operation {n}")
