"""The corpora that the benchmark makes."""

from __future__ import annotations

import gzip
import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parent.parent / "scripts" / "benchmark" / "corpus.py"
BASE = [
    {
        "url": f"https://news{i}.example/a",
        "html": f"<p>Page {i} of the harbour paper</p>" * 9,
        "dump": "The old bridge of the town " * 9 + str(i),
        "gold_text": "Farmers and fishers met again this evening " * 3,
    }
    for i in range(3)
]


@pytest.fixture(scope="module")
def corpus() -> ModuleType:
    spec = importlib.util.spec_from_file_location("benchmark_corpus", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("kind", ["text", "html", "warc"])
def test_a_corpus_is_the_same_each_time(corpus: ModuleType, tmp_path: Path, kind: str) -> None:
    """Two calls give the same pages and the same size."""
    sizes = [corpus.write(BASE, kind, 8, tmp_path / name) for name in ("a", "b")]
    first, second = ((tmp_path / name).read_bytes() for name in ("a", "b"))
    if kind == "warc":  # the header of a gzip file tells its name and time
        first, second = gzip.decompress(first), gzip.decompress(second)
    assert (first, sizes[0]) == (second, sizes[1])


def test_pages_beyond_the_known_ones_are_others(corpus: ModuleType, tmp_path: Path) -> None:
    """The first pages are as they stand; copies have other words and another site."""
    corpus.write(BASE, "text", 7, tmp_path / "a.jsonl")
    records = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert [record["text"] for record in records[:3]] == [page["dump"] for page in BASE]
    assert len({record["text"] for record in records}) == 7
    assert len({record["url"] for record in records}) == 7
