"""Repair of lines: what must change, what must not, and what holds for any text."""

from __future__ import annotations

import importlib
import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from encoding.conftest import cases
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.encoding import clean, repair
from ingest.encoding.triage import triage

module = importlib.import_module("ingest.encoding.repair")  # whose name the package gives to its function


@pytest.mark.parametrize(("broken", "right", "steps"), cases("positive.json"))
def test_broken_line_is_repaired_and_says_how(broken: str, right: str, steps: list[str]) -> None:
    """Each published case comes out right, with the steps taken by name."""
    done = repair([broken])
    assert done.texts == [right]
    assert [step.name for step in done.steps[0]] == steps


@pytest.mark.parametrize("text", cases("negative.json"))
def test_right_line_never_changes(text: str) -> None:
    """Quotes, capitals, joiners, ligatures, rare letters and signs stay as they are."""
    assert repair([text]).texts == [text]
    assert repair([text]).steps == {}


def test_lines_are_repaired_on_their_own() -> None:
    """A batch of lines gives what each line gives alone, in any order."""
    lines = cases("negative.json") + [broken for broken, _, _ in cases("positive.json")]
    alone = [repair([line]).texts[0] for line in lines]
    assert repair(lines).texts == alone
    assert repair(lines[::-1]).texts == alone[::-1]


def test_what_is_remembered_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same line has the same outcome when it is met again, also when the memory was full in between."""
    monkeypatch.setattr(module, "MEMORY", 3)
    lines = [
        "Ð\x9fÑ\x80Ð¸Ð²ÐµÑ\x82",
        "a&nbsp;b",
        "tabs\x00here",
        "fine\ufffd",
        "a&nbsp;b",
        "  • Fish & Chips",
        "x\u200by",
    ]
    module._memory.clear()
    first = repair(lines)
    assert first.steps
    for again in (repair(lines), repair(lines[::-1])):
        assert sorted(again.texts) == sorted(first.texts)
    assert repair(lines) == first


def test_replacement_characters_are_counted() -> None:
    """U+FFFD cannot be repaired, so it is counted where it stays, altered line or not."""
    done = repair(["ok", "lo\ufffdst \ufffd"])
    assert done.lost == {1: 2}
    assert done.steps == {}


def test_steps_count_occurrences() -> None:
    """A step says how often it was taken in its line."""
    (step,) = repair(["a\u0000b\u0000c"]).steps[0]
    assert (step.name, step.count) == ("control", 2)


def test_surrogate_pair_becomes_its_character() -> None:
    """Halves of an emoji that were decoded apart come together again."""
    assert repair([chr(0xD83D) + chr(0xDE00) + " ok"]).texts == ["😀 ok"]


@pytest.mark.parametrize(
    "line",
    [
        "\r" * 200_000 + "x",
        "a\u200b" * 200_000,
        "&amp;" * 200_000,
        "Ã©" * 200_000,
        "РџСЂРё " * 50_000,
        "\ud83d" * 200_000,
    ],
    ids=["cr", "zero-width", "entities", "latin", "cyrillic", "surrogates"],
)
def test_long_line_is_no_trap(line: str) -> None:
    """A line of a million characters of one kind neither raises nor takes more than linear time."""
    done = repair([line])
    assert len(done.texts) == 1
    assert repair(done.texts).texts == done.texts


_MIXED = st.text(
    alphabet=st.one_of(
        st.characters(),
        st.sampled_from("РСÐÑÃÂâ€™&;#amp\u200b\u200d\u200e\r\x85\x00\ufeff\u2028\ufffdқәп ﻣ\ud83d\ude00"),
    ),
    max_size=60,
)


@settings(max_examples=300, deadline=None)
@given(_MIXED)
def test_what_is_not_flagged_is_clean(line: str) -> None:
    """A line without flagged characters is not altered by any layer that cleans, so that it need not go through."""
    if not triage([line])[0]:
        for layer in (
            clean.join_surrogates,
            clean.unescape_entities,
            clean.c1_as_windows,
            clean.strip_controls,
            clean.strip_invisible,
            clean.base_letters,
        ):
            assert layer(line) == (line, [])


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(_MIXED, max_size=5))
def test_repair_is_idempotent_and_keeps_the_number_of_lines(lines: list[str]) -> None:
    """Repairing twice is repairing once; one text in, one text out; steps exactly where a text changed."""
    done = repair(lines)
    assert len(done.texts) == len(lines)
    assert repair(done.texts).texts == done.texts
    assert set(done.steps) == {i for i, (a, b) in enumerate(zip(lines, done.texts, strict=True)) if a != b}
    assert all(text.encode("utf-8") is not None for text in done.texts)  # no lone surrogates are left


@pytest.mark.parametrize("name", ["in-the-wild", "synthetic", "negative", "language-names"])
def test_published_cases_of_ftfy(shared: Path, name: str) -> None:
    """All of ftfy's own cases pass, but for what is kept on purpose: curly quotes, ligatures, widths."""
    import ftfy

    kept: dict[str, Any] = {"uncurl_quotes": True, "fix_latin_ligatures": True, "fix_character_width": True}
    rest = ftfy.TextFixerConfig(fix_encoding=False, unescape_html=False, remove_control_chars=False, **kept)
    wrong = []
    for case in json.loads((shared / f"data/encodings/ftfy/{name}.json").read_text(encoding="utf-8")):
        got = repair([case["original"]]).texts[0]
        wanted = {case["fixed"], case.get("fixed-encoding", case["fixed"])}
        wanted |= {unicodedata.normalize("NFC", text) for text in wanted}
        if got not in wanted and ftfy.fix_text(got, rest) not in wanted:
            wrong.append((case["label"], got))
    assert wrong == []
