"""Break an object store under a run: at the n-th request it fails, or the process is gone.

All of this hooks the functions of `obstore` by which `ingest.storage` changes objects. A request is made or is not;
what a store promises is just that. So a kill is an exception that nothing catches, before or after the request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

import obstore

CHANGES = ("put", "copy", "delete")


class Killed(BaseException):
    """The process is gone."""


class Requests:
    """Count the changes; the n-th one ends in a kill, or fails, before it is made or after that."""

    def __init__(self, n: int = 0, *, after: bool = False, error: bool = False) -> None:
        self.at, self.after, self.error = n, after, error
        self.n = 0

    def __call__(self, original: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        self.n += 1
        if self.at and self.n > self.at and not self.error:
            raise Killed
        if self.n != self.at:
            return original(*args, **kwargs)
        if self.after:
            original(*args, **kwargs)
        raise obstore.exceptions.GenericError("the store is out of order") if self.error else Killed


@contextmanager
def hooked(hook: Requests) -> Iterator[None]:
    with ExitStack() as stack:
        for name in CHANGES:
            original = getattr(obstore, name)

            def wrapper(*args: Any, _original: Any = original, **kwargs: Any) -> Any:
                return hook(_original, *args, **kwargs)

            stack.enter_context(mock.patch.object(obstore, name, wrapper))
        yield
