"""Many pages from Python: tables in, tables out, in any process."""

from __future__ import annotations

import json
import pickle
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pyarrow as pa
import pytest

import ingest
from ingest.run import run
from ingest.schema import SCHEMAS

ARTICLE = (
    "The surveyors came back on {day} with a longer rope and measured the {place} from the north side to the south.\n\n"
    "They found the {place} to be as wide as it was last year, which the mayor of {town} called a relief to everyone."
)
PLACES = [("Monday", "pond", "Reedham"), ("Friday", "old quarry", "Stonely"), ("Sunday", "harbour", "Tidewick")]
MOTTO = "Every puddle has its day"
ROWS = [
    {"text": f"{ARTICLE.format(day=day, place=place, town=town)}\n\n{MOTTO}", "url": f"https://pond.example/{place}"}
    for day, place, town in PLACES
]
PIPELINE = ingest.Pipeline()


def timeless(tables: ingest.Tables) -> list[list[dict[str, object]]]:
    return [[{k: v for k, v in row.items() if k != "ingested_at"} for row in table.to_pylist()] for table in tables]


def test_rows_become_the_declared_tables() -> None:
    """Dicts in, three tables in the schemas of the dataset out; each page is in one of two of them."""
    tables = PIPELINE.process([*ROWS, {"text": ""}, {"url": "https://pond.example/none"}], source="crawl", first=7)
    assert [table.schema for table in tables] == [SCHEMAS[name] for name in ingest.Tables._fields]
    assert tables.articles["source_record"].to_pylist() == [7, 8, 9]
    assert set(tables.articles["source_path"].to_pylist()) == {"crawl"}
    assert list(zip(*(tables.rejected[c].to_pylist() for c in ("source_record", "outcome")), strict=True)) == [
        (10, "empty"),
        (11, "invalid"),
    ]


def test_batching_and_form_of_the_input_change_nothing() -> None:
    """A list, a generator, a table in several chunks, a record batch, an Arrow stream: the same rows."""
    table = pa.Table.from_pylist(ROWS)
    chunked = pa.concat_tables([table.slice(0, 1), table.slice(1)])
    whole = timeless(PIPELINE.process(ROWS))
    for pages in (iter(ROWS), table, chunked, table.combine_chunks().to_batches()[0], chunked.to_reader()):
        assert timeless(PIPELINE.process(pages)) == whole
    parts = [PIPELINE.process([row], first=number) for number, row in enumerate(ROWS)]
    assert timeless(ingest.Tables(*map(pa.concat_tables, zip(*parts, strict=True)))) == whole


@pytest.mark.parametrize("pages", [None, 7, "one page", b"one page", {"text": "one page"}, [1, 2]])
def test_what_is_no_collection_of_pages_is_told(pages: object) -> None:
    """The message names the type and the remedy."""
    with pytest.raises(ingest.SourceError, match="is no collection of pages"):
        PIPELINE.process(pages)


def test_learning_finds_what_a_site_repeats() -> None:
    """A line on all pages of a site goes once the pipeline has learned; the pipeline learned from stays as it was."""
    assert MOTTO in PIPELINE.process(ROWS).articles["text"][0].as_py()
    learned = PIPELINE.learn(ROWS)
    removed = learned.process(ROWS).removed.to_pylist()
    assert {row["evidence"] for row in removed if row["text"] == MOTTO} == {"site"}
    assert MOTTO in PIPELINE.process(ROWS).articles["text"][0].as_py()
    assert timeless(PIPELINE.learn(ROWS[:1]).learn(ROWS[1:]).process(ROWS)) == timeless(learned.process(ROWS))


def test_pipeline_knows_the_sites_of_a_dataset(tmp_path: Path) -> None:
    """`sites` names a dataset whose knowledge is used; a folder that is none is an error."""
    for number, row in enumerate(ROWS):
        (tmp_path / f"{number}.jsonl").write_text(json.dumps(row))
    run([tmp_path], tmp_path / "out", ingest.Settings())
    pipeline = ingest.Pipeline(sites=tmp_path / "out")
    assert MOTTO not in pipeline.clean(ROWS[0]["text"], url=ROWS[0]["url"]).text
    with pytest.raises(ingest.DatasetError):
        ingest.Pipeline(sites=tmp_path / "nowhere")


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_pipeline_goes_through_pickle_into_other_processes(method: str) -> None:
    """The settings and the knowledge of sites go along; the rows are the same."""
    learned = ingest.Pipeline({"min_words": 3}).learn(ROWS)
    with ProcessPoolExecutor(1, mp_context=get_context(method)) as pool:
        [tables] = pool.map(learned.process, [ROWS])
    assert timeless(tables) == timeless(learned.process(ROWS))
    assert pickle.loads(pickle.dumps(learned)).settings == learned.settings


def test_article_can_be_pickled_and_compared() -> None:
    """Articles are plain values."""
    article = PIPELINE.clean(ROWS[0]["text"])
    assert pickle.loads(pickle.dumps(article)) == article


def test_configuration_is_a_mapping_a_file_or_settings(tmp_path: Path) -> None:
    """All three say the same; an unknown key names the nearest one; the environment is not looked at."""
    (tmp_path / "my.toml").write_text('keep = "recall"\n')
    made = [ingest.Pipeline(c) for c in ({"keep": "recall"}, tmp_path / "my.toml", ingest.Settings(keep="recall"))]
    assert len({pipeline.config_hash for pipeline in made}) == 1
    assert repr(made[0]) == "ingest.Pipeline({'keep': 'recall'})"
    with pytest.raises(ingest.ConfigError, match="did you mean 'keep'"):
        ingest.Pipeline({"kep": "recall"})
    with pytest.raises(ingest.ConfigError, match="cannot be read"):
        ingest.Pipeline(tmp_path / "none.toml")
