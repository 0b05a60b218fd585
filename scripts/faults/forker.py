"""Forks runs of `ingest` on demand, one JSON line for each question and answer; see `faults.runs.Forker`."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import traceback
from pathlib import Path


def warm_up() -> None:
    """Load what a run loads."""
    from ingest.config import load
    from ingest.run import run

    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder, "raw")
        raw.mkdir()
        (raw / "page.jsonl").write_text(json.dumps({"text": "A page of some words.\n\nShare this page"}) + "\n")
        run([raw], Path(folder, "out"), load({"workers": 0}).settings)


def fork(arguments: list[str], log: str) -> int:
    child = os.fork()
    if child:
        return child
    code = 70
    try:
        os.setsid()
        file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for target, source in ((0, nothing), (1, file), (2, file)):
            os.dup2(source, target)
        from ingest.cli import main

        main(arguments)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def ending(pid: int, options: int) -> int | None:
    done, status = os.waitpid(pid, options)
    return os.waitstatus_to_exitcode(status) if done else None


def main() -> None:
    warm_up()
    for line in sys.stdin:
        question = json.loads(line)
        answer: int | None = None
        if "arguments" in question:
            answer = fork(question["arguments"], question["log"])
        elif "poll" in question:
            answer = ending(question["poll"], os.WNOHANG)
        elif "wait" in question:
            answer = ending(question["wait"], 0)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
