"""Which site a page belongs to."""

from __future__ import annotations

import pytest

from ingest.stages.identify import host_of


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://www.Example.org/a?b=1", "example.org"),
        ("http://m.example.org:8080/", "example.org"),
        ("https://news.example.org/x", "news.example.org"),
        ("example.org/path", "example.org"),
        ("https://www.org/", "www.org"),
        ("https://қазақстан.қаз/бет", "қазақстан.қаз"),
        ("not a url", None),
        ("http://[broken/", None),
        ("", None),
        (None, None),
    ],
)
def test_host_of_a_url(url: str | None, host: str | None) -> None:
    """Hosts are compared in lower case without www. and the like; what is no URL has none."""
    assert host_of(url) == host
