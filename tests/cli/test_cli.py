"""The program as a shell sees it: output, exit codes, JSON."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import inprocess
import pytest

ARTICLE = (
    "Pond measured again\n\nThe surveyors came back on Tuesday with a longer rope and measured the pond from the"
    " north side to the south side.\n\nSend to a friend\n"
)


def ingest(*arguments: object, cwd: Path, **environment: str) -> inprocess.Done:
    return inprocess.ingest(*arguments, cwd=cwd, env=environment)


def shell(*arguments: object, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, with workers: for what is different there."""
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "COLUMNS": "100", **environment}
    command = [sys.executable, "-m", "ingest", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "pond.txt").write_text(ARTICLE)
    return tmp_path


def test_run_without_arguments_reads_raw_into_processed(home: Path) -> None:
    """The default job; talk goes to standard error, nothing to standard output."""
    done = shell("run", cwd=home)
    assert done.returncode == 0
    assert done.stdout == ""
    assert "records   1 = 1 kept" in done.stderr
    assert list((home / "processed/articles").glob("*.parquet"))


def test_quiet_run_says_nothing(home: Path) -> None:
    """A good run under cron sends no mail."""
    done = shell("run", "-q", cwd=home)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_bad_input_ends_in_exit_code_3_and_names_file_record_and_remedy(home: Path) -> None:
    """What was rejected is told in one line: outcome, file, record, reason, remedy."""
    (home / "raw/bad.jsonl").write_text('{"text": "fine words stand here"}\n{"text": 5}\n')
    done = ingest("run", "-q", cwd=home)
    assert done.returncode == 3
    assert done.stderr == (
        'invalid  bad.jsonl record 1: "text" is a number, not a string → name the column with the pages in [columns],'
        ' e.g. text = "story"\n'
    )


def test_json_totals_balance(home: Path) -> None:
    """--json prints the totals for scripts."""
    report = json.loads(ingest("run", "--json", cwd=home).stdout)
    assert report["records"] == sum(report["outcomes"].values()) == 1
    assert report["sources"]["new"] == 1


def test_inspect_shows_each_line_with_its_reason(home: Path) -> None:
    """Removed lines carry role, evidence, score and rule; nothing is written."""
    done = ingest("inspect", "raw/pond.txt", cwd=home)
    assert re.search(r"5 − share +rule [01]\.\d\d +Send to a friend  ← share\.send-to-a-friend", done.stdout)
    assert "north side" in done.stdout
    assert not (home / "processed").exists()
    assert "north side" not in ingest("inspect", "raw/pond.txt", "--removed", cwd=home).stdout
    assert "Send to" not in ingest("inspect", "raw/pond.txt", "--kept", cwd=home).stdout


def test_inspect_one_record_as_json(home: Path) -> None:
    """FILE#RECORD picks one record; JSON has the votes behind each line."""
    (home / "raw/two.jsonl").write_text("\n".join(json.dumps({"text": ARTICLE + word}) for word in ("first", "second")))
    [page] = json.loads(ingest("inspect", "raw/two.jsonl#1", "--json", cwd=home).stdout)
    assert page["record"] == 1
    share = next(line for line in page["lines"] if line["text"] == "Send to a friend")
    vote = {"evidence": "rule", "role": "share", "score": 0.95, "rule": "share.send-to-a-friend", "below": None}
    assert vote in share["votes"]
    assert ingest("inspect", "raw/two.jsonl#9", cwd=home).returncode == 2


def test_explain_finds_a_row_by_the_start_of_its_id(home: Path) -> None:
    """An article's metadata, text and removed lines; one line with --line; JSON with --json."""
    ingest("run", cwd=home)
    row = json.loads(ingest("inspect", "raw/pond.txt", "--json", cwd=home).stdout)[0]
    shown = ingest("explain", row["id"][:8], cwd=home).stdout
    assert "Pond measured again" in shown
    assert "generic rules" in shown
    assert "was not removed" in ingest("explain", row["id"], "--line", "3", cwd=home).stdout
    told = json.loads(ingest("explain", row["id"], "--json", cwd=home).stdout)
    assert told["row"]["id"] == row["id"]
    assert {entry["line"] for entry in told["removed"]} == {1, 5}
    assert ingest("explain", "ffff", cwd=home).returncode == 2


def test_status_and_verify(home: Path) -> None:
    """Totals of a good dataset; a damaged part is found and named."""
    ingest("run", cwd=home)
    status = json.loads(ingest("status", "--json", cwd=home).stdout)
    assert status["outcomes"] == {"kept": 1}
    assert "records   1 = 1 kept" in ingest("status", cwd=home).stdout
    assert ingest("verify", cwd=home).returncode == 0
    part = next((home / "processed/articles").glob("*.parquet"))
    part.write_bytes(part.read_bytes()[:-20])
    damaged = ingest("verify", cwd=home)
    assert damaged.returncode == 1
    assert part.name in damaged.stdout
    assert json.loads(ingest("verify", "--json", cwd=home).stdout)["findings"]


def test_run_says_what_is_stale_and_what_was_read_again(home: Path) -> None:
    """With another configuration known sources are left alone, and told; read again, they are told as such."""
    ingest("run", cwd=home)
    left = ingest("run", "--keep", "recall", cwd=home).stderr
    assert "1 known" in left
    assert "--reprocess stale reads them again" in left
    again = ingest("run", "--keep", "recall", "--reprocess", "stale", cwd=home).stderr
    assert "1 known, 1 of them read again" in again
    assert "another configuration" not in again


def test_plan_says_what_a_run_would_do(home: Path) -> None:
    """New, changed, done and ignored files are told; nothing is written."""
    (home / "raw/README.md").write_text("about the dump")
    first = ingest("plan", cwd=home)
    assert "new         pond.txt" in first.stdout
    assert "README.md" in first.stdout
    assert not (home / "processed").exists()
    ingest("run", cwd=home)
    (home / "raw/pond.txt").write_text(ARTICLE + "\nMore of it.")
    plan = json.loads(ingest("plan", "--json", cwd=home).stdout)
    assert (plan["new"], plan["changed"], plan["done"]) == ([], ["pond.txt"], 0)


def test_sites_tell_what_was_learned(home: Path) -> None:
    """Sites with their pages; the lines that a site's profile removed, most frequent first."""
    for number, letter in enumerate("abcd"):
        own = ARTICLE.replace("Pond measured again", f"The {letter * 9} pond is measured").replace(
            "Tuesday", letter * 7
        )
        page = {"text": f"{own}\nHome of all reeds", "url": f"https://pond.example/{number}"}
        (home / f"raw/page{number}.jsonl").write_text(json.dumps(page))
    ingest("run", cwd=home)
    sites = json.loads(ingest("sites", "list", "--json", cwd=home).stdout)["sites"]
    assert ("pond.example", 4) in [(site["site"], site["pages"]) for site in sites]
    assert "pond.example" in ingest("sites", "list", cwd=home).stdout
    assert "Home of all reeds" in ingest("sites", "show", "pond.example", cwd=home).stdout
    assert json.loads(ingest("sites", "show", "pond.example", "--json", cwd=home).stdout)["removed"]
    assert ingest("sites", "show", "nowhere.example", cwd=home).returncode == 2


def test_rules_are_listed_and_tested(home: Path) -> None:
    """All shipped cases hold; a pack whose case fails ends in exit code 1, and so does a malformed one, by name."""
    assert "newsletter.heading" in ingest("rules", "list", "--role", "newsletter", cwd=home).stdout
    assert json.loads(ingest("rules", "list", "--json", "--role", "share", cwd=home).stdout)
    assert ingest("rules", "test", cwd=home).returncode == 0
    pack = home / "pack.toml"
    rule = (
        '[[rule]]\nid = "pond.reeds"\nrole = "share"\nphrases = { en = ["Reeds"] }\ndrop = ["%s"]\nkeep = ["A reed."]\n'
    )
    pack.write_text(rule % "Something else")
    failed = ingest("rules", "test", "--rules", pack, cwd=home)
    assert failed.returncode == 1
    assert "Something else" in failed.stdout
    assert json.loads(ingest("rules", "test", "--rules", pack, "--json", cwd=home).stdout)["failures"]
    malformed = home / "malformed.toml"
    malformed.write_text("[[rule]]\n")
    broken = ingest("rules", "test", "--rules", malformed, cwd=home)
    assert broken.returncode == 1
    assert "malformed.toml" in broken.stderr


def test_config_shows_values_with_their_origin(home: Path) -> None:
    """Each setting with where it comes from."""
    shown = json.loads(ingest("config", "show", "--json", cwd=home, INGEST_KEEP="recall").stdout)
    assert shown["keep"] == {"value": "recall", "source": "environment INGEST_KEEP"}
    assert shown["learn"] == {"value": True, "source": "default"}
    assert "environment" in ingest("config", "show", cwd=home, INGEST_KEEP="recall").stdout


def test_schema_is_printed(home: Path) -> None:
    """Columns with types, for one table or all."""
    tables = json.loads(ingest("schema", "--json", cwd=home).stdout)["tables"]
    assert set(tables) == {"articles", "removed", "rejected"}
    assert "published_precision" in ingest("schema", "articles", cwd=home).stdout


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["run", "nowhere"], 1, "nowhere: no such file or folder"),
        (["status", "nowhere"], 1, "is no dataset"),
        (["explain", "x", "-o", "nowhere"], 1, "is no dataset"),
        (["verify", "nowhere"], 1, "is no dataset"),
        (["inspect", "nowhere.txt"], 1, "no such file or folder"),
        (["run", "--keep", "most"], 2, "'most' is not one of"),
        (["frobnicate"], 2, "No such command"),
        (["run", "--language-engine", "nobody"], 2, "no language engine is called 'nobody'"),
    ],
)
def test_errors_are_one_plain_message(home: Path, arguments: list[str], code: int, message: str) -> None:
    """No traceback; the documented exit code; the message names the thing."""
    done = ingest(*arguments, cwd=home)
    assert done.returncode == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_wrong_setting_in_the_environment_is_a_usage_error(home: Path) -> None:
    """A misspelt INGEST_ variable is not passed over."""
    done = ingest("run", cwd=home, INGEST_MIN_WORD="3")
    assert done.returncode == 2
    assert "did you mean 'min_words'?" in done.stderr


def test_second_run_ends_with_75(home: Path) -> None:
    """Another run on the same dataset is told who holds it."""
    from ingest.dataset import Dataset

    with Dataset.open(home / "processed", create=True).lock():
        done = shell("run", cwd=home)
    assert done.returncode == 75
    assert str(os.getpid()) in done.stderr


@pytest.mark.parametrize(
    "command", ["run", "plan", "inspect", "explain", "report", "status", "verify", "sites", "rules", "schema", "config"]
)
def test_help_of_each_command_has_examples(home: Path, command: str) -> None:
    """Each command explains itself with an example."""
    shown = ingest(command, "--help", cwd=home)
    assert shown.returncode == 0
    assert f"  ingest {command}" in shown.stdout


def test_a_line_is_corrected_from_the_shell(home: Path) -> None:
    """rules add names the rule and the next step; rules test runs it; explain --line shows that it decided."""
    ingest("run", cwd=home)
    row = json.loads(ingest("explain", "", "--json", cwd=home).stdout)["row"]
    done = ingest("rules", "add", "--stay", f"{row['id'][:8]}:5", cwd=home)
    assert done.returncode == 0, done.stderr
    assert "«Send to a friend» on every page, as its site is not known" in done.stdout
    assert "-o processed --rules rules --reprocess stale" in done.stdout
    (home / "ingest.toml").write_text('rules = ["rules"]\n')
    ingest("run", "--reprocess", "stale", cwd=home)
    shown = ingest("explain", row["id"], "--line", "5", cwd=home).stdout
    assert "line 5 was not removed" in shown
    assert "corrections.everywhere.stay" in shown
    assert json.loads(ingest("rules", "test", "--json", cwd=home).stdout)["failures"] == []
    saved = home / "corrections.toml"
    saved.write_text(f'[[correction]]\nline = "{row["id"]}:5"\nshould = "go"\n')
    told = json.loads(ingest("rules", "add", "--from", saved, "--role", "share", "--json", cwd=home).stdout)
    assert told["added"][0]["rule"] == "corrections.everywhere.go-share"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 2, "say which lines"),
        (["--go", "nonsense"], 1, "names no line"),
        (["--go", "ffff:3"], 1, "no article or rejected record"),
        (["--go", "raw/pond.txt:2"], 1, "no line 2 that holds text"),
        (["--go", "raw/pond.txt:5", "--role", "body"], 2, "no role of lines that go"),
        (["--from", "raw/pond.txt"], 1, "give the corrections.toml that the report saved"),
    ],
)
def test_wrong_corrections_are_told_plainly(home: Path, arguments: list[str], code: int, message: str) -> None:
    """Nothing is written, and the message names the thing."""
    ingest("run", cwd=home)
    done = ingest("rules", "add", *arguments, cwd=home)
    assert done.returncode == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (home / "rules").exists()
