"""Arrow without pandas, which a command has no need of.

Where pandas is installed, Arrow loads it for the first array that is made: some 0.3 s of CPU, a fifth of the start of
a run. It asks once and takes no for an answer; `to_pandas` and `from_pandas` ask again and find it.
"""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import click


class ArrowCommand(click.Command):
    """A command that works with Arrow. Its help does not."""

    def invoke(self, ctx: click.Context) -> Any:
        spare_pandas()
        return super().invoke(ctx)


def spare_pandas() -> None:
    """Have Arrow ask for pandas now, and not find it. Not where other packages bring in code: it may hand Arrow series
    of pandas, for which arrays are made in another way.
    """
    from ingest import plugins

    if "pandas" in sys.modules or any(plugins.names(kind) for kind in plugins.KINDS):
        return
    import pyarrow as pa

    def find_spec(name: str, path: object = None, target: object = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError("not needed", name=name)

    finder = SimpleNamespace(find_spec=find_spec)
    sys.meta_path.insert(0, finder)
    try:
        pa.array([None])
    finally:
        sys.meta_path.remove(finder)
