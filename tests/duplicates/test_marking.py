"""What is marked, and that it depends on the articles alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pyarrow.parquet as pq
import pytest
from duplicates.small_world import SmallWorld, text_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.dataset import Dataset, open_dataset
from ingest.dataset.layout import DUPLICATES
from ingest.dataset.remaining import Remaining
from ingest.errors import DatasetError

A, B = text_of(1), text_of(2)
NEAR_A = text_of(1, changed=[30])  # shares 55 of 61 shingles with A
NEARER_STILL = text_of(1, changed=[30, 50])  # 52 of 64 with A, 55 of 61 with NEAR_A


def test_the_earliest_published_is_the_original(world: SmallWorld) -> None:
    """Unknown dates come last, and one of equal dates is chosen by id."""
    world.put("a", (A, None), (A, 2003), (B, 2001))
    world.put("b", (A, 2002), (A + " .", 2002))
    world.run()
    first, second = "b#0", "b#1"
    ids = {row["title"]: row["id"] for row in open_dataset(world.out).table("articles").to_pylist()}
    original = min(first, second, key=ids.__getitem__)
    expected = dict.fromkeys(("a#0", "a#1", "b#0", "b#1"), original) | {original: None, "a#2": None}
    assert world.marks() == expected
    assert world.outcomes() == {"duplicate": 3, "kept": 2}
    assert not world.findings()


def test_an_older_copy_that_comes_later_becomes_the_original(world: SmallWorld) -> None:
    """The row of the earlier run is marked by the later one."""
    world.put("a", (A, 2005))
    world.put("b", (B, 2005))
    assert world.run().total == 0
    world.put("c", (A, 2001))
    found = world.run()
    assert world.marks() == {"a#0": "c#0", "b#0": None, "c#0": None}
    assert (found.total, found.changed, found.rewritten) == (1, 1, 1)


def test_short_texts_are_never_duplicates(world: SmallWorld) -> None:
    """Seven equal words say nothing, eight do."""
    seven = "one two three four five six seven"
    world.put("a", (seven, 2001), (seven, 2002), (f"{seven} eight", 2001), (f"{seven} eight", 2002))
    world.run()
    assert world.marks() == {"a#0": None, "a#1": None, "a#2": None, "a#3": "a#2"}


def test_near_copies_only_on_demand_and_one_original_for_a_chain(world: SmallWorld) -> None:
    """`exact` leaves near copies alone; `near` gives a chain one original, and going back unmarks it."""
    world.put("a", (NEAR_A, 2002), (A, 2003))
    world.put("b", (NEARER_STILL, 2001), (B, 2000), (text_of(1, changed=range(0, 60, 9)), 1999))
    world.run()
    assert not any(world.marks().values())
    world.run(mode="near")
    assert world.marks() == {"a#0": "b#0", "a#1": "b#0", "b#0": None, "b#1": None, "b#2": None}
    world.run(mode="exact")
    assert not any(world.marks().values())
    assert not world.findings()


def test_dropped_duplicates_are_rejected_by_name_and_come_back(world: SmallWorld) -> None:
    """A dropped copy keeps its removed lines; when its original goes, it is an article again, with all columns."""
    world.put("a", (A, 2005), (B, 2005))
    world.run()
    before = world.rows()
    world.put("b", (A, 2001))
    world.run(drop=True)
    [row] = world.rows()["rejected"]
    assert (row["source_path"], row["source_record"], row["outcome"]) == ("a", 0, "duplicate")
    original = open_dataset(world.out).table("articles", ["id", "title"]).to_pylist()
    assert row["reason"].endswith(next(row["id"] for row in original if row["title"] == "b#0"))
    assert world.marks() == {"a#1": None, "b#0": None}
    assert len(world.rows()["removed"]) == 3
    assert world.outcomes() == {"duplicate": 1, "kept": 2}
    assert not world.findings()
    world.retire("b", drop=True)
    assert world.rows() == before
    assert not world.findings()


def test_off_unmarks_and_brings_back(world: SmallWorld) -> None:
    """With `off` the dataset is as if duplicates were never looked for."""
    world.put("a", (A, 2001), (A, 2002), (B, 2001))
    world.run(mode="off")
    before = world.rows()
    assert not Dataset.open(world.out).list_state("duplicates/")
    world.run(mode="exact", drop=True)
    assert len(world.rows()["articles"]) == 2
    world.run(mode="off", drop=True)
    assert world.rows() == before
    assert not world.findings()


def test_an_idle_run_reads_and_writes_nothing(world: SmallWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the ledger has not changed, no part is opened and no state written."""
    world.put("a", (A, 2001), (A, 2002))
    world.run(mode="near", drop=True)

    def refuse(*_: Any) -> None:
        raise AssertionError("the idle run touched the disk")

    monkeypatch.setattr(pq, "ParquetFile", refuse)
    monkeypatch.setattr(Dataset, "put_state", refuse)
    found = world.run(mode="near", drop=True)
    assert (found.total, found.changed) == (1, 0)


def test_texts_are_read_once_and_parts_without_change_stay(world: SmallWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """A later run reads the texts of new articles only, and replaces the one part whose marks change."""
    world.put("a", (A, 2003))
    world.put("b", (B, 2003))
    world.run(group=1)
    before = {Path(file).name for file in open_dataset(world.out).files("articles")}
    read: list[Any] = []
    original = pq.ParquetFile.read_row_group

    def spy(self: Any, group: Any, columns: Any = None, **options: Any) -> Any:
        read.append(columns)
        return original(self, group, columns=columns, **options)

    monkeypatch.setattr(pq.ParquetFile, "read_row_group", spy)
    world.put("c", (A, 2001), (text_of(3), 2001))
    world.run(group=1)
    after = {Path(file).name for file in open_dataset(world.out).files("articles")}
    assert len(before & after) == 1
    assert len(after) == 3
    assert read.count(["text"]) == 1


@pytest.mark.parametrize("name", ["texts", "pairs", "done"])
def test_damaged_state_costs_time_only(world: SmallWorld, name: str) -> None:
    """State files are a memory: garbage in them is passed over."""
    world.put("a", (A, 2002), (A + "!", 2003), (NEAR_A, 2001))
    world.run(mode="near")
    marks = world.marks()
    for path in (world.out / "_ingest/duplicates").glob(f"{name}*"):
        path.write_bytes(path.read_bytes()[:40])
    world.put("b", (B, 2001))
    world.run(mode="near")
    assert world.marks() == marks | {"b#0": None}


def test_many_state_files_become_one(world: SmallWorld) -> None:
    """Hundreds of small runs do not leave hundreds of files, and texts that are gone are forgotten."""
    for n in range(20):
        world.put(f"s{n}", (text_of(n), 2001))
        world.run()
    assert len(Dataset.open(world.out).list_state("duplicates/texts-")) < 16
    assert not any(world.marks().values())


def test_verify_names_a_duplicate_without_original(world: SmallWorld) -> None:
    """A warning while a run still has to mark; an error where it claims to have done so."""
    world.put("a", (A, 2001), (B, 2001))
    world.put("b", (A, 2002))
    world.run(group=1)
    world.put("a", (B, 2001))
    world.run(marking=False)
    [finding] = world.findings()
    assert (finding.severity, "1 duplicates of" in finding.message) == ("warning", True)
    state = world.out / "_ingest" / DUPLICATES
    ledger = Dataset.open(world.out).ledger().version
    state.write_text(f'{{"ledger": "{ledger}"}}')
    assert [finding.severity for finding in world.findings()] == ["error"]
    state.write_text("{}")
    world.run()
    assert not world.findings()
    assert not any(world.marks().values())


def test_verify_misses_a_dropped_row(world: SmallWorld) -> None:
    """Every dropped row is the duplicate of a row of `rejected`; one that is not is named."""
    world.put("a", (A, 2001), (A, 2002))
    world.run(drop=True)
    [part] = (world.out / "_ingest/dropped").glob("*.parquet")
    part.unlink()
    assert any(part.name in finding.file for finding in world.findings())


def test_a_rewrite_that_loses_a_row_is_refused(world: SmallWorld) -> None:
    """The rows that take the place of a part must add up to its records; else nothing is changed."""
    world.put("a", (A, 2001), (B, 2001))
    world.run()
    before = world.rows()

    class Lossy(Remaining):
        def batches(self, table: str) -> Iterator[Any]:
            for batch in super().batches(table):
                yield batch.slice(1) if table == "articles" else batch

    with Dataset.open(world.out).lock() as dataset:
        [record] = dataset.ledger().records.values()
        with pytest.raises(DatasetError, match="does not hold the rows"):
            dataset.rewrite(Lossy(dataset.storage, record, frozenset()), "run")
    assert world.rows() == before
    assert not world.findings()


TEXTS = st.sampled_from([A, A.upper(), NEAR_A, NEARER_STILL, B, text_of(2, changed=[9]), "too short", text_of(3)])
ARTICLES = st.tuples(TEXTS, st.sampled_from([None, 2001, 2002, 2003]))
SOURCES = st.lists(st.lists(ARTICLES, min_size=1, max_size=4), min_size=1, max_size=6)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(SOURCES, st.sampled_from(["exact", "near"]), st.booleans(), st.randoms(use_true_random=False))
def test_any_order_and_split_ends_as_one_run(
    new_world: Callable[[], SmallWorld], sources: Any, mode: Any, drop: Any, random: Random
) -> None:
    """Whatever the order of the sources, their split into runs and parts, and the settings of the runs before the last:
    the rows are those of one run over everything.
    """
    once, often = new_world(), new_world()
    names = [f"s{n}" for n in range(len(sources))]
    for world in (once, often):
        for name, articles in zip(names, sources, strict=True):
            world.put(name, *articles)
    once.run(mode=mode, drop=drop)
    random.shuffle(names)
    while names:
        some, names = names[:2], names[2:]
        odd = {"mode": random.choice(["off", "exact", "near"]), "drop": random.random() < 0.5}
        often.run(
            *some, group=random.choice([1, 3]), **(odd if random.random() < 0.5 else {"mode": mode, "drop": drop})
        )
    often.run(mode=mode, drop=drop)
    assert often.rows() == once.rows()
    assert not often.findings()
    assert not once.findings()
    originals = {row["duplicate_of"] for row in once.rows()["articles"]} - {None}
    assert originals <= {row["id"] for row in once.rows()["articles"] if row["duplicate_of"] is None}


@pytest.mark.slow
def test_long_histories_end_as_one_run(new_world: Callable[[], SmallWorld]) -> None:
    """Hundreds of runs that add, replace and retire sources leave what one run over the last state does."""
    random = Random(5)
    texts = [text_of(n, changed=random.sample(range(60), k)) for n in range(6) for k in (0, 0, 1, 3)]
    for _ in range(4):
        world = new_world()
        for _ in range(40):
            name = f"s{random.randrange(8)}"
            if random.random() < 0.2 and (world.raw / name).exists() and len(list(world.raw.iterdir())) > 1:
                world.retire(name, mode="near", drop=random.random() < 0.5)
                continue
            world.put(name, *((random.choice(texts), random.choice([None, 2001, 2002])) for _ in range(3)))
            world.run(mode=random.choice(["exact", "near"]), drop=random.random() < 0.5)
        world.run(mode="near", drop=True)
        fresh = new_world()
        fresh.raw = world.raw
        fresh.run(mode="near", drop=True)
        assert world.rows() == fresh.rows()
        assert not world.findings()
