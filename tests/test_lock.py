"""The lock files hold what pyproject.toml asks for, and nothing of the machine that wrote them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import tomli
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomli.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
FILES = ("pip", "build", "run", "test")
PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
SYSTEMS = ("linux", "darwin", "win32")
REMEDY = "pyproject.toml has changed: run scripts/lock"


class Pin(NamedTuple):
    """One entry of a lock file: a requirement `name==version`, perhaps for some Pythons only, and its hashes."""

    requirement: Requirement
    hashes: int

    @property
    def version(self) -> str:
        return next(iter(self.requirement.specifier)).version


def pins_of(name: str) -> list[Pin]:
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    lines = re.sub(r" \\\n\s+", " ", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE)).splitlines()
    return [
        Pin(Requirement(line.split(" --hash")[0]), len(re.findall(r" --hash=sha256:[0-9a-f]{64}\b", line)))
        for line in lines
    ]


def environments() -> list[dict[str, str]]:
    return [
        {"python_version": python, "python_full_version": f"{python}.1", "sys_platform": system, "extra": ""}
        for python in PYTHONS
        for system in SYSTEMS
    ]


def wanted(extra: str | None = None) -> Iterator[Requirement]:
    """What the project asks for, with an extra and those that it names."""
    for text in (
        PROJECT["project"]["dependencies"] if extra is None else PROJECT["project"]["optional-dependencies"][extra]
    ):
        requirement = Requirement(text)
        if requirement.name != "ingest":
            yield requirement
        for named in requirement.extras if requirement.name == "ingest" else ():
            yield from wanted(named)


@pytest.mark.parametrize("name", FILES)
def test_every_package_has_one_version_and_hashes(name: str) -> None:
    """What is installed is what was locked, and comes from no place that the file names."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    assert not re.search(r"://|@|^-|^\s+--(?!hash)|index|find-links|\.whl", text, flags=re.MULTILINE)
    pins = pins_of(name)
    assert pins
    for pin in pins:
        assert [spec.operator for spec in pin.requirement.specifier] == ["=="]
        assert pin.hashes


@pytest.mark.parametrize(("name", "extra"), [("run", None), ("test", None), ("test", "test")])
def test_every_requirement_is_locked(name: str, extra: str | None) -> None:
    """On each Python and system, exactly one locked version serves each requirement."""
    pins = pins_of(name)
    for environment in environments():
        there: dict[str, Pin] = {}
        for pin in pins:
            if pin.requirement.marker is None or pin.requirement.marker.evaluate(environment):
                assert there.setdefault(canonicalize_name(pin.requirement.name), pin) is pin
        for requirement in wanted(extra):
            if requirement.marker is None or requirement.marker.evaluate(environment):
                found = there.get(canonicalize_name(requirement.name))
                assert found is not None, f"{requirement} is not locked. {REMEDY}"
                assert requirement.specifier.contains(found.version), f"{requirement}, not {found.version}. {REMEDY}"


def test_tests_run_with_the_versions_of_a_run() -> None:
    """The lock of a run is a part of that of the tests, so that what is tested is what runs."""
    tested = {str(pin.requirement) for pin in pins_of("test")}
    assert [run for pin in pins_of("run") if (run := str(pin.requirement)) not in tested] == []


def test_build_is_locked() -> None:
    """What builds the project is what pyproject.toml asks for."""
    versions = {pin.requirement.name: pin.version for pin in pins_of("build")}
    for requirement in map(Requirement, PROJECT["build-system"]["requires"]):
        assert requirement.specifier.contains(versions[requirement.name]), REMEDY
