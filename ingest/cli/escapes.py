"""What pages, file names and libraries say, made safe to print.

A terminal obeys control characters: a page could hide, recolour or overwrite the lines of the tool that judges it, or
set the window's title. Marks that turn the direction of text let a line read as what it is not (Boucher and Anderson,
"Trojan Source", 2021). Both are written as escapes that a reader sees, as are line separators and bytes of names that
are no UTF-8. Tabs stay, and so do the marks of direction that a language needs (U+200E, U+200F, U+061C).
"""

from __future__ import annotations

import re
from typing import Any, BinaryIO

import msgspec

_UNSAFE = "\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff"
_IN_LINE = re.compile(f"[\n{_UNSAFE}]")
_IN_TEXT = re.compile(f"[{_UNSAFE}]")
_NAMED = {"\n": r"\n", "\r": r"\r"}


def shown(text: str) -> str:
    """A text as one line that can be printed; line breaks become escapes, too."""
    return _IN_LINE.sub(_escape, text)


def guarded(text: str) -> str:
    """A text of several lines that can be printed."""
    return _IN_TEXT.sub(_escape, text)


def json_text(value: Any, *, indent: int = 2) -> str:
    """JSON of any value, in one line for an `indent` of -1; what a terminal would obey is escaped, which JSON's readers
    undo. Bytes of names that are no UTF-8 are escaped for good: JSON has no way to write them.
    """
    try:
        data = msgspec.json.encode(value, enc_hook=str)
    except UnicodeEncodeError:
        data = msgspec.json.encode(_encodable(msgspec.to_builtins(value, enc_hook=str)))
    return as_json_escapes((msgspec.json.format(data, indent=indent) if indent >= 0 else data).decode())


def as_json_escapes(text: str) -> str:
    """JSON whose strings hold none of these characters as they are."""
    return _IN_TEXT.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


class Guard:
    """A binary stream on a terminal: UTF-8 written to it is escaped, as JSON would have it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def write(self, data: bytes) -> int:
        self._stream.write(as_json_escapes(data.decode("utf-8", "backslashreplace")).encode())
        return len(data)

    def flush(self) -> None:
        self._stream.flush()


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # a byte of a name, as `os.fsdecode` gives it
        code -= 0xDC00
    return _NAMED.get(char) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    if isinstance(value, dict):
        return {_encodable(key): _encodable(item) for key, item in value.items()}
    return [_encodable(item) for item in value] if isinstance(value, list) else value
