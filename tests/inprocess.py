"""The command line within the process of the tests, which saves the start of an interpreter for each call."""

from __future__ import annotations

import io
import os
import signal
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from ingest.cli import main


@dataclass(frozen=True, slots=True)
class Done:
    """What a command left: `data` is standard output as bytes."""

    returncode: int
    data: bytes
    stderr: str

    @property
    def stdout(self) -> str:
        return self.data.decode()


def ingest(*arguments: object, cwd: Path, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> Done:
    """Run `ingest ARGUMENTS` in the folder `cwd` as a shell would, apart from new processes."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
    before, handler = Path.cwd(), signal.getsignal(signal.SIGTERM)
    os.chdir(cwd)
    try:
        with (
            mock.patch.dict(os.environ, {"COLUMNS": "200", "INGEST_WORKERS": "0", **(env or {})}),
            mock.patch("ingest.cli.arrow.spare_pandas"),  # other tests in this process give Arrow what pandas made
            mock.patch("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin))),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            try:
                main([str(argument) for argument in arguments])
                code = 0
            except SystemExit as ending:
                code = ending.code if isinstance(ending.code, int) else int(ending.code is not None)
    finally:
        os.chdir(before)
        signal.signal(signal.SIGTERM, handler)
    out.flush()
    err.flush()
    return Done(code, out.buffer.getvalue(), err.buffer.getvalue().decode())
