"""Worker processes of this machine, at the cost of one document when one of them dies, hangs or wants too much memory.

A batch whose worker fails is cut into pieces, and these again, until the guilty document is alone; its neighbours are
kept. Each worker has a channel of its own. The pools of the standard library, loky and pebble share one among all
workers: killed in the midst of an answer, a worker stopped the whole pool within seconds in each of them.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import wait

from ingest.document import Ending, Kind, Outcome, Record, Records
from ingest.engines import Results, Tables, Work
from ingest.engines.memory import Trimmer
from ingest.engines.tables import join
from ingest.engines.worker import FORKS, Worker, WorkerDied
from ingest.errors import EngineError

PIECES = 16  # into which a batch is cut that a worker did not survive
TRIES = 3  # for a document that dies alone: its worker may have been killed because another one wanted too much memory
AHEAD = 2  # batches in the hands of a worker: the next one is there when it has done the first
IDLE = 10  # times the limit that a worker may take if it spends its time waiting
DEATHS_IN_A_ROW = 100  # without one result: no fault of single documents any more


@dataclass(slots=True, eq=False)
class _Task:
    """A batch on its way, or cut into pieces."""

    batch: Records
    result: Tables | None = None
    pieces: list[_Task] = field(default_factory=list)
    deaths: int = 0
    overdue: bool = False
    lost: bool = False  # it holds a document that was given up

    def finish(self) -> Tables | None:
        """The result, if it is there."""
        if self.result is None and self.pieces:
            results = [piece.finish() for piece in self.pieces]
            done = [result for result in results if result is not None]
            if len(done) == len(results):
                self.lost = any(piece.lost for piece in self.pieces)
                self.result, self.pieces = join(done), []
        return self.result


class LocalEngine:
    """Maps over up to `workers` processes, started when there is work for them.

    seconds: of CPU time for one document; a batch gets as much, and more if batches turn out to be slow and not hung.
    memory: bytes that a worker may have above what it starts with.
    """

    def __init__(self, workers: int, *, seconds: float, memory: int) -> None:
        self.workers, self.seconds, self.memory = workers, seconds, memory

    def map(self, work: Work, batches: Iterable[Records]) -> Results:
        """See `Engine.map`. Raises EngineError if workers die whatever they are given."""
        pool = _Pool(work, self)
        trim = Trimmer()
        feed = iter(batches)
        order: deque[_Task] = deque()
        window = self.workers * (AHEAD + 1)
        try:
            while True:
                while len(order) < window and (batch := next(feed, None)) is not None:
                    task = _Task(batch, None if batch else {})
                    order.append(task)
                    if batch:
                        pool.todo.append(task)
                        pool.step(0)
                if not order:
                    return
                while order and (result := order[0].finish()) is not None:
                    task = order.popleft()
                    if task.overdue and not task.lost:
                        pool.patience *= 2  # there was nothing wrong with its documents: this machine is slow
                    yield task.batch, result
                    del task, result
                    trim()
                if len(order) >= window or (order and batch is None):
                    pool.step(None)
        finally:
            pool.end()


class _Pool:
    """The workers of one `map`, and what is to be done."""

    def __init__(self, work: Work, engine: LocalEngine) -> None:
        self._work, self._engine = work, engine
        self._workers: list[Worker] = []
        self._deaths = 0
        self._warm: set[Kind] = set()
        self.patience = 1.0
        self.todo: deque[_Task] = deque()

    def step(self, timeout: float | None) -> None:
        """Hand out what can be handed out, then take what answers there are, or wait for one."""
        self._hand_out()
        busy = [worker for worker in self._workers if worker.tasks]
        if timeout is None:
            timeout = max(0.0, min(self._remaining(worker) for worker in busy))
        ready = wait([worker.channel for worker in busy], timeout)
        for worker in busy:
            if worker.channel in ready:
                self._take(worker)
        for worker in busy:
            if worker.tasks and worker in self._workers and self._remaining(worker) <= 0:
                self._reap(worker, self._overdue())
        self._hand_out()

    def end(self) -> None:
        for worker in self._workers:
            worker.begin_to_end()  # all at once: a process takes a while to give back its memory
        for worker in self._workers:
            worker.kill()
        self._workers.clear()

    def _hand_out(self) -> None:
        for depth in range(AHEAD):
            while self.todo and (worker := self._free(depth) or self._spawn(depth)):
                task = self.todo.popleft()
                worker.give(task, task.batch)

    def _free(self, depth: int) -> Worker | None:
        """A worker that has `depth` batches in hand."""
        return next((worker for worker in self._workers if len(worker.tasks) == depth), None)

    def _spawn(self, depth: int) -> Worker | None:
        """A new worker, where there may be one more and none is idle."""
        if depth or len(self._workers) == self._engine.workers:
            return None
        kinds = {item.kind for item in self.todo[0].batch if isinstance(item, Record)} - self._warm
        if kinds and FORKS:
            self._work.warm(sorted(kinds))
            self._warm |= kinds
        worker = Worker(self._work, self._engine.memory, self._workers)
        self._workers.append(worker)
        return worker

    def _remaining(self, worker: Worker) -> float:
        """Seconds until the batch in work may be overdue. What counts is CPU time, as far as it can be known: on a
        machine that is busy with other things a sound page may take several times as long.
        """
        limit = self._engine.seconds * (self.patience if len(worker.tasks[0].batch) > 1 else 1.0)
        waited = time.monotonic() - worker.since
        if waited < limit:
            return limit - waited
        return min(limit - worker.spent(), IDLE * limit - waited)

    def _take(self, worker: Worker) -> None:
        try:
            result = worker.answer()
        except WorkerDied as died:
            self._deaths += 1
            self._reap(worker, died.ending)
            if self._deaths >= DEATHS_IN_A_ROW:
                raise EngineError(
                    f"{self._deaths} workers in a row died, the last one: {died.ending.reason}",
                    hint="what was committed is intact; check memory and installation, try `--workers 0` on one file",
                ) from None
            return
        self._deaths = 0
        worker.tasks.popleft().result = result
        if worker.leaving:
            self._release(worker)

    def _reap(self, worker: Worker, ending: Ending) -> None:
        task = worker.tasks.popleft()
        self._release(worker)
        self._fail(task, ending)

    def _release(self, worker: Worker) -> None:
        """Let a worker go; what it had not begun is done by others."""
        self.todo.extendleft(reversed(worker.tasks))
        self._workers.remove(worker)
        worker.kill()

    def _fail(self, task: _Task, ending: Ending) -> None:
        task.deaths += 1
        task.overdue |= ending.outcome is Outcome.TIMEOUT
        if len(task.batch) > 1:
            task.pieces = [_Task(piece) for piece in _cut(task.batch)]
            self.todo.extendleft(reversed(task.pieces))
        elif isinstance(item := task.batch[0], Record) and (ending.outcome is Outcome.TIMEOUT or task.deaths >= TRIES):
            task.result, task.lost = self._work.lost(item, ending), True
        else:
            self.todo.appendleft(task)

    def _overdue(self) -> Ending:
        limit = f"{self._engine.seconds:g} s"
        return Ending(Outcome.TIMEOUT, f"not done after {limit}", "raise max_document_seconds, or cut the page")


def _cut(batch: Records) -> Iterator[Records]:
    size = -(-len(batch) // PIECES)
    return (batch[start : start + size] for start in range(0, len(batch), size))
