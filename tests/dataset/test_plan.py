"""What a run has to do."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from dataset.conftest import World
from dataset.fake_pipeline import sources_in
from noting import noted

from ingest.dataset import Dataset, Ledger, SourceFile
from ingest.dataset.plan import await_settled, make_plan
from ingest.errors import SourceError


def paths(sources: Iterable[Any]) -> Any:
    return [source.path for source in sources]


def test_only_new_and_changed_sources_are_processed(world: World) -> None:
    """A second run reads new and replaced files and nothing else."""
    world.put("a", "first text")
    world.put("b", "second text")
    world.run()
    world.put("b", "second text", "grown by this")
    world.put("c", "third text")
    plan = world.plan()
    assert (paths(plan.done), paths(plan.changed), paths(plan.new)) == (["a"], ["b"], ["c"])
    assert paths(plan.todo) == ["b", "c"]


def test_known_content_is_done_under_any_name(world: World) -> None:
    """A moved file is done and reported as moved, not as missing."""
    world.put("a", "first text")
    world.run()
    os.rename(world.raw / "a", world.raw / "z")
    plan = world.plan()
    assert paths(plan.done) == ["z"]
    assert [(entry.path, source.path) for entry, source in plan.moved] == [("a", "z")]
    assert plan.missing == plan.todo == []


def test_copies_are_processed_once(world: World) -> None:
    """Of two files with the same bytes one is processed; the other is a copy in this run and the next."""
    world.put("a", "the same text")
    world.put("b", "the same text")
    plan = world.plan()
    assert (paths(plan.new), paths(plan.copies)) == (["a"], ["b"])
    world.run()
    plan = world.plan()
    assert (paths(plan.done), paths(plan.copies)) == (["a"], ["b"])


def test_copy_takes_over_when_the_original_changes(world: World) -> None:
    """Content that a changed file gave up is processed again if a copy of it is still there."""
    world.put("a", "the same text")
    world.put("b", "the same text")
    world.run()
    world.put("a", "another text")
    world.run()
    assert world.texts() == {"a": ["another text"], "b": ["the same text"]}
    world.assert_sound()


def test_swapped_files_end_under_their_new_names(world: World) -> None:
    """Two files that exchange their contents are both redone, and nothing is doubled."""
    world.put("a", "text one")
    world.put("b", "text two")
    world.run(group=1)
    world.put("a", "text two")
    world.put("b", "text one")
    world.run(group=1)
    assert world.texts() == {"a": ["text two"], "b": ["text one"]}
    world.assert_sound()


def test_rotated_files_end_under_their_new_names(world: World) -> None:
    """Log rotation, where each file takes the content of the one before it, leaves each content once."""
    world.put("dump", "text one")
    world.run()
    for number in ("two", "three", "four"):
        for old, new in (("dump.1", "dump.2"), ("dump", "dump.1")):
            if (world.raw / old).exists():
                os.replace(world.raw / old, world.raw / new)
        world.put("dump", f"text {number}")
        world.run(group=1)
    assert world.texts() == {"dump": ["text four"], "dump.1": ["text three"], "dump.2": ["text two"]}
    world.assert_sound()


def test_file_overwritten_by_a_copy_is_retired(world: World) -> None:
    """If a known path now holds what another path has, its old rows go and no new ones come."""
    world.put("a", "text one")
    world.put("b", "text two")
    world.run()
    world.put("b", "text one")
    plan = world.plan()
    assert (paths(plan.copies), plan.retire, plan.todo) == (["b"], ["b"], [])
    world.run()
    assert world.texts() == {"a": ["text one"]}
    world.assert_sound()
    assert world.plan().retire == []


def test_missing_sources_keep_their_rows(world: World) -> None:
    """A file that is gone is reported, and its rows stay."""
    world.put("a", "text one")
    world.run()
    (world.raw / "a").unlink()
    assert paths(world.plan().missing) == ["a"]
    world.run()
    assert world.texts() == {"a": ["text one"]}


def test_missing_is_limited_to_the_roots_given(world: World, tmp_path: Path) -> None:
    """A source of another root is not missing from this one."""
    world.put("a", "text one")
    world.run()
    (world.raw / "a").unlink()
    assert world.plan(roots=[str(tmp_path / "elsewhere")]).missing == []
    assert paths(world.plan(roots=[str(world.raw)]).missing) == ["a"]


def test_other_configuration_makes_stale_and_is_redone_only_on_demand(world: World) -> None:
    """Rows of an older configuration are stale; `reprocess` decides what is redone."""
    world.put("a", "text one")
    world.put("b", "text two")
    world.run(config="c1")
    plan = world.plan("c2")
    assert (paths(plan.stale), plan.todo) == (["a", "b"], [])
    assert paths(world.plan("c2", reprocess="stale").todo) == ["a", "b"]
    assert paths(world.plan("c1", reprocess="stale").todo) == []
    assert paths(world.plan("c1", reprocess="all").todo) == ["a", "b"]


def test_moved_stale_source_is_not_doubled_when_redone(world: World) -> None:
    """Reprocessing known content under a new name takes away the rows under the old name."""
    world.put("a", "text one")
    world.run(config="c1")
    os.rename(world.raw / "a", world.raw / "z")
    world.run(config="c2", reprocess="stale")
    assert world.texts() == {"z": ["text one"]}
    world.assert_sound()


def test_unchanged_files_are_not_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Size and mtime spare the digest, unless digests are to be verified."""
    world.put("a", "text one")
    world.run()
    digested: list[str] = []
    original = SourceFile.with_digest
    monkeypatch.setattr(
        SourceFile,
        "with_digest",
        lambda self: original(self) if self.digest else noted(digested, self.path, original(self)),
    )
    assert paths(world.plan().done) == ["a"]
    assert digested == []
    assert paths(world.plan(verify_digests=True).done) == ["a"]
    assert digested == ["a"]


def test_same_size_and_mtime_do_not_hide_a_change_when_verified(world: World) -> None:
    """A replaced file that kept its size and time is found with `verify_digests`."""
    world.put("a", "text one")
    world.run()
    stat = os.stat(world.raw / "a")
    world.put("a", "text two")
    os.utime(world.raw / "a", ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert paths(world.plan().done) == ["a"]
    assert paths(world.plan(verify_digests=True).changed) == ["a"]


def test_a_fresh_mtime_proves_nothing(world: World) -> None:
    """A file written just before it was read is digested again, because its time may not move with the next
    write.
    """
    world.put("a", "text one")
    os.utime(world.raw / "a")
    stat = os.stat(world.raw / "a")
    world.run()
    world.put("a", "text two")
    os.utime(world.raw / "a", ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert paths(world.plan().changed) == ["a"]


def test_files_still_being_written_wait(world: World) -> None:
    """A file whose mtime is within the settling time is left for the next run, and is not missing."""
    world.put("a", "text one")
    world.put("b", "text two")
    world.run()
    os.utime(world.raw / "a")
    plan = world.plan(settle=60)
    assert (paths(plan.unsettled), paths(plan.done), plan.missing) == (["a"], ["b"], [])


def test_empty_files_are_no_copies(world: World) -> None:
    """Each empty file is accounted for under its own path, once."""
    world.put_bytes("a", b"")
    world.put_bytes("b", b"")
    world.run()
    assert sorted(row["source_path"] for row in world.rows()["rejected"]) == ["a", "b"]
    assert world.plan().todo == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root can read everything")
def test_unreadable_files_are_found_again_by_permission(world: World) -> None:
    """A file without read permission is new with an error, done while that lasts, and changed when it can be
    read.
    """
    check_unreadable(world, lambda path: path.chmod(0), lambda path: path.chmod(0o644))


def test_unreadable_files_are_found_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same with an error of the device."""
    import builtins

    original, broken = builtins.open, set()

    def failing(file: Any, *args: Any, **kwargs: Any) -> Any:
        if str(file) in broken:
            raise OSError(5, "Input/output error")
        return original(file, *args, **kwargs)

    monkeypatch.setattr(builtins, "open", failing)
    check_unreadable(world, lambda path: broken.add(str(path)), lambda path: broken.discard(str(path)))


def check_unreadable(world: World, spoil: Any, mend: Any) -> None:
    world.put("a", "text one")
    spoil(world.raw / "a")
    (source,) = world.plan().new
    assert source.error
    world.run()
    assert [row["source_path"] for row in world.rows()["rejected"]] == ["a"]
    assert paths(world.plan().done) == ["a"]
    mend(world.raw / "a")
    assert paths(world.plan().changed) == ["a"]
    world.run()
    assert world.texts() == {"a": ["text one"]}
    assert world.rows()["rejected"] == []
    spoil(world.raw / "a")
    plan = world.plan(verify_digests=True)
    assert (paths(plan.unreadable), plan.todo, plan.missing) == (["a"], [], [])


def test_two_files_of_one_name_are_refused(world: World, tmp_path: Path) -> None:
    """Rows are told apart by path, so two roots with the same relative path must not mix."""
    for folder, text in (("x", b"one"), ("y", b"two")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a").write_bytes(text)
    sources = [SourceFile.at(tmp_path / "x", "a"), SourceFile.at(tmp_path / "y", "a")]
    ledger = Dataset.open(world.out, create=True).ledger()
    with pytest.raises(SourceError, match="both called a"):
        make_plan(ledger, sources, "c1")
    assert paths(make_plan(ledger, [sources[0], sources[0]], "c1").new) == ["a"]


def test_a_file_of_another_root_does_not_replace_one_that_is_still_there(world: World, tmp_path: Path) -> None:
    """Two runs over two folders must not replace each other's rows because of equal names."""
    world.put("a", "text one")
    world.run()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "a").write_bytes(b"two")
    with pytest.raises(SourceError, match="would replace"):
        make_plan(world.dataset.ledger(), [SourceFile.at(tmp_path / "other", "a")], "c1")
    moved = [SourceFile.at(tmp_path / "other", "a")]
    assert paths(make_plan(world.dataset.ledger(), moved, "c1", moved_root=True).changed) == ["a"]
    (world.raw / "a").unlink()  # the folder was moved, and the file has grown since
    assert paths(make_plan(world.dataset.ledger(), moved, "c1").changed) == ["a"]


def test_each_source_is_in_exactly_one_list(world: World) -> None:
    """The lists of a plan are a partition of what was given."""
    for name in "abcdef":
        world.put(name, f"text of {name}")
    world.run()
    world.put("a", "text of b")
    world.put("b", "text of x")
    world.put("c", "text of d")
    os.rename(world.raw / "e", world.raw / "g")
    world.put("h", "text of h")
    plan = world.plan()
    lists = [plan.new, plan.changed, plan.done, plan.stale, plan.copies, plan.unreadable, plan.unsettled]
    assert sorted(path for sources in lists for path in paths(sources)) == paths(sources_in(world.raw))


def test_names_that_are_not_utf8(world: World) -> None:
    """A file name of any bytes gets a printable path, and is read under its own name."""
    name = os.fsdecode(b"caf\xe9.jsonl")
    world.put(name, "text one")
    world.run()
    assert world.texts() == {"caf\\xe9.jsonl": ["text one"]}
    assert paths(world.plan().done) == ["caf\\xe9.jsonl"]


def test_bytes_are_a_source_too() -> None:
    """Standard input is known by its digest like a file."""
    source = SourceFile.of_bytes("-", b"abc")
    assert source.digest == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert source.with_digest() is source


def test_fresh_files_are_waited_for_a_moment(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was just written and is at rest is taken after a short wait; what moves meanwhile, or would need a longer
    wait, is left for the next run; a file that goes meanwhile is no matter.
    """
    for name in ("still", "moving", "going"):
        world.put(name, name)
        os.utime(world.raw / name)
    waits = []

    def meanwhile(seconds: float) -> None:
        waits.append(seconds)
        (world.raw / "going").unlink(missing_ok=True)
        time.sleep(seconds)
        (world.raw / "moving").write_text("more")

    monkeypatch.setattr("ingest.dataset.plan.time", SimpleNamespace(sleep=meanwhile, time_ns=time.time_ns))
    plan = make_plan(Ledger(), await_settled(sources_in(world.raw), 0.3), "c1", settle=0.3)
    assert (paths(plan.new), paths(plan.unsettled)) == (["still"], ["moving"])
    assert 0 < waits[0] <= 0.3
    plan = make_plan(Ledger(), await_settled(sources_in(world.raw), 60), "c1", settle=60)
    assert (paths(plan.new), paths(plan.unsettled), waits[1:]) == ([], ["moving", "still"], [0])


def test_a_time_in_the_future_says_nothing(world: World) -> None:
    """A file from a clock that is ahead is read at once, not left for ever."""
    world.put("a", "text")
    os.utime(world.raw / "a", (time.time() + 1e6,) * 2)
    assert paths(make_plan(Ledger(), await_settled(sources_in(world.raw), 60), "c1", settle=60).new) == ["a"]
