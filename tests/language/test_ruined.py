from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.language import ruined_kazakh

SOUND = "Бүгін Алматыда жаңа кітапхана ашылды, оған көптеген қонақ келді."


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("Бұл мəселе бойынша жаңа əдіс қабылданды", {"kazakh-look-alike": 2}),
        ("Бiз бүгін iске кірістік, жаңа кітап шықты", {"kazakh-look-alike": 2}),
        ("?аза?стан Республикасының Президенті жаңа заңға қол қойды", {"kazakh-lost": 2}),
        ("Ќазаќстан Республикасыныѕ Президенті жаңа заңға қол қойды", {"kazakh-font": 3}),
    ],
)
def test_certain_losses_are_counted(text: str, counts: dict[str, int]) -> None:
    """Each kind of damage to Kazakh letters is counted by its kind."""
    assert ruined_kazakh(text) == counts


@pytest.mark.parametrize(
    "text",
    [
        SOUND,
        "Казакстан Республикасы",  # Russian letters in Kazakh words leave no certain trace
        "Сьогодні в місті її відкрили",  # ї is Ukrainian at home
        "Ќе дојдеме утре во Ѓорче Петров",  # ќ and ѓ are Macedonian at home
        "Вы придёте? Да, конечно",
        "Бұл не? Кітап па? Бүгін қайда барамыз?",  # question marks behind a word are question marks
        "Қарағанды қаласының суреті Каркарaly.jpg деп аталады",  # half Latin: a file name, not a loss
        "iPhone ұялы телефоны Қазақстанда сатылымға шықты",
        "",
        "\ud800",
    ],
)
def test_sound_text_has_none(text: str) -> None:
    """Sound Kazakh, other languages, and real question marks are never counted."""
    assert ruined_kazakh(text) == {}


@given(st.text(st.characters(exclude_categories=[]), max_size=80))
@settings(max_examples=100, deadline=None)
def test_any_text_can_be_counted(text: str) -> None:
    """No text raises, and no count is zero."""
    assert all(count > 0 for count in ruined_kazakh(text).values())
