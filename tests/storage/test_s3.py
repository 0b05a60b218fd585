"""Sources and datasets on a server that speaks S3."""

from __future__ import annotations

import gzip
import io
import json
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dataset.conftest import World
from inprocess import ingest

from ingest.config import Settings
from ingest.dataset import Dataset, open_dataset
from ingest.readers.sidecars import find, of_entry
from ingest.run import look, run
from ingest.schema import SCHEMAS, TABLES
from ingest.storage.objects import connect

RAW = Path(__file__).resolve().parents[2] / "raw"

SENTENCE = "The pond was measured once more this year, and it was found to be as wide and as deep as ever before. "


def upload(folder: Path, url: str) -> None:
    import obstore

    store, prefix = connect(url)
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            key = "/".join(filter(None, (prefix, path.relative_to(folder).as_posix())))
            obstore.put(store, key, path.read_bytes())


def rows(place: str | Path) -> Any:
    """All rows of all tables, byte for byte, but for the time of the run."""
    columns: dict[str, Sequence[str] | None] = {
        name: [column for column in SCHEMAS[name].names if column != "ingested_at"] for name in TABLES
    }
    return open_dataset(place).tables(columns)


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    """Sample pages, and pages in each wrapping that is read from its end or piece by piece."""
    folder = tmp_path / "dump"
    shutil.copytree(RAW / "kettle-post", folder / "kettle-post")
    shutil.copytree(RAW / "harbour-lantern", folder / "harbour-lantern")
    (folder / "rejected.bin").write_bytes(bytes(range(256)) * 40)
    pages: list[dict[str, Any]] = [
        {"text": f"Pond {n}\n\n{SENTENCE * 3} So it was in the year {n}.", "n": n} for n in range(30)
    ]
    lines = "".join(json.dumps(page) + "\n" for page in pages).encode()
    (folder / "pages.jsonl.gz").write_bytes(gzip.compress(lines))
    pq.write_table(pa.Table.from_pylist(pages), folder / "pages.parquet", row_group_size=7)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for page in pages[:5]:
            archive.writestr(f"in zip/{page['n']}.txt", page["text"] + " So says the zip.")
    (folder / "pages.zip").write_bytes(held.getvalue())
    return folder


def test_same_rows_from_disk_and_s3(dump: Path, tmp_path: Path, s3: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """From local files and from objects, into a folder and into objects: the same rows, byte for byte."""
    monkeypatch.setattr("ingest.readers.input.AT_ONCE", 500)  # so that larger ones are read in pieces
    upload(dump, f"{s3}/dump")
    settings = Settings(workers=1)
    run([dump], tmp_path / "out", settings)
    expected = rows(tmp_path / "out")
    assert all(table.num_rows for table in expected.values())
    report = run([f"{s3}/dump"], f"{s3}/dump/out", settings)
    assert rows(f"{s3}/dump/out") == expected
    assert report.records == sum(report.outcomes.values()) > 70
    assert Dataset.open(f"{s3}/dump/out").verify().findings == []
    again = run([f"{s3}/dump/"], f"{s3}/dump/out", settings)
    assert (again.records, again.sources["done"], again.sources["todo"]) == (0, report.sources["new"], 0)


def test_objects_that_come_grow_and_go(s3: str, world: World, tmp_path: Path) -> None:
    """What is new or changed is read, by size, time and ETag; one that was just written waits for the next run."""
    import obstore

    store, _ = connect(s3)
    page = f"Pond measured\n\n{SENTENCE * 3}"
    for name in ("a.txt", "b.txt", ".hidden/c.txt"):
        obstore.put(store, f"raw/{name}", f"{page} So says {name}".encode())
    settings = Settings(workers=0, learn=False)
    plan, ignored = look([f"{s3}/raw"], f"{s3}/out", Settings(settle=3600.0))
    assert [source.path for source in plan.unsettled] == ["a.txt", "b.txt"]
    assert ignored == [f"{s3}/raw/.hidden/c.txt"]
    run([f"{s3}/raw"], f"{s3}/out", settings)
    obstore.put(store, "raw/a.txt", f"{page} So says A.txt".encode())  # same size, and perhaps the same second
    obstore.delete(store, "raw/b.txt")
    plan, _ = look([f"{s3}/raw"], f"{s3}/out", settings)
    assert [source.path for source in plan.changed] == ["a.txt"]
    assert [entry.path for entry in plan.missing] == ["b.txt"]
    run([f"{s3}/raw/a.txt"], f"{s3}/out", settings)
    texts = open_dataset(f"{s3}/out").table("articles", ["source_path", "text"]).to_pylist()
    assert sorted(row["source_path"] for row in texts) == ["a.txt", "b.txt"]
    assert any("So says A.txt" in row["text"] for row in texts)


def test_commands_on_urls(s3: str, tmp_path: Path) -> None:
    """Each command that reads a dataset reads one on object storage."""
    upload(RAW / "kettle-post", f"{s3}/raw")
    out = f"{s3}/out"
    done = ingest("run", f"{s3}/raw", "-o", out, "--json", "--workers", "2", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    status = json.loads(ingest("status", out, "--json", cwd=tmp_path).stdout)
    assert status["records"] == json.loads(done.stdout)["records"] > 3
    article = open_dataset(out).table("articles", ["id"])["id"][0].as_py()
    report = tmp_path / "report.html"
    for arguments in (
        ["plan", f"{s3}/raw", "-o", out],
        ["verify", out],
        ["explain", article, "-o", out],
        ["explain", article, "-o", out, "--line", "1"],
        ["inspect", f"{s3}/raw/teapot-parade.txt", "--dataset", out],
        ["quarantine", "list", "-o", out],
        ["sites", "list", "-o", out],
        ["compact", out],
        ["report", out, "-o", str(report)],
    ):
        done = ingest(*arguments, cwd=tmp_path)
        assert done.returncode == 0, (arguments, done.stderr)
        assert "Traceback" not in done.stderr
    assert report.stat().st_size > 10_000


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["run", "{}/nothing", "-o", "{}/out"], "no such object, and none below it"),
        (["status", "{}/nothing"], "is no dataset"),
        (["run", str(RAW), "-o", "s3://no-such-bucket-here/out"], "no such bucket"),
        (["verify", "http://example.org/out"], "no storage that can be used"),
    ],
)
def test_what_is_not_there(s3: str, tmp_path: Path, arguments: Any, told: Any) -> None:
    """One clear message, and no traceback."""
    done = ingest(*(argument.format(s3) for argument in arguments), cwd=tmp_path)
    assert done.returncode in (1, 2)
    assert told in done.stderr
    assert "hint" in done.stderr
    assert "Traceback" not in done.stderr


HOLD = """
import sys, time
from ingest.dataset import Dataset
with Dataset.open(sys.argv[1], create=True).lock():
    print("held", flush=True)
    time.sleep(60)
"""


def test_two_runs_at_once(s3: str, tmp_path: Path) -> None:
    """The second ends with 75 and names the first; when that is killed, its lock is free on its machine at once."""
    out = f"{s3}/out"
    (tmp_path / "page.txt").write_text(f"Pond measured\n\n{SENTENCE * 3}")
    holder = subprocess.Popen([sys.executable, "-c", HOLD, out], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        second = ingest("run", tmp_path, "-o", out, cwd=tmp_path)
        assert second.returncode == 75
        assert f"process {holder.pid} on " in second.stderr
        waiting = subprocess.Popen([sys.executable, "-m", "ingest", "run", str(tmp_path), "-o", out, "--wait", "-q"])
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.wait(1)
    finally:
        holder.kill()
        holder.wait()
        if holder.stdout:
            holder.stdout.close()
    assert waiting.wait(60) == 0
    assert Dataset.open(out).verify().findings == []


KILLED = """
import os, sys
sys.path[:0] = sys.argv[3:]
from dataset.fake_pipeline import run
from pathlib import Path
from ingest.storage import bucket
bucket.PIECE = 100_000  # less than S3 allows, which it would say at the end
upload = bucket.Bucket.upload
def in_the_middle(self, name, file, size):
    if size <= bucket.PIECE:
        return upload(self, name, file, size)
    checks = []
    def check():
        checks.append(1)
        if len(checks) == 3:  # two pieces are there, or on their way
            os.kill(os.getpid(), 9)
    self.check = check
    upload(self, name, file, size)
bucket.Bucket.upload = in_the_middle
run(Path(sys.argv[1]), sys.argv[2])
"""


def test_a_kill_in_mid_upload(s3: str, s3_server: str, world: World, new_world: Callable[[str], World]) -> None:
    """No object is there of which a part was sent; the next run ends as an undisturbed one."""
    calm = new_world("calm")
    random = Random(1)
    for place in (world, calm):
        random.seed(1)
        place.put("a", *(random.randbytes(1 << 15).hex() + " second" for _ in range(14)))
        place.put("b", "text of b")
    calm.run()
    world.out = f"{s3}/out"
    folder = Path(__file__).resolve().parents[1]
    command: list[str | Path] = [sys.executable, "-c", KILLED, world.raw, world.out, folder]
    killed = subprocess.run(command, check=False, capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    with urllib.request.urlopen(f"{s3_server}/{s3.partition('://')[2]}?uploads", timeout=10) as answer:
        assert b"<UploadId>" in answer.read()  # it was in the middle
    assert world.dataset.storage.list("articles") == []
    assert world.texts() == {}
    world.run()
    assert world.rows() == calm.rows()
    world.assert_sound()


@pytest.mark.slow
def test_random_kills(s3: str, dump: Path, tmp_path: Path) -> None:
    """Kills of the real command at random instants, over sources that grow: in the end the rows of one calm run."""
    random = Random(7)
    upload(dump, f"{s3}/raw")
    settings = Settings(workers=1)
    kills = 0
    for number in range(12):
        (dump / "more").mkdir(exist_ok=True)
        text = f"Pond {number}\n\n{SENTENCE * 3} That is {number} m."
        (dump / f"more/{number}.txt").write_text(text)
        upload(dump / "more", f"{s3}/raw/more")
        process = subprocess.Popen(
            [sys.executable, "-m", "ingest", "run", f"{s3}/raw", "-o", f"{s3}/out", "-q", "--workers", "1"]
        )
        time.sleep(random.uniform(0.5, 5.0))
        kills += process.poll() is None
        process.kill()
        process.wait()
        open_dataset(f"{s3}/out").tables() if Dataset.exists(f"{s3}/out") else None
    run([f"{s3}/raw"], f"{s3}/out", settings)
    run([dump], tmp_path / "calm", settings)
    assert kills > 3
    assert rows(f"{s3}/out") == rows(tmp_path / "calm")
    assert Dataset.open(f"{s3}/out").verify().findings == []


def test_sidecars_beside_objects_are_read_as_those_beside_files(tmp_path: Path, s3: str) -> None:
    """Each page has the same word of it, listed or looked up by itself, and the list is no document."""
    raw = tmp_path / "raw"
    (raw / "pages").mkdir(parents=True)
    for name in ("a", "b"):
        (raw / f"pages/{name}.txt").write_text(SENTENCE * 4 + name)
    (raw / "index.jsonl").write_text('{"file": "pages/a.txt", "title": "Ponds", "url": "https://a.example/1"}\n')
    (raw / "pages/b.json").write_text('{"title": "Lakes"}')
    upload(raw, f"{s3}/raw")
    settings = Settings(workers=1, sidecars=("{stem}.json", "index.jsonl"))
    said = {source.path: source.said for source in find([raw], settings).sources}
    assert {source.path: source.said for source in find([f"{s3}/raw"], settings).sources} == said
    assert set(said) == {"pages/a.txt", "pages/b.txt"}
    assert all(said.values())
    run([f"{s3}/raw"], tmp_path / "out", settings)
    entries = {entry.path: entry for entry in Dataset.open(tmp_path / "out").ledger().entries()}
    assert {path: of_entry(entry, settings).said for path, entry in entries.items()} == said
    assert not look([f"{s3}/raw"], tmp_path / "out", settings)[0].todo
