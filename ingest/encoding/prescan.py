"""The charset that a page declares about itself: `<meta>` by the WHATWG prescan, and the XML declaration.

After https://html.spec.whatwg.org/multipage/parsing.html#prescan-a-byte-stream-to-determine-its-encoding . The prescan
is bounded to 1024 bytes, as browsers are; where it finds nothing, a second look over more bytes takes a `<meta>` that
comes late, as a parser would on meeting it.
"""

from __future__ import annotations

import re

from ingest.encoding.charsets import lookup

PRESCAN = 1024
SECOND_LOOK = 64 * 1024
_SPACE = b"\t\n\x0c\r "
_ATTRIBUTE = re.compile(
    rb"""[\t\n\f\r /]*(?P<name>[^\t\n\f\r />=][^\t\n\f\r />=]*|=[^\t\n\f\r />=]*)"""
    rb"""(?:[\t\n\f\r ]*=[\t\n\f\r ]*"""
    rb"""(?:"(?P<dq>[^"]*)"|'(?P<sq>[^']*)'|(?P<uq>[^\t\n\f\r >"'][^\t\n\f\r >]*)|(?P<open>["'])))?"""
)
_CONTENT_CHARSET = re.compile(
    rb"""charset[\t\n\f\r ]*=[\t\n\f\r ]*(?:"([^"]*)"|'([^']*)'|(?!["'])([^\t\n\f\r ;]+))""", re.IGNORECASE
)
_XML = re.compile(rb"""<\?xml[^>]*?\sencoding\s*=\s*["']\s*([A-Za-z0-9._:-]+)\s*["']""")
_NEXT = re.compile(rb"<(?:!--|meta[\t\n\f\r /]|/?[a-z]|[!/?])", re.IGNORECASE)
_RAW = re.compile(rb"<(script|style|textarea|title)\b", re.IGNORECASE)


def declared_charset(content: bytes, *, html: bool = True) -> str | None:
    """The label as the page writes it (decoded, trimmed), or None. Only labels that are known count."""
    xml = _XML.match(content[:PRESCAN].lstrip(_SPACE))
    if html:
        found = _prescan(content[:PRESCAN])
        if found is None and len(content) > PRESCAN and b"<meta" in content[:SECOND_LOOK].lower():
            found = _prescan(_without_raw_text(content[:SECOND_LOOK]))
        if found is not None:
            return found
    if xml and lookup(label := xml[1].decode("ascii")):
        return label
    return None


def _without_raw_text(head: bytes) -> bytes:
    """The head without the insides of scripts and the like: a string in them is not a declaration."""
    kept: list[bytes] = []
    position = 0
    lower = head.lower()
    while match := _RAW.search(head, position):
        kept.append(head[position : match.start()])
        end = lower.find(b"</" + match[1].lower(), match.end())
        if end < 0:
            return b"".join(kept)
        position = end
    return b"".join([*kept, head[position:]])


def _prescan(head: bytes) -> str | None:
    position = 0
    while match := _NEXT.search(head, position):
        opening = match[0].lower()
        start = match.start()
        if opening == b"<!--":
            end = head.find(b"-->", start + 2)
            if end < 0:
                return None
            position = end + 3
        elif opening.startswith(b"<meta"):
            attributes, position = _attributes(head, match.end() - 1)
            if position < 0:
                return None
            if (label := _meta_label(attributes)) is not None:
                return label
        elif opening[-1:].isalpha():
            name_end = match.end()
            while name_end < len(head) and head[name_end] not in _SPACE + b">":
                name_end += 1
            _, position = _attributes(head, name_end)
            if position < 0:
                return None
        else:
            end = head.find(b">", start)
            if end < 0:
                return None
            position = end + 1
    return None


def _attributes(head: bytes, position: int) -> tuple[dict[bytes, bytes], int]:
    """Attributes by lower-case name, the first of a name wins, and the position after the tag; -1 if it never ends."""
    found: dict[bytes, bytes] = {}
    while True:
        while position < len(head) and head[position] in _SPACE + b"/":
            position += 1
        if position >= len(head):
            return found, -1
        if head[position] == 0x3E:
            return found, position + 1
        match = _ATTRIBUTE.match(head, position)
        if match is None or match["open"]:
            return found, -1
        value = match["dq"] or match["sq"] or match["uq"] or b""
        found.setdefault(match["name"].lower(), value)
        position = match.end()


def _meta_label(attributes: dict[bytes, bytes]) -> str | None:
    raw = attributes.get(b"charset")
    if raw is None or _label(raw) is None:
        pragma = attributes.get(b"http-equiv", b"").lower() == b"content-type"
        inside = _CONTENT_CHARSET.search(attributes.get(b"content", b"")) if pragma else None
        raw = next((value for value in inside.groups() if value), None) if inside else None
    return _label(raw) if raw is not None else None


def _label(raw: bytes) -> str | None:
    label = raw.decode("latin-1").strip(" \t\n\f\r")
    return label if not {'"', "'"} & set(label) and lookup(label) else None
