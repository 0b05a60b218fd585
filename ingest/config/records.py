"""The setting `records`: where the pages of a text file begin."""

from __future__ import annotations

import re

SHAPES = ("lines", "blank-lines")
SEPARATOR, HEADER = "separator:", "header:"
FORMS = "file, lines, blank-lines, separator:PATTERN or header:PATTERN"


def pattern_of(setting: str) -> tuple[re.Pattern[str], bool]:
    """The pattern of a mark, and whether a line that fits belongs to the page that it begins.

    Raises:
        ValueError: the setting has no such form; names those that there are.
    """
    for form in (SEPARATOR, HEADER):
        if setting.startswith(form):
            if not (pattern := setting.removeprefix(form).strip()):
                raise ValueError(f"no pattern after {form!r}; it is one of: {FORMS}")
            try:
                return re.compile(pattern), form == HEADER
            except re.error as error:
                raise ValueError(f"no regular expression: {error}") from None
    raise ValueError(f"it is one of: {FORMS}")


def check(setting: str) -> None:
    """Raises ValueError for what is no value of `records`."""
    if setting not in ("file", *SHAPES):
        pattern_of(setting)
