"""What the element names of HTML mean for layout and evidence. As data, so that no code branches on a name."""

from __future__ import annotations

from enum import IntFlag

# No text for a reader. What only a style or the attribute `hidden` hides is kept: pages that stream their content carry
# the whole article in such elements, and a line that is none can still be labelled.
HIDDEN = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "title",  # not `head`: where tags are missing, libxml2 puts the body into it
        "svg",
        "math",
        "iframe",
        "frame",
        "object",
        "embed",
        "applet",
        "audio",
        "video",
        "canvas",
        "map",
        "datalist",
        "textarea",
        "select",
    ]
)
WITH_MARGIN = frozenset(
    ["p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "blockquote", "pre", "figure", "fieldset", "hr", "menu"]
)
BLOCKS = WITH_MARGIN | frozenset(
    [
        "html",
        "body",
        "div",
        "section",
        "article",
        "aside",
        "header",
        "footer",
        "nav",
        "main",
        "address",
        "li",
        "dt",
        "dd",
        "table",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "caption",
        "figcaption",
        "form",
        "legend",
        "center",
        "details",
        "summary",
        "dialog",
        "hgroup",
        "search",
        "option",
        "optgroup",
        "button",
    ]
)
LISTS = frozenset(("ul", "ol", "menu"))
CELLS = frozenset(("td", "th"))


class Within(IntFlag):
    """What an element or one of its ancestors is. Bits of an int32."""

    LINK = 1
    ITEM = 2
    TABLE = 4
    QUOTE = 8
    PRE = 16
    FIGURE = 32
    CAPTION = 64
    NAV = 128
    ASIDE = 256
    HEADER = 512
    FOOTER = 1024
    ARTICLE = 2048
    MAIN = 4096
    FORM = 8192
    CONTROL = 16384
    UNSEEN = 32768
    BODY_TEXT = 65536
    DESCRIPTION = 131072
    H1 = 262144
    H2 = 524288
    H3 = 1048576
    PARAGRAPH = 2097152
    TERM = 4194304
    COMMENT = 8388608


W = Within
BY_TAG: dict[str, int] = {
    "a": W.LINK, "li": W.ITEM, "table": W.TABLE, "blockquote": W.QUOTE, "q": W.QUOTE, "pre": W.PRE, "code": W.PRE,
    "figure": W.FIGURE, "picture": W.FIGURE, "figcaption": W.CAPTION, "caption": W.CAPTION, "nav": W.NAV, "menu": W.NAV,
    "aside": W.ASIDE, "header": W.HEADER, "footer": W.FOOTER, "article": W.ARTICLE, "main": W.MAIN, "form": W.FORM,
    "fieldset": W.FORM, "button": W.CONTROL, "label": W.CONTROL, "option": W.CONTROL, "legend": W.CONTROL,
    "summary": W.CONTROL, "dialog": W.UNSEEN, "h1": W.H1, "h2": W.H2, "h3": W.H3, "h4": W.H3, "h5": W.H3, "h6": W.H3,
    "p": W.PARAGRAPH, "dt": W.TERM, "dd": W.TERM,
}  # fmt: skip
# ARIA landmarks and widgets (WAI-ARIA 1.2, section 5.3)
BY_ROLE: dict[str, int] = {
    "navigation": W.NAV, "menu": W.NAV, "menubar": W.NAV, "menuitem": W.NAV, "tablist": W.NAV, "complementary": W.ASIDE,
    "banner": W.HEADER, "contentinfo": W.FOOTER, "article": W.ARTICLE, "main": W.MAIN, "search": W.FORM,
    "form": W.FORM, "button": W.CONTROL, "dialog": W.UNSEEN, "alertdialog": W.UNSEEN, "heading": W.H3, "link": W.LINK,
    "figure": W.FIGURE, "listitem": W.ITEM, "table": W.TABLE, "grid": W.TABLE, "term": W.TERM, "definition": W.TERM,
}  # fmt: skip
# properties of schema.org
BY_PROPERTY: dict[str, int] = {
    "articlebody": W.BODY_TEXT, "text": W.BODY_TEXT, "reviewbody": W.BODY_TEXT, "description": W.DESCRIPTION,
    "caption": W.CAPTION, "headline": W.H1, "comment": W.COMMENT, "commenttext": W.COMMENT, "author": 0,
}  # fmt: skip

# What a user's site configuration says of an element: an attribute that no page can carry, as no HTML parser gives
# names in a namespace, and bits beyond those that the model knows.
MARK = "{urn:ingest}site-config"
CHOSEN, STRIPPED = 1 << 40, 1 << 41
