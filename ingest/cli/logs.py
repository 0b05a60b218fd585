"""What is said on standard error beside the words of the commands.

For machines, log lines: one JSON object a line, each with the id of its run.

Fields of every line: `time` (UTC, RFC 3339), `level` (info, warning, error), `run`, `event`. What libraries log or warn
of becomes lines, too, so that nothing on standard error is anything else.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Literal, TextIO

import msgspec

from ingest.cli.escapes import guarded, json_text
from ingest.errors import IngestError

if TYPE_CHECKING:
    from ingest.steps.run_stats import Report

Level = Literal["info", "warning", "error"]
PROGRESS_SECONDS = 30.0
_ELSEWHERE = ("troubles", "run_id", "output", "by_site")  # in other lines, in each line, or long and in the run record


class JsonLog:
    """Writes events of one run."""

    def __init__(self, run_id: str, stream: TextIO | None = None) -> None:
        self._run = run_id
        self._stream = stream or sys.stderr
        self._next = time.monotonic() + PROGRESS_SECONDS

    def emit(self, event: str, *, level: Level = "info", **fields: Any) -> None:
        now = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = {"time": now, "level": level, "run": self._run, "event": event, **fields}
        self._stream.write(json_text(line, indent=-1) + "\n")
        self._stream.flush()

    def progress(self, step: str, done: int, total: int, pages: int) -> None:
        """A line now and then."""
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + PROGRESS_SECONDS
            self.emit("progress", step=step, bytes_done=done, bytes_total=total, pages=pages)

    def tell(self, report: Report) -> None:
        """What a run did: a line for each record that ended badly, as far as they are told, and one for the whole."""
        for trouble in report.troubles:
            fields = msgspec.to_builtins(trouble)
            self.emit("rejected", level="warning", **fields)
        fields = msgspec.to_builtins(report) | {"ignored": len(report.ignored), "dataset": report.output}
        told = {name: value for name, value in fields.items() if name not in _ELSEWHERE}
        self.emit("ended", exit_code=report.exit_code, **told)


@contextmanager
def json_log(run_id: str, stream: TextIO | None = None) -> Iterator[JsonLog]:
    """Have all talk of the block go through a `JsonLog`; an error that ends it is a line, and goes on."""
    log = JsonLog(run_id, stream)
    handler = _Handler(log)
    root = logging.getLogger()
    kept, root.handlers = root.handlers, [handler]
    logging.captureWarnings(True)
    try:
        yield log
    except IngestError as error:
        place = {"source": error.source, "record": error.record}
        log.emit("failed", level="error", error=error.message, hint=error.hint, exit_code=error.exit_code, **place)
        raise
    except KeyboardInterrupt:
        log.emit("stopped", level="warning", exit_code=130)
        raise SystemExit(130) from None
    except SystemExit as error:
        log.emit("stopped", level="warning", exit_code=error.code)
        raise
    except Exception as error:
        log.emit("failed", level="error", error=f"{type(error).__name__}: {error}", exit_code=1)
        raise
    finally:
        logging.captureWarnings(False)
        root.handlers = kept


@contextmanager
def plain_log() -> Iterator[None]:
    """Have what libraries log or warn of in the block printed as text that steers no terminal."""
    handler, root = _Plain(logging.WARNING), logging.getLogger()
    root.addHandler(handler)
    logging.captureWarnings(True)
    try:
        yield
    finally:
        logging.captureWarnings(False)
        root.removeHandler(handler)


class _Plain(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        sys.stderr.write(guarded(record.getMessage()).rstrip("\n") + "\n")


class _Handler(logging.Handler):
    def __init__(self, log: JsonLog) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        level: Level = "error" if record.levelno >= logging.ERROR else "warning"
        self._log.emit("message", level=level, logger=record.name, message=record.getMessage())
