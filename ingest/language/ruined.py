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
from ingest.language.engine import get_engine

LOOK_ALIKE, FONT, LOST = "kazakh-look-alike", "kazakh-font", "kazakh-lost"

_CYRILLIC = "\u0400-\u052f"
_TWINS = "".join(re.escape(chr(int(code))) for code in alphabet.twin_table().nonzero()[0])
_PATTERNS = {
    # a twin beside a Cyrillic letter; alone or in a Latin word it is itself
    LOOK_ALIKE: re.compile(f"(?<=[{_CYRILLIC}])[{_TWINS}]|[{_TWINS}](?=[{_CYRILLIC}])"),
    FONT: re.compile("[ЄєЃѓЌќЅѕҐґЎўЇїЋћ]"),
    LOST: re.compile(f'(?<=[{_CYRILLIC}])[?\ufffd]+(?=[{_CYRILLIC}])|(?<![^\\s«"(-])[?\ufffd](?=[{_CYRILLIC}])'),
}
_ANY = re.compile("|".join(pattern.pattern for pattern in _PATTERNS.values()))


def ruined_kazakh(text: str) -> dict[str, int]:
    """Certain replacements of letters in a Kazakh text, by kind; empty for sound text and for other languages."""
    if _ANY.search(text) is None or get_engine("ngram").detect([text]).labels[0] != "kk":
        return {}
    counts = {kind: len(pattern.findall(text)) for kind, pattern in _PATTERNS.items()}
    return {kind: count for kind, count in counts.items() if count}
