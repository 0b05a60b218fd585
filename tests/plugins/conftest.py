"""Packages with entry points, visible to the import system as pip would make them."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ingest import language, plugins
from ingest.rules import ruleset

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

HERE = Path(__file__).parent


def forget() -> None:
    """Look for plug-ins anew."""
    plugins._installed.cache_clear()
    plugins.load.cache_clear()
    language.get_engine.cache_clear()
    ruleset._load.cache_clear()


def install(package: str, site: Path) -> None:
    """What pip leaves of a package in `site`: its modules, and metadata with its entry points."""
    project = tomllib.loads((HERE / package / "pyproject.toml").read_text())["project"]
    for module in filter(Path.is_dir, (HERE / package).iterdir()):
        shutil.copytree(module, site / module.name, ignore=shutil.ignore_patterns("__pycache__"))
    info = site / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    groups = [
        f"[{group}]\n" + "".join(f"{name} = {target}\n" for name, target in points.items())
        for group, points in project["entry-points"].items()
    ]
    (info / "entry_points.txt").write_text("\n".join(groups))


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Path]]:
    """Installs the packages named for the length of a test; gives the folder that they are in."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(site)

    def run(*packages: str) -> Path:
        for package in packages:
            install(package, site)
        forget()
        return site

    yield run
    for name in [name for name in sys.modules if name.startswith("ingest_example")]:
        del sys.modules[name]
    forget()
