"""Drafts: a part written by one process and committed by another is the part that one process would have made."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from dataset.conftest import World
from dataset.fake_pipeline import rows_of, run, sources_in, to_batch

from ingest.dataset import Dataset, SourceFile
from ingest.dataset.plan import make_plan
from ingest.errors import DatasetError
from ingest.schema import SCHEMAS


def draft_of(world: World, sources: Iterable[SourceFile], config: str = "c1", segment_bytes: Any = None) -> Any:
    """What a worker of a run would send back; it has the dataset open anew, and no lock."""
    sources = [source.with_digest() for source in sources]
    dataset = Dataset.open(world.out)
    with dataset.assist():
        versions = (config, "p1")
        staging = segment_bytes and dataset.staging("apply", sources[0], versions, SCHEMAS, segment_bytes)
        with dataset.writer(sources, config, "r", pipeline_version="0", staging=staging or None) as part:
            for source in sources:
                rows = rows_of(source, config)
                for number in range(10):
                    for table in rows:
                        part.write(table, to_batch(table, [r for r in rows[table] if r["source_record"] == number]))
                    part.checkpoint(number + 1, 150)
            return pickle.loads(pickle.dumps(part.finish({sources[0].path: 10} if staging else {})))


@contextmanager
def the_run(world: World) -> Iterator[Any]:
    """A run that holds the lock and has cleared what others left."""
    with Dataset.open(world.out, create=True).lock() as dataset:
        dataset.recover()
        yield dataset


def commit(dataset: Dataset, draft: Any, config: str = "c1") -> Any:
    with dataset.writer(draft.sources, config, "r", pipeline_version="0", draft=draft) as part:
        return part.commit()


@pytest.fixture
def full(world: World) -> World:
    world.put("a", "text one", "short", "text three")
    world.put("b", "text two")
    world.put("c", "text of c")
    return world


def test_rows_are_those_of_one_process(full: World, new_world: Callable[[str], World]) -> None:
    """Rows, records and balance of a committed draft are those of a part that was written and committed at once."""
    other = new_world("other")
    for name, texts in {"a": ("text one", "short", "text three"), "b": ("text two",), "c": ("text of c",)}.items():
        other.put(name, *texts)
    other.run()
    with the_run(full) as dataset:
        commit(dataset, draft_of(full, sources_in(full.raw)))
    assert full.rows() == other.rows()
    full.assert_sound()


def test_neighbours_of_a_changed_source_move_in(full: World) -> None:
    """A draft of a changed source replaces its old rows, and what else the old part held comes along, in one commit."""
    full.run()
    full.put("b", "text anew")
    with the_run(full) as dataset:
        plan = make_plan(dataset.ledger(), sources_in(full.raw), "c1")
        commit(dataset, draft_of(full, plan.todo))
        assert len(dataset.ledger().records) == 1
    assert full.texts() == {"a": ["text one", "text three"], "b": ["text anew"], "c": ["text of c"]}
    full.assert_sound()


def test_work_done_twice_cannot_mix(full: World) -> None:
    """Of two drafts of the same sources one is committed; the other is cleared, and nothing is there twice."""
    with the_run(full) as dataset:
        late, first = draft_of(full, sources_in(full.raw)), draft_of(full, sources_in(full.raw))
        commit(dataset, first)
        names = [file.temp for file in late.files]
        assert all((full.out / file.temp).exists() for file in late.files)
        assert sorted(dataset.recover().temporary) == sorted(names)
    assert full.texts()["a"] == ["text one", "text three"]
    full.assert_sound()


def test_segments_of_a_large_source_end_in_the_draft(full: World) -> None:
    """The worker writes the segments, and they go when the run has committed."""
    with the_run(full) as dataset:
        source = next(sources_in(full.raw))
        full.put("a", *(f"text number {n}" for n in range(10)))
        source = source.again()
        draft = draft_of(full, [source], segment_bytes=300)
        assert list(full.out.glob("_ingest/staging/*.json"))
        commit(dataset, draft)
        assert not list(full.out.glob("_ingest/staging/*"))
    assert len(full.texts()["a"]) == 10
    full.assert_sound()


def test_only_the_run_commits(full: World) -> None:
    """Without the lock a worker can neither commit nor clear nor retire."""
    run(full.raw, full.out)
    dataset = Dataset.open(full.out)
    with dataset.assist():
        with dataset.writer([], "c1", "r") as part, pytest.raises(DatasetError, match="not locked"):
            part.commit([dataset.without(next(iter(dataset.ledger().records)))])
        retire, delete = partial(dataset.retire, ["a"], "r"), partial(dataset.delete_state, "runs/run.json")
        for action in (dataset.recover, retire, delete):
            with pytest.raises(DatasetError, match="not locked"):
                action()
    full.assert_sound()


@pytest.mark.parametrize("damage", ["gone", "cut"])
def test_a_draft_that_is_not_here_is_refused(full: World, damage: Any) -> None:
    """What a worker wrote to a folder that is not the run's is told, and the dataset is as before."""
    with the_run(full) as dataset:
        draft = draft_of(full, sources_in(full.raw))
        path = full.out / next(file.temp for file in draft.files if file.table == "articles")
        path.unlink() if damage == "gone" else path.write_bytes(b"")
        with pytest.raises(DatasetError) as told:
            commit(dataset, draft)
        assert path.name in told.value.message
        dataset.recover()
        assert not dataset.ledger().records
    full.assert_sound()
