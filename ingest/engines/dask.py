"""Dask distributed as the engine: https://distributed.dask.org. A cluster that is there, or one on this machine."""

from __future__ import annotations

import logging
import pickle
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import distributed

from ingest.engines.cluster import Cluster, Group, Task, unreachable

SECONDS_TO_ANSWER = 30


@contextmanager
def dask_cluster(address: str, workers: int) -> Iterator[Cluster]:
    """The cluster whose scheduler is at `address`, or one of `workers` processes that ends with the block."""
    for name in [name for name in logging.root.manager.loggerDict if name.startswith("distributed")]:
        logging.getLogger(name).setLevel(logging.CRITICAL)  # the run tells what matters, in its own form
    with ExitStack() as stack:
        if not address:
            # spawned, one task at a time each; memory is bounded where the work is done
            local = distributed.LocalCluster(
                n_workers=workers, threads_per_worker=1, memory_limit=0, dashboard_address=None
            )
            address = stack.enter_context(local).scheduler_address
        try:
            client = distributed.Client(address, timeout=SECONDS_TO_ANSWER)
        except (OSError, ValueError) as error:
            raise unreachable("Dask", address, error) from error
        yield DaskCluster(stack.enter_context(client))


class DaskCluster:
    """See `ingest.engines.cluster.Cluster`; handles are futures."""

    def __init__(self, client: distributed.Client) -> None:
        self._client = client

    def slots(self) -> int:
        return sum(self._client.nthreads().values())

    def share(self, task: Task[Any]) -> Any:
        # not scattered: what only workers hold is gone with them, what was submitted can be made again
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it is large
            return self._client.submit(pickle.loads, pickle.dumps(task), pure=False)

    def submit(self, shared: Any, group: Group) -> Any:
        return self._client.submit(_do, shared, group, pure=False)

    def wait(self, handles: list[Any]) -> set[Any]:
        done: set[Any] = distributed.wait(handles, return_when="FIRST_COMPLETED").done
        return done

    def result(self, handle: Any) -> Any:
        return handle.result()

    def cancel(self, handles: list[Any]) -> None:
        self._client.cancel(handles)


def _do(task: Task[Any], group: Group) -> Any:
    return task(group)
