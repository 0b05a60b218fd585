"""Engines that map over machines. What travels is the name of the work: a group of sources goes out, and what the run
needs to commit its part comes back; pages and rows go past the run, between storage and workers.

Other people's schedulers do what they are good at: find a worker, notice its death, do its work again elsewhere. An
adapter says how to hand them one piece of work and how to ask for its result; order and back-pressure are here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, TypeVar

from ingest import stopping
from ingest.errors import EngineError, IngestError

T = TypeVar("T")
Group: TypeAlias = "Sequence[Any]"
"""Names of what one piece of work is to be done on: sources of a part, or files of the dataset."""
Task: TypeAlias = "Callable[[Group], T]"
"""Pure work on one group. It can be pickled, and doing it twice, even at a time, does no harm."""

AHEAD = 2  # groups under way for each slot of the cluster: the next one is there when a worker has done the first


class Cluster(Protocol):
    """An adapter to an engine. Handles and what `share` returns are the engine's own."""

    def slots(self) -> int:
        """Pieces of work that the engine can do at a time, as far as it knows now."""

    def share(self, task: Task[Any]) -> Any:
        """Bring what all pieces of work have in common to the engine, once and not with each of them."""

    def submit(self, shared: Any, group: Group) -> Any:
        """Have the task done for a group; returns a handle. The engine does it again if a worker dies."""

    def wait(self, handles: list[Any]) -> Iterable[Any]:
        """Wait until at least one of them is done, and return all that are."""

    def result(self, handle: Any) -> Any:
        """What the task returned. Raises what it raised."""

    def cancel(self, handles: list[Any]) -> None:
        """Give up pieces of work that are not done."""


@dataclass(slots=True, eq=False)
class _Piece:
    group: Group
    handle: Any  # None once the result is there
    result: Any = None


def spread(cluster: Cluster, task: Task[T], groups: Iterable[Group]) -> Generator[tuple[Group, T], None, None]:
    """Each group with its result, in order. Groups are taken only as results are consumed, a bounded number ahead.
    Results are fetched as soon as they are there, since those of a worker that dies are made anew.

    Raises:
        EngineError: the engine gave a piece of work up.
        IngestError: the task raised it.
    """
    feed = iter(groups)
    order: deque[_Piece] = deque()
    try:
        with _as_engine_error("the cluster is lost"):
            shared = cluster.share(task)
        while True:
            with _as_engine_error("the cluster is lost"):
                window = max(1, cluster.slots()) * AHEAD
                while len(order) < window and (group := next(feed, None)) is not None:
                    order.append(_Piece(group, cluster.submit(shared, group)))
                waiting = {piece.handle: piece for piece in order if piece.handle is not None}
                done = cluster.wait(list(waiting)) if waiting else ()
            if not waiting:
                return
            for handle in done:
                piece = waiting[handle]
                with _as_engine_error(f"no worker could do the piece that begins with {_name(piece.group[0])}"):
                    piece.result, piece.handle = cluster.result(handle), None
            stopping.check()
            while order and order[0].handle is None:
                piece = order.popleft()
                yield piece.group, piece.result
    finally:
        with suppress(Exception):  # that of a cluster that is lost
            cluster.cancel([piece.handle for piece in order if piece.handle is not None])


@contextmanager
def _as_engine_error(what: str) -> Iterator[None]:
    """Turn errors of the engine into one that says what it means."""
    try:
        yield
    except IngestError:
        raise
    except Exception as error:
        raise EngineError(
            f"{what}: {type(error).__name__}: {error}",
            hint="what was committed is intact; look into the logs of scheduler and workers, then run again",
        ) from error


def _name(first: Any) -> str:
    return str(first.path if hasattr(first, "path") else first[0])


def unreachable(engine: str, address: str, error: BaseException) -> EngineError:
    """The error for a cluster that does not answer."""
    return EngineError(
        f"no {engine} cluster answers at {address}: {error}",
        source=address,
        hint="check engine_address, and that the scheduler runs and can be reached from here",
    )
