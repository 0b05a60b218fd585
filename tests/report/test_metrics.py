"""Figures for Prometheus are valid, true, and replaced in one step."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from ingest.config import Settings
from ingest.dataset import Dataset
from ingest.dataset.status import status_of
from ingest.errors import DatasetError, SourceError
from ingest.report.metrics import exposition, write_metrics
from ingest.run import run


def samples(text: str) -> dict[tuple[str, str], float]:
    """Value by name and by the last label besides `dataset`."""
    found = {}
    for family in text_string_to_metric_families(text):
        assert family.type == "gauge"
        assert family.documentation
        for sample in family.samples:
            labels = {name: value for name, value in sample.labels.items() if name != "dataset"}
            found[sample.name, "".join(labels.values())] = sample.value
    return found


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw/a.jsonl").write_text('{"text": "The pond was measured again on Tuesday by two men."}\nno json\n')
    return tmp_path / "raw"


def test_figures_of_a_run(dump: Path, tmp_path: Path) -> None:
    """What a parser of the format reads is what the run did and the dataset holds."""
    report = run([dump], tmp_path / "out", Settings())
    write_metrics(tmp_path / "ingest.prom", tmp_path / "out", status_of(Dataset.open(tmp_path / "out")))
    text = (tmp_path / "ingest.prom").read_text()
    assert text.endswith("\n")
    found = samples(text)
    assert found["ingest_last_run_exit_code", ""] == report.exit_code == 3
    assert found["ingest_last_run_failed", ""] == 0
    assert found["ingest_last_run_records", "invalid"] == 1
    assert found["ingest_dataset_rows", "rejected"] == sum(report.outcomes.values()) - report.outcomes["kept"]
    assert found["ingest_dataset_sources", ""] == found["ingest_last_run_sources", "new"] == 1
    age = datetime.now(timezone.utc).timestamp() - found["ingest_last_good_run_timestamp_seconds", ""]
    assert 0 <= age < 60
    assert [path.name for path in tmp_path.iterdir() if "prom" in path.name] == ["ingest.prom"]


def test_figures_of_a_run_that_failed(dump: Path, tmp_path: Path) -> None:
    """A failure is told, and when a run last went well stays."""
    run([dump], tmp_path / "out", Settings())
    with pytest.raises(SourceError):
        run([tmp_path / "nowhere"], tmp_path / "out", Settings())
    found = samples(exposition(tmp_path / "out", status_of(Dataset.open(tmp_path / "out"))))
    assert (found["ingest_last_run_failed", ""], found["ingest_last_run_exit_code", ""]) == (1, 1)
    assert found["ingest_last_good_run_timestamp_seconds", ""]


def test_an_empty_dataset_and_a_strange_name(tmp_path: Path) -> None:
    """Nothing is made up where nothing is known; names are escaped."""
    odd = tmp_path / 'a "strange"\\\nname'
    text = exposition(odd, status_of(Dataset.open(odd, create=True)))
    families = {family.name: family for family in text_string_to_metric_families(text)}
    assert "ingest_last_run_failed" not in families
    [sample] = families["ingest_dataset_sources"].samples
    assert sample.labels == {"dataset": str(odd)}


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """The error names the file."""
    Dataset.open(tmp_path / "out", create=True)
    with pytest.raises(DatasetError, match=r"nowhere/ingest\.prom"):
        write_metrics(tmp_path / "nowhere/ingest.prom", tmp_path / "out", status_of(Dataset.open(tmp_path / "out")))
