"""What a run under cron says, to people, log collectors and monitors; and that the files for it are right."""

from __future__ import annotations

import ast
import configparser
import json
import os
import re
import shlex
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import click
import pytest

from ingest.cli import cli, main
from ingest.dataset.status import status_of

DEPLOY = Path(__file__).parents[2] / "scripts/deploy"
ARTICLE = "Pond measured again\n\nThe surveyors came back on Tuesday with a longer rope and measured the pond.\n"


@dataclass
class Done:
    returncode: int
    stdout: str
    stderr: str


Ingest = Callable[..., Done]


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """The program's signal handlers end with each test: pytest needs its own."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw/pond.txt").write_text(ARTICLE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("INGEST_WORKERS", "0")
    return tmp_path


@pytest.fixture
def ingest(home: Path, capsys: pytest.CaptureFixture[str]) -> Ingest:
    """The command as a shell runs it, but in this process: to start it many times takes long."""

    def call(*arguments: object, **environment: str) -> Done:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            with pytest.raises(SystemExit) as end:
                main([*map(str, arguments)])
        shown = capsys.readouterr()
        return Done(int(end.value.code or 0), shown.out, shown.err)

    return call


def test_json_log_and_metrics(home: Path, ingest: Ingest) -> None:
    """Each line of standard error is an object with time, level, run and event; the run record has the same id."""
    (home / "raw/bad.jsonl").write_text("no json\n")
    done = ingest("run", "--log-format", "json", "--metrics", "ingest.prom")
    assert (done.returncode, done.stdout) == (3, "")
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["event"] for line in lines] == ["started", "rejected", "ended"]
    assert [line["level"] for line in lines] == ["info", "warning", "info"]
    [run] = {line["run"] for line in lines}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", lines[0]["time"])
    assert (lines[1]["source"], lines[1]["record"], lines[1]["outcome"]) == ("bad.jsonl", 0, "invalid")
    assert (lines[2]["exit_code"], lines[2]["outcomes"]) == (3, {"invalid": 1, "kept": 1})
    assert (home / f"processed/_ingest/runs/{run}.json").exists()
    assert "ingest_last_run_exit_code" in (home / "ingest.prom").read_text()


def test_errors_are_json_lines_too(home: Path, ingest: Ingest) -> None:
    """A run that fails says so in its log, with the hint, and to the monitor."""
    done = ingest("run", "nowhere", INGEST_LOG_FORMAT="json", INGEST_METRICS="ingest.prom")
    assert done.returncode == 1
    last = json.loads(done.stderr.splitlines()[-1])
    assert (last["event"], last["level"], last["exit_code"]) == ("failed", "error", 1)
    assert "nowhere" in last["error"]
    assert last["hint"]
    assert re.search(r"ingest_last_run_failed\{.*\} 1\n", (home / "ingest.prom").read_text())
    status = json.loads(ingest("status", "--json").stdout)
    assert (status["failed"], status["last_run"]["exit_code"], status["last_good"]) == (True, 1, None)
    assert "nowhere" in ingest("status").stdout


def test_a_locked_dataset_under_cron(home: Path, ingest: Ingest) -> None:
    """With -q a run that comes second ends with 75 without a word, and leaves the figures of the first alone."""
    from ingest.dataset import Dataset

    with Dataset.open(home / "processed", create=True).lock():
        done = ingest("run", "-q", "--metrics", "ingest.prom")
        logged = ingest("run", "--log-format", "json")
        compact = ingest("compact")
    assert (done.returncode, done.stdout, done.stderr) == (75, "", "")
    assert not (home / "ingest.prom").exists()
    assert (logged.returncode, compact.returncode) == (75, 75)
    assert str(os.getpid()) in json.loads(logged.stderr.splitlines()[-1])["error"]


def test_status_for_monitors(home: Path, ingest: Ingest) -> None:
    """--max-age ends with 0 after a good run, and with 1 if there is none, or none of late."""
    assert ingest("status", "--max-age", "60").returncode == 1
    ingest("run")
    assert ingest("status", "--max-age", "60").returncode == 0
    assert ingest("status", "--max-age", "0").returncode == 1
    status = json.loads(ingest("status", "--json").stdout)
    assert (status["failed"], status["last_run"]["state"], status["last_run"]["records"]) == (False, "done", 1)
    assert 0 <= status["age_seconds"] < 60


def test_status_of_a_run_at_work(home: Path, monkeypatch: pytest.MonkeyPatch, ingest: Ingest) -> None:
    """Another terminal sees the step, sources and pages done of those planned, the rate, and the last commit."""
    from ingest.config import Settings
    from ingest.dataset import Dataset
    from ingest.run import run

    for n in range(4):
        (home / f"raw/{n}.txt").write_text(ARTICLE.replace("Tuesday", f"day {n}"))
    monkeypatch.setattr("ingest.dataset.runs.PROGRESS_SECONDS", 0.0)
    seen = []

    def look(step: str, done: int, total: int, pages: int) -> None:
        seen.append(status_of(Dataset.open(home / "processed")))
        if step == "apply" and pages == 3:
            shown.append(ingest("status").stdout)

    shown: list[str] = []
    run(
        [home / "raw"],
        home / "processed",
        Settings(workers=0, batch_documents=1, part_sources=2, settle=0),
        progress=look,
    )
    assert {status.last_run.state for status in seen if status.last_run} == {"running"}
    reached = [status.last_run.progress for status in seen if status.last_run and status.last_run.progress]
    assert {at.step for at in reached} == {"learn", "apply"}
    applied = [at for at in reached if at.step == "apply"]
    assert [(at.sources, at.pages) for at in applied] == [(0, 0), (0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 5)]
    assert {at.sources_planned for at in applied} == {5}
    [text] = shown
    assert re.search(
        r"running, \d+ seconds ago\n +writing articles; 2 of 5 sources; 3 pages, \d+ a second; \d+% of", text
    )
    assert re.search(r"^commit +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, \d+ seconds ago$", text, re.M)
    assert (home / "processed/_ingest/ledger").is_dir()
    last = status_of(Dataset.open(home / "processed")).last_run
    assert last is not None
    assert last.progress is None


def test_log_without_terminal_tells_progress(home: Path, monkeypatch: pytest.MonkeyPatch, ingest: Ingest) -> None:
    """A line now and then, in whole lines; not with -q."""
    monkeypatch.setattr("ingest.cli.run.PROGRESS_SECONDS", 0.0)
    told = ingest("run").stderr
    assert re.search(r"^progress  writing articles: 100% of 0\.0 MB, 1 pages, \d+ a second$", told, re.M)
    (home / "raw/more.txt").write_text(ARTICLE.replace("Tuesday", "Monday"))
    assert ingest("run", "-q").stderr == ""


def test_clock_that_was_put_back(home: Path, monkeypatch: pytest.MonkeyPatch, ingest: Ingest) -> None:
    """A run that ended in the future is said to have, and does not pass for a fresh one."""
    with monkeypatch.context() as patch:
        patch.setattr("ingest.dataset.runs._now", lambda: datetime(2100, 1, 1, tzinfo=timezone.utc))
        ingest("run")
    done = ingest("status", "--max-age", "1e12")
    assert done.returncode == 1
    assert "days in the future" in done.stdout
    assert "the clock of this machine" in done.stderr
    assert " -" not in done.stdout
    status = json.loads(ingest("status", "--json").stdout)
    assert status["clock_went_back"]
    assert status["age_seconds"] < 0
    ingest("run", "--reprocess", "all")
    assert ingest("status", "--max-age", "60").returncode == 0


def test_files_that_are_written_to(home: Path, ingest: Ingest) -> None:
    """A file younger than --settle is left for the next run; the default takes what was just copied."""
    assert ingest("run", "--settle", "3600").returncode == 0
    assert "1 unsettled" in ingest("run", "--settle", "3600").stderr
    assert "records   1 = 1 kept" in ingest("run").stderr


def test_removed_sources_are_told(home: Path, ingest: Ingest) -> None:
    """Their rows stay; run counts them and plan names them, also if nothing is left of the folder."""
    ingest("run")
    (home / "raw/pond.txt").unlink()
    assert "1 missing" in ingest("run").stderr
    assert "missing     pond.txt" in ingest("plan").stdout
    assert json.loads(ingest("status", "--json").stdout)["records"] == 1


def test_rows_of_removed_sources_can_be_dropped(home: Path, ingest: Ingest) -> None:
    """With --gone drop they go with their source; not if so many are gone that a disk may be unmounted: exit code 1."""
    for n in range(9):
        (home / f"raw/{n}.txt").write_text(ARTICLE.replace("Tuesday", f"day {n}"))
    ingest("run")
    (home / "raw/pond.txt").unlink()
    assert "dropped   1 sources" in ingest("run", "--gone", "drop").stderr
    assert json.loads(ingest("status", "--json").stdout)["records"] == 9
    (home / "raw").rename(home / "elsewhere")
    (home / "raw").mkdir()
    (home / "raw/new.txt").write_text(ARTICLE)
    refused = ingest("run", "--metrics", "ingest.prom", INGEST_GONE="drop")
    assert refused.returncode == 1
    assert "9 sources are gone" in refused.stderr
    assert "--gone-limit 1" in refused.stderr
    assert json.loads(ingest("status", "--json").stdout)["records"] == 10, "what is new was read all the same"
    figures = (home / "ingest.prom").read_text()
    assert re.search(r'ingest_last_run_sources\{.*state="missing"\} 9\n', figures)
    assert re.search(r"ingest_last_run_exit_code\{.*\} 1\n", figures)
    assert ingest("run", "--gone", "drop", "--gone-limit", "1").returncode == 0
    assert json.loads(ingest("status", "--json").stdout)["records"] == 1
    assert ingest("verify").returncode == 0
    (home / "raw").rename(home / "new")
    (home / "elsewhere").rename(home / "raw")
    assert ingest("run").returncode == 0
    assert json.loads(ingest("status", "--json").stdout)["records"] == 10, "files that come back are read again"


def test_only_what_certainly_is_gone_counts_as_missing(home: Path, ingest: Ingest) -> None:
    """Neither a file that this run was not asked for, nor one that a pattern leaves out, is dropped."""
    (home / "raw/other.txt").write_text(ARTICLE.replace("Tuesday", "Monday"))
    ingest("run")
    for arguments in (["raw/pond.txt"], ["raw", "--gone-limit", "1"]):
        done = ingest("run", *arguments, "--gone", "drop", INGEST_IGNORE="o*")
        assert done.returncode == 0
        assert "missing" not in done.stderr
    assert json.loads(ingest("status", "--json").stdout)["records"] == 2


def test_alerts_name_figures_that_exist(home: Path, ingest: Ingest) -> None:
    """Each figure in the rules for Prometheus is one that a run writes."""
    (home / "raw/bad.jsonl").write_text("no json\n")
    ingest("run", "--metrics", "ingest.prom")
    written = set(re.findall(r"^(ingest_\w+)\{", (home / "ingest.prom").read_text(), re.M))
    asked = set(re.findall(r"\bingest_\w+", (DEPLOY / "alerts.yml").read_text()))
    assert len(asked) >= 5
    assert asked <= written


def test_compact(home: Path, ingest: Ingest) -> None:
    """Parts and files of what was learned become fewer, rows stay, and a run finds nothing to do afterwards."""
    for name in ("a", "b", "c"):
        (home / f"raw/{name}.txt").write_text(ARTICLE.replace("Tuesday", name * 9))
        ingest("run")
    done = json.loads(ingest("compact", "--json").stdout)
    assert (done["parts_before"], done["parts_after"]) == (3, 1)
    assert (done["learned_before"], done["learned_after"]) == (3, 1)
    assert "nothing to gather" in ingest("compact").stderr
    assert "nothing to do" in ingest("run").stderr
    assert ingest("verify").returncode == 0


def test_idle_runs_leave_one_record(home: Path, ingest: Ingest) -> None:
    """A run a minute that has nothing to do does not push out the records of those that had."""
    for _ in range(4):
        ingest("run", "-q")
    records = [json.loads(path.read_text()) for path in sorted((home / "processed/_ingest/runs").iterdir())]
    assert [record["records"] for record in records] == [1, 0]


def commands() -> list[str]:
    """Each call of the program in the files for cron and its kin, and in their documentation."""
    files = [*sorted(path for path in DEPLOY.iterdir() if path.is_file()), DEPLOY.parents[1] / "docs/cron.md"]
    text = "\n".join(path.read_text() for path in files)
    text = text.replace("{INGEST}", "/bin/ingest").replace("`", "\n")
    found = re.findall(r"(?:^|/|\s)ingest ((?:run|compact|status|plan|verify)\b[^\n|&\"#;(]*)", text)
    return sorted({re.sub(r"\bFILE\b", "file", line).strip() for line in found})


@pytest.mark.parametrize("line", commands())
def test_calls_in_deploy_files_are_right(line: str) -> None:
    """Each option that they use exists and takes the value that they give it."""
    name, *arguments = shlex.split(line)
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    command.make_context(name, arguments)


def test_there_are_calls_to_check() -> None:
    """The search for them finds those that matter."""
    assert sum(line.startswith("run /srv/dumps -o /srv/corpus") for line in commands()) >= 3
    assert "compact /srv/corpus --wait" in commands()


def test_units_of_systemd() -> None:
    """Every line is in a section; the exit codes that are no failure are named; the timer starts the service."""
    units = {}
    for name in ("ingest.service", "ingest.timer"):
        units[name] = configparser.ConfigParser(interpolation=None, strict=True)
        units[name].optionxform = str  # type: ignore[method-assign,assignment]
        units[name].read_string((DEPLOY / name).read_text())
    service = units["ingest.service"]["Service"]
    assert service["SuccessExitStatus"].split() == ["3", "75", "143"]
    assert (service["Type"], service["PrivateNetwork"], service["ProtectSystem"]) == ("oneshot", "yes", "strict")
    assert units["ingest.timer"]["Install"]["WantedBy"] == "timers.target"


def test_container_runs_as_nobody() -> None:
    """A numeric user that is not root, before the entry point; nothing is fetched but by pip."""
    lines = [line.split() for line in (DEPLOY / "Containerfile").read_text().splitlines() if line[:1] not in ("#", "")]
    steps = [line[0] for line in lines if line[0].isupper()]
    assert steps.count("FROM") == 2
    assert "ADD" not in steps
    assert steps.index("USER") < steps.index("ENTRYPOINT")
    [user] = [line[1] for line in lines if line[0] == "USER"]
    assert int(user.split(":")[0]) > 0


def test_airflow_dag_is_python() -> None:
    """It compiles, and names each task once."""
    tree = ast.parse((DEPLOY / "airflow_dag.py").read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    tasks = [keyword.value.value for call in calls for keyword in call.keywords if keyword.arg == "task_id"]  # type: ignore[attr-defined]
    assert sorted(tasks) == ["check", "compact", "run"]
