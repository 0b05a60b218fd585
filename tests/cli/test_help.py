"""Finding one's way on the command line: help, completion, and hints for what is misspelt."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from inprocess import ingest


def completions(words: str, cwd: Path) -> list[str]:
    """What Bash is offered for the last word."""
    env = {"_INGEST_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)}
    return [line.split(",", 1)[1] for line in ingest(cwd=cwd, env=env).stdout.splitlines()]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("ingest re", ["report"]),
        ("ingest sites ", ["list", "show"]),
        ("ingest run --reprocess s", ["stale"]),
        ("ingest run --keep ", ["precision", "balanced", "recall"]),
        ("ingest schema re", ["removed", "rejected"]),
    ],
)
def test_commands_options_and_values_are_completed(tmp_path: Path, words: str, offered: list[str]) -> None:
    """As `eval "$(_INGEST_COMPLETE=bash_source ingest)"` sets it up."""
    assert completions(words, tmp_path) == offered


def test_options_are_completed(tmp_path: Path) -> None:
    """All long options of a command that begin so."""
    assert {"--keep", "--keep-duplicates"} <= set(completions("ingest run --ke", tmp_path))


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_script(tmp_path: Path, shell: str) -> None:
    """The script names the variable that the completion is asked by, and is free of syntax errors."""
    done = ingest(cwd=tmp_path, env={"_INGEST_COMPLETE": f"{shell}_source"})
    assert "_INGEST_COMPLETE" in done.stdout
    if shell == "bash" and shutil.which("bash"):
        subprocess.run(["bash", "-n"], input=done.data, check=True)


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["rnu"], "did you mean 'run'?"),
        (["insepct", "page.txt"], "did you mean 'inspect'?"),
        (["xyz"], "known: "),
        (["run", "--ouput", "x"], "'--output'"),
        (["sites", "lst"], "did you mean 'list'?"),
    ],
)
def test_misspelt_names_are_answered_with_the_nearest(tmp_path: Path, arguments: list[str], hint: str) -> None:
    """Commands, subcommands and options; exit code 2."""
    done = ingest(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert hint in done.stderr.lower()
