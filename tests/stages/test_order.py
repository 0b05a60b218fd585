"""The stages as data: what runs, where plug-ins may run, and what the tables and docs say of stages is one tuple."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import ingest
from ingest.config import Settings
from ingest.document import Record
from ingest.pipeline import Chain
from ingest.stages.assemble import Stamp
from ingest.stages.order import PLACES, STAGES

STAMP = Stamp("test", "hash", datetime(2026, 1, 1))
BODY = "The surveyors came back with a longer rope and measured the pond from the north side to the south side."
TEXT = f"""Home
News
The pond, measured again
By Vera Reed
12 October 2021

{BODY}

The cafÃ© at the pond was measured, too, and found as wide as it was. Read more
{BODY}
{BODY}
Send to a friend
© 2021 The Pond. All rights reserved."""
HTML = f"""<html><head><title>The pond, measured again</title></head><body><nav><a href="/">Home</a></nav>
<article><h1>The pond, measured again</h1><p>By Vera Reed</p><p>{BODY}</p><ul><li>{BODY[:60]}</li></ul>
<figure><figcaption>The pond in spring.</figcaption></figure><p>Send to a friend</p></article></body></html>"""
PAGES = (
    Record("a.jsonl", 0, TEXT, "text"),
    Record("a.jsonl", 1, HTML, "html", url="https://pond.example/1"),
    Record("a.jsonl", 2, "Subscribe\nShare", "text"),
    Record("a.jsonl", 3, b"\x00\x01\x02\xff" * 50, "text"),
)


def test_places_of_plugins_and_values_of_removed_stay() -> None:
    """Names that other packages and tables hold on to are a contract."""
    assert PLACES == ("decode", "extract", "repair", "identify", "label", "language", "metadata", "trim")
    values = {value for stage in STAGES for value in stage.takes_out}
    assert values == {"repair", "sites", "rules", "label", "site-config", "model", "extract", "metadata", "trim"}


def test_docs_name_the_places_of_plugins() -> None:
    """The page for authors of plug-ins lists the stages that theirs may run behind."""
    page = (Path(ingest.__file__).parents[1] / "docs" / "plugins.md").read_text(encoding="utf-8")
    assert f"({', '.join(f'`{place}`' for place in PLACES)})" in page


def test_each_stage_is_timed_and_writes_no_value_but_its_own() -> None:
    """Seconds of a batch are by stage; the column `stage` of `removed` holds what the tuple names."""
    [rows] = Chain(Settings(min_words=1)).process(PAGES, STAMP)
    assert list(rows.seconds) == [*(stage.name for stage in STAGES), "assemble"]
    found = set(rows.removed["stage"].to_pylist())
    assert {"repair", "rules", "metadata", "trim", "label"} <= found
    assert found <= {value for stage in STAGES for value in stage.takes_out}
