from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tomli
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.language import UNDETERMINED, detect

CASES: list[dict[str, Any]] = tomli.loads(Path(__file__).with_name("cases.toml").read_text("utf-8"))["case"]

ANY_TEXT = st.text(st.characters(exclude_categories=[]), max_size=60)  # surrogates and controls included


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['language']}-{case['text'][:20]}")
def test_default_engine_knows_the_fragments(case: dict[str, Any]) -> None:
    """The n-gram engine names the language of each golden fragment, and `und` where there is nothing to go by."""
    assert detect([case["text"]]).labels == [case["language"]]


@pytest.mark.parametrize("engine", ["ngram", "langdetect"])
def test_engines_agree_on_the_fragments(engine: str) -> None:
    """Both engines are right on all golden fragments that are not marked for the default engine alone."""
    cases = [case for case in CASES if case.get("engine", engine) == engine]
    found = detect([case["text"] for case in cases], engine).labels
    wrong = {case["text"]: label for case, label in zip(cases, found, strict=True) if label != case["language"]}
    assert not wrong


@given(st.lists(ANY_TEXT, max_size=8))
@settings(max_examples=150, deadline=None)
def test_any_text_gets_a_label(texts: list[str]) -> None:
    """Whatever a text holds, it gets one label and a score between 0 and 1, and `und` has score 0."""
    found = detect(texts)
    assert len(found.labels) == len(found.scores) == len(texts)
    assert found.scores.dtype == np.float32
    assert all(0 <= score <= 1 for score in found.scores)
    assert all((score == 0) == (label == UNDETERMINED) for label, score in zip(found.labels, found.scores, strict=True))


@given(st.lists(st.one_of(ANY_TEXT, st.sampled_from([case["text"] for case in CASES])), max_size=12), st.randoms())
@settings(max_examples=100, deadline=None)
def test_batch_and_order_do_not_matter(texts: list[str], random: Any) -> None:
    """A text gets the same label and the same score alone, in a batch, and in a shuffled batch."""
    together = detect(texts)
    alone = [detect([text]) for text in texts]
    assert together.labels == [found.labels[0] for found in alone]
    assert together.scores.tolist() == [float(found.scores[0]) for found in alone]
    order = list(range(len(texts)))
    random.shuffle(order)
    shuffled = detect([texts[i] for i in order])
    assert shuffled.labels == [together.labels[i] for i in order]


@pytest.mark.parametrize("text", ["Пікір қалдыру", "Ваш адрес не будет опубликован", "A new library opened"])
def test_case_is_no_evidence(text: str) -> None:
    """Upper and lower case of a text give the same answer."""
    found = detect([text, text.upper(), text.lower()])
    assert len(set(zip(found.labels, found.scores.tolist(), strict=True))) == 1


@pytest.mark.parametrize("unit", ["қ", "a", "漢", "😀", "\x00", "\ud800", "á\u0301"])
def test_a_huge_text_without_a_space(unit: str) -> None:
    """A million characters without a space end in a label or `und`, not in an exception."""
    assert len(detect([unit * (1_000_000 // len(unit))]).labels) == 1


def test_no_texts() -> None:
    """An empty batch has an empty answer."""
    found = detect([])
    assert found.labels == []
    assert found.scores.shape == (0,)


def test_foreign_names_do_not_turn_a_line() -> None:
    """A Latin brand name inside a Cyrillic line does not decide its language."""
    assert detect(["Компания Microsoft представила Windows и Office"]).labels == ["ru"]


def test_unknown_scripts_are_undetermined() -> None:
    """Scripts without a language of ours are `und`, never the nearest guess."""
    assert detect(["สวัสดีครับ ยินดีต้อนรับ", "नमस्ते दुनिया"]).labels == [UNDETERMINED, UNDETERMINED]
