"""Pages through pipes: standard input to articles on standard output, or into a dataset."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from inprocess import ingest

from ingest.dataset import open_dataset
from ingest.schema import ARTICLES

PAGE = """Pond measured again

The surveyors came back on Tuesday with a longer rope and measured the pond from the north side to the south side.

They found it to be as wide as it was last year, which the mayor called a relief, since the maps had been printed.

Send to a friend
"""
HTML = "<html><body><h1>Pond</h1>" + "".join(f"<p>{line}</p>" for line in PAGE.split("\n\n")[1:3]) + "</body></html>"
JSONL = "\n".join(json.dumps({"text": PAGE.replace("Tuesday", day)}) for day in ("Monday", "Friday"))


def articles(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize(
    ("content", "number"),
    [(PAGE, 1), (HTML, 1), (JSONL, 2), ("\ufeff" + JSONL, 2)],
    ids=["text", "html", "jsonl", "bom"],
)
def test_standard_input_becomes_json_lines(tmp_path: Path, content: str, number: int) -> None:
    """The format is told by the content; one object an article, with the columns of the table; nothing is written."""
    done = ingest("run", "-", "-o", "-", cwd=tmp_path, stdin=content.encode())
    assert done.returncode == 0
    rows = articles(done.stdout)
    assert len(rows) == number
    assert list(rows[0]) == ARTICLES.names
    assert all(str(row["text"]).startswith("The surveyors") for row in rows)
    assert [row["source_record"] for row in rows] == list(range(number))
    assert f"records   {number} = {number} kept" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_rejected_records_are_told_and_end_in_exit_code_3(tmp_path: Path) -> None:
    """Articles around a bad line go through; the bad line is named on standard error; -q is silent about the rest."""
    lines = JSONL.replace("\n", "\n{broken\n")
    done = ingest("run", "-", "-o", "-", "-q", cwd=tmp_path, stdin=lines.encode())
    assert done.returncode == 3
    assert len(articles(done.stdout)) == 2
    assert done.stderr.startswith("invalid  stdin record 1: not valid JSON")
    assert len(done.stderr.splitlines()) == 1
    told = ingest("run", "-", "-o", "-", "--json", cwd=tmp_path, stdin=lines.encode())
    assert json.loads("{" + told.stderr.split("\n{", 1)[1])["outcomes"] == {"kept": 2, "invalid": 1}


def test_empty_input_is_a_named_outcome(tmp_path: Path) -> None:
    """No bytes at all: nothing on standard output, the outcome on standard error."""
    done = ingest("run", "-", "-o", "-", cwd=tmp_path)
    assert (done.returncode, done.data) == (3, b"")
    assert "empty" in done.stderr


def test_arrow_stream_has_the_declared_schema(tmp_path: Path) -> None:
    """`--format arrow` gives an Arrow IPC stream of the table `articles`, also where there is no article."""
    done = ingest("run", "-", "-o", "-", "--format", "arrow", cwd=tmp_path, stdin=JSONL.encode())
    table = pa.ipc.open_stream(io.BytesIO(done.data)).read_all()
    assert table.schema.equals(ARTICLES, check_metadata=True)
    assert table.num_rows == 2
    empty = ingest("run", "-", "-o", "-", "--format", "arrow", cwd=tmp_path, stdin=b"Share")
    assert pa.ipc.open_stream(io.BytesIO(empty.data)).read_all().num_rows == 0


def test_files_give_the_rows_of_a_run(tmp_path: Path, raw: Path) -> None:
    """A stream over files learns from them first, so its rows are those of the dataset."""
    done = ingest("run", raw, "-o", "-", "-q", cwd=tmp_path)
    assert ingest("run", raw, "-o", "out", "-q", cwd=tmp_path).returncode == done.returncode == 0
    own = {"ingested_at", "duplicate_of"}
    rows = sorted(articles(done.stdout), key=lambda row: str(row["id"]))
    expected = sorted(open_dataset(tmp_path / "out").table("articles").to_pylist(), key=lambda row: str(row["id"]))
    encoded = json.loads(json.dumps(expected, default=lambda value: value.isoformat()))
    assert [{k: v for k, v in row.items() if k not in own} for row in rows] == [
        {k: v for k, v in row.items() if k not in own} for row in encoded
    ]


def test_stream_uses_what_a_dataset_knows_of_sites(tmp_path: Path, raw: Path) -> None:
    """`--dataset` gives a lone page the knowledge of its site: here the order of day and month."""
    ingest("run", raw, "-o", "out", "-q", cwd=tmp_path)
    page = (raw / "kettle-post/teapot-parade.txt").read_bytes()
    [alone] = articles(ingest("run", "-", "-o", "-", cwd=tmp_path, stdin=page).stdout)
    [known] = articles(ingest("run", "-", "-o", "-", "--dataset", "out", cwd=tmp_path, stdin=page).stdout)
    assert (alone["published"], known["published"]) == (None, "2021-12-10T09:40:00")


def test_standard_input_into_a_dataset(tmp_path: Path) -> None:
    """The source is named by its content: the same again changes nothing, another one adds to it."""
    assert ingest("run", "-", "-o", "out", cwd=tmp_path, stdin=PAGE.encode()).returncode == 0
    again = ingest("run", "-", "-o", "out", cwd=tmp_path, stdin=PAGE.encode())
    assert "nothing to do" in again.stderr
    assert "missing" not in again.stderr
    ingest("run", "-", "-o", "out", cwd=tmp_path, stdin=JSONL.encode())
    paths = open_dataset(tmp_path / "out").table("articles")["source_path"].to_pylist()
    assert len(paths) == 3
    assert len(set(paths)) == 2
    assert all(path.startswith("stdin-") for path in paths)
    assert ingest("verify", "out", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-o", "-", "--reprocess", "all"), "--reprocess needs a dataset"),
        (("-o", "-", "--dedup", "near"), "--dedup needs a dataset"),
        (("-o", "out", "--format", "arrow"), "--format goes with `-o -`"),
        (("-o", "-", "--format", "arow"), "did you mean 'arrow'?"),
        (("-o", "-", "--dataset", "nowhere"), "nowhere"),
    ],
)
def test_options_that_do_not_fit_are_usage_errors(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    """Each names what is wrong, and nothing is written."""
    done = ingest("run", "-", *arguments, cwd=tmp_path, stdin=PAGE.encode())
    assert done.returncode == 2
    assert message in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_reader_that_goes_away_ends_the_stream_quietly(tmp_path: Path) -> None:
    """As with `| head -1`: exit code 0 and nothing on standard error."""
    (tmp_path / "many.jsonl").write_text(f"{JSONL}\n" * 80)
    command = [sys.executable, "-m", "ingest", "run", "many.jsonl", "-o", "-", "-q", "--no-learn", "--workers", "0"]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=tmp_path, env=env, **pipes) as process:  # type: ignore[call-overload]
        assert process.stdout.readline().startswith(b'{"id"')
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 0


WATCHED = """
import resource, sys
from ingest.cli import main
try:
    main(["run", "-", "-o", "-", "-q", "--workers", "0"])
except SystemExit as end:
    print(end.code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""


@pytest.mark.slow
def test_memory_does_not_grow_with_the_stream(tmp_path: Path) -> None:
    """Five times the input, and the peak of the resident memory is the same within a tenth."""
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}

    def peak(times: int) -> int:
        done = subprocess.run(
            [sys.executable, "-c", WATCHED],
            input=f"{JSONL}\n".encode() * times,
            capture_output=True,
            env=env,
            check=True,
        )
        code, kilobytes = done.stderr.split()
        assert code == b"0"
        return int(kilobytes)

    assert peak(5000) < 1.1 * peak(1000)
