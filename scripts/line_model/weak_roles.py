"""Weak role labels for lines, read off the page's HTML: no gold exists for roles.

Each text node votes for its line with the class, id and tag names around it, nearest first; a few phrases
that are clear in themselves vote too. Both are noisy, which the card says; the model only has to find the
common signal.
"""

from __future__ import annotations

import re

import lxml.html

from ingest.roles import Role

# Nearest match wins; in one element's names the first that matches. Names are matched as parts of lower-case
# tokens.
MARKUP: tuple[tuple[Role, str], ...] = (
    (Role.COOKIE_NOTICE, r"cookie|consent|gdpr|onetrust"),
    (Role.NEWSLETTER, r"newsletter|subscri|sign-?up|mailing|optin|mc4wp"),
    (Role.SHARE, r"share|sharing|social|addthis|addtoany|sharedaddy|facebook|twitter"),
    (Role.COMMENTS, r"comment|disqus|respond|replies"),
    (Role.MOST_READ, r"most-?(read|popular|viewed)|popular|trending|topstories|bestof"),
    (
        Role.RELATED,
        r"related|recommend|more-?(stories|news|from|on)|read-?(next|also)|recirc|teaser|suggest|latest|recent|"
        r"also-like|next-post|prev-post|post-navigation|outbrain|taboola|sidebar|promo|aside",
    ),
    (Role.ADVERTISEMENT, r"advert|sponsor|\bads?\b|ad-slot|banner|dfp|partner"),
    (Role.AUTHOR_BIO, r"author-?(bio|box|info|desc|card|profile)|about-?(the-)?author|bio\b"),
    (Role.CAPTION, r"caption|figcaption|image-?(credit|desc)|photo-?credit|credit|copyright-image"),
    (Role.BYLINE, r"byline|author|contributor|writer|by-line"),
    (Role.DATE, r"\bdate|publish|timestamp|posted-on|\btime\b|updated"),
    (Role.PAGINATION, r"paginat|pager|page-numbers|wp-pagenavi"),
    (Role.TAG, r"\btags?\b|tag-?(list|links|cloud)|keyword|topics"),
    (Role.LEGAL_NOTICE, r"copyright|legal|disclaim|colophon|terms|imprint"),
    (
        Role.NAVIGATION,
        r"\bnav|menu|breadcrumb|header|topbar|masthead|skip|toolbar|search|login|footer|sitemap|logo",
    ),
)
TAGS: dict[str, Role] = {
    "nav": Role.NAVIGATION,
    "footer": Role.NAVIGATION,
    "header": Role.NAVIGATION,
    "figcaption": Role.CAPTION,
    "time": Role.DATE,
    "aside": Role.RELATED,
    "form": Role.OTHER_BOILERPLATE,
    "button": Role.NAVIGATION,
}
PHRASES: tuple[tuple[Role, str], ...] = (
    (
        Role.LEGAL_NOTICE,
        r"^\s*(©|\(c\)|copyright\b)|all rights reserved|alle rechte vorbehalten|все права защищены",
    ),
    (
        Role.FOLLOW_US,
        r"^follow (us|me)\b|folgen sie uns|síguenos|suivez-nous|seguici|подписывайтесь|мы в соц",
    ),
    (Role.COOKIE_NOTICE, r"\bcookies?\b"),
    (
        Role.READ_MORE,
        r"^(read|learn|see|find out) more|^(weiterlesen|mehr lesen|lire la suite|leer más|leggi tutto)",
    ),
    (
        Role.IMAGE_PLACEHOLDER,
        r"^(image|photo|bild|foto|imagen|loading)( \d+)?[.…]*$|open (image|in) (full ?screen|modal)",
    ),
    (
        Role.SHARE,
        r"^(facebook|twitter|whatsapp|linkedin|pinterest|reddit|telegram|share|tweet|email|print|"
        r"copy link)\b.{0,20}$",
    ),
    (Role.COMMENTS, r"^(leave|post|add|write) a (comment|reply)|^\d* ?comments?$|^(reply|log in to reply)$"),
    (Role.ADVERTISEMENT, r"^(advertis(e|ement|ing)|anzeige|werbung|publicidad|реклама|sponsored)\b.{0,12}$"),
    (Role.PAGINATION, r"^(page \d+|next|previous|prev|older|newer|«|»|\d+ of \d+)$"),
)
_MARKUP = [(role, re.compile(pattern)) for role, pattern in MARKUP]
_PHRASES = [(role, re.compile(pattern, re.I)) for role, pattern in PHRASES]
_SPACE = re.compile(r"\s+")
_SKIP = {"script", "style", "noscript", "template", "head"}


def _key(text: str) -> str:
    return _SPACE.sub(" ", text).strip().casefold()


def _names(element: lxml.html.HtmlElement) -> Role | None:
    names = f"{element.get('class') or ''} {element.get('id') or ''}".lower().replace("_", "-")
    if names.strip():
        for role, pattern in _MARKUP:
            if pattern.search(names):
                return role
    return TAGS.get(element.tag)


def markup_roles(html: str) -> dict[str, Role]:
    """Role by text of the page's text nodes (whitespace folded, lower case); the first occurrence counts."""
    try:
        root = lxml.html.document_fromstring(
            html.encode("utf-8", "replace"), parser=lxml.html.HTMLParser(encoding="utf-8")
        )
    except (lxml.etree.LxmlError, ValueError):
        return {}
    out: dict[str, Role] = {}

    stack: list[tuple[object, Role | None]] = [(root, None)]
    while stack:
        element, inherited = stack.pop()
        if not isinstance(element.tag, str) or element.tag in _SKIP:
            continue
        role = _names(element) if element.tag not in ("html", "body") else None
        role = role or inherited
        if element.tag in ("article", "main"):
            role = None
        texts = [element.text] + [child.tail for child in element]
        for text in texts:
            if text and role is not None:
                key = _key(text)
                if key:
                    out.setdefault(key, role)
        whole = len(element) and role is not None and len(element) < 8
        if whole:
            key = _key(element.text_content()[:400])
            if 0 < len(key) < 300:
                out.setdefault(key, role)
        stack.extend((child, role) for child in element)
    return out


def weak_role(line: str, markup: dict[str, Role]) -> Role:
    """The weak role of a line that is no article text; UNKNOWN where nothing speaks."""
    key = _key(line.strip(" •\t-–|·"))
    for role, pattern in _PHRASES:
        if len(key) < 160 and pattern.search(key):
            return role
    return markup.get(key, Role.UNKNOWN)
