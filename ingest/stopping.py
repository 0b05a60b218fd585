"""How SIGTERM and SIGINT stop a run: at once, but never in the midst of a commit; a second one ends the process.

The exit code is 128 plus the number of the signal, as shells have it: 143 and 130.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager


class Stopped(SystemExit):
    """Raised in the main thread when a signal stops the run. `number` is that of the signal."""

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)
        self.number = number


class _Signals:
    received = 0
    finishing = 0


def listen() -> None:
    """From now on the two signals stop this process. A signal that it was told to ignore, say by nohup, stays so."""
    for number in (signal.SIGTERM, signal.SIGINT):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _receive)


def check() -> None:
    """Raise Stopped if a signal has come. What a handler raises inside a finaliser is lost, so loops ask, too."""
    if _Signals.received and not _Signals.finishing:
        raise Stopped(_Signals.received)


@contextmanager
def finishing() -> Iterator[None]:
    """What is begun in this block is brought to its end before a signal stops the run."""
    _Signals.finishing += 1
    try:
        yield
    finally:
        _Signals.finishing -= 1
    check()


def _receive(number: int, frame: object) -> None:
    if _Signals.received:
        os._exit(128 + number)  # workers end with the process, and the next run clears what it left
    _Signals.received = number
    check()
