"""Settings: layers, origins, and errors that help."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ingest.config import ROW_SETTINGS, Settings, load, row_hash
from ingest.errors import ConfigError


def test_flags_win_over_environment_over_file_over_defaults(tmp_path: Path) -> None:
    """Each layer overrides the one below, and the origin is told."""
    (tmp_path / "ingest.toml").write_text('keep = "recall"\nmin-words = 5\nbatch_documents = 7\n')
    config = load({"min_words": 9}, folder=tmp_path, environ={"INGEST_BATCH_DOCUMENTS": "3"})
    assert (config.settings.keep, config.settings.min_words, config.settings.batch_documents) == (
        "recall",
        9,
        3,
    )
    assert config.origins["keep"].source == "ingest.toml"
    assert config.origins["min_words"].source == "flag --min-words"
    assert config.origins["batch_documents"].source == "environment INGEST_BATCH_DOCUMENTS"
    assert config.origins["learn"].source == "default"


def test_settings_are_read_from_pyproject(tmp_path: Path) -> None:
    """A table [tool.ingest] in pyproject.toml serves as the file."""
    (tmp_path / "pyproject.toml").write_text('[tool.ingest]\nignore = ["*.bak"]\n')
    assert load(folder=tmp_path, environ={}).settings.ignore == ("*.bak",)


def test_pyproject_without_our_table_is_ignored(tmp_path: Path) -> None:
    """A pyproject.toml of somebody else changes nothing."""
    (tmp_path / "pyproject.toml").write_text("[tool.other]\nx = 1\n")
    assert load(folder=tmp_path, environ={}).settings == Settings()


@pytest.mark.parametrize(
    ("text", "environ", "message"),
    [
        ("kep = 'recall'", {}, "did you mean 'keep'"),
        ("keep = 'maximum'", {}, "keep = 'maximum'"),
        ("min_words = 'many'", {}, "min_words"),
        ("keep = ", {}, "not valid TOML"),
        ("", {"INGEST_MIN_WORD": "3"}, "did you mean 'min_words'"),
        ("", {"INGEST_MIN_WORDS": "x"}, "min_words = 'x'"),
    ],
)
def test_wrong_settings_are_errors_that_name_the_remedy(
    tmp_path: Path, text: str, environ: dict[str, str], message: str
) -> None:
    """Unknown keys name the nearest known one; wrong values name key and value."""
    (tmp_path / "ingest.toml").write_text(text)
    with pytest.raises(ConfigError) as error:
        load(folder=tmp_path, environ=environ)
    assert message in str(error.value)


def test_foreign_environment_variables_are_left_alone(tmp_path: Path) -> None:
    """A variable that merely shares the prefix is no error."""
    assert load(folder=tmp_path, environ={"INGEST_SHARED": "/x"}).settings == Settings()


@pytest.mark.parametrize("name", ROW_SETTINGS)
def test_settings_that_change_rows_change_the_hash(name: str) -> None:
    """The configuration hash tells apart all settings that can change a row."""
    others: dict[str, Any] = {
        "keep": "recall",
        "learn": False,
        "language_engine": "langdetect",
        "stages": ("x",),
        "site_pattern": "(?P<site>x)",
        "records": "lines",
    }
    assert row_hash(Settings(), {}) != row_hash(Settings(**{name: others.get(name, 12345)}), {})


def test_settings_that_only_change_speed_keep_the_hash() -> None:
    """Batch sizes must not make a dataset stale."""
    assert row_hash(Settings(), {}) == row_hash(Settings(batch_documents=1, part_bytes=1), {})


@pytest.mark.parametrize(("key", "valid"), [("keep", "precision, balanced, recall"), ("dedup", "off, exact, near")])
def test_wrong_words_name_the_valid_ones(key: str, valid: str) -> None:
    """Where a setting is one of a few words, the error lists them; where it is a number, it does not."""
    with pytest.raises(ConfigError) as caught:
        load({key: "x"}, environ={})
    assert valid in str(caught.value.hint)
    with pytest.raises(ConfigError) as caught:
        load({"min_words": "x"}, environ={})
    assert not caught.value.hint
