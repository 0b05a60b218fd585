"""Metadata that lines say, and that the source gives, never costs the text."""

from __future__ import annotations

from datetime import datetime

import pytest

from ingest.config import Settings
from ingest.document import Record
from ingest.pipeline import Chain
from ingest.stages.assemble import Stamp

POST = "The old bridge over the river is closed until spring, the city council said on Tuesday after a survey."
REST = "Engineers had found cracks in two of its pillars. Buses will take the new bridge, which opened in 2014."


@pytest.fixture(scope="module")
def chain() -> Chain:
    return Chain(Settings())


@pytest.mark.parametrize(
    ("title", "page", "text"),
    [
        (POST, POST, POST),
        (POST, f"{POST}\n\n{POST}", POST),
        ("", f"{POST}\n\n{POST}", POST),
        (POST, f"{POST}\n\n{REST}", REST),
        (POST, f"{POST}\n\n{POST}\n\n{REST}", REST),
    ],
    ids=["a post as its own title", "given twice more", "printed twice", "a title before text", "twice before text"],
)
def test_a_title_leaves_the_text_unless_it_is_all_of_it(chain: Chain, title: str, page: str, text: str) -> None:
    """A printed title is not repeated in the text; where there is no other text, it stays."""
    record = Record("page.jsonl", 0, page.encode(), "text", given={"title": title} if title else {})
    [rows] = chain.process([record], Stamp("test", "hash", datetime(2026, 1, 1)))
    assert rows.articles.column("text").to_pylist() == [text]
