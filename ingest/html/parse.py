"""HTML text to one lxml tree, which metadata and layout share."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

_EARLY_END = re.compile(rb"</(?:body|html)\s*>", re.I)
OPTIONS: dict[str, Any] = {"encoding": "utf-8", "huge_tree": True, "remove_comments": False}


def parse(html: str | bytes) -> tuple[Any, str]:
    """(tree, fault): one lxml tree, None for a page without elements; the fault names a limit that the parser hit.
    Bytes are UTF-8.

    libxml2 drops all that follows once elements are nested deeper than 2048 (measured with 2.14) and only its log
    tells. The elements are plain ones: those of `lxml.html` are made by Python code each time that one is touched.
    """
    parser = etree.HTMLParser(**OPTIONS)
    try:
        tree = etree.fromstring(encoded(html), parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        tree = None
    if any(error.type == etree.ErrorTypes.ERR_NO_MEMORY for error in parser.error_log):
        raise MemoryError("the parser had not enough memory")  # libxml2 gives what it has, or nothing
    limits = [error.message for error in parser.error_log if error.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT]
    return tree, limits[0] if limits else ""


def encoded(html: str | bytes) -> bytes:
    """What the parser is given, which is told that it is UTF-8: lxml refuses a `str` that carries an XML encoding
    declaration, and the page's own `<meta charset>` no longer says the truth.

    libxml2 drops what follows `</body>` or `</html>`, and tells nobody; pages glued together by templates close them
    early, so these tags go: the end of input closes both. NUL is ignored in the body by the standard; libxml2 drops the
    text up to the next tag.
    """
    content = html if isinstance(html, bytes) else html.encode("utf-8", "replace")
    return _EARLY_END.sub(b"", content.replace(b"\0", b""))  # faster than in characters
