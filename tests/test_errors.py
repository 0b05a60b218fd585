"""The exceptions carry what they are about, and their docstring shows all of them."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest import errors, rules
from ingest.config import settings_of
from ingest.dataset import Dataset
from ingest.readers import find_sources


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    """Each exception stands in it once, with its exit code where that is not 1."""
    shown = re.findall(r"[├└]── (\w+) +(.+)", errors.__doc__ or "")
    kinds = {kind.__name__: kind for kind in errors.IngestError.__subclasses__()}
    assert sorted(name for name, _ in shown) == sorted(kinds)
    for name, words in shown:
        told = re.search(r"exit code (\d+)", words)
        assert kinds[name].exit_code == (int(told[1]) if told else 1)


def test_fields_travel_between_processes() -> None:
    """A worker's error says in the run what it said in the worker."""
    error = errors.SourceError("page 3 is cut", hint="get it again", source=Path("a/b.jsonl"), record=3)
    again = pickle.loads(pickle.dumps(error))
    assert vars(again) == {"message": "page 3 is cut", "hint": "get it again", "source": "a/b.jsonl", "record": 3}
    assert str(again) == "page 3 is cut\n  hint: get it again"


def broken_rules(place: Path) -> None:
    place.write_text("[[rule]]\nid = 3\n")
    rules.load([place])


def broken_settings(place: Path) -> None:
    place.write_text("keep = [")
    settings_of(place)


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (broken_rules, errors.RuleError),
        (broken_settings, errors.ConfigError),
        (lambda place: find_sources([place]), errors.SourceError),
        (lambda place: Dataset.open(place), errors.DatasetError),
    ],
)
def test_source_names_the_file(call: Callable[[Path], object], kind: type[errors.IngestError], tmp_path: Path) -> None:
    """An error about a file or folder has its path in a field, not in the message alone."""
    place = tmp_path / "thing.toml"
    with pytest.raises(kind) as caught:
        call(place)
    assert caught.value.source == str(place)
    assert caught.value.hint or kind is errors.ConfigError
    assert caught.value.record is None
