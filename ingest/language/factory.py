"""Language engines by name.

An engine from another package is a class (or any callable without required arguments) that returns an `Engine`, named
by an entry point of the group `ingest.language`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from ingest import plugins
from ingest.errors import ConfigError, nearest
from ingest.language.engine import Engine


def _ngram() -> Engine:
    from ingest.language.ngram import NgramEngine

    return NgramEngine()


def _langdetect() -> Engine:
    from ingest.language.langdetect_engine import LangdetectEngine

    return LangdetectEngine()


_OWN: dict[str, Callable[[], Engine]] = {"ngram": _ngram, "langdetect": _langdetect}


@cache
def get_engine(name: str = "ngram") -> Engine:
    """The engine of that name, built once per process. Raises ConfigError where it is unknown or cannot be loaded."""
    if name in _OWN:
        return _OWN[name]()
    known = [*_OWN, *plugins.names("language")]
    if name not in known:
        raise ConfigError(f"no language engine is called {name!r}", hint=nearest(name, known))
    made: Callable[[], Engine] = plugins.load("language", name)
    try:
        return made()
    except Exception as error:
        raise ConfigError(f"language engine {name!r} cannot be made: {error}", hint="see `ingest plugins`") from error
