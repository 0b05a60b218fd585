"""Where rows go in a stream: `ingest run … -o - --format NAME`.

A sink is made by a callable that takes the binary stream to write to. Other packages bring sinks by the entry point
group `ingest.sinks`; one that writes elsewhere may leave the stream alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import BinaryIO, Protocol

import pyarrow as pa

from ingest import plugins
from ingest.errors import ConfigError, nearest
from ingest.sinks.arrow import Arrow
from ingest.sinks.jsonl import Jsonl


class Sink(Protocol):
    """Takes the rows of one batch after the other."""

    def write(self, tables: Mapping[str, pa.Table]) -> None:
        """Write what the sink wants of `articles`, `removed` and `rejected`; an OSError ends the stream."""
        ...

    def close(self) -> None:
        """End the output, after the last batch; not called where the stream broke off."""
        ...


_OWN: dict[str, Callable[[BinaryIO], Sink]] = {"jsonl": Jsonl, "arrow": Arrow}


def get_sink(name: str) -> Callable[[BinaryIO], Sink]:
    """The maker of sinks of that name. Raises ConfigError where there is none or it cannot be loaded."""
    if name in _OWN:
        return _OWN[name]
    known = [*_OWN, *plugins.names("sinks")]
    if name not in known:
        raise ConfigError(f"no format is called {name!r}", hint=nearest(name, known))
    maker: Callable[[BinaryIO], Sink] = plugins.load("sinks", name)
    return maker
