"""Site configurations in the format of FiveFilters: what they find, what they say of lines, and what is noted."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from ingest.config import Settings
from ingest.document import Record
from ingest.errors import ConfigError
from ingest.html.site_config import MAX_BYTES, load, parse
from ingest.pipeline import Chain
from ingest.stages.assemble import Stamp

FOLDER = Path(__file__).parent / "site-configs"
STAMP = Stamp("test", "hash", datetime(2026, 1, 1))
PAGE = """<html><head><title>Other</title></head><body><p>The reeds are a paper for people of the northern shore.</p>
<h1 class=headline>Pond measured</h1><span class=who>by Vera Reed</span><span class=when>3 May 2021</span>
<div id=story>ok<br>never<div class=promo>The surveyors of this pond sell their rope in our shop, come and see it.</div>
<p>The surveyors came back on Tuesday with a longer rope and measured the pond.</p>
<p id=sponsor-2>The mayor thanks the bank of the pond for its kind and lasting support.</p></div>
<p>Nobody saw the ducks come back before the evening of that day, nor after it.</p></body></html>"""


def article(url: str, folder: Path | None = FOLDER) -> dict[str, object]:
    chain = Chain(Settings(site_configs=(str(folder),) if folder else ()))
    [rows] = chain.process([Record("p.html", 0, PAGE, "html", url=url)], STAMP)
    [row] = rows.articles.to_pylist()
    return {**row, "removed": {line["text"]: line for line in rows.removed.to_pylist()}}


def test_body_strip_and_metadata() -> None:
    """The body stays, what is stripped or outside goes and says which file did it; title, author and date are taken."""
    row = article("https://www.pond.example/a")
    assert "longer rope" in str(row["text"])
    assert (row["title"], row["authors"], row["published"]) == ("Pond measured", ["Vera Reed"], datetime(2021, 5, 3))
    removed = row["removed"]
    assert isinstance(removed, dict)
    gone = {rule: text for text, line in removed.items() if (rule := line["rule"]) and rule.startswith("pond.example")}
    assert set(gone) == {"pond.example.txt: strip", "pond.example.txt: outside the body"}
    assert {line["evidence"] for line in removed.values() if str(line["rule"]).startswith("pond.example")} == {"rule"}


def test_other_hosts_are_left_alone() -> None:
    """Without a file for its host a page is judged as if there were none."""
    assert article("https://lake.example/a")["text"] == article("https://lake.example/a", None)["text"]


def test_hosts() -> None:
    """A file names its host, with or without www; one that begins with a dot names all hosts below."""
    configs = load([FOLDER])
    names = {
        "pond.example": "pond.example.txt", "www.pond.example": "pond.example.txt", "a.pond.example": None,
        "reeds.example": ".reeds.example.txt", "b.a.reeds.example": ".reeds.example.txt", "example": None, None: None,
    }  # fmt: skip
    assert {host: (found.name if (found := configs.of(host)) else None) for host in names} == names


def test_what_is_not_used_is_noted() -> None:
    """Unknown, unsupported, broken and costly directives cost nothing else and are told with file and line."""
    told = {
        9: "nothing is fetched", 10: "nothing is fetched", 11: "is no XPath", 12: "from each element",
        13: "is not known", 14: "is no directive", 15: "nothing is fetched",
    }  # fmt: skip
    notes = load([FOLDER]).notes
    assert [(note.file, note.line) for note in notes] == [("pond.example.txt", line) for line in told]
    assert all(why in str(note) for note, why in zip(notes, told.values(), strict=True))


def test_version_and_limits(tmp_path: Path) -> None:
    """The version is that of the content; a file beyond all measure is not read; a folder that is none is an error."""
    (tmp_path / "a.example.txt").write_text("body: //main\n", encoding="utf-8")
    before = load([tmp_path]).version
    (tmp_path / "a.example.txt").write_text("body: //article\n", encoding="utf-8")
    assert before != load([tmp_path]).version
    assert load([]).version == ""
    assert "not read" in str(parse("b", b"#" * (MAX_BYTES + 1)).notes[0])
    with pytest.raises(ConfigError, match="no folder"):
        load([tmp_path / "none"])


def test_page_cannot_mark_itself() -> None:
    """Attributes of a page that look like the program's own marks mean nothing."""
    page = "<div urn:ingest='1' site-config='2' ingest:site-config='2'><p>The pond is deep.</p></div>"
    chain = Chain(Settings(site_configs=(str(FOLDER),)))
    batch = chain.label([Record("p.html", 0, page, "html", url="https://lake.example/a")])
    assert batch.documents[0].site_config is None
    assert (batch.lines.within < 1 << 40).all()
