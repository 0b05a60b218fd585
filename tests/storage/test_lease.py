"""The lock on object storage: one holder at a time, whatever becomes of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, cast

import msgspec
import pytest
from dataset.conftest import World

from ingest.dataset import Dataset
from ingest.dataset.layout import LOCK
from ingest.dataset.plan import make_plan
from ingest.errors import LockedError
from ingest.storage import lease
from ingest.storage.bucket import Bucket
from ingest.storage.factory import storage_at
from ingest.storage.lease import Lease


@pytest.fixture
def url(memory: str) -> str:
    return f"{memory}/out/_ingest/lock"


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Times of a lease that a test can wait for."""
    for name, seconds in {"SECONDS": 1.0, "RENEW": 0.1, "RECENT": 0.3, "PAUSE": 0.05, "_TICK": 0.0}.items():
        monkeypatch.setattr(lease, name, seconds)


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Holders are of other machines: whether they live cannot be seen."""
    monkeypatch.setattr(lease, "_machine", lambda: "")


def abandon(held: Any) -> None:
    """What a kill does: no more renewals, no release."""
    held._end.set()
    held._thread.join()


def test_one_at_a_time(url: str, memory: str) -> None:
    """The second is told who holds it, with the exit code for a held lock; when it is released it is free."""
    first, second = Lease(url), Lease(url)
    first.take(wait=False)
    with pytest.raises(LockedError, match="locked by process ") as told:
        second.take(wait=False)
    assert told.value.exit_code == 75
    assert "s3://memory/out" in str(told.value)
    first.release()
    assert storage_at(f"{memory}/out").owner(LOCK) is None
    second.take(wait=False)
    second.release()


def test_renewals_keep_it(url: str, short: None, elsewhere: Callable[[], Any]) -> None:
    """A holder that lives keeps its lease for longer than it lasts."""
    first = Lease(url)
    first.take(wait=False)
    time.sleep(1.5)
    with pytest.raises(LockedError):
        Lease(url).take(wait=False)
    first.check()
    first.release()


def test_waiting(url: str, short: None) -> None:
    """With `wait` it is taken as soon as it is free."""
    first, second = Lease(url), Lease(url)
    first.take(wait=False)
    waiter = threading.Thread(target=second.take, args=(True,))
    waiter.start()
    time.sleep(0.2)
    assert waiter.is_alive()
    first.release()
    waiter.join(5)
    assert not waiter.is_alive()
    second.check()
    second.release()


def test_a_dead_holder_of_this_machine(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its lease is free at once."""
    first, second = Lease(url), Lease(url)
    first._content = msgspec.structs.replace(first._content, pid=2**22 + 1)  # beyond the largest process id
    first.take(wait=False)
    abandon(first)
    second.take(wait=False)
    second.release()


def test_a_dead_holder_of_another_machine(url: str, short: None, elsewhere: Callable[[], Any]) -> None:
    """Its lease is free when its time is over, not before; should it live after all, it must not write any more."""
    first, second = Lease(url), Lease(url)
    first.take(wait=False)
    abandon(first)
    with pytest.raises(LockedError):
        second.take(wait=False)
    time.sleep(1.1)
    second.take(wait=False)
    with pytest.raises(LockedError, match=r"lost its hold of s3://memory/out: it was taken over by \d+ on"):
        first.check()
    second.check()
    second.release()


def test_a_holder_that_slept_goes_on_if_nobody_came(url: str, short: None, elsewhere: Callable[[], Any]) -> None:
    """A late renewal proves that the lease was in no other hands."""
    first = Lease(url)
    first.take(wait=False)
    abandon(first)
    time.sleep(1.1)
    first.check()


def test_a_store_that_does_not_answer(
    url: str, short: None, elsewhere: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without renewals the holder stops before its lease could be taken by another one."""
    first = Lease(url)
    first.take(wait=False)
    monkeypatch.setattr(first, "_put", lambda *args, **kwargs: (_ for _ in ()).throw(OSError("no network")))
    first.check()
    time.sleep(0.4)
    with pytest.raises(LockedError, match="could not be renewed"):
        first.check()
    first.release()


def test_an_answer_that_was_lost(url: str, short: None, elsewhere: Callable[[], Any]) -> None:
    """A renewal that took effect without its holder knowing is no takeover."""
    first = Lease(url)
    first.take(wait=False)
    abandon(first)
    version = first._version
    first._put()
    first._version = version
    time.sleep(0.4)
    first.check()


def test_a_lost_lease_stops_the_commit(memory: str, world: World, short: None, elsewhere: Callable[[], Any]) -> None:
    """A run that was taken over commits nothing, and the one that took over does its work."""
    from dataset.fake_pipeline import rows_of, sources_in, to_batch

    world.out = f"{memory}/out"
    world.put("a", "text one")
    with Dataset.open(world.out, create=True).lock() as dataset:
        (source,) = make_plan(dataset.ledger(), sources_in(world.raw), "c1").new
        with dataset.writer([source], "c1", "r") as part:
            for table, rows in rows_of(source, "c1").items():
                part.write(table, to_batch(table, rows))
            abandon(cast(Bucket, dataset.storage)._lease)  # the process is stopped …
            time.sleep(1.2)
            world.run()  # … another one comes …
            with pytest.raises(LockedError, match="lost its hold"):
                part.commit()  # … and it goes on
    assert world.texts() == {"a": ["text one"]}
    world.run()
    world.assert_sound()
