"""HTML text to one lxml tree, which metadata, layout and extractor share."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree
from lxml import html as lxml_html

_EARLY_END = re.compile(r"</(?:body|html)\s*>", re.I)


def parse(html: str) -> tuple[Any, str]:
    """(tree, fault): one lxml tree, None for a page without elements; the fault names a limit that the parser hit.

    The parser gets UTF-8 bytes and is told so: lxml refuses a `str` that carries an XML encoding declaration, and
    the page's own `<meta charset>` no longer says the truth. libxml2 drops all that follows once elements are nested
    deeper than 2048 (measured with 2.14) and only its log tells. It drops what follows `</body>` or `</html>`, too, and
    tells nobody; pages glued together by templates close them early, so these tags go: the end of input closes both.
    """
    html = html.replace("\0", "")  # ignored in the body by the standard; libxml2 drops the text up to the next tag
    parser = lxml_html.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=False)
    try:
        tree = lxml_html.document_fromstring(_EARLY_END.sub("", html).encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        tree = None
    if any(error.type == etree.ErrorTypes.ERR_NO_MEMORY for error in parser.error_log):
        raise MemoryError("the parser had not enough memory")  # libxml2 gives what it has, or nothing
    limits = [error.message for error in parser.error_log if error.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT]
    return tree, limits[0] if limits else ""
