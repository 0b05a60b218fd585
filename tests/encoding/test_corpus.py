"""What must hold on real text: round trips repaired, clean lines left alone, charset files decoded.

The normal run takes small seeded samples; `-m slow` takes all. Sentences for the round trips are lines that the
plausibility model never saw.
"""

from __future__ import annotations

import importlib.util
import random
from functools import lru_cache
from pathlib import Path
from types import ModuleType

import pytest

from ingest.encoding import repair


@lru_cache(maxsize=1)
def bench() -> ModuleType:
    """The bench script, whose mix-ups and samples the tests share."""
    path = Path(__file__).resolve().parents[2] / "scripts" / "bench_encoding.py"
    spec = importlib.util.spec_from_file_location("bench_encoding", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def check_round_trips(shared: Path, language: str, n: int) -> None:
    lines = [line for line in bench().lines_of(shared, language, held_out=True) if len(line.split()) >= 4]
    lines = random.Random(1).sample(lines, n)
    for chain in bench().chains():
        done, tried = bench().repaired_share(lines, chain)
        # what a charset cannot write at all is no mix-up; a handful of sentences is no share
        if tried >= n // 10:
            assert tried - done <= max(1, 0.01 * tried), (chain, done, tried)


def check_clean_lines(shared: Path, language: str, n: int) -> None:
    lines = bench().lines_of(shared, language)
    lines = random.Random(2).sample(lines, min(n, len(lines)))
    changed = {index: taken for index, taken in repair(lines).steps.items() if any(":" in step.name for step in taken)}
    assert {lines[index]: taken for index, taken in changed.items()} == {}


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_round_trips_are_repaired(shared: Path, language: str) -> None:
    """All sentences but one come back from every Cyrillic mix-up, once and twice encoded."""
    check_round_trips(shared, language, 50)


@pytest.mark.parametrize("language", ["kk", "ru", "uk", "be", "ky", "uz-Cyrl", "fr", "tr", "pl", "ar", "ur", "zh"])
def test_clean_lines_are_never_taken_for_mojibake(shared: Path, language: str) -> None:
    """No clean line is changed by a repair of mojibake."""
    check_clean_lines(shared, language, 1000)


def check_charset_files(shared: Path, every: int) -> None:
    files = list(bench().charset_files(shared))
    texts = random.Random(3).sample([file for file in files if file[0] != "None"], len(files) // every - 8)
    verdicts = [bench().is_right(path, name) for name, path in texts]
    assert sum(verdicts) >= 0.97 * len(verdicts) > 0
    assert all(bench().is_right(path, name) for name, path in files if name == "None")


def test_charset_files(shared: Path) -> None:
    """At least 97 of 100 files of the detectors' test sets have the charset or the text right; all binaries refused."""
    check_charset_files(shared, 4)


@pytest.mark.slow
def test_all_charset_files(shared: Path) -> None:
    """The same for all files."""
    check_charset_files(shared, 1)


@pytest.mark.slow
@pytest.mark.parametrize("language", ["kk", "ru"])
def test_all_round_trips_are_repaired(shared: Path, language: str) -> None:
    """The same for 1,000 sentences."""
    check_round_trips(shared, language, 1000)


@pytest.mark.slow
def test_all_clean_lines_are_never_taken_for_mojibake(shared: Path) -> None:
    """The same for 10,000 lines, or all there are, of each of 20 languages."""
    for language in bench().CLEAN:
        check_clean_lines(shared, language, 10_000)
