from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import EntryPoint

import numpy as np
import pytest

from ingest import plugins
from ingest.errors import ConfigError
from ingest.language import Detection, Engine, detect, get_engine, spans


class Constant:
    """A foreign engine in a few lines: everything is Esperanto."""

    name = "constant"
    version = "1"

    def detect(self, texts: Sequence[str]) -> Detection:
        return Detection(["eo"] * len(texts), np.ones(len(texts), np.float32))


@pytest.fixture
def plugged(monkeypatch: pytest.MonkeyPatch) -> None:
    points = {
        "constant": [EntryPoint("constant", f"{__name__}:Constant", "ingest.language")],
        "broken": [EntryPoint("broken", "no_such_module:Engine", "ingest.language")],
    }
    monkeypatch.setattr(plugins, "_points", lambda kind: points if kind == "language" else {})
    monkeypatch.setattr(EntryPoint, "load", lambda self: Constant if self.name == "constant" else _missing())
    get_engine.cache_clear()
    plugins.load.cache_clear()


def _missing() -> None:
    raise ModuleNotFoundError("no_such_module")


@pytest.mark.usefixtures("plugged")
def test_an_engine_from_an_entry_point() -> None:
    """An engine named by an entry point works everywhere an own one does, spans included."""
    assert detect(["saluton"], engine="constant").labels == ["eo"]
    assert [span.language for span in spans("saluton\nmondo", engine="constant")] == ["eo"]


@pytest.mark.usefixtures("plugged")
def test_unknown_engine_names_the_known_ones() -> None:
    """An unknown engine is a configuration error that lists the engines there are."""
    with pytest.raises(ConfigError, match="lingo") as caught:
        get_engine("lingo")
    assert "broken, constant, langdetect, ngram" in caught.value.hint


@pytest.mark.usefixtures("plugged")
def test_an_engine_that_cannot_be_loaded() -> None:
    """An engine whose package is missing is a configuration error, not a crash."""
    with pytest.raises(ConfigError, match="no_such_module"):
        get_engine("broken")


@pytest.mark.parametrize("name", ["ngram", "langdetect"])
def test_own_engines_keep_the_protocol(name: str) -> None:
    """The engines of the package have a name and a stable version, and are built once."""
    own = get_engine(name)
    assert isinstance(own, Engine)
    assert own.name == name
    assert own.version == type(own)().version
    assert get_engine(name) is own
