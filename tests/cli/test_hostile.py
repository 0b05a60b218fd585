"""Nothing that a page, a file name or an argument says can steer the terminal, in any command."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import termios
from pathlib import Path
from typing import Any

import inprocess
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import cli
from ingest.cli import COMMANDS
from ingest.cli.escapes import as_json_escapes, guarded, json_text, shown
from ingest.dataset import open_dataset

CONTROLS = "\x01\x07\x08\x0b\x0c\x1b\x7f\x85\x9b"
TURNS = "\u202a\u202e\u2066\u2069"
STEERS = f"a\x1b]0;owned\x07b\x1b[2Jc\x9b31md{CONTROLS}e{TURNS}f"
NAME = f"x{STEERS}\r\nFAKE all is well.txt"
SENTENCE = "The surveyors came back on Tuesday with a longer rope and measured the pond from the north side again."
# colours, and what draws the bar of progress over itself
OWN_COLOUR = re.compile(r"\x1b\[[0-9;]*m|(?:\r|\x1b\[1A|\x1b\[2K|\x1b\[\?25[lh])+")
UNSAFE = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f{TURNS}\u202b-\u202d\u2067\u2068]")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of hostile pages beside their sources."""
    home = tmp_path_factory.mktemp("hostile")
    raw = home / "raw"
    raw.mkdir()
    lines = [
        f"Pond {STEERS}",
        SENTENCE,
        f"{SENTENCE[:40]}{STEERS}{SENTENCE[40:]}",
        f"Caf\u00c3\u00a9 {STEERS}",
        SENTENCE,
    ]
    page = "\n\n".join(lines)
    (raw / NAME).write_text(page)
    (raw / os.fsdecode(b"name\xff\x9b31m.txt")).write_bytes(page.encode("latin-1", "replace"))
    (raw / f".ignored{STEERS}").write_text("x")
    url = f"http://pond.example/{STEERS}"
    html = f"<title>Pond {STEERS}</title><meta name=author content='A {STEERS}'><body><p>{SENTENCE}</p><p>{STEERS}</p>"
    rows: list[dict[str, Any]] = [
        {"text": page, "url": url, "title": f"T {STEERS}", "id": STEERS, "authors": [f"A {STEERS}"], f"k{STEERS}": 1},
        {"html": html, "url": url},
        *({"text": f"Menu {STEERS}\n{SENTENCE} {n}\n\n{SENTENCE}\n{STEERS}", "url": f"{url}{n}"} for n in range(4)),
        {"text": 5, "id": STEERS},
        {f"nothing {STEERS}": STEERS},
    ]
    with (raw / "rows.jsonl").open("w") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        file.write(f'{{"text": {STEERS}\n')
    assert inprocess.ingest("run", cwd=home).returncode == 3
    return home


def commands(home: Path) -> list[list[str]]:
    """Every command, with pages and with arguments that are hostile."""
    found = open_dataset(home / "processed")
    kept = [row["id"] for row in found.table("articles").to_pylist()]
    rejected = [row["id"] for row in found.table("rejected").to_pylist()]
    sites = {row["site"] for row in found.table("articles").to_pylist() if row["site"]}
    page = f"raw/{NAME}"
    return [
        ["run", "--reprocess", "all"], ["run", "-q", "--reprocess", "all"], ["run", "--log-format", "json"],
        ["run", "--reprocess", "all", "--json"], ["run", "raw", "-o", "-"], ["run", "nowhere", page, "-o", STEERS],
        ["run", STEERS], ["run", "--keep", STEERS], ["run", f"--{STEERS}"], [STEERS], ["run", "-o", page],
        ["run", "--rules", page], ["run", "--column", f"text={STEERS}", "-o", "other"],
        ["plan"], ["plan", "-o", "elsewhere"], ["plan", "-o", "elsewhere", "--json"], ["plan", STEERS],
        ["inspect", "raw"], ["inspect", page], ["inspect", page, "--json"], ["inspect", STEERS],
        *(["explain", id] for id in (*kept, *rejected)), *(["explain", id, "--line", "1"] for id in kept),
        *(["explain", id, "--json"] for id in kept), ["explain", STEERS], ["explain", kept[0], "--line", "999"],
        ["report"], ["report", STEERS], ["report", "-o", f"nowhere{STEERS}/r.html"],
        ["status"], ["status", "--json"], ["status", STEERS], ["compact"], ["compact", STEERS],
        ["quarantine", "list"], ["quarantine", "list", "--json"], ["quarantine", "show", STEERS],
        ["quarantine", "retry"], ["quarantine", "retry", STEERS], ["verify"], ["verify", "--json"], ["verify", STEERS],
        ["sites", "list"], *(["sites", "show", site] for site in sites), ["sites", "show", STEERS],
        ["rules", "list", "--role", "share"], ["rules", "test"], ["rules", "test", "--rules", page],
        ["rules", "add", "--go", f"{page}:3", "--rules", "own"],
        ["rules", "add", "--stay", f"{kept[0]}:1", "--rules", "own"],
        ["rules", "add", "--go", f"{STEERS}:1"], ["rules", "add", "--go", STEERS], ["rules", "add", "--role", STEERS],
        ["run", "-o", "less"], ["forget", kept[0], "--copies", "-o", "less"], ["forget", page, "-o", "less"],
        ["forget", "--list", "-o", "less"], ["status", "less"], ["plan", "-o", "less"], ["forget", STEERS],
        ["forget", NAME, "--undo", "-o", "less"], ["forget", STEERS, "--undo"],
        ["schema"], ["schema", STEERS], ["config", "show"], ["config", STEERS], ["plugins"],
    ]  # fmt: skip


def test_every_command_is_tried(home: Path) -> None:
    """A command that is added has to be tried on hostile pages, too."""
    assert set(COMMANDS) <= {command[0] for command in commands(home)}


@pytest.mark.parametrize("colours", [False, True], ids=["plain", "coloured"])
def test_no_command_lets_pages_names_or_arguments_steer_the_terminal(home: Path, colours: bool) -> None:
    """Of control characters, only line ends, tabs and our own colours are written; a file name fakes no line."""
    environment = {"FORCE_COLOR": "1"} if colours else {"NO_COLOR": "1"}
    coloured = 0
    for command in commands(home):
        done = inprocess.ingest(*command, cwd=home, env=environment)
        is_data = command[-2:] == ["-o", "-"]  # a file gets what is true
        said = (as_json_escapes(done.stdout) if is_data else done.stdout) + done.stderr
        plain = OWN_COLOUR.sub("", said)
        assert not UNSAFE.findall(plain), (command, UNSAFE.search(plain))
        assert not any(line.lstrip().startswith("FAKE") for line in plain.splitlines()), command
        assert "Traceback" not in plain, plain
        assert plain or "-q" in command, command
        coloured += plain != said
    assert bool(coloured) is colours


def test_json_stays_valid_and_true(home: Path) -> None:
    """What is escaped in JSON comes back as it was, control characters and all."""
    found = open_dataset(home / "processed")
    row = next(row for row in found.table("articles").to_pylist() if row["source_id"] == STEERS)
    told = json.loads(inprocess.ingest("explain", row["id"], "--json", cwd=home).stdout)
    assert told["row"]["source_id"] == STEERS
    assert told["row"]["url"] == row["url"]
    assert "\x9b" in row["url"]
    line, *_ = inprocess.ingest("run", "raw", "-o", "-", cwd=home).stdout.split("\n")
    assert json.loads(line)["text"]
    log = inprocess.ingest("run", "--reprocess", "all", "--log-format", "json", cwd=home).stderr
    assert all(json.loads(line)["event"] for line in log.split("\n") if line)


def test_bytes_are_escaped_on_a_terminal_only(home: Path) -> None:
    """What is written as data is as it was found in a file or a pipe, and harmless on a terminal."""
    held = open_dataset(home / "processed").table("rejected").to_pylist()
    broken = max(held, key=lambda row: row["byte_offset"] or 0)["id"]
    for command in (["quarantine", "show", broken], ["run", "raw", "-o", "-", "-q"], ["report", "-o", "-"]):
        on_terminal = _on_a_terminal(command, home)
        assert not UNSAFE.findall(OWN_COLOUR.sub("", on_terminal)), command
        assert len(on_terminal) > 20
    assert STEERS in inprocess.ingest("quarantine", "show", broken, cwd=home).stdout


def _on_a_terminal(command: list[str], home: Path) -> str:
    """What a command writes to a terminal, which adds nothing of its own."""
    try:
        ours, theirs = pty.openpty()
    except OSError as error:  # containers may have none
        pytest.skip(f"no pseudo-terminal: {error}")
    flags = termios.tcgetattr(theirs)
    flags[1] &= ~termios.OPOST
    termios.tcsetattr(theirs, termios.TCSANOW, flags)
    program = [sys.executable, "-m", "ingest", *command]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "INGEST_WORKERS": "0"}
    with subprocess.Popen(program, cwd=home, env=environment, stdout=theirs, stderr=subprocess.DEVNULL) as process:
        os.close(theirs)
        data = b""
        try:
            while piece := os.read(ours, 1 << 16):
                data += piece
        except OSError:  # Linux ends a terminal so
            pass
        process.wait()
    os.close(ours)
    return data.decode()


@given(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(STEERS)))
def test_escapes_leave_nothing_and_change_no_other_letter(text: str) -> None:
    """Escaped text is safe, text without such characters stays as it is, and JSON comes back."""
    assert not UNSAFE.search(shown(text))
    assert "\n" not in shown(text)
    assert not UNSAFE.search(guarded(text))
    assert guarded(text).count("\n") == text.count("\n")
    assert not UNSAFE.search(json_text({"text": text}))
    assert json.loads(json_text({"text": text})) == {"text": text}
    if not UNSAFE.search(text) and not set(text) & {"\u2028", "\u2029"}:
        assert guarded(text) == text


def test_names_that_are_no_utf8_can_be_told() -> None:
    """Bytes of such a name are shown as escapes, in text and in JSON."""
    assert shown(os.fsdecode(b"a\xff.txt")) == r"a\xff.txt"
    assert json.loads(json_text([os.fsdecode(b"a\xff.txt")])) == [r"a\xff.txt"]


def test_commands_print_through_the_one_door() -> None:
    """No command makes a console or a text of its own, or writes to a stream past `ingest.cli.terminal`."""
    past = re.compile(r"rich\.text|\bConsole\(|click\.s?echo|(?<!\.)\bprint\(|sys\.std(?:out|err)(?!\.isatty)")
    doors = {"__init__.py", "common.py", "escapes.py", "logs.py", "terminal.py"}
    for file in sorted(Path(cli.__file__).parent.glob("*.py")):
        lines = [line for line in file.read_text(encoding="utf-8").splitlines() if past.search(line)]
        assert file.name in doors or not lines, (file.name, lines)
