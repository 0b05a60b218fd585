"""The dataset read by other programs: the same columns, types and rows for all of them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet as pq
import pytest

import ingest
from ingest.dataset import open_dataset
from ingest.run import run
from ingest.schema import SCHEMAS, TABLES


@pytest.fixture(scope="module")
def corpus(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample pages and a bad record, in a folder whose path looks like a Hive partition."""
    folder = tmp_path_factory.mktemp("data") / "language=kk"
    source = folder / "raw"
    shutil.copytree(raw, source)
    (source / "bad.jsonl").write_text('{"text": 7}\n')
    run([source], folder / "out", ingest.Settings(workers=0))
    return folder / "out"


@pytest.fixture(params=TABLES)
def table(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def logical(kind: pa.DataType) -> str:
    """A type without the width of its offsets and without the unit of time, which programs choose as they like."""
    if pa.types.is_timestamp(kind):
        return "timestamp" if kind.tz is None else f"timestamp {kind.tz}"
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return f"list<{logical(kind.value_type)}>"
    if pa.types.is_struct(kind):
        return f"struct<{', '.join(f'{field.name}: {logical(field.type)}' for field in kind)}>"
    return "string" if pa.types.is_large_string(kind) or pa.types.is_string_view(kind) else str(kind)


def columns(schema: pa.Schema) -> list[tuple[str, str]]:
    return [(field.name, logical(field.type)) for field in schema]


def rows(table: pa.Table, name: str) -> list[dict[str, Any]]:
    """The rows in the declared types, in a fixed order."""
    return sorted(table.cast(SCHEMAS[name]).to_pylist(), key=repr)


def same(found: pa.Table, corpus: Path, name: str) -> None:
    """Columns, types and rows are those of the dataset."""
    assert columns(found.schema) == columns(SCHEMAS[name])
    assert rows(found, name) == rows(open_dataset(corpus).table(name), name)


def test_duckdb(corpus: Path, table: str) -> None:
    """DuckDB by a glob, with Hive partitioning off; with it on, the path adds a column and changes no other."""
    duckdb = pytest.importorskip("duckdb")
    files = f"{corpus}/{table}/*.parquet"
    if table != "articles":  # it has a column of that name itself
        hive = duckdb.sql(f"SELECT * EXCLUDE language FROM read_parquet('{files}', hive_partitioning = true)")
        assert list(hive.columns) == [name for name in SCHEMAS[table].names if name != "language"]
    found = duckdb.sql(f"SELECT * FROM read_parquet('{files}', hive_partitioning = false)").arrow()
    same(found.read_all() if isinstance(found, pa.RecordBatchReader) else found, corpus, table)


def test_polars(corpus: Path, table: str) -> None:
    """Polars by a glob, eager and lazy."""
    pl = pytest.importorskip("polars")
    files = f"{corpus}/{table}/*.parquet"
    same(pl.read_parquet(files, hive_partitioning=False).to_arrow(), corpus, table)
    same(pl.scan_parquet(files, hive_partitioning=False).collect().to_arrow(), corpus, table)


def test_pandas(corpus: Path, table: str) -> None:
    """pandas by the folder of a table, with Arrow types."""
    pd = pytest.importorskip("pandas")
    frame = pd.read_parquet(corpus / table, dtype_backend="pyarrow", partitioning=None)
    found = pa.Table.from_pandas(frame, preserve_index=False)
    same(found.replace_schema_metadata(None), corpus, table)


def test_hugging_face_datasets(corpus: Path, table: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hugging Face datasets by a glob, without network."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets = pytest.importorskip("datasets")
    loaded = datasets.load_dataset(
        "parquet", data_files=f"{corpus}/{table}/*.parquet", split="train", cache_dir=str(tmp_path)
    )
    same(loaded.with_format("arrow")[:], corpus, table)


def test_pyarrow(corpus: Path, table: str) -> None:
    """pyarrow by the folder; each file has the descriptions of the columns and the version of the schema."""
    found = pyarrow.dataset.dataset(corpus / table, format="parquet").to_table()
    same(found, corpus, table)
    [file, *_] = sorted((corpus / table).glob("*.parquet"))
    schema = pq.read_schema(file)
    assert schema.metadata.items() >= SCHEMAS[table].metadata.items()
    described = [[field.metadata[b"description"] for field in of] for of in (schema, SCHEMAS[table])]
    assert described[0] == described[1]


def test_c_data_interface(corpus: Path, table: str) -> None:
    """Rows go through the Arrow C data interface, the stream of which any program may read, unchanged."""

    class Foreign:
        """Knows nothing but the capsule."""

        def __init__(self, table: pa.Table) -> None:
            self.table = table

        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            return self.table.__arrow_c_stream__(requested_schema)

    whole = open_dataset(corpus).table(table)
    found = pa.RecordBatchReader.from_stream(Foreign(whole)).read_all()
    assert found.schema.equals(SCHEMAS[table], check_metadata=True)
    assert found.equals(whole)


PAGES = [{"text": "Pond measured\n\nThe pond is as wide as it was last year.", "url": "https://pond.example/1"}] * 3


@pytest.mark.parametrize("maker", ["polars:DataFrame", "pandas:DataFrame", "duckdb:relation", "datasets:Dataset"])
def test_pages_come_from_other_programs(maker: str) -> None:
    """Tables of other programs are pages for a pipeline, with the rows that dicts give."""
    module, _, kind = maker.partition(":")
    library = pytest.importorskip(module)
    if kind == "DataFrame":
        pages = library.DataFrame(PAGES)
    elif kind == "relation":
        arrow = pa.Table.from_pylist(PAGES)
        pages = library.sql("SELECT * FROM arrow")
        assert arrow.num_rows == 3
    else:
        pages = library.Dataset.from_list(PAGES)
    pipeline = ingest.Pipeline()
    expected = pipeline.process(PAGES).articles.drop_columns(["ingested_at"])
    assert pipeline.process(pages).articles.drop_columns(["ingested_at"]).equals(expected)
