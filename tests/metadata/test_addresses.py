"""Whatever a page prints where an address should be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ingest
from ingest.metadata import addresses

PAGE = '<html><head><meta property="og:url" content="{url}"><title>Pond - Gazette</title></head><body><h1>Pond</h1>'
TEXT = "<p>The surveyors came back on Tuesday with a longer rope and measured the pond again, side by side.</p>" * 2


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://pond.example/a", "pond.example"),
        ("https://Pond.Example:80/", "pond.example"),
        ("https://pond.example[<a", ""),
        ("http://[::1", ""),
        ("pond", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_host(url: str | None, host: str) -> None:
    """The host of an address, and nothing for what is none."""
    assert addresses.host(url) == host


@given(st.text(alphabet="htps:/[]<>@.a?#%0\t\n é", max_size=30))
def test_no_text_raises(text: str) -> None:
    """Any text has parts, and joins to an address of the web or to nothing."""
    assert isinstance(addresses.host(text), str)
    link = addresses.joined(text, text)
    assert link is None or link.startswith("http")


def test_page_with_an_address_that_is_none_is_kept() -> None:
    """A bad canonical address costs no page."""
    article = ingest.clean(PAGE.format(url="https://pond.example[&lt;a") + TEXT)
    assert article.outcome == "kept"
    assert article.title == "Pond"
