from __future__ import annotations

import pytest

from ingest.language.alphabet import Script, fold_table, script_table
from ingest.language.words import MAX_WORD, words_of
from ingest.lines.scan import whole


def words(text: str) -> list[str]:
    found = words_of(whole([text]))
    return ["".join(map(chr, found.symbols[a:b])) for a, b in zip(found.start, found.end, strict=True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Пікір қалдыру", ["пікір", "қалдыру"]),
        ("O‘zbekiston bo'lsa 'x'", ["o'zbekiston", "bo'lsa", "x"]),
        ("COVID-19-дан", ["covid", "дан"]),
        ("東京タワーiPhoneを", ["東京タワー", "iphone", "を"]),
        ("мəселе", ["мәселе"]),  # Latin schwa inside a Cyrillic word
        ("СССP HAТО", ["ссср", "нато"]),  # Latin capitals inside Cyrillic words
        ("за\u0301мок co\u00adop", ["замок", "coop"]),  # stress mark, soft hyphen
        ("?аза?стан бе? ?", ["?аза?стан", "бе"]),  # lost letters, and question marks
        ("ﻛﺘﺎﺏ", ["كتاب"]),  # presentation forms
        ("12 № 20º", []),
    ],
)
def test_words_of_a_text(text: str, expected: list[str]) -> None:
    """Words are runs of folded letters; marks inside them vanish, look-alikes take their word's script."""
    assert words(text) == expected


def test_offsets_count_code_points_of_each_text() -> None:
    """Offsets point into the text as given, marks included, whatever stands before it in the batch."""
    texts = ["за\u0301мок 😀 дом", "", "x é"]
    found = words_of(whole(texts))
    start, end = found.offsets()
    cut = [
        texts[text][int(start[row]) : int(end[row])]
        for text in range(3)
        for row in range(found.first[text], found.first[text + 1])
    ]
    assert cut == ["за\u0301мок", "дом", "x", "é"]


def test_long_words_are_cut() -> None:
    """A run of letters longer than MAX_WORD is several words of at most that length."""
    assert [len(word) for word in words("ә" * (2 * MAX_WORD + 5))] == [MAX_WORD, MAX_WORD, 5]


@pytest.mark.parametrize(
    ("char", "script"),
    [
        ("Қ", Script.CYRILLIC),
        ("ß", Script.LATIN),
        ("ٴ", Script.ARABIC),
        ("漢", Script.CJK),
        ("ぁ", Script.CJK),
        ("한", Script.HANGUL),
        ("ไ", Script.OTHER),
        ("7", Script.NONE),
        ("😀", Script.NONE),
    ],
)
def test_script_of_a_letter(char: str, script: Script) -> None:
    """Each letter folds to a symbol of its script; digits and signs fold to none."""
    assert script_table()[fold_table()[min(ord(char), 0xFFFF)]] == script
