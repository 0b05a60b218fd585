"""What people give as a place."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from dataset.conftest import World

from ingest.errors import ConfigError
from ingest.storage.locations import absolute, as_place, is_url, joined


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ("corpus", Path("corpus")),
        ("/data/corpus/", Path("/data/corpus")),
        ("s3://bucket/raw", "s3://bucket/raw"),
        ("gs://bucket/raw/", "gs://bucket/raw"),
        ("az://container", "az://container"),
        ("s3://bucket/with space/100%", "s3://bucket/with space/100%"),
        ("file:///data/with%20space", Path("/data/with space")),
        ("s3:/bucket/raw", Path("s3:/bucket/raw")),
        ("odd:name", Path("odd:name")),
    ],
)
def test_urls_and_paths(given: Any, place: Path | str) -> None:
    """URLs of objects stay as they are, the rest is a path."""
    assert as_place(given) == place
    assert is_url(place) == isinstance(place, str)


@pytest.mark.parametrize("given", ["http://example.org/raw", "ftp://host/x", "s3://", "gs:///"])
def test_other_urls_are_refused(given: Any) -> None:
    """With what would do instead."""
    with pytest.raises(ConfigError) as told:
        as_place(given)
    assert "://" in told.value.hint


def test_names_of_sources() -> None:
    """A source's location comes from its root and path alone; relative paths are made absolute, URLs are it."""
    assert joined("s3://bucket/raw", "a/b") == "s3://bucket/raw/a/b"
    assert joined("/raw", "a/b") == "/raw/a/b"
    assert absolute("s3://bucket/raw") == "s3://bucket/raw"
    assert Path(absolute(Path("raw"))).is_absolute()


def test_file_urls_are_folders(tmp_path: Path, world: World) -> None:
    """A dataset at a `file://` URL is the one at the path."""
    world.put("a", "text one")
    world.out = (tmp_path / "da ta").as_uri()
    world.run()
    assert (tmp_path / "da ta/_ingest/dataset.json").exists()
    assert world.texts() == {"a": ["text one"]}


def test_without_obstore(tmp_path: Path) -> None:
    """The message says what to install; a local dataset never asks for it."""
    code = (
        "import sys; sys.modules['obstore'] = sys.modules['obstore.store'] = None\n"
        "from ingest.cli import main\nfrom ingest.dataset import Dataset, status_of\n"
        "status_of(Dataset.open('here', create=True))\nmain()"
    )
    command = [sys.executable, "-c", code, "status", "s3://bucket/out"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 2
    assert "pip install 'ingest[object-storage]'" in done.stderr
    assert (tmp_path / "here/_ingest/dataset.json").exists()


@pytest.mark.parametrize(
    ("said", "kind", "told"),
    [
        ("Error performing PUT http://169.254.169.254/latest/api/token in 30 ms", PermissionError, "no credentials"),
        ("404 Not Found: <Code>NoSuchBucket</Code>", FileNotFoundError, "no such bucket"),
        ("error sending request\nand much more", OSError, "error sending request"),
    ],
)
def test_what_stores_say(said: Any, kind: Any, told: Any) -> None:
    """One line, and a kind of error that callers know."""
    exceptions = pytest.importorskip("obstore").exceptions
    from ingest.storage.objects import errors

    with pytest.raises(kind) as raised, errors("s3://bucket/x"):
        raise exceptions.GenericError(said)
    assert told in raised.value.strerror
    assert "\n" not in raised.value.strerror
