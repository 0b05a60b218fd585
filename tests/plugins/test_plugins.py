"""Plug-ins of other packages: found, used, told apart in the configuration hash, and harmless where broken."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import inprocess
import pytest

import ingest
from ingest import plugins
from ingest.dataset import open_dataset
from ingest.run import run

PAGE = """Pond measured again

The surveyors came back on Tuesday with a longer rope and measured the pond from the north side to the south side.

They found it to be as wide as it was last year, which the mayor called a relief, since the maps had been printed.

Feed the ducks with us!

📣 A longer rope for your pond, and a stronger one, from the people who know all about ropes and about ponds.
"""
Install = Callable[..., Path]


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    folder = tmp_path / "dump"
    folder.mkdir()
    (folder / "two.pages").write_text(f"{PAGE}\f{PAGE.replace('Tuesday', 'Friday')}")
    return folder


def test_example_package_brings_one_of_each_kind(installed: Install) -> None:
    """The survey names kind, package and version of each plug-in."""
    installed("example")
    found = {plugin.kind: plugin for plugin in plugins.survey()}
    assert set(found) == set(plugins.KINDS)
    assert {(p.package, p.version, p.error) for p in found.values()} == {("ingest-example", "1.2.0", "")}
    assert found["stages"].target == "ingest_example:mark_adverts"


def test_reader_stage_rules_and_engine_work_in_a_run(installed: Install, dump: Path, tmp_path: Path) -> None:
    """A run reads the new format, applies the rule pack at once, and stage and engine where the settings name them."""
    installed("example")
    settings = ingest.Settings(stages=("mark-adverts",), language_engine="esperanto")
    report = run([dump], tmp_path / "out", settings)
    assert report.outcomes == {"kept": 2}
    dataset = open_dataset(tmp_path / "out")
    assert set(dataset.table("articles")["language"].to_pylist()) == {"eo"}
    removed = {row["text"][:8]: row["rule"] for row in dataset.table("removed").to_pylist()}
    assert removed["Feed the"] == "follow-us.ducks"
    assert removed["📣 A long"] == "example.megaphone"
    assert not any("📣" in text for text in dataset.table("articles")["text"].to_pylist())


def test_stages_run_only_where_they_are_named(installed: Install) -> None:
    """An installed stage changes nothing by itself."""
    installed("example")
    assert "📣" in ingest.Pipeline().clean(PAGE).text
    assert "📣" not in ingest.Pipeline({"stages": ["mark-adverts"]}).clean(PAGE).text


def test_versions_enter_the_configuration_hash(installed: Install) -> None:
    """Reader, active stage and their versions make a dataset stale; a sink does not."""
    plain = ingest.Pipeline().config_hash
    site = installed("example")
    with_reader = ingest.Pipeline().config_hash
    with_stage = ingest.Pipeline({"stages": ["mark-adverts"]}).config_hash
    assert len({plain, with_reader, with_stage}) == 3
    (site / "ingest_example-1.2.0.dist-info").rename(site / "ingest_example-1.3.0.dist-info")
    metadata = site / "ingest_example-1.3.0.dist-info/METADATA"
    metadata.write_text(metadata.read_text().replace("1.2.0", "1.3.0"))
    plugins._installed.cache_clear()
    assert ingest.Pipeline({"stages": ["mark-adverts"]}).config_hash != with_stage
    assert plugins.versions("sinks") == {"sinks:titles": "ingest-example 1.3.0"}


def test_failing_stage_costs_the_page_and_is_named(installed: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stage that raises on one page costs that page only, and the reason names the stage."""
    installed("example")
    import ingest_example

    def fussy(batch: object) -> object:
        if any("Friday" in text for text in batch.lines.texts):  # type: ignore[attr-defined]
            raise ValueError("not on a Friday")
        return batch

    monkeypatch.setattr(ingest_example, "mark_adverts", fussy)
    pages = [{"text": PAGE}, {"text": PAGE.replace("Tuesday", "Friday")}]
    tables = ingest.Pipeline({"stages": ["mark-adverts"]}).process(pages)
    assert tables.articles["source_record"].to_pylist() == [0]
    [row] = tables.rejected.to_pylist()
    assert row["outcome"] == "failed"
    assert "stage plug-in 'mark-adverts': ValueError: not on a Friday" in row["reason"]


def test_stage_for_a_place_that_is_not_there_is_refused(installed: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the places that come near."""
    installed("example")
    import ingest_example

    monkeypatch.setattr(ingest_example.mark_adverts, "after", "metdata", raising=False)
    with pytest.raises(ingest.ConfigError, match="did you mean 'metadata'"):
        ingest.Pipeline({"stages": ["mark-adverts"]})


def test_two_packages_with_one_name_are_refused(installed: Install, tmp_path: Path) -> None:
    """Which of two would win must not depend on the order of installation."""
    site = installed("example")
    info = site / "other-2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 2\n")
    (info / "entry_points.txt").write_text("[ingest.readers]\npages = other:read\n")
    plugins._installed.cache_clear()
    with pytest.raises(ingest.ConfigError, match=r"comes from ingest-example 1\.2\.0 and other 2"):
        plugins.load("readers", "pages")
    assert [p.package for p in plugins.survey() if p.error] == ["ingest-example", "other"]


def test_broken_plugin_names_itself_where_it_is_needed(installed: Install, tmp_path: Path) -> None:
    """A run that needs it ends before anything is written, with package and remedy; one that does not goes on."""
    installed("broken", "example")
    folder = tmp_path / "dump"
    folder.mkdir()
    (folder / "pond.txt").write_text(PAGE)
    assert run([folder], tmp_path / "out", ingest.Settings()).outcomes == {"kept": 1}
    (folder / "pond.shards").write_text(PAGE + "More of it.")
    with pytest.raises(ingest.ConfigError, match=r"'shards' of ingest-broken 0\.1 cannot be loaded") as caught:
        run([folder], tmp_path / "out", ingest.Settings())
    assert "mend or uninstall ingest-broken 0.1" in caught.value.hint
    with pytest.raises(ingest.ConfigError, match="'nothing' of ingest-broken"):
        ingest.Pipeline({"stages": ["nothing"]})


def test_command_line_with_a_broken_plugin(installed: Install, tmp_path: Path) -> None:
    """`--help` works, `ingest plugins` names the broken ones, and the exit code of a run that needs one is 2."""
    installed("broken", "example")
    (tmp_path / "pond.shards").write_text(PAGE)
    assert inprocess.ingest("--help", cwd=tmp_path).returncode == 0
    assert "ingest-broken 0.1" in inprocess.ingest("plugins", cwd=tmp_path).stdout
    listed = inprocess.ingest("plugins", "--json", cwd=tmp_path)
    assert listed.returncode == 0
    broken = {p["name"]: p["error"] for p in json.loads(listed.stdout) if p["error"]}
    assert set(broken) == {"shards", "nothing", "sunk"}
    assert "ingest_broken_is_not_here" in broken["shards"]
    needed = inprocess.ingest("run", "pond.shards", "-o", "out", cwd=tmp_path)
    assert needed.returncode == 2
    assert "readers plug-in 'shards' of ingest-broken 0.1" in needed.stderr
    assert "Traceback" not in needed.stderr
