"""A large source is taken up where a run was cut off, and comes out the same as if none had been."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from dataset.conftest import World
from dataset.disk_faults import Count, FailAt, KillAt, PowerCut, PowerCutAt, hooked
from dataset.fake_pipeline import rows_of, sources_in, to_batch

from ingest.dataset import Dataset, table_writer
from ingest.dataset.plan import make_plan
from ingest.dataset.segments import read_staging
from ingest.errors import DatasetError
from ingest.schema import SCHEMAS, TABLES

SEGMENT = 300  # bytes: some two records of these tests


def run(world: World, config: str = "c1", profiles: str = "p1", stop_after: Any = None, wrong: int = 0) -> Any:
    """A run over one source per part, record by record, that says how far it has come; returns what it had to do."""
    done: list[tuple[str, int]] = []
    with Dataset.open(world.out, create=True).lock() as dataset:
        plan = make_plan(dataset.ledger(), sources_in(world.raw), config)
        dataset.clear_staging(plan.todo, {str(world.raw)})
        dataset.retire(plan.retire, "r")
        for source in plan.todo:
            rows = rows_of(source, config)
            numbers = sorted({row["source_record"] for table in TABLES for row in rows[table]})
            staging = dataset.staging("apply", source, (config, profiles), SCHEMAS, SEGMENT)
            with dataset.writer([source], config, "r", staging=staging) as part:
                for number in numbers[staging.records :]:
                    if stop_after is not None and len(done) == stop_after:
                        return done
                    done.append((source.path, number))
                    for table in TABLES:
                        part.write(table, to_batch(table, [r for r in rows[table] if r["source_record"] == number]))
                    part.checkpoint(number + 1, 150)
                part.commit(records={source.path: len(numbers) + wrong})
    return done


def staged(world: World) -> Any:
    """Records in finished segments, by source path."""
    return {segments[-1].path: segments[-1].records for segments in read_staging(world.dataset.storage).values()}


def parquet(world: World) -> Any:
    """Name and content of each file of the tables."""
    return {path.relative_to(world.out).as_posix(): path.read_bytes() for path in world.out.glob("*/*.parquet")}


@pytest.fixture
def large(fast_world: Callable[[str], World]) -> World:
    world = fast_world("world")
    world.put("large", *(f"text number {n} of many words" for n in range(11)), "short")
    world.put("small", "text of a small one")
    return world


def test_a_run_goes_on_at_the_next_segment(large: World, fast_world: Callable[[str], World]) -> None:
    """What is in finished segments is not read again; the parts are those of an undisturbed run, byte for byte."""
    calm = fast_world("calm")
    calm.raw = large.raw
    assert len(run(calm)) == 13
    assert len(run(large, stop_after=5)) == 5
    assert staged(large) == {"large": 4}
    assert large.texts() == {}  # readers see the source as a whole, or not
    large.assert_sound()
    assert run(large) == [("large", n) for n in range(4, 12)] + [("small", 0)]
    assert staged(large) == {}
    assert list(large.out.glob("_ingest/staging/*")) == []
    assert parquet(large) == parquet(calm)
    large.assert_sound()


def test_nothing_in_staging_looks_like_a_table(large: World) -> None:
    """Programs that search for Parquet files find none of the unfinished rows."""
    run(large, stop_after=9)
    names = [path.name for path in (large.out / "_ingest/staging").iterdir()]
    assert names
    assert not [name for name in names if name.endswith((".parquet", ".tmp"))]


@pytest.mark.parametrize("other", [{"config": "c2"}, {"profiles": "p2"}])
def test_segments_of_another_configuration_are_not_used(large: World, other: Any) -> None:
    """Rows that would come out otherwise today are made anew, and the old ones cleared."""
    run(large, stop_after=6)
    assert len(run(large, **other)) == 13
    assert list(large.out.glob("_ingest/staging/*")) == []


def test_segments_of_changed_or_removed_sources_are_cleared(large: World) -> None:
    """A file that grew is read from its beginning; of one that is gone nothing is kept."""
    run(large, stop_after=6)
    large.put("large", *(f"text number {n} of many words" for n in range(20)))
    assert run(large, stop_after=3) == [("large", 0), ("large", 1), ("large", 2)]
    assert staged(large) == {"large": 2}
    (large.raw / "large").unlink()
    run(large)
    assert list(large.out.glob("_ingest/staging/*")) == []


def test_segments_of_sources_that_a_run_is_not_asked_about_stay(large: World, tmp_path: Path) -> None:
    """A run over another folder in between costs the large source nothing; but not for ever, once it is gone."""
    run(large, stop_after=6)
    with large.dataset.lock() as dataset:
        assert dataset.clear_staging([], {str(tmp_path)}) == []
        assert staged(large) == {"large": 6}
        (large.raw / "large").unlink()
        assert dataset.clear_staging([], {str(tmp_path)}) == ["large"]


def test_a_file_that_moves_is_not_staged(large: World) -> None:
    """What was read after the file changed must not stand for its former content."""
    source = next(source for source in sources_in(large.raw) if source.path == "large").with_digest()
    with large.dataset.lock() if large.out.exists() else Dataset.open(large.out, create=True).lock() as dataset:
        staging = dataset.staging("apply", source, ("c1",), {}, 10)
        staging.checkpoint(1, 100)
        assert staging.records == 1
        os.utime(large.raw / "large")
        staging.checkpoint(2, 100)
        assert staging.records == 1


@pytest.mark.parametrize("what", ["content", "size", "gone", "record"])
def test_a_damaged_segment_is_made_anew(large: World, what: Any) -> None:
    """Bit rot or a lost file costs the segments from there on, and is never committed."""
    run(large, stop_after=9)
    assert staged(large) == {"large": 8}
    [path] = (large.out / "_ingest/staging").glob("*-000002" + (".json" if what == "record" else "-articles.arrow"))
    data = path.read_bytes()
    if what == "gone":
        path.unlink()
    else:
        path.write_bytes(data[:-1] if what == "size" else bytes([data[0] ^ 1]) + data[1:])
    result = large.dataset.verify()
    assert result.ok
    assert [finding.severity for finding in result.findings][:1] == ["warning"]
    assert run(large)[0] == ("large", 4)
    large.assert_sound()


def test_rows_that_do_not_add_up_are_not_gone_on_from(large: World) -> None:
    """A defect of the pipeline commits nothing, and the next run begins the source anew."""
    with pytest.raises(DatasetError, match="records were read"):
        run(large, wrong=1)
    assert staged(large) == {}
    assert len(run(large)) == 13


def test_a_large_table_becomes_several_files(large: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part's table is split into files of bounded size; verify and rewriting know all of them."""
    run(large)
    rows = large.rows()
    monkeypatch.setattr(table_writer, "FILE_BYTES", 1)
    monkeypatch.setattr(table_writer, "ROW_GROUP_ROWS", 3)
    run(large, config="c2")  # nothing to do: done with another configuration
    large.put("large", *(f"text number {n} of many words" for n in range(11)), "short", "one text more")
    run(large)
    [record] = [record for record in large.dataset.ledger().records.values() if record.sources[0].path == "large"]
    assert len([file for file in record.files if file.table == "articles"]) == 4
    assert len(large.rows()["articles"]) == len(rows["articles"]) + 1
    large.assert_sound()
    with large.dataset.lock() as dataset:
        dataset.rewrite(dataset.without(record.key), "r2")
    assert len(large.rows()["articles"]) == len(rows["articles"]) + 1
    large.assert_sound()
    with large.dataset.lock() as dataset:
        dataset.retire(["large"], "r3")
    assert len(list(large.out.glob("articles/*.parquet"))) == 1
    large.assert_sound()


@pytest.fixture
def counted(large: World, fast_world: Callable[[str], World]) -> tuple[int, Any]:
    """How many disk operations an undisturbed run takes, and its rows."""
    calm = fast_world("calm")
    calm.raw = large.raw
    count = Count()
    with hooked(count):
        run(calm)
    return count.n, calm.rows()


def finish(world: World, rows: Any) -> None:
    run(world)
    assert world.rows() == rows
    world.assert_sound()
    assert list(world.out.glob("_ingest/staging/*")) == []


STEP = [pytest.param(7, id="some"), pytest.param(1, id="each", marks=pytest.mark.slow)]


@pytest.mark.parametrize("step", STEP)
def test_a_disk_that_fails_at_any_operation(
    large: World, counted: tuple[int, Any], step: Any, fast_world: Callable[[str], World]
) -> None:
    """A full disk costs nothing that was finished, whatever was being written."""
    for n in range(1, counted[0], step):
        place = fast_world(f"place {n}")
        place.raw = large.raw
        try:
            with hooked(FailAt(n, 28, lasting=True)):
                run(place)
        except DatasetError as error:
            assert "free space" in str(error)  # noqa: PT017
        finish(place, counted[1])


@pytest.mark.parametrize("step", STEP)
def test_kills_and_power_cuts_at_any_operation(
    large: World, counted: tuple[int, Any], step: Any, fast_world: Callable[[str], World]
) -> None:
    """Cut off anywhere, twice over, the run after it ends as an undisturbed one."""
    for n in range(1, counted[0], step):
        place = fast_world(f"place {n}")
        place.raw = large.raw
        for fault in (n, max(1, counted[0] - n)):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                child = os.fork()
            if not child:
                try:
                    with hooked(KillAt(fault)):
                        run(place)
                finally:
                    os._exit(1)
            os.waitpid(child, 0)
        cut = PowerCutAt(n // 2 + 1, Random(n))
        try:
            with hooked(cut):
                run(place)
        except PowerCut:
            cut.lose()
        finish(place, counted[1])
