"""Kazakh letters that were lost or replaced on the way: how many of them are certain.

Kazakh in Cyrillic has nine letters that Russian fonts, keyboards and code pages lack (ә і ң ғ ү ұ қ ө һ). Pages show
three kinds of damage that can be told from the text itself: a letter of another alphabet that looks the same (ə for
ә, Latin i for і), the letters of the old KZ fonts, which put Kazakh shapes on the places of other Cyrillic letters
(ќ for қ, є for ә), and a question mark or U+FFFD in the place of a letter. A Kazakh letter replaced by a Russian one
(Казакстан) leaves no certain trace and is not counted.
"""

from __future__ import annotations

import re

from ingest.language import alphabet
from ingest.language.factory import get_engine

LOOK_ALIKE, FONT, LOST = "kazakh-look-alike", "kazakh-font", "kazakh-lost"

_CYRILLIC = "\u0400-\u052f"
_TWINS = "".join(re.escape(chr(int(code))) for code in alphabet.twin_table().nonzero()[0])
_FONT = re.compile("[ЄєЃѓЌќЅѕҐґЎўЇїЋћ]")
_LOST = re.compile(f'(?<=[{_CYRILLIC}])[?\ufffd]+(?=[{_CYRILLIC}])|(?<![^\\s«"(-])[?\ufffd](?=[{_CYRILLIC}])')
_TWIN = re.compile(f"[{_TWINS}]")
# a whole word of Cyrillic letters and twins, at least one of each: Latin words and half-Latin names are none
_TWIN_WORD = re.compile(
    f"(?<![^\\W\\d_])(?=[{_CYRILLIC}]*[{_TWINS}])(?=[{_TWINS}]*[{_CYRILLIC}])[{_CYRILLIC}{_TWINS}]+(?![^\\W\\d_])"
)
_ANY = re.compile(f"[{_CYRILLIC}][{_TWINS}]|[{_TWINS}][{_CYRILLIC}]|{_FONT.pattern}|{_LOST.pattern}")


def ruined_kazakh(text: str) -> dict[str, int]:
    """Certain replacements of letters in a Kazakh text, by kind; empty for sound text and for other languages."""
    if _ANY.search(text) is None or get_engine("ngram").detect([text]).labels[0] != "kk":
        return {}
    counts = {
        LOOK_ALIKE: sum(len(_TWIN.findall(word)) for word in _TWIN_WORD.findall(text)),
        FONT: len(_FONT.findall(text)),
        LOST: len(_LOST.findall(text)),
    }
    return {kind: count for kind, count in counts.items() if count}
