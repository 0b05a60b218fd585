"""What a command leaves alone when it starts: cron jobs and tests start hundreds of them."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

LOADED = "; import sys; print(*(name for name in ({names}) if name in sys.modules))"


def loaded(code: str, *names: str) -> list[str]:
    """Which of the modules `names` are loaded once `code` has run."""
    command = code + LOADED.format(names="".join(f"{name!r}, " for name in names))
    return subprocess.run([sys.executable, "-c", command], check=True, capture_output=True, text=True).stdout.split()


def test_help_loads_no_library_of_the_work() -> None:
    """`ingest run --help` is there before NumPy, Arrow and the parser of HTML would be."""
    code = "from click.testing import CliRunner; from ingest.cli import cli; CliRunner().invoke(cli, ['run', '--help'])"
    assert loaded(code, "numpy", "pyarrow", "lxml", "rich.progress", "ingest.cli.run") == ["ingest.cli.run"]


@pytest.mark.skipif(find_spec("pandas") is None, reason="needs pandas")
def test_pandas_is_not_loaded_and_can_still_be_used() -> None:
    """Arrow makes arrays without it, and finds it when it is asked for a frame, or given one."""
    spared = "import pyarrow; from ingest.cli.arrow import spare_pandas; spare_pandas(); t = pyarrow.table({'a': [1]})"
    assert loaded(spared, "pandas") == []
    assert loaded(f"{spared}; assert t.from_pandas(t.to_pandas()).equals(t)", "pandas") == ["pandas"]


@pytest.mark.skipif(find_spec("pandas") is None, reason="needs pandas")
def test_series_of_pandas_stay_what_they_are_where_it_is_loaded() -> None:
    """A program that has pandas and calls a command of its own accord gets null for what is missing, as ever."""
    code = "import pandas; from ingest.cli.arrow import spare_pandas; spare_pandas(); import pyarrow"
    assert loaded(f"{code}; assert pyarrow.array(pandas.Series([None, 1.0])).null_count == 1", "pandas") == ["pandas"]


def test_a_page_is_cleaned_without_pandas(tmp_path: Path, raw: Path) -> None:
    """A whole run has no need of it."""
    arguments = ["run", "--workers", "0", "-q", str(raw / "kettle-post/teapot-parade.txt"), "-o", str(tmp_path / "out")]
    code = f"from ingest.cli import cli; cli.main({arguments!r}, standalone_mode=False)"
    assert loaded(code, "pandas", "pyarrow") == ["pyarrow"]
