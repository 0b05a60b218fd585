"""Objects as storage: the verbs, and the commit protocol on top of them, in a store that lies in memory."""

from __future__ import annotations

import pickle
import uuid
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from dataset.conftest import World
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from storage.bucket_faults import Killed, Requests, hooked

from ingest.dataset import Dataset, SourceFile, open_dataset
from ingest.errors import DatasetError, LockedError
from ingest.storage import Storage, lease
from ingest.storage.factory import storage_at


@pytest.fixture
def bucket(memory: str) -> Storage:
    return storage_at(f"{memory}/some/place")


def test_small_files(bucket: Storage) -> None:
    """What is replaced is read back; what must not be there yet is refused if it is, unless it is the same."""
    bucket.replace("a/x", b"one")
    bucket.replace("a/x", b"two")
    bucket.create("a/y", b"three")
    bucket.create("a/y", b"three")
    with pytest.raises(FileExistsError):
        bucket.create("a/y", b"four")
    assert list(bucket.read_all(["a/x", "a/none", "a/y"])) == [b"two", None, b"three"]
    assert (bucket.list("a"), bucket.list("none"), bucket.size("a/x")) == (["x", "y"], [], 3)
    with pytest.raises(FileNotFoundError):
        bucket.read("a/none")


def test_names_lie_below_the_place(bucket: Storage, memory: str) -> None:
    """Neighbours that begin with the same letters are not touched; a walk gives names relative to the place."""
    storage_at(f"{memory}/some/placebo").replace("a/x", b"")
    for name in ("a/x", "a/b/y", "ab/z"):
        bucket.replace(name, b"")
    assert sorted(bucket.walk("a")) == ["a/b/y", "a/x"]
    bucket.remove(["a/x", "a/b/y", "a/none"])
    assert list(bucket.walk("a")) == []
    assert bucket.list("ab") == ["z"]
    assert bucket.at("ab/z") == "s3://memory/some/place/ab/z"


def test_a_sink_is_no_object_before_it_is_closed(bucket: Storage) -> None:
    """It gets its name when it is published, and a discarded one leaves nothing."""
    kept, gone = bucket.sink("t/kept"), bucket.sink("t/gone")
    for sink in (kept, gone):
        sink.write(b"rows")
    assert bucket.list("t") == []
    kept.close()
    gone.close()
    assert len(bucket.list("t")) == 2
    gone.discard()
    bucket.publish([(kept.name, "t/part")])
    assert (bucket.list("t"), bucket.read("t/part"), kept.size) == (["part"], b"rows", 4)


def test_large_uploads_go_in_pieces(bucket: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the size, what arrives is what was written."""
    monkeypatch.setattr("ingest.storage.bucket.PIECE", 1000)
    content = bytes(range(256)) * 50
    sink = bucket.sink("large")
    for start in range(0, len(content), 777):
        sink.write(content[start : start + 777])
    sink.close()
    assert bucket.read(sink.name) == content


def test_an_open_object_can_be_read_anywhere(bucket: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seeks are served by ranged reads; an object that is replaced meanwhile is an error, not a mixture."""
    monkeypatch.setattr("ingest.storage.objects.BLOCK", 10)
    content = bytes(range(200))
    bucket.replace("x", content)
    with bucket.open("x") as file:
        assert file.read(5) == content[:5]
        file.seek(-7, 2)
        assert file.read() == content[-7:]
        file.seek(50)
        assert file.read(100) == content[50:150]
        bucket.replace("x", bytes(200))
        file.seek(0)
        with pytest.raises(OSError, match="changed"):
            file.read(100)


def test_it_can_be_sent_to_other_processes(bucket: Storage) -> None:
    """Only the URL travels."""
    bucket.replace("x", b"one")
    assert pickle.loads(pickle.dumps(bucket)).read("x") == b"one"


def tell(world: World) -> None:
    """The history of a folder: two runs, the second of which adds, replaces and retires."""
    for name in "abcde":
        world.put(name, f"text of {name}", "short")
    world.run(group=3)
    world.put("a", "text of a", "short", "grown since")
    world.put("b", "text of e", "short")  # becomes a copy of e: retired
    world.put_bytes("g", b"no json\n")


@pytest.mark.parametrize("step", [pytest.param(13, id="some"), pytest.param(1, id="each", marks=pytest.mark.slow)])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("error", [False, True])
def test_a_break_at_any_request(
    memory: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: Any, error: Any, step: Any
) -> None:
    """A kill, or an error of the store, at each changing request in turn, before or after it took effect: readers see
    each source in one version, and the next run ends as an undisturbed one.
    """
    monkeypatch.setattr(lease, "_is_dead", lambda held: True)  # the killed run is no process of its own here
    calm = World(tmp_path / "calm")
    tell(calm)
    calm.run(group=2)
    expected, texts_then = calm.rows(), calm.texts()
    broken, n = set(), 1 + 2 * after + 4 * error  # so that the short versions do not break the same requests
    while True:
        world = World(tmp_path / f"world {n}")
        world.out = f"{memory}/{n}"
        tell(world)
        texts_before = world.texts()
        hook = Requests(n, after=after, error=error)
        try:
            with hooked(hook):
                world.run(group=2)
        except (Killed, DatasetError) as ending:
            broken.add(type(ending))
        for path, texts in world.texts().items():
            assert texts in (texts_before.get(path), texts_then.get(path)), f"request {n}: {path} {texts}"
        world.run(group=2)
        assert world.rows() == expected, f"request {n}"
        world.assert_sound()
        if hook.n < n:
            break
        n += step
    assert n > 20
    assert broken == {DatasetError if error else Killed}


def test_parts_without_ledger_are_not_taken_for_leftovers(memory: str, world: World) -> None:
    """If the objects of the ledger are lost, nothing else is cleared."""
    world.out = f"{memory}/out"
    world.put("a", "text one")
    world.run()
    storage = world.dataset.storage
    storage.remove([*storage.walk("_ingest/ledger"), "_ingest/ledger/.folder"])
    with pytest.raises(DatasetError, match="has no ledger"):
        world.run()
    assert storage.list("articles")


def test_two_runs_cannot_make_the_same_commit(memory: str, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Should the lock fail, of two commits that follow on the same state one is refused, and nothing is there twice."""
    monkeypatch.setattr(lease.Lease, "take", lambda self, wait: None)
    monkeypatch.setattr(lease.Lease, "release", lambda self: None)
    monkeypatch.setattr(lease.Lease, "check", lambda self: None)
    world.out = f"{memory}/out"
    world.put("a", "text one")
    world.put("b", "text two")
    one, two = Dataset.open(world.out, create=True), Dataset.open(world.out)
    from dataset.fake_pipeline import rows_of, sources_in, to_batch

    def write(dataset: Dataset, sources: Sequence[SourceFile]) -> None:
        with dataset.writer(sources, "c1", "r") as part:
            for source in sources:
                for table, rows in rows_of(source, "c1").items():
                    part.write(table, to_batch(table, rows))
            part.commit()

    sources = [source.with_digest() for source in sources_in(world.raw)]
    with one.lock(), two.lock():
        one.ledger(), two.ledger()
        write(one, sources)
        with pytest.raises(LockedError, match="another run has made the commit"):
            write(two, sources[:1])
    assert world.texts() == {"a": ["text one"], "b": ["text two"]}
    world.run()
    world.assert_sound()


def test_versions_do_not_come_again(memory: str, world: World) -> None:
    """Where the latest part was taken out, and the next one has its number, the ledger has another version."""
    world.out = f"{memory}/out"
    versions = []
    for name in "ab":
        world.put(name, f"text of {name}")
        world.run(run_id=f"run {name}")
        versions.append(world.dataset.ledger().version)
        with world.dataset.lock() as dataset:
            dataset.retire(name, "r")
    assert versions[0] != versions[1]


def test_a_stream_over_parts_that_go_is_an_error(memory: str, world: World) -> None:
    """An object does not outlive its deletion: who reads on is told to read again."""
    world.out = f"{memory}/out"
    for name in "abcd":
        world.put(name, f"text of {name}")
    world.run(group=2)
    stream = open_dataset(world.out).to_batches("articles")
    next(stream)
    for name in "abcd":
        world.put(name, f"new text of {name}")
    world.run(group=4)
    with pytest.raises(DatasetError, match="while it was read"):
        list(stream)


def test_a_store_without_conditional_writes_is_refused(memory: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would let two runs hold one dataset; that is told before there is anything in it."""
    import obstore

    put = obstore.put
    monkeypatch.setattr(obstore, "put", lambda *args, mode=None, **kwargs: put(*args, **kwargs))
    with pytest.raises(DatasetError, match="told not to overwrite"):
        Dataset.open(f"{memory}/out", create=True)


CONTENTS = ["first text", "second text", "third text", "fourth text"]
FOLDERS = st.dictionaries(st.sampled_from("abcd"), st.sampled_from(CONTENTS), max_size=4)
STEPS = st.tuples(FOLDERS, st.integers(1, 3), st.integers(0, 30), st.booleans())


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.lists(STEPS, min_size=1, max_size=4))
def test_any_history_with_kills(memory: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, history: Any) -> None:
    """Whatever files come, go, are copied or swapped between runs that are killed at any request: after a run that came
    to its end each content that is there is in the dataset exactly once, and nothing is left to do or to clear.
    """
    monkeypatch.setattr(lease, "_is_dead", lambda held: True)
    name = uuid.uuid4().hex
    world = World(tmp_path / name)
    world.out = f"{memory}/{name}"
    for files, group, kill, after in history:
        for path in world.raw.iterdir():
            path.unlink()
        for source, text in files.items():
            world.put(source, text)
        with suppress(Killed), hooked(Requests(kill, after=after)):
            world.run(group=group)
    world.run()
    counts = Counter(text for texts in world.texts().values() for text in texts)
    assert not {text: n for text, n in counts.items() if n > 1}
    assert set(files.values()) <= counts.keys()
    world.assert_sound()
    assert world.plan().todo == []
