"""The fenced blocks of a Markdown page, and how each is run.

```sh              commands, one a line, each of which must end with exit code 0
```console         commands after `$ `, and below each what it prints; `…` stands for any characters, or any lines
```python          statements; those of one page share their names; with `>>>` the results are compared
```toml NAME       a block with a file name is written to that file, whatever its language
```… not-run       is only parsed
```… needs=NAME    is skipped where the module NAME is not installed
```… exit=N        the last command ends with exit code N

All blocks of a page run in its order, in one folder that holds the sample pages as `raw/`.
"""

from __future__ import annotations

import contextlib
import doctest
import importlib.util
import io
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import inprocess
import tomli
from markdown_it import MarkdownIt

SHELL = frozenset("|&;<>()$`*?[]{}~=%\n")  # characters for which a real shell is needed
TIMEOUT = 300


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: `language`, further words of its info string, its text, and the line it begins in."""

    language: str
    words: tuple[str, ...]
    text: str
    line: int

    @property
    def file(self) -> str | None:
        """The name of the file that the block is the content of."""
        return next((word for word in self.words if re.fullmatch(r"[\w./-]+\.\w+", word)), None)

    @property
    def needs(self) -> list[str]:
        return [word.removeprefix("needs=") for word in self.words if word.startswith("needs=")]

    @property
    def exit_code(self) -> int:
        return next((int(word.removeprefix("exit=")) for word in self.words if word.startswith("exit=")), 0)


def blocks(page: Path) -> list[Block]:
    """All fenced blocks of a page, also those in lists."""
    found = []
    for token in MarkdownIt().parse(page.read_text(encoding="utf-8")):
        if token.type == "fence":
            language, *words = token.info.split() or [""]
            found.append(Block(language, tuple(words), token.content, (token.map or [0])[0] + 1))
    return found


def run(block: Block, folder: Path, names: dict[str, Any]) -> None:
    """Run one block in `folder`; `names` are those that Python blocks of the page share. Raises AssertionError."""
    if block.file is not None:
        (folder / block.file).parent.mkdir(parents=True, exist_ok=True)
        (folder / block.file).write_text(block.text, encoding="utf-8")
    if block.language == "toml":
        tomli.loads(block.text)
    elif block.language == "python":
        _python(block, folder, names)
    elif block.language == "sh":
        _parse_shell(block.text)
        if "not-run" not in block.words:
            _commands(block, folder)
    elif block.language == "console":
        _console(block, folder)


def missing(block: Block) -> list[str]:
    """Modules that the block needs and that are not installed."""
    return [name for name in block.needs if importlib.util.find_spec(name) is None]


def _python(block: Block, folder: Path, names: dict[str, Any]) -> None:
    if ">>>" in block.text:
        test = doctest.DocTestParser().get_doctest(block.text, names, "example", None, block.line)
        out = io.StringIO()
        runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
        with _chdir(folder):
            result = runner.run(test, out=out.write, clear_globs=False)
        names.update(test.globs)
        assert not result.failed, out.getvalue()
        return
    code = compile("\n" * block.line + block.text, "example", "exec")
    if "not-run" not in block.words:
        with contextlib.redirect_stdout(io.StringIO()), _chdir(folder):
            exec(code, names)


@contextlib.contextmanager
def _chdir(folder: Path) -> Any:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def _commands(block: Block, folder: Path) -> None:
    lines = re.sub(r"\\\n\s*", " ", block.text).splitlines()
    wanted = [line for line in (re.split(r"(?:^|\s)#", line)[0].strip() for line in lines) if line]
    for number, line in enumerate(wanted):
        code, output = _call(line, folder)
        assert code == (block.exit_code if number == len(wanted) - 1 else 0), f"{line}: exit code {code}\n{output}"


def _console(block: Block, folder: Path) -> None:
    parts = re.split(r"(?m)^\$ ", re.sub(r"\\\n\s*", " ", block.text))[1:]
    for number, part in enumerate(parts):
        line, _, expected = part.partition("\n")
        code, output = _call(line, folder)
        assert code == (block.exit_code if number == len(parts) - 1 else 0), f"{line}: exit code {code}\n{output}"
        pattern = re.escape(expected.strip()).replace("…", "(?:.|\n)*")
        pattern = re.sub(r"(?:\\ )+", r"\\s+", pattern)
        tidy = "\n".join(row.rstrip() for row in output.strip().splitlines())
        assert re.fullmatch(pattern, tidy), f"{line}\n--- is\n{tidy}\n--- should be\n{expected}"


def _simple(line: str) -> bool:
    return line.startswith("ingest ") and not SHELL & set(line)


def _assigned(line: str) -> tuple[dict[str, str], str]:
    """The `NAME=value` in front of a command, and the command."""
    given, rest = {}, line.strip()
    while found := re.match(r"([A-Z_]+)=([\w./-]*) +", rest):
        given[found[1]] = found[2]
        rest = rest[found.end() :]
    return given, rest


def _call(line: str, folder: Path) -> tuple[int, str]:
    """Exit code and all output of a command line.

    `ingest` alone, or with `cat FILE |` before it and `> FILE` behind it, runs in this process.
    """
    parts = re.fullmatch(
        r"(?:cat (?P<input>[\w./-]+) \| )?(?P<command>[^>]+)(?: > (?P<output>[\w./-]+))?", line.strip()
    )
    given, command = _assigned(parts["command"] if parts else line)
    if parts and _simple(command):
        stdin = (folder / parts["input"]).read_bytes() if parts["input"] else b""
        done = inprocess.ingest(*shlex.split(command)[1:], cwd=folder, env=given, stdin=stdin)
        if not parts["output"]:
            return done.returncode, done.stderr + done.stdout
        (folder / parts["output"]).write_bytes(done.data)
        return done.returncode, done.stderr
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "INGEST_WORKERS": "0",
    }
    process = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", line],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    return process.returncode, process.stderr + process.stdout


def _parse_shell(text: str) -> None:
    process = subprocess.run(["bash", "-n", "-c", text], capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
