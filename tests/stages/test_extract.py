"""From what a source gives of an HTML page to its lines."""

import pytest

from ingest.document import Batch, Record
from ingest.pipeline import document_of
from ingest.stages.decode import decode
from ingest.stages.extract import extract

PAGE = "<html><body><h1>Kettle</h1><p>{}</p></body></html>"


def decoded(content: str | bytes) -> Batch:
    return decode(Batch([document_of(Record("page.html", 0, content, "html"))]))


@pytest.mark.parametrize(
    "text",
    ["Plain tea", "Чай, très chaud", "Cafe\u0301 noir", "one\r\ntwo", "null \0 and void", "lone \ud83d surrogate"],
)
def test_characters_and_bytes_of_a_page_give_the_same_lines(text: str) -> None:
    """A page has the lines of its normal text, be it given as characters or as UTF-8."""
    page = PAGE.format(text)
    as_bytes = page.encode("utf-8", "replace" if "\ud83d" in text else "strict").replace(b"?", "\ufffd".encode())
    lines = extract(decoded(page)).lines.texts
    assert lines == extract(decoded(as_bytes)).lines.texts
    assert lines[0] == "Kettle"
    assert len(lines[-1]) > 5


def test_a_mark_at_the_start_is_no_text() -> None:
    """A byte order mark is no part of the page."""
    page = PAGE.format("Plain tea")
    assert extract(decoded(b"\xef\xbb\xbf" + page.encode())).lines.texts == extract(decoded(page)).lines.texts


def test_text_that_a_plugin_has_changed_is_what_is_parsed() -> None:
    """What a stage behind the decoding makes of the text is what is laid out."""
    batch = decoded(PAGE.format("Plain tea"))
    batch.documents[0].text = PAGE.format("Green tea")
    assert extract(batch).lines.texts[-1] == "Green tea"
    assert batch.documents[0].utf8 == ("", b"")
