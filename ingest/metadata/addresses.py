"""Addresses as pages and dumps print them: whatever stands there, its parts are had without an exception."""

from __future__ import annotations

from urllib.parse import SplitResult, urljoin, urlsplit

_NOTHING = SplitResult("", "", "", "", "")


def parts(url: str | None) -> SplitResult:
    """The parts of an address (RFC 3986), all empty for what is none."""
    try:
        return urlsplit(url or "")
    except ValueError:
        return _NOTHING


def host(url: str | None) -> str:
    """The host in lower case, empty where there is none."""
    return parts(url).hostname or ""


def joined(url: str | None, link: str | None) -> str | None:
    """A link of the page at `url` as an address of the web, None for what is none."""
    try:
        address = urljoin(url or "", link or "")
    except ValueError:
        return None
    return address if link and address.startswith(("http://", "https://")) else None
