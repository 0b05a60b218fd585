"""Mended lines are told before and after."""

from __future__ import annotations

from datetime import datetime

from ingest.config import Settings
from ingest.document import Record
from ingest.pipeline import Chain
from ingest.stages.assemble import Stamp

STAMP = Stamp("test", "hash", datetime(2026, 1, 1))
SOUND = "Жители города собрались сегодня утром на площади, чтобы посмотреть на праздничный парад чайников."
BROKEN = "Парад задержали на два часа, потому что самый маленький чайник трижды падал с подушки на мостовую."


def test_mended_line_stands_in_the_text_and_in_removed_before_and_after() -> None:
    """Mojibake of one line is undone whatever its neighbours are; both forms and the step are told."""
    broken = BROKEN.encode("cp1251").decode("latin-1")
    [rows] = Chain(Settings()).process([Record("p", 0, f"{SOUND}\n\n{broken}\n\n{SOUND} Ещё раз.", "text")], STAMP)
    [article] = rows.articles.to_pylist()
    assert BROKEN in article["text"]
    [row] = [row for row in rows.removed.to_pylist() if row["stage"] == "repair"]
    assert (row["line"], row["text"], row["altered_to"]) == (3, broken, BROKEN)
    assert "1251" in row["rule"]
    whole = [row["text"] for row in rows.removed.to_pylist() if row["altered_to"] is None]
    assert article["removed_lines"] == len(whole)
    assert broken not in whole
    assert len(article["repairs"]) == 1


def test_sound_page_has_no_repair_rows() -> None:
    """A page without damage says nothing of repairs."""
    [rows] = Chain(Settings()).process([Record("p", 0, f"{SOUND}\n\n{BROKEN}", "text")], STAMP)
    assert [row for row in rows.removed.to_pylist() if row["stage"] == "repair"] == []
    assert rows.articles.to_pylist()[0]["repairs"] == []


def test_declared_title_is_mended_as_its_text_is() -> None:
    """Mojibake and entities in a declared title are undone, from HTML and beside a text; the record stays as read."""
    broken = "Парад чайников на площади".encode("cp1251").decode("latin-1")
    page = f"<html><head><title>{broken}</title></head><body><p>{SOUND}</p><p>{BROKEN}</p></body></html>"
    given = Record("p", 1, f"{SOUND}\n\n{BROKEN}", "text", given={"title": "Tea &amp;amp; bread"})
    [rows] = Chain(Settings()).process([Record("p", 0, page, "html"), given], STAMP)
    html, text = rows.articles.to_pylist()
    assert html["title"] == "Парад чайников на площади"
    assert len(html["repairs"]) == 1
    assert text["title"] == "Tea & bread"
    assert given.given == {"title": "Tea &amp;amp; bread"}
