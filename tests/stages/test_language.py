"""Languages of lines and of the text they make up."""

from __future__ import annotations

from datetime import datetime

import pytest

from ingest.config import Settings
from ingest.document import Record
from ingest.pipeline import Chain
from ingest.stages.assemble import Stamp

STAMP = Stamp("test", "hash", datetime(2026, 1, 1))
KAZAKH = "Қаланың тұрғындары бүгін таңертең алаңға жиналып, шәйнектер шеруін тамашалады, балалар қатты қуанды."
RUSSIAN = "Жители города собрались сегодня утром на площади, чтобы посмотреть на праздничный парад чайников."


def row(*paragraphs: str, engine: str = "ngram") -> dict[str, object]:
    record = Record("page.txt", 0, "\n\n".join(paragraphs), "text")
    [rows] = Chain(Settings(language_engine=engine)).process([record], STAMP)
    [article] = rows.articles.to_pylist()
    return dict(article)


@pytest.mark.parametrize("engine", ["ngram", "langdetect"])
def test_mixed_article_has_segments_and_shares(engine: str) -> None:
    """Segments lie in `text` and name the language of what stands there; shares add up to one."""
    article = row(KAZAKH, KAZAKH.replace("бүгін", "кеше"), RUSSIAN, engine=engine)
    text = str(article["text"])
    assert article["language"] == "kk"
    shares = article["languages"]
    assert isinstance(shares, list)
    assert [share["language"] for share in shares] == ["kk", "ru"]
    assert sum(share["share"] for share in shares) == pytest.approx(1, abs=1e-3)
    segments = article["segments"]
    assert isinstance(segments, list)
    at = text.index("Жители")
    assert [s["language"] for s in segments if s["start"] <= at < s["end"]] == ["ru"]
    assert segments[0]["start"] == 0
    assert segments[-1]["end"] == len(text)


def test_ruined_kazakh_is_recognised_and_counted() -> None:
    """Kazakh with a schwa of another alphabet for its own stays Kazakh; the replaced letters are told."""
    article = row(KAZAKH.replace("ә", "ə"), KAZAKH)
    assert article["language"] == "kk"
    assert article["repairs"] == ["kazakh-look-alike×1"]
