"""Ray as the engine: https://docs.ray.io. A cluster that is there, or one on this machine."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ray

from ingest.engines.cluster import Cluster, Group, Task, unreachable

RETRIES = 3  # of a piece of work whose worker died


@contextmanager
def ray_cluster(address: str, workers: int) -> Iterator[Cluster]:
    """The cluster at `address`, or one of `workers` processes that ends with the block."""
    where = {"address": address} if address else {"address": "local", "num_cpus": workers}
    os.environ.setdefault(
        "RAY_worker_niceness", "0"
    )  # of the workers made here; Ray has 15, which a busy machine starves
    handler = signal.getsignal(signal.SIGTERM)
    try:
        ray.init(**where, include_dashboard=None if address else False, log_to_driver=False, logging_level="error")
    except (OSError, RuntimeError, ValueError) as error:
        raise unreachable("Ray", address, error) from error
    try:
        signal.signal(signal.SIGTERM, handler)  # Ray has put its own in the place of the run's
        yield RayCluster()
    finally:
        ray.shutdown()


class RayCluster:
    """See `ingest.engines.cluster.Cluster`; handles are object references."""

    def __init__(self) -> None:
        self._do = ray.remote(_do).options(max_retries=RETRIES)

    def slots(self) -> int:
        return int(ray.cluster_resources().get("CPU", 0))

    def share(self, task: Task[Any]) -> Any:
        return ray.put(task)

    def submit(self, shared: Any, group: Group) -> Any:
        return self._do.remote(shared, group)

    def wait(self, handles: list[Any]) -> list[Any]:
        done: list[Any] = ray.wait(handles, num_returns=1)[0]
        return done

    def result(self, handle: Any) -> Any:
        try:
            return ray.get(handle)
        except ray.exceptions.RayTaskError as error:
            raise error.cause from error

    def cancel(self, handles: list[Any]) -> None:
        for handle in handles:
            ray.cancel(handle, force=True)


def _do(task: Task[Any], group: Group) -> Any:
    return task(group)
