"""An upgrade of a library that can change a row is seen."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from unittest import mock

import pytest
from inprocess import ingest
from lxml import html

from ingest import language
from ingest.config import Settings, libraries
from ingest.document import Record
from ingest.errors import EngineError
from ingest.html import extractor
from ingest.pipeline import Chain
from ingest.stages.assemble import Stamp
from ingest.steps.remote_tasks import JobContext

CARRIERS = {"numpy", "pyarrow", "threadpoolctl", "backports", "rich", "click"}  # rows do not depend on their versions
TESTERS = {"hypothesis", "pytest", "_pytest", "pluggy", "xdist", "execnet", "coverage", "pytest_cov"}


@pytest.mark.parametrize("name", sorted(libraries.versions()))
def test_other_version_of_a_library_is_another_configuration(name: str) -> None:
    """Rows that an upgraded library may change are stale."""
    before = Chain(Settings()).config_hash
    with mock.patch.object(libraries, "versions", return_value=libraries.versions() | {name: "99"}):
        assert Chain(Settings()).config_hash != before
    assert Chain(Settings()).config_hash == before


def test_langdetect_counts_where_it_is_the_engine() -> None:
    """Its version matters to rows that it has made, and to no others."""

    def hashes() -> list[str]:
        language.get_engine.cache_clear()
        return [Chain(Settings(language_engine=engine)).config_hash for engine in ("ngram", "langdetect")]

    before = hashes()
    with mock.patch("ingest.language.langdetect_engine.version", return_value="99"):
        after = hashes()
    assert [old == new for old, new in zip(before, after, strict=True)] == [True, False]
    assert hashes() == before


def test_upgrade_is_read_again_by_reprocess_stale(tmp_path: Path) -> None:
    """Without being asked a run reads nothing again after an upgrade, but says that there is something to read."""
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "page.txt").write_text("Teapots crossed the square in order of size.\n" * 3, encoding="utf-8")
    assert ingest("run", cwd=tmp_path).returncode == 0
    with mock.patch.object(libraries, "versions", return_value=libraries.versions() | {"ftfy": "99"}):
        later = ingest("run", cwd=tmp_path)
        again = ingest("run", "--reprocess", "stale", cwd=tmp_path)
        idle = ingest("run", "--reprocess", "stale", cwd=tmp_path)
    assert "1 were read with another configuration" in later.stdout + later.stderr
    assert "1 of them read again" in again.stdout + again.stderr
    assert "nothing to do" in idle.stdout + idle.stderr


def test_worker_with_another_version_is_refused(tmp_path: Path) -> None:
    """A machine of a cluster that would make other rows says so before it makes any."""
    chain = Chain(Settings())
    context = JobContext(str(tmp_path), "run", chain, chain.config_hash)
    other = mock.patch.object(libraries, "versions", return_value=libraries.versions() | {"trafilatura": "99"})
    with other, pytest.raises(EngineError, match="libraries"), context.work([]):
        pass


def test_versions_are_those_that_run() -> None:
    """What metadata of packages tells is what the packages say of themselves."""
    import ftfy
    import trafilatura
    from lxml import etree

    found = libraries.versions()
    assert found["ftfy"] == ftfy.__version__
    assert found["trafilatura"] == trafilatura.__version__
    assert found["lxml"] == etree.__version__
    assert "unknown" not in found.values()


def test_versions_are_told_without_importing_what_is_slow() -> None:
    """A run that has nothing to do does not load the libraries to know their versions."""
    code = "import sys; from ingest.config import libraries; libraries.versions(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert not {"ftfy", "trafilatura", "langdetect"} & set(loaded)


def test_libraries_whose_code_sees_a_page_are_named(raw: Path) -> None:
    """No package but those named has code that runs while pages become rows, apart from those that carry values."""
    pages = [path for folder in ("html", "kettle-post") for path in sorted((raw / folder).rglob("*.*"))[:3]]
    records = [Record(path.name, 0, path.read_bytes(), "html" if path.suffix == ".html" else "text") for path in pages]
    page = "<html><body><p>Teapots. Written on 4 May 2021.</p></body></html>"
    chain, stamp = Chain(Settings()), Stamp.now("")

    def work(broken: str) -> None:
        chain.process([*records, Record("broken", 0, broken, "text")], stamp)
        extractor.main_text(page * 3, None)

    work("Le cafÃ© est fermÃ©.")  # what is imported on the way is not what works
    ran = _packages_running(partial(work, "Le thÃ© est prÃªt."))
    assert {"lxml", "trafilatura", "ftfy"} <= ran
    assert ran - CARRIERS - TESTERS <= set(libraries.LIBRARIES)


def _packages_running(work: Callable[[], None]) -> set[str]:
    """Packages installed beside lxml of which a Python function is called during `work`."""
    folder = str(Path(html.__file__).parents[2]) + "/"
    found: set[str] = set()

    def note(frame: object, event: str, argument: object) -> None:
        path = frame.f_code.co_filename  # type: ignore[attr-defined]
        if event == "call" and path.startswith(folder):
            found.add(path[len(folder) :].split("/")[0])

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return found
