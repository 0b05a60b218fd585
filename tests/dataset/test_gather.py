"""Small parts are gathered without any change to a row, wherever it is cut off."""

from __future__ import annotations

import os
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from dataset.conftest import World
from dataset.disk_faults import Count, KillAt, PowerCut, PowerCutAt, hooked

from ingest import duplicates
from ingest.dataset import Dataset
from ingest.dataset.gather import gather, groups
from ingest.dataset.records import PartFile
from ingest.errors import DatasetError
from ingest.maintenance.compact import compact


@pytest.fixture
def scattered(fast_world: Callable[[str], World]) -> World:
    """A dataset of many parts, as frequent runs leave it, some of them with rows of several sources."""
    world = fast_world("world")
    for n in range(8):
        world.put(f"source {n:02}", f"text number {n}", f"another text {n}", "short")
        world.run(group=1, run_id=f"run {n}", config="c1" if n % 3 else "c2")
    return world


def test_rows_stay_as_they_are(scattered: World) -> None:
    """Fewer parts, the same rows of the same sources, nothing to do for the next run; a second time nothing happens."""
    before, entries = scattered.rows(), sorted(scattered.dataset.ledger().entries(), key=lambda entry: entry.path)
    done = compact(scattered.out)
    assert (done.parts_before, done.parts_after, done.rewritten) == (8, 1, 8)
    assert scattered.rows() == before
    assert sorted(scattered.dataset.ledger().entries(), key=lambda entry: entry.path) == entries
    assert len(list(scattered.out.glob("articles/*"))) == 1
    scattered.assert_sound()
    assert scattered.plan().todo == []
    again = compact(scattered.out)
    assert (again.parts_before, again.parts_after, again.rewritten) == (1, 1, 0)


def test_groups_are_bounded(scattered: World) -> None:
    """Parts of half the target size are left alone; the others are gathered up to it, neighbours first."""
    [record, *_] = scattered.dataset.ledger().records.values()

    def sized(n: int, size: int) -> Any:
        import msgspec

        entry = msgspec.structs.replace(record.sources[0], path=f"{n:03}")
        file = PartFile(table="articles", path="", rows=1, bytes=size, sha256="")
        return msgspec.structs.replace(record, key=f"{n:03}", files=[file], sources=[entry])

    sizes = [10, 60, 30, 45, 40, 100, 20, 5, 49, 49]
    found = list(groups((sized(n, size) for n, size in enumerate(sizes)), 100))
    assert [[part.files[0].bytes for part in group] for group in found] == [[10, 30, 45], [40, 20, 5], [49, 49]]
    assert list(groups([sized(0, 5)], 100)) == []


def test_duplicates_need_no_second_look(scattered: World) -> None:
    """Since no row changes, marks that were right stay so, and the next run knows it."""
    with scattered.dataset.lock() as dataset:
        duplicates.mark(dataset, "r", mode="exact", drop=False)
    compact(scattered.out)
    dataset = Dataset.open(scattered.out)
    done = duplicates._load(dataset.get_state("duplicates/done.json"))
    assert done is not None
    assert done.ledger == dataset.ledger().version


def test_a_part_that_cannot_be_read_is_named(scattered: World) -> None:
    """Nothing is gathered from a damaged part, and nothing is lost."""
    path = sorted(scattered.out.glob("articles/*.parquet"))[3]
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(DatasetError, match=path.name):
        compact(scattered.out)
    assert len(list(scattered.out.glob("articles/*.parquet"))) == 8


@pytest.mark.parametrize("step", [pytest.param(23, id="some"), pytest.param(1, id="each", marks=pytest.mark.slow)])
def test_cut_off_at_any_operation(scattered: World, fast_world: Callable[[str], World], step: Any) -> None:
    """A kill or a power cut leaves each row once for readers, and the next run clears what is left."""
    import shutil

    expected, texts = scattered.rows(), scattered.texts()

    def place(name: str) -> World:
        world = fast_world(name)
        shutil.copytree(scattered.out, world.out)
        return world

    def work(world: World) -> None:
        with world.dataset.lock() as dataset:
            gather(dataset, "compact", target_bytes=120_000)

    count = Count()
    with hooked(count):
        work(place("count"))
    assert count.n > 40
    for n in range(1, count.n + 1, step):
        world = place(f"place {n}")
        child = os.fork()
        if not child:
            try:
                with hooked(KillAt(n)):
                    work(world)
            finally:
                os._exit(1)
        os.waitpid(child, 0)
        assert world.texts() == texts
        cut = PowerCutAt(count.n - n + 1, Random(n))
        try:
            with hooked(cut):
                work(world)
        except PowerCut:
            cut.lose()
        assert world.texts() == texts
        with world.dataset.lock() as dataset:
            dataset.recover()
        assert world.rows() == expected
        world.assert_sound()
