"""Figures of a dataset for Prometheus, in its text exposition format.

For the textfile collector of node_exporter, which picks up files `*.prom` from a folder:
https://prometheus.io/docs/instrumenting/exposition_formats/ and
https://github.com/prometheus/node_exporter#textfile-collector. All figures are gauges, since each run writes the file
anew; the label `dataset` keeps those of several datasets apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from ingest.dataset import SourceFile, Status
from ingest.storage.disk import disk_errors, write_atomically
from ingest.storage.locations import Place

Sample = tuple[Mapping[str, str], float]


def write_metrics(path: str | Path, dataset: Place, status: Status) -> None:
    """Replace the file at `path` in one step, so that the collector never reads half of it.

    Raises:
        DatasetError: the file cannot be written.
    """
    target = Path(path).absolute()
    with disk_errors("write", target):
        write_atomically(target, exposition(_name(dataset), status).encode())


def _name(dataset: Place) -> Place:
    return dataset.resolve() if isinstance(dataset, Path) else dataset


def exposition(dataset: Place, status: Status) -> str:
    """The metrics of a dataset in the text format of Prometheus."""
    lines: list[str] = []
    for name, description, samples in _families(status):
        if not samples:
            continue
        lines += [f"# HELP ingest_{name} {description}", f"# TYPE ingest_{name} gauge"]
        for labels, value in samples:
            pairs = {"dataset": SourceFile.root_name(dataset), **labels}.items()
            text = ",".join(f'{label}="{_escaped(content)}"' for label, content in pairs)
            lines.append(f"ingest_{name}{{{text}}} {_number(value)}")
    return "\n".join(lines) + "\n"


def _families(status: Status) -> Iterator[tuple[str, str, list[Sample]]]:
    run = status.last_run
    if run is not None:
        yield "last_run_start_timestamp_seconds", "When the last run began.", _at(run.started)
        yield "last_run_end_timestamp_seconds", "When the last run ended.", _at(run.ended)
        yield "last_run_duration_seconds", "How long the last run took.", _one(run.seconds)
        yield (
            "last_run_exit_code",
            "Exit code of the last run; 3: done, with rejects.",
            _one(run.exit_code),
        )
        yield "last_run_failed", "1 if the last run failed or was killed, else 0.", _one(run.failed)
        yield "last_run_records", "Records that the last run read, by outcome.", _by("outcome", run.outcomes)
        yield "last_run_sources", "Sources of the last run, by what it found of them.", _by("state", run.sources)
    good = status.last_good
    yield "last_good_run_timestamp_seconds", "When a run last came to its end.", _at(good)
    yield (
        "dataset_parts",
        "Parts of the dataset; ingest compact gathers small ones.",
        _one(status.parts),
    )
    yield "dataset_sources", "Sources in the dataset.", _one(status.sources)
    yield "dataset_source_bytes", "Size of the sources in the dataset.", _one(status.source_bytes)
    yield "dataset_records", "Records in the dataset, by outcome.", _by("outcome", status.outcomes)
    yield "dataset_rows", "Rows of the tables.", _by("table", status.rows)
    yield "dataset_bytes", "Size of the tables.", _by("table", status.bytes)
    yield "unfinished_sources", "Large sources that a run was cut off from.", _one(len(status.unfinished))


def _one(value: float | None) -> list[Sample]:
    return [] if value is None else [({}, value)]


def _at(moment: datetime | None) -> list[Sample]:
    return [] if moment is None else _one(moment.timestamp())


def _by(label: str, values: Mapping[str, float]) -> list[Sample]:
    return [({label: name}, value) for name, value in sorted(values.items())]


def _escaped(content: str) -> str:
    return content.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value: float) -> str:
    return repr(int(value)) if value == int(value) else repr(float(value))
