"""What the small line above a headline says: the name of a section, or something else.

Such a line may as well be a menu's last entry, a counter, a path of links, a person, a button. Only a short name in
plain words is believed.
"""

from __future__ import annotations

import re

from ingest.metadata import tables
from ingest.metadata.datewords import is_calendar_word
from ingest.metadata.relative import is_relative

LONGEST, MOST_WORDS = 40, 5
_STEP = re.compile(r"\s*(?:[»›→>]|\s/\s|::)\s*")  # between the steps of a path, or the parts of a line
_ODD = re.compile(r"[@#{}=+<>_$€£¥*\[\]\\|•·:：;©®™“”\"]|https?:|www\.|\w\.\w{2,}|\d{3}|^\W*\d|[:.,…?!+-]$|^[(«]")
_PERSON = re.compile(r"(?:вич|вна|ұлы|қызы|кызы|уулу|оглы|угли|oğlu|o'g'li|qizi|logo|avatar)$", re.I)


def section_of(line: str) -> str | None:
    """The section that a line above a headline names; of a path of links, the last step that is one."""
    parts = [part for part in _STEP.split(line.strip(" \t»›>/|•·-–—")) if part]
    for part in reversed(parts):
        if (name := part.strip()) and _is_section(name):
            return name
        if len(parts) > 1 and len(name) > LONGEST:
            return None  # what follows the path is no step
    return None


def _is_section(name: str) -> bool:
    words = name.split()
    if not 1 <= len(words) <= MOST_WORDS or not 2 <= len(name) <= LONGEST or _ODD.search(name) or _PERSON.search(name):
        return False
    if name[0].islower() or is_relative(name) or all(map(is_calendar_word, words)):
        return False
    if re.search(r"(?<=[a-zа-яё])[A-ZА-ЯЁ]", name):
        return False  # entries of a menu glued together
    if len(words) > 1 and max(map(len, words)) == 1:
        return False  # sizes of type, days of the week by a letter
    folded, never = tables.fold(name), tables.words("text", "no_section")
    if never.issuperset(folded.split()):
        return False  # buttons side by side
    return folded not in never and tables.words("text", "button").isdisjoint(folded.split())
