"""UTF-8 with foreign lines: decode line by line where a document mixes charsets."""

from __future__ import annotations

from ingest.encoding.charsets import REPLACEMENT, decode_as
from ingest.encoding.detect import detect

_MAX_LOST = 0.5  # of a line's characters beyond ASCII may be U+FFFD before another charset is asked


def decode_by_line(content: bytes) -> tuple[str, int, dict[str, int]]:
    """Decode UTF-8; lines that are not UTF-8 in another charset if one clearly fits them, else with replacement.

    Returns the text, the number of U+FFFD put in, and the lines read in other charsets by charset.
    """
    try:
        return content.decode("utf-8"), 0, {}
    except UnicodeDecodeError:
        pass
    lines = content.split(b"\n")
    decoded: list[str] = []
    foreign: list[int] = []
    replaced = 0
    for number, line in enumerate(lines):
        text, lost = decode_as(line, "utf-8")
        decoded.append(text)
        kept = sum(1 for char in text if char > "\x7f" and char != REPLACEMENT) if lost else 0
        if lost > kept:
            foreign.append(number)
        else:  # sound, or a damaged line of UTF-8
            replaced += lost
    guess = detect(b"\n".join(lines[number] for number in foreign)) if foreign else None
    mixed: dict[str, int] = {}
    for number in foreign:
        if guess is None:
            replaced += decoded[number].count(REPLACEMENT)
            continue
        decoded[number], lost = decode_as(lines[number], guess.name)
        replaced += lost
        mixed[guess.name] = mixed.get(guess.name, 0) + 1
    return "\n".join(decoded), replaced, mixed
