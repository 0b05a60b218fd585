"""Whatever happens to a run at whatever instant, the next one ends where an undisturbed one does."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from dataset.conftest import World
from dataset.disk_faults import Count, FailAt, KillAt, PowerCut, PowerCutAt, hooked
from dataset.fake_pipeline import rows_of, sources_in, to_batch

from ingest.dataset import Dataset, SourceFile
from ingest.dataset.ledger import read_ledger
from ingest.dataset.plan import make_plan
from ingest.errors import DatasetError
from ingest.storage.factory import storage_at


class Story:
    """A dataset before and after a run that adds, replaces, merges and retires sources, to be told again with
    faults.
    """

    def __init__(self, new_world: Callable[[str], World]) -> None:
        self.before, self.after, self.place = new_world("before"), new_world("after"), new_world("place")
        for world in (self.before, self.after):
            self.first_chapter(world)
            world.run(group=3)
        self.old_texts = self.before.texts()
        for world in (self.before, self.after):
            self.second_chapter(world)
        count = Count()
        with hooked(count):
            self.after.run(group=2)
        self.operations = count.n
        # the place is the same collection elsewhere
        self.before.raw = self.before.raw.rename(self.before.raw.with_name("kept"))
        self.expected = self.after.rows()
        self.new_texts = self.after.texts()

    @staticmethod
    def first_chapter(world: World) -> None:
        for name in "abcde":
            world.put(name, f"text of {name}", "short")

    @staticmethod
    def second_chapter(world: World) -> None:
        world.put("a", "text of a", "short", "grown since")  # shares a part with b and c
        world.put("b", "text of e", "short")  # becomes a copy of e: retired
        world.put("d", "replaced since", "short")
        world.put("f", "text of f")
        world.put_bytes("g", b"no json\n")

    def restart(self) -> Any:
        """Take the place of the story back to the instant before the run."""
        for name in ("raw", "out"):
            shutil.rmtree(getattr(self.place, name), ignore_errors=True)
            shutil.copytree(getattr(self.before, name), getattr(self.place, name))
        for path in self.place.raw.iterdir():
            shutil.copystat(self.before.raw / path.name, path)
        return self.place

    def check(self, message: str) -> None:
        """Readers see each source in its old or its new version; a rerun ends as undisturbed."""
        found = self.place.texts()
        for path, texts in found.items():
            assert texts in (self.old_texts.get(path), self.new_texts.get(path)), f"{message}: {path} {texts}"
        assert self.old_texts.keys() & self.new_texts.keys() <= found.keys(), f"{message}: a source is lost"
        self.place.run(group=2)
        assert self.place.rows() == self.expected, message
        self.place.assert_sound()
        hidden = [path for path in self.place.out.rglob(".*") if path.is_file()]
        assert not hidden, message


@pytest.fixture
def story(fast_world: Callable[[str], World]) -> Story:
    told = Story(fast_world)
    assert told.operations > 80
    return told


def test_the_story_is_one(story: Story) -> None:
    """The undisturbed run replaces, retires, adds and keeps."""
    assert story.new_texts == {
        "a": ["grown since", "text of a"],
        "c": ["text of c"],
        "d": ["replaced since"],
        "e": ["text of e"],
        "f": ["text of f"],
    }
    story.restart()
    story.check("undisturbed")


# every operation is tried in the long version, every seventh in the normal one
@pytest.fixture(params=[pytest.param(7, id="some"), pytest.param(1, id="each", marks=pytest.mark.slow)])
def instants(request: pytest.FixtureRequest, story: Story) -> range:
    """The numbers of the operations to break."""
    return range(1 + request.param // 2, story.operations + 1, request.param)


def run_into(fault: Any, place: World) -> Any:
    """Run with a fault; what the error says, or an empty string if the run got round it."""
    try:
        with hooked(fault):
            place.run(group=2)
    except DatasetError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(("number", "lasting"), [(errno.EIO, False), (errno.ENOSPC, True)])
def test_an_error_at_any_operation(story: Story, instants: range, number: int, lasting: bool) -> None:
    """An I/O error, or a disk that is full from then on, at each operation in turn: a clear error, nothing
    lost or doubled.
    """
    failed = 0
    for n in instants:
        place = story.restart()
        fault = FailAt(n, number, lasting=lasting)
        message = run_into(fault, place)
        assert fault.hit
        if message:
            failed += 1
            assert os.strerror(number) in message
            assert number != errno.ENOSPC or "free space" in message or "cannot lock" in message
        story.check(f"{errno.errorcode[number]} at operation {n}")
    # what fails in an orderly retreat is left to the next run without a word
    assert failed > len(instants) * 0.8


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
                    place.run(group=2)
            finally:
                os._exit(1)
        _, status = os.waitpid(child, 0)
        assert os.WTERMSIG(status) == 9
        story.check(f"kill at operation {n}")


@pytest.mark.parametrize("seed", range(2))
def test_a_power_cut_at_any_operation(story: Story, instants: range, seed: int) -> None:
    """The power goes at each operation in turn and takes along what was not fsynced."""
    random = Random(seed)
    for n in instants:
        place = story.restart()
        cut = PowerCutAt(n, random)
        with pytest.raises(PowerCut), hooked(cut):
            place.run(group=2)
        cut.lose()
        story.check(f"power cut at operation {n}, seed {seed}")


def test_an_error_after_the_record_is_in_place(world: World) -> None:
    """If only the last fsync fails, the part exists, keeps its files, and is known to whoever goes on."""
    world.put("a", "text one")
    placed = []

    def hook(name: str, original: Any, *args: Any) -> Any:
        if name == "replace" and "ledger" in str(args[1]):
            placed.append(args[1])
        elif name == "fsync" and placed:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return original(*args)

    def write(dataset: Dataset, source: SourceFile) -> None:
        with dataset.writer([source], "c1", "r") as part:
            for table, rows in rows_of(source, "c1").items():
                part.write(table, to_batch(table, rows))
            part.commit()

    with Dataset.open(world.out, create=True).lock() as dataset:
        (source,) = make_plan(dataset.ledger(), sources_in(world.raw), "c1").new
        with pytest.raises(DatasetError, match="cannot commit"), hooked(hook):
            write(dataset, source)
        assert make_plan(dataset.ledger(), sources_in(world.raw), "c1").new == []
    assert world.texts() == {"a": ["text one"]}
    world.assert_sound()


def test_a_kill_before_the_last_replaced_part_is_gone(world: World) -> None:
    """A source that went back to an earlier content, and the removal of what it replaced cut off: the two
    records name each other, and the later one counts.
    """
    world.put("a", "text one")
    world.put("b", "text two")
    world.run()
    world.put("a", "text three")
    world.run()
    world.put("a", "text one")
    child = os.fork()
    if not child:
        with hooked(lambda name, original, *args: os.kill(os.getpid(), 9) if name == "unlink" else original(*args)):
            world.run()
        os._exit(1)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == 9
    first, second = read_ledger(storage_at(world.out)).records, read_ledger(storage_at(world.out)).replaced
    assert [record.replaces for record in first.values()] == [list(second)]
    assert [record.replaces for record in second.values()] == [list(first)]
    assert world.texts() == {"a": ["text one"], "b": ["text two"]}
    world.run()
    assert world.texts() == {"a": ["text one"], "b": ["text two"]}
    world.assert_sound()


def test_records_go_before_their_files(fast_world: Callable[[str], World]) -> None:
    """When a part is removed, no power cut leaves its record without its files."""
    for seed in range(30):
        world = fast_world(f"seed {seed}")
        world.put("a", "text one")
        world.run()
        cut = PowerCutAt(0, Random(seed))
        with world.dataset.lock() as dataset:
            dataset.ledger()
            with hooked(cut):
                dataset.retire(["a"], "r")
        cut.lose()
        for record in read_ledger(storage_at(world.out)).records.values():
            assert all((world.out / file.path).exists() for file in record.files)


def test_a_first_run_killed_at_any_operation(fast_world: Callable[[str], World]) -> None:
    """The same from nothing: the making of the dataset itself is interrupted."""
    template = fast_world("template")
    Story.first_chapter(template)
    place = fast_world("place")
    Story.first_chapter(place)
    count = Count()
    with hooked(count):
        template.run()
    expected = template.rows()
    for n in range(1, count.n + 1, 5):
        shutil.rmtree(place.out, ignore_errors=True)
        cut = PowerCutAt(n, Random(n))
        with pytest.raises(PowerCut), hooked(cut):
            place.run()
        cut.lose()
        place.run()
        assert place.rows() == expected, f"power cut at operation {n}"
        place.assert_sound()


FULL = """
import os, subprocess, sys
from pathlib import Path
from dataset.fake_pipeline import run
from ingest.dataset import Dataset, status_of
from ingest.dataset.ledger import read_ledger
from ingest.errors import DatasetError

raw, out = Path(sys.argv[1]), Path(sys.argv[2], "dataset")
failed = 0
for size in range(16, 4000, 16):
    subprocess.run(["mount", "-o", f"remount,size={size}k", sys.argv[2]], check=True)
    try:
        run(raw, out, group=2)
    except DatasetError as error:
        assert "free space" in str(error), error
        failed += 1
        if (out / "_ingest/dataset.json").exists():
            result = Dataset.open(out).verify()
            assert all("clears" in finding.remedy for finding in result.findings), result.findings
    else:
        break
assert Dataset.open(out).verify().findings == []
print(failed, status_of(Dataset.open(out)).records)
"""


@pytest.mark.skipif(not shutil.which("unshare"), reason="needs unshare")
def test_a_disk_that_is_really_full(world: World, tmp_path: Path) -> None:
    """On a file system that grows by 16 KiB after each failure, each run says what is missing, and the last
    is whole.
    """
    for n in range(8):
        world.put(f"source {n}", *(f"text number {k} of source {n}" for k in range(n + 1)), "short")
    (tmp_path / "small").mkdir()
    mount = 'mount -t tmpfs -o size=4k none "$1" && shift && exec "$@"'
    unshare = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount, "sh", str(tmp_path / "small")]
    if subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    done = subprocess.run(
        [*unshare, sys.executable, "-c", FULL, world.raw, tmp_path / "small"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.returncode, done.stderr
    failed, records = map(int, done.stdout.split())
    assert failed > 5
    assert records == sum(range(1, 9)) + 8


@pytest.mark.parametrize("options", [["--seed", "1"], ["--seed", "2", "--pipeline", "fake"]])
def test_random_kills_in_brief(options: Any) -> None:
    """The long fault test, cut down: kills of the real command with two workers, and of the small pipeline, at random
    instants beside changing sources and a reader.
    """
    script = Path(__file__).resolve().parents[2] / "scripts/fuzz_faults.py"
    memory = ["--folder", "/dev/shm"] if os.access("/dev/shm", os.W_OK) else []
    done = subprocess.run(
        [sys.executable, script, "--kills", "3", *options, *memory], capture_output=True, text=True, check=False
    )
    assert not done.returncode, done.stdout + done.stderr
    assert " 0 problems" in done.stdout
