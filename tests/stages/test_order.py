"""The stages as data: what runs, where plug-ins may run, and what the tables and docs say of stages is one tuple."""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from pathlib import Path

import pytest

import ingest
from ingest import shelf
from ingest.config import Settings
from ingest.document import Batch, Lines, Record
from ingest.lines.fingerprints import fingerprints
from ingest.lines.scan import codes
from ingest.pipeline import Chain, document_of
from ingest.roles import Role
from ingest.sites import Profiles
from ingest.stages.assemble import Stamp
from ingest.stages.extra import with_stage
from ingest.stages.order import PLACES, STAGES
from ingest.stages.stage import Resources, Stage, run

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


WRITERS: dict[str, tuple[str, ...]] = {column.name: column.metadata["stages"] for column in fields(Lines)}


def columns(lines: Lines) -> dict[str, bytes]:
    """What each column holds, so that a change inside of it shows, too."""
    return {name: pickle.dumps(getattr(lines, name, None)) for name in WRITERS}


def watched(stages: Iterable[Stage], found: set[tuple[str, str]]) -> list[Stage]:
    """The stages, with (stage, column) of all that they write added to `found`."""

    def watch(stage: Stage) -> Stage:
        def write(batch: Batch, given: Resources, profiles: Profiles) -> Batch:
            lines, before = batch.lines, columns(batch.lines)
            batch = stage.run(batch, given, profiles)
            if batch.lines is not lines:  # a new table, whose columns come to be with it
                found.update({(stage.name, "texts"), (stage.name, "offsets")})
                before = columns(Lines(batch.lines.texts, batch.lines.offsets))
            after = columns(batch.lines)
            found.update((stage.name, name) for name in WRITERS if before[name] != after[name])
            return batch

        return Stage(stage.name, write, stage.does, stage.code, stage.prepares)

    return [watch(stage) for stage in stages]


def foreign(found: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Of what stages wrote, that which the column does not name."""
    return {(stage, column) for stage, column in found if stage not in WRITERS[column]}


def test_each_column_of_the_line_table_is_written_by_the_stages_that_it_names() -> None:
    """No stage writes another's column, and those that a column names are stages."""
    chain, found = Chain(Settings()), set[tuple[str, str]]()
    run(watched(STAGES, found), Batch([document_of(page) for page in PAGES]), chain.resources, chain.profiles)
    assert foreign(found) == set()
    names = {stage.name for stage in STAGES}
    assert all(names.issuperset(stages) for stages in WRITERS.values())
    assert {("repair", "texts"), ("judge", "place"), ("label", "role"), ("metadata", "role")} <= found


@pytest.mark.parametrize("inside", [True, False])
def test_writing_the_column_of_another_stage_is_found(inside: bool) -> None:
    """Be the column replaced or changed in place."""

    def overreach(batch: Batch, given: Resources, profiles: Profiles) -> Batch:
        if inside:
            batch.lines.role[0] = Role.SHARE
        else:
            batch.lines.texts = [text.lower() for text in batch.lines.texts]
        return batch

    chain, found = Chain(Settings()), set[tuple[str, str]]()
    stages = [*STAGES[:-1], Stage("refuse", overreach, "", "")]
    run(watched(stages, found), Batch([document_of(page) for page in PAGES]), chain.resources, chain.profiles)
    assert foreign(found) == {("refuse", "role" if inside else "texts")}


@pytest.mark.parametrize("after", ["repair", "identify", "label"])
def test_text_that_a_plugin_changes_is_measured(after: str) -> None:
    """What later stages read of a line is what stands there now."""

    def longer(batch: Batch) -> Batch:
        batch.lines.texts[0] = "The pond, read in another way"
        return batch

    chain, batch = Chain(Settings()), Batch([document_of(page) for page in PAGES])
    lines = run(with_stage(STAGES, after, "longer", longer), batch, chain.resources, chain.profiles).lines
    assert lines.codes.points.tobytes() == codes(lines.texts).points.tobytes()
    assert lines.marks.line.tobytes() == fingerprints(lines.texts).tobytes()


def test_the_shelf_keeps_what_the_stages_have_prepared() -> None:
    """All columns that a preparing stage fills, but for the trees and the words, which nobody asks again."""
    prepare = {stage.name for stage in STAGES if stage.prepares}
    filled = {column for column, stages in WRITERS.items() if prepare.intersection(stages)}
    assert filled == {*shelf.KEPT, "texts", "offsets", "dom", "scan"}
