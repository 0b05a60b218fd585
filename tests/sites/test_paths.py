"""The user says which folder is which site."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ingest.config import Settings, load
from ingest.dataset import Dataset, open_dataset
from ingest.document import Record
from ingest.errors import ConfigError
from ingest.run import run
from ingest.sites.paths import PathSites

TEXT = "The pond was measured again on Tuesday, and the surveyors found it to be wider than all the maps say it is."


@pytest.mark.parametrize(
    ("site", "pattern", "path", "member", "name"),
    [
        ("auto", "", "ponds/2024/a.txt", None, None),
        ("folder", "", "ponds/2024/a.txt", None, "2024"),
        ("top-folder", "", "ponds/2024/a.txt", None, "ponds"),
        ("folder", "", "a.txt", None, None),
        ("folder", "", "dump.zip", "ponds/a.txt", "ponds"),
        ("folder", "", "dump.zip", "inner.zip!/fogs/a.txt", "fogs"),
        ("top-folder", "", "dumps/x.zip", "ponds/a.txt", "dumps"),
        ("auto", r"(?P<site>[^/]+)\.jsonl", "x/pond.example.jsonl", None, "pond.example"),
        ("auto", r"^site=(?P<site>[^/]*)/", "site=/a.txt", None, None),
        ("folder", r"^site=(?P<site>[^/]+)/", "ponds/a.txt", None, "ponds"),
        ("folder", r"^site=(?P<site>[^/]+)/", "site=fogs/2024/a.txt", None, "fogs"),
    ],
)
def test_paths_name_sites(site: str, pattern: str, path: str, member: str | None, name: str | None) -> None:
    """The folder, the first folder, or what a pattern finds; a path that tells nothing names nothing."""
    record = Record(path, 0, "", "text", member=member)
    assert PathSites(site, pattern).name(record) == name  # type: ignore[arg-type]


def go(folder: Path, output: Path, **settings: object) -> dict[str, str | None]:
    """Run, and return the sites of all rows by source."""
    run([folder], output, Settings(workers=0, settle=0.0, **settings))  # type: ignore[arg-type]
    rows = open_dataset(output).table("articles", columns=["source_path", "site"]).to_pylist()
    return {row["source_path"]: row["site"] for row in rows}


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    for site in ("ponds", "www.fog.example"):
        folder = tmp_path / "raw" / site / "2024"
        folder.mkdir(parents=True)
        (folder / "a.txt").write_text(f"Gazette\n\nOf {site}\n\n{TEXT}\n")
        page = {"text": f"Gazette\n\n{TEXT} So says the second page of {site}.", "url": "https://reed.example/1"}
        (folder / "b.jsonl").write_text(json.dumps(page))
    return tmp_path / "raw"


def test_folders_name_sites(raw: Path, tmp_path: Path) -> None:
    """What the user says goes before the URL; a folder called as a host is the site of that host."""
    sites = go(raw, tmp_path / "out", site="top-folder")
    assert sites == {
        "ponds/2024/a.txt": "ponds",
        "ponds/2024/b.jsonl": "ponds",
        "www.fog.example/2024/a.txt": "fog.example",
        "www.fog.example/2024/b.jsonl": "fog.example",
    }


def test_a_pattern_leaves_other_pages_to_their_urls(raw: Path, tmp_path: Path) -> None:
    """Pages whose path does not match are named as ever."""
    sites = go(raw, tmp_path / "out", site_pattern="(?P<site>ponds)/")
    assert sites["ponds/2024/b.jsonl"] == "ponds"
    assert sites["www.fog.example/2024/b.jsonl"] == "reed.example"
    assert sites["www.fog.example/2024/a.txt"] is None


def test_another_setting_makes_rows_stale(raw: Path, tmp_path: Path) -> None:
    """Rows of another setting are stale, and `--reprocess stale` learns the sites under their new names."""
    before = go(raw, tmp_path / "out")
    assert before["ponds/2024/b.jsonl"] == "reed.example"
    settings = Settings(workers=0, settle=0.0, site="top-folder")
    assert run([raw], tmp_path / "out", settings).sources["stale"] == 4
    report = run([raw], tmp_path / "out", settings, reprocess="stale")
    assert report.sites == 2
    rows = open_dataset(tmp_path / "out").table("articles", columns=["site"])["site"].to_pylist()
    assert sorted(rows) == ["fog.example", "fog.example", "ponds", "ponds"]
    assert Dataset.open(tmp_path / "out").verify().ok


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"INGEST_SITE_PATTERN": "([^/]+)/"}, r"INGEST_SITE_PATTERN: site_pattern = .*no group that names the site"),
        ({"INGEST_SITE_PATTERN": "(?P<site>"}, r"INGEST_SITE_PATTERN: site_pattern = .*no regular expression"),
        ({"INGEST_SITE": "folders"}, r"INGEST_SITE: site = 'folders'"),
    ],
)
def test_errors_name_the_setting(given: dict[str, str], message: str) -> None:
    """A setting that cannot be used is refused before anything is read."""
    with pytest.raises(ConfigError, match=message):
        load(environ=given, folder=Path("/"))


def test_the_environment_names_the_setting() -> None:
    """`INGEST_SITE` is as good as the flag."""
    assert load(environ={"INGEST_SITE": "folder"}, folder=Path("/")).settings.site == "folder"
