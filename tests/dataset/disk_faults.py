"""Break the disk under a run: at the n-th operation it fails, or the process dies, or the power goes.

All of this hooks the functions of `os` that `ingest.storage.disk` uses, in the order in which they are
called.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any
from unittest import mock

OPERATIONS = ("open", "write", "fsync", "replace", "unlink", "mkdir")


@contextmanager
def hooked(hook: Callable[..., Any]) -> Iterator[None]:
    """Have each operation call `hook(name, original, *args)` in its place."""
    with ExitStack() as stack:
        for name in OPERATIONS:
            original = getattr(os, name)

            def wrapper(*args: Any, _name: str = name, _original: Any = original, **kwargs: Any) -> Any:
                return hook(_name, lambda *a: _original(*a, **kwargs), *args)

            stack.enter_context(mock.patch.object(os, name, wrapper))
        yield


class Count:
    """Count the operations."""

    def __init__(self) -> None:
        self.n = 0

    def __call__(self, name: str, original: Any, *args: Any) -> Any:
        self.n += 1
        return original(*args)


class FailAt(Count):
    """The n-th operation fails with `errno`; with `lasting`, each later one that needs space does, too."""

    def __init__(self, n: int, errno: int, *, lasting: bool) -> None:
        super().__init__()
        self.at, self.errno, self.lasting = n, errno, lasting
        self.hit = False

    def __call__(self, name: str, original: Any, *args: Any) -> Any:
        self.n += 1
        needs_space = name in ("write", "fsync", "mkdir") or (name == "open" and args[1] & os.O_CREAT)
        if self.n == self.at or (self.lasting and self.n > self.at and needs_space):
            self.hit = True
            raise OSError(self.errno, os.strerror(self.errno))
        return original(*args)


class KillAt(Count):
    """The process is killed at the n-th operation, which is not done; of a write the first half is."""

    def __init__(self, n: int) -> None:
        super().__init__()
        self.at = n

    def __call__(self, name: str, original: Any, *args: Any) -> Any:
        self.n += 1
        if self.n == self.at:
            if name == "write":
                fd, data = args
                original(fd, data[: len(data) // 2])
            os.kill(os.getpid(), 9)
        return original(*args)


class PowerCut(BaseException):
    """The run ends here."""


class PowerCutAt(Count):
    """The power goes at the n-th operation, and what was not made durable is lost.

    A file's content is lost if it was not fsynced after its last write; a new name, a rename or an unlink can
    be lost, each for itself, if its folder was not fsynced afterwards. `random` decides which of them are.
    That is harsher than file systems with a journal are, which lose such changes from the latest backwards.
    """

    def __init__(self, n: int, random: Random) -> None:
        super().__init__()
        self.at, self.random = n, random
        self.off = False
        self.names: dict[int, Path] = {}  # open descriptors
        self.dirty: set[Path] = set()
        self.undo: list[tuple[Path, Callable[[], None]]] = []  # folder, how to take a change of a name in it back

    def __call__(self, name: str, original: Any, *args: Any) -> Any:
        self.n += 1
        if self.off or self.n == self.at:
            self.off = True
            raise PowerCut
        if name == "open":
            return self._open(original, *args)
        if name == "write":
            self.dirty.add(self.names[args[0]])
        elif name == "fsync":
            path = self.names[args[0]]
            self.dirty.discard(path)
            self.undo = [change for change in self.undo if change[0] != path]
        elif name == "replace":
            self._replace(*map(Path, args))
        elif name == "unlink":
            self._remember(Path(args[0]))
        elif name == "mkdir":
            path = Path(args[0])
            self.undo.append((path.parent, lambda: _quietly(path.rmdir)))
        return original(*args)

    def _open(self, original: Any, path: Any, flags: int, *rest: Any) -> int:
        path = Path(path)
        if flags & os.O_CREAT and not path.exists():
            self.undo.append((path.parent, lambda: _quietly(path.unlink)))
        fd = int(original(path, flags, *rest))
        self.names[fd] = path
        return fd

    def _replace(self, source: Path, target: Path) -> None:
        old = target.read_bytes() if target.exists() else None

        def undo() -> None:
            with suppress(OSError):
                target.rename(source)
                if old is not None:
                    target.write_bytes(old)

        self.undo.append((target.parent, undo))
        if source in self.dirty:
            self.dirty.discard(source)
            self.dirty.add(target)

    def _remember(self, path: Path) -> None:
        with suppress(FileNotFoundError):
            old = path.read_bytes()
            self.undo.append((path.parent, lambda: _quietly(lambda: path.write_bytes(old))))

    def lose(self) -> None:
        """Leave the disk as it may be found after the power cut; to be called outside the hook."""
        for path in self.dirty:
            if path.exists():
                os.truncate(path, self.random.choice([0, path.stat().st_size // 2]))
        for _, undo in reversed(self.undo):
            if self.random.random() < 0.5:
                undo()


def _quietly(action: Callable[[], Any]) -> None:
    with suppress(OSError):
        action()
