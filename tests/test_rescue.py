"""A page that says the same thing several times, and nothing else, is not lost."""

from __future__ import annotations

from datetime import datetime

import pytest

from ingest.config import Settings
from ingest.document import Record
from ingest.pipeline import Chain
from ingest.stages.assemble import Stamp

ROPE = "The surveyors came back with a longer rope and measured the pond from the north to the south side."
MAP = "It was found to be wider than the map of the county says, and the mayor was told of it."
MAYOR = "The mayor said that a new map will be drawn before the winter, and that the reeds will be cut by hand."
NOTICE = "Copying is allowed with the written permission of the gazette of ponds and rivers only."


@pytest.fixture(scope="module")
def chain() -> Chain:
    return Chain(Settings())


def text_of(chain: Chain, page: str) -> list[str]:
    [rows] = chain.process([Record("page.txt", 0, page.encode(), "text")], Stamp("test", "hash", datetime(2026, 1, 1)))
    return [paragraph for text in rows.articles.column("text").to_pylist() for paragraph in text.split("\n\n")]


@pytest.mark.parametrize(
    ("page", "text"),
    [
        (f"{ROPE}\n" * 5, [ROPE]),
        ("The pond is measured again\n\n" + f"{ROPE}\n\n" * 6, [ROPE]),
        ("The pond is measured again\n\n" + f"{ROPE}\n\n{MAP}\n\n{MAYOR}\n\n" * 4, [ROPE, MAP, MAYOR]),
    ],
    ids=["lines", "paragraphs", "in turns"],
)
def test_what_a_page_repeats_is_said_once_where_nothing_else_is_left(chain: Chain, page: str, text: list[str]) -> None:
    """Of a page of equal sentences the first of each stays."""
    assert text_of(chain, page) == text


def test_a_repeated_sentence_of_a_page_with_text_still_goes(chain: Chain) -> None:
    """Beside text of its own, what a page repeats is a placeholder."""
    page = f"The pond is measured again\n\n{NOTICE}\n\n{ROPE}\n\n{NOTICE}\n\n{MAP}\n\n{NOTICE}\n\n{MAYOR}\n\n{NOTICE}"
    assert text_of(chain, page) == [ROPE, MAP, MAYOR]


def test_a_labelled_byline_below_a_page_that_looks_clean_is_read(chain: Chain) -> None:
    """Where a caption stands right above the text, as in dumps, the author's line below it is no article text."""
    page = "\n".join(
        [
            "Студенттер топырақ ылғалын өлшейтін құрал жасады", "", "Фото: None",
            "Сарыөзек. Құрылғы күн қуатымен жұмыс істеп, мәліметті телефонға жібереді.", "",
            "Жобаны төртінші курс студенттері үш ай әзірлеген. Алғашқы үлгісі күзде сынақтан өтті.", "",
            "Бір құралдың құны шетелдік үлгіден бес есе арзан. Батареясы екі жылға жетеді.", "",
            "Автор: Мадина Оспан",
        ]
    )  # fmt: skip
    assert not [line for line in text_of(chain, page) if "Автор" in line]
