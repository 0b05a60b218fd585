"""One page from Python: an article, or the reason why it is none, and never an exception."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ingest

PAGE = """Pond Gazette

Pond measured again

By Ada Brook

12 March 2024

The surveyors came back on Tuesday with a longer rope and measured the pond from the north side to the south side.

They found it to be as wide as it was last year, which the mayor called a relief, since the maps had been printed.

Send to a friend
"""
HTML = f"""<!doctype html><html lang="en"><head><title>Pond measured again</title>
<meta property="article:published_time" content="2024-03-12T09:30:00"></head>
<body><nav><a href="/">Home</a></nav><article><h1>Pond measured again</h1>
{"".join(f"<p>{paragraph}</p>" for paragraph in PAGE.split(chr(10) * 2)[4:6])}</article></body></html>"""


def test_importing_the_package_loads_nothing_heavy() -> None:
    """`import ingest` takes less than 50 ms, and brings in no Arrow, NumPy or stage; names are there all the same."""
    code = (
        "import sys, time; start = time.process_time(); import ingest; print(time.process_time() - start); "
        "assert 'clean' in dir(ingest); "
        "print([m for m in ('pyarrow', 'numpy', 'lxml', 'click', 'msgspec', 'ingest.config') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    seconds, loaded = done.stdout.splitlines()
    assert float(seconds) < 0.05
    assert loaded == "[]"


def test_each_public_name_is_there() -> None:
    """`__all__` holds only names that can be had; a name that does not exist is an AttributeError."""
    for name in ingest.__all__:
        assert getattr(ingest, name) is not None
    with pytest.raises(AttributeError, match="cleen"):
        ingest.cleen  # noqa: B018


def test_text_page_becomes_an_article_with_reasons() -> None:
    """Text, metadata and language of a flattened page; each other line with role and evidence; nothing is lost."""
    article = ingest.clean(PAGE, url="https://www.pond.example/again")
    assert article.kept
    assert article.text.startswith("The surveyors came back")
    assert (article.title, article.authors) == ("Pond measured again", ["Ada Brook"])
    assert (article.published, article.site, article.language) == (datetime(2024, 3, 12), "pond.example", "en")
    removed = {line.text: line for line in article.removed}
    assert removed["Send to a friend"].role == "share"
    assert removed["Send to a friend"].evidence == "rule"
    lines = {line for line in PAGE.splitlines() if line}
    assert lines == {*removed, *article.text.split("\n\n")}


@pytest.mark.parametrize("page", [HTML, HTML.encode("utf-16"), HTML.encode()])
def test_html_is_known_by_its_markup(page: str | bytes) -> None:
    """HTML, as characters or bytes, is read as such without being told."""
    article = ingest.clean(page)
    assert article.title == "Pond measured again"
    assert article.published == datetime(2024, 3, 12, 9, 30)
    assert "<p>" not in article.text


def test_kind_and_charset_can_be_told() -> None:
    """`kind` keeps markup that is meant as text; `charset` is the word of the transport."""
    assert "<p>" in ingest.clean(HTML, kind="text").text
    kazakh = (
        "Қазақстанның оңтүстігінде жаңа көпір салынды, оны жергілікті тұрғындар ұзақ күтті.\n\n"
        "Құрылысшылар жұмысты екі жыл ішінде аяқтады, ал ескі көпір келесі көктемде бұзылады."
    )
    article = ingest.clean(f"Жаңа көпір\n\n11 қазан 2019\n\n{kazakh}".encode("kz1048"), charset="kz1048")
    assert (article.text, article.encoding) == (kazakh, "kz1048")


@pytest.mark.parametrize(
    ("page", "outcome"),
    [
        ("", "empty"),
        (b"", "empty"),
        ("Send to a friend", "not-article"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9, "binary"),
    ],
)
def test_page_that_is_no_article_says_why(page: str | bytes, outcome: str) -> None:
    """No exception: an outcome, a reason and a remedy, and no text."""
    article = ingest.clean(page)
    assert not article.kept
    assert article.outcome == outcome
    assert article.reason
    assert article.remedy
    assert article.text == ""


def test_page_of_one_paragraph_is_text() -> None:
    """Where nothing else is text, a paragraph is no title: a dump may hold paragraphs as pages."""
    page = "The surveyors came back on Tuesday with a longer rope, and the pond was as wide as it was last year."
    assert ingest.clean(page).text == page
    assert ingest.clean(page).title is None
    assert ingest.clean(f"Pond measured\n\n{page}").text.endswith(page)


def test_wrong_type_is_a_type_error() -> None:
    """What is no page at all is a fault of the caller."""
    with pytest.raises(TypeError, match="str or bytes, not int"):
        ingest.clean(7)  # type: ignore[arg-type]


@settings(max_examples=30, deadline=None)
@given(st.one_of(st.text(max_size=300), st.binary(max_size=300)))
def test_no_page_makes_it_raise(page: str | bytes) -> None:
    """Whatever the characters or bytes: an article or an outcome."""
    article = ingest.clean(page)
    assert article.kept == bool(article.text)


def test_threads_do_not_disturb_each_other() -> None:
    """The same pages cleaned from four threads at once and one by one give the same articles."""
    pages = [PAGE.replace("Tuesday", f"day {i}").replace("friend", f"friend {i % 3}") for i in range(24)]
    alone = [ingest.clean(page) for page in pages]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ingest.clean, pages)) == alone
