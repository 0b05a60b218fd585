"""trafilatura's choice found again among the page's lines."""

from __future__ import annotations

from ingest.html.extractor import chosen, main_text

PAGE = """<html><body><nav><ul><li>Ponds</li><li>Rivers</li></ul></nav><article><h1>Pond measured again</h1>
<p>The surveyors came back on Tuesday with a longer rope and measured the pond from north to south.</p><h2>Rivers</h2>
<p>They found it to be as wide as it was last year, which the mayor called a relief to all of us here.</p></article>
<footer><p>Copyright of the pond gazette, all rights reserved by the keeper of the reeds.</p></footer></body></html>"""


def test_lines_are_matched_by_words() -> None:
    """Case, spacing and punctuation do not hide a line; a line that the extractor trimmed counts as chosen."""
    text = "The surveyors came back on Tuesday, with a longer rope.\nAnd they measured the pond from north to south"
    first, second = (
        "The surveyors came back on Tuesday with a longer rope",
        "And they measured the pond from north to south",
    )
    lines = ["Home", first, f"{second}.  [Photo]"]
    assert chosen(lines, text).tolist() == [False, True, True]


def test_short_line_counts_as_often_as_it_was_printed() -> None:
    """A menu entry that repeats a sub-heading is not taken for it: the one among the paragraphs wins."""
    long = "The surveyors came back on Tuesday with a longer rope"
    lines = ["Rivers", "Home", long, "Rivers", long + " again"]
    assert chosen(lines, f"{long}\nRivers\n{long} again").tolist() == [False, False, True, True, True]


def test_main_text_of_a_page() -> None:
    """trafilatura is given the page and finds the article."""
    text = main_text(PAGE, None)
    assert text is not None
    assert "longer rope" in text
    assert "all rights reserved" not in text


def test_page_without_text_gives_none() -> None:
    """Where trafilatura finds nothing it is silent."""
    assert main_text("<html><body><script>x</script></body></html>", None) is None
