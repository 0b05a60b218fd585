from __future__ import annotations

import pytest

from ingest.language import get_engine
from ingest.language.langdetect_engine import LangdetectEngine

TEXTS = ["1 Пікір", "Добрый день", "city news", "今天城里开了一家新图书馆", "Det var en gang en konge", "", "42"]


def test_same_answer_in_any_order() -> None:
    """An answer depends on the text alone: not on what was asked before, nor on the instance."""
    engine = get_engine("langdetect")
    forth = engine.detect(TEXTS)
    back = LangdetectEngine().detect(TEXTS[::-1])
    assert forth.labels == back.labels[::-1]
    assert forth.scores.tolist() == back.scores.tolist()[::-1]


def test_global_seed_of_langdetect_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another user of langdetect in the same process cannot change the answers."""
    from langdetect import DetectorFactory

    before = get_engine("langdetect").detect(TEXTS).scores.tolist()
    monkeypatch.setattr(DetectorFactory, "seed", 12345)
    assert LangdetectEngine().detect(TEXTS).scores.tolist() == before


def test_labels_are_ours() -> None:
    """Chinese is `zh` in either script, Norwegian `nb`, and text without letters `und`."""
    assert get_engine("langdetect").detect(TEXTS).labels[3:] == ["zh", "nb", "und", "und"]


@pytest.mark.parametrize("text", ["\x00\x01", "\ud800", "a" * 200_000, "😀" * 1000])
def test_bad_input(text: str) -> None:
    """Control characters, lone surrogates and endless words end in a label."""
    assert len(get_engine("langdetect").detect([text]).labels) == 1
