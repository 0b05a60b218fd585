"""Sources and datasets on object storage are kept apart as those on disk are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.config import Settings
from ingest.dataset import open_dataset
from ingest.errors import DatasetError, SourceError
from ingest.readers import find_sources
from ingest.run import run
from ingest.storage import objects
from ingest.storage.factory import storage_at

SETTINGS = Settings(settle=0, workers=0)
PAGE = "Pond measured again\n\nThe surveyors came back on Tuesday with a longer rope and measured the pond {} times.\n"


@pytest.fixture
def raw(memory: str) -> str:
    """Two pages below a URL."""
    folder = storage_at(f"{memory}/raw")
    for name in ("a.txt", "sub/b.txt"):
        folder.replace(name, PAGE.format(name).encode())
    return f"{memory}/raw"


def test_a_place_that_holds_other_objects_is_refused(memory: str, raw: str) -> None:
    """As a folder is; with `force` the dataset stands beside them."""
    storage_at(f"{memory}/taken").replace("mine.txt", b"mine")
    with pytest.raises(DatasetError, match=r"holds other things: mine\.txt"):
        run([raw], f"{memory}/taken", SETTINGS)
    assert [name for name, _ in objects.below(f"{memory}/taken")] == ["mine.txt"]
    assert run([raw], f"{memory}/taken", SETTINGS, force=True).exit_code == 0


@pytest.mark.parametrize("source", ["", "/sub"])
def test_a_dataset_in_the_place_of_its_sources_is_refused(memory: str, raw: str, source: str) -> None:
    """At the URL of the sources, or at one that they lie below."""
    with pytest.raises(SourceError, match="source"):
        run([raw + source], raw, SETTINGS)
    run([raw + source], raw, SETTINGS, force=True)
    assert run([raw + source], raw, SETTINGS, force=True).records == 0
    assert open_dataset(raw).table("rejected").num_rows == 0


def test_a_dataset_below_the_sources_is_known_by_its_marker(memory: str, raw: str) -> None:
    """Its own objects are no sources, others at its URL are."""
    run([raw], f"{raw}/sub/corpus", SETTINGS)
    storage_at(f"{raw}/sub/corpus").replace("mine.txt", PAGE.format("my").encode())
    found = find_sources([raw])
    assert [source.path for source in found.sources] == ["a.txt", "sub/b.txt", "sub/corpus/mine.txt"]
    assert found.datasets == [f"{raw}/sub/corpus"]
    assert run([raw], f"{memory}/out", SETTINGS).records == 3


def test_a_listing_that_breaks_off_costs_itself(
    memory: str, raw: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came before is read, and the URL is a row of `rejected`."""
    below = objects.below

    def breaking(url: str) -> Iterator[Any]:
        listed = iter(below(url))
        yield next(listed)
        raise OSError(5, "the store is gone", url)

    monkeypatch.setattr(objects, "below", breaking)
    assert run([raw], tmp_path / "out", SETTINGS).exit_code == 3
    found = open_dataset(tmp_path / "out")
    assert found.table("articles").num_rows == 1
    [row] = found.table("rejected").to_pylist()
    assert (row["source_path"], row["reason"]) == (f"{raw}/", "folder cannot be listed: the store is gone")
