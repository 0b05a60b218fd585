"""Run records: what each run did and how it ended, as JSON that can be read by eye.

`_ingest/runs/<run id>.json` is written when a run has the lock, and again when it ends. One that still says `running`
while nobody holds the lock is that of a run that was killed.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timezone
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

import msgspec

from ingest.errors import DatasetError, IngestError, LockedError

if TYPE_CHECKING:
    from ingest.dataset.store import Dataset

FOLDER = "runs/"
KEPT = 500  # records; the oldest go
PROGRESS_SECONDS = 5.0
CLOCK_SKEW = 60.0  # seconds by which the clocks of two machines may differ

State = Literal["running", "done", "failed", "stopped", "killed"]


class Reached(msgspec.Struct, frozen=True, kw_only=True):
    """How far a step of a run is: `plan`, `learn`, `freeze`, `apply`, or `duplicates`. `seconds` since the step began,
    `at` when this was written; what is planned is 0 where nobody can tell.
    """

    step: str
    sources: int = 0
    sources_planned: int = 0
    bytes: int = 0
    bytes_planned: int = 0
    pages: int = 0
    seconds: float = 0.0
    at: datetime | None = None


class RunRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a run record that every run has; times are UTC.

    `exit_code` is the program's, None while it runs or if it was killed. `sources`: by what the plan says of them.
    `progress`: of a run that has not ended.
    """

    run_id: str
    state: State
    started: datetime
    ended: datetime | None = None
    seconds: float | None = None
    exit_code: int | None = None
    error: str | None = None
    host: str = ""
    pid: int = 0
    records: int = 0
    outcomes: dict[str, int] = {}
    sources: dict[str, int] = {}
    progress: Reached | None = None

    @property
    def is_idle(self) -> bool:
        """True if there was nothing to do."""
        return self.state == "done" and not self.records

    @property
    def failed(self) -> bool:
        """Not so if somebody stopped it, or if some records were bad."""
        return self.state in ("failed", "killed")


R = TypeVar("R", bound=RunRecord)


@dataclass(slots=True)
class RunLog:
    """What the run has to say of itself: how far it is, and when it ends `report`, which is whatever can be put into
    JSON.
    """

    run_id: str
    keep: Callable[[Reached], None] = lambda reached: None
    exit_code: int = 0
    report: dict[str, Any] = field(default_factory=dict)
    _step: str = ""
    _began: float = 0.0
    _is_long: bool = False
    _due: float = field(default_factory=lambda: time.monotonic() + PROGRESS_SECONDS)

    def reach(self, reached: Reached) -> None:
        """Keep it for `ingest status`, now and then: a run that is over soon writes nothing of it."""
        now = time.monotonic()
        is_new = reached.step != self._step
        if is_new:
            self._step, self._began = reached.step, now
        if now >= self._due or (is_new and self._is_long):
            self._is_long = True
            self.keep(msgspec.structs.replace(reached, seconds=round(now - self._began, 3), at=_now()))
            self._due = now + PROGRESS_SECONDS


def new_run_id() -> str:
    """UTC time in milliseconds and process id, so that the ids of one machine sort by time."""
    now = datetime.now(timezone.utc)
    return f"{now:%Y%m%dT%H%M%S}.{now.microsecond // 1000:03}-{os.getpid()}"


@contextmanager
def recorded(dataset: Dataset, run_id: str) -> Iterator[RunLog]:
    """Keep the record of a run, whatever way it ends. Needs the dataset's lock for the whole of the block."""
    clock = time.monotonic()
    begin: dict[str, Any] = {
        "run_id": run_id,
        "state": "running",
        "started": _now(),
        "host": socket.gethostname(),
        "pid": os.getpid(),
    }

    def keep(reached: Reached) -> None:
        with suppress(DatasetError):
            _write(dataset, run_id, {**begin, "progress": reached})

    log = RunLog(run_id, keep)
    with suppress(DatasetError):  # a full disk is told where something is lost by it
        _write(dataset, run_id, {**begin, "progress": Reached(step="plan")})

    def end(state: State, exit_code: int, error: str | None = None) -> dict[str, Any]:
        seconds = round(time.monotonic() - clock, 3)
        return {
            **begin,
            "state": state,
            "ended": _now(),
            "seconds": seconds,
            "exit_code": exit_code,
            "error": _writable(error),
        }

    try:
        yield log
        _write(dataset, run_id, {**log.report, **end("done", log.exit_code)})
        _prune(dataset)
    except BaseException as error:
        with suppress(DatasetError, LockedError):  # the lock may be what was lost
            _write(dataset, run_id, {**log.report, **end(*_ending(error))})
        raise


def is_running(dataset: Dataset, run_id: str) -> bool:
    """Whether a run has not ended, as far as its record tells: that of one that was killed says so, too."""
    with suppress(DatasetError, msgspec.MsgspecError, UnicodeDecodeError):
        data = dataset.get_state(f"{FOLDER}{run_id}.json")
        return data is not None and msgspec.json.decode(data, type=RunRecord).state == "running"
    return False


@overload
def read_runs(dataset: Dataset) -> Iterator[RunRecord]: ...
@overload
def read_runs(dataset: Dataset, kind: type[R]) -> Iterator[R]: ...
def read_runs(dataset: Dataset, kind: type[RunRecord] = RunRecord) -> Iterator[RunRecord]:
    """Run records, the latest first, with what else `kind` asks for. What cannot be read is left out: it is only a
    memory.
    """
    for name in sorted(dataset.list_state(FOLDER), reverse=True):
        with suppress(DatasetError, msgspec.MsgspecError, UnicodeDecodeError):
            if data := dataset.get_state(name):
                yield msgspec.json.decode(data, type=kind)


def _writable(error: str | None) -> str | None:
    """A message that may name a path that is no UTF-8."""
    return None if error is None else error.encode("utf-8", "backslashreplace").decode()


def _ending(error: BaseException) -> tuple[State, int, str | None]:
    if isinstance(error, IngestError):
        return "failed", error.exit_code, str(error)
    if isinstance(error, KeyboardInterrupt):
        return "stopped", 130, None
    if isinstance(error, SystemExit) and isinstance(error.code, int) and error.code > 128:
        return "stopped", error.code, None
    return "failed", 1, f"{type(error).__name__}: {error}"


def _write(dataset: Dataset, run_id: str, record: dict[str, Any]) -> None:
    dataset.put_state(f"{FOLDER}{run_id}.json", msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n")


def _prune(dataset: Dataset) -> None:
    """Keep the latest records, and of idle runs in a row the last one: else a run a minute would leave no others."""
    names = sorted(dataset.list_state(FOLDER))
    latest = list(islice(read_runs(dataset), 2))
    if len(latest) == 2 and latest[0].is_idle and latest[1].is_idle:
        dataset.delete_state(f"{FOLDER}{latest[1].run_id}.json")
    for name in names[:-KEPT]:
        dataset.delete_state(name)


def _now() -> datetime:
    return datetime.now(timezone.utc).replace(microsecond=0)
