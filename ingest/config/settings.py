"""Settings and where each came from: flags > environment (`INGEST_*`) > file > defaults.

The file is `ingest.toml` in the working directory, or the table `[tool.ingest]` of `pyproject.toml`. Keys are the field
names of `Settings`, with `-` or `_`. An unknown key is an error that names the nearest known one.
"""

from __future__ import annotations

import difflib
import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias, get_args, get_origin

import msgspec
import tomli

from ingest import __version__
from ingest.config import records, sidecars
from ingest.errors import ConfigError

PYPROJECT = "pyproject.toml"
FILE_NAMES = ("ingest.toml", PYPROJECT)
ENV_PREFIX = "INGEST_"


class Columns(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Which column of a table, or key of a JSON object, holds what; a dot leads into an object: `meta.link`.

    None leaves it to the names that data sets are known to use (`ingest/readers/columns.toml`).
    """

    text: str | None = None
    html: str | None = None
    url: str | None = None
    id: str | None = None
    title: str | None = None
    published: str | None = None
    authors: str | None = None
    section: str | None = None
    tags: str | None = None
    standfirst: str | None = None
    language: str | None = None
    fetched_at: str | None = None


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All settings of a run. Fields in `ROW_SETTINGS` can change rows and enter the configuration hash."""

    ignore: tuple[str, ...] = (".*", "_*", "README*", "LICENSE*")
    """File and folder names left out when a folder is walked (glob patterns)."""
    batch_documents: int = 64
    """Documents that move through the stages together."""
    batch_bytes: int = 2_000_000
    """A batch is also closed when its raw pages reach this size."""
    part_bytes: int = 64_000_000
    """Small sources are gathered into one part up to this size; larger ones are worked on in segments of it."""
    part_sources: Annotated[int, msgspec.Meta(ge=1)] = 5000
    """Small sources are gathered into one part up to this number."""
    part_seconds: Annotated[float, msgspec.Meta(gt=0)] = 300.0
    """A part is committed at the end of the source at hand once it has taken so long, whatever it holds by then."""
    settle: Annotated[float, msgspec.Meta(ge=0)] = 0.3
    """A file written to within so many seconds is left for the next run, unless a wait of a second shows it at rest."""
    gone: Literal["keep", "drop"] = "keep"
    """What becomes of the rows of a source that is gone: they stay, or a run drops them."""
    gone_limit: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.2
    """With `gone = "drop"`: if a larger share of the sources below one folder is gone, nothing of it is dropped and the
    run ends in error: a disk may be unmounted."""
    log_format: Literal["text", "json"] = "text"
    """How runs talk on standard error: text for people, json for log collectors, one object a line."""
    workers: Annotated[int, msgspec.Meta(ge=0)] | Literal["auto"] = "auto"
    """Processes that do the work: auto is one for each CPU, 0 works without any, and then without their limits."""
    engine: Literal["local", "dask"] = "local"
    """Where a run works: on this machine, or on a cluster of Dask, whose workers then do a part each."""
    engine_address: str = ""
    """Of the cluster, e.g. tcp://scheduler:8786; without one, `workers` processes here are one."""
    part_workers: Annotated[int, msgspec.Meta(ge=0)] = 1
    """Processes that a worker of a cluster has do its work: 0 works without any, and then without their limits."""
    max_document_bytes: int = 50_000_000
    """Larger records are not read; they end in `rejected` as too-large."""
    max_html_elements: int = 200_000
    """HTML pages with more start tags are not parsed; they end in `rejected` as too-large."""
    max_document_seconds: float = 60.0
    """A document that takes longer ends in `rejected` as timeout."""
    max_document_memory: int = 2_000_000_000
    """Bytes that a worker may have for its work; a document that needs more ends in `rejected` as too-large."""
    quarantine_bytes: int = 1_000_000
    """Bytes that are kept of each record that could not be used, to look at or to retry; 0 keeps none."""
    max_failed_share: float = 0.5
    """A run in which more than this share of at least 20 records could not be used ends in error, exit code 1."""
    max_expansion: int = 200
    """Compressed data that grows to more than this many times its size, and to more than 100 MB, is too-large."""
    max_nesting: int = 3
    """How many archives and compressions may stand around a page: a.tar.gz in b.zip makes three."""
    records: str = "file"
    """What is a page in a text file: the file; lines, blank-lines (what stands between them); separator:PATTERN, a line
    that stands between pages; or header:PATTERN, the first line of each, e.g. header:URL: or header:<doc"""
    sidecars: tuple[str, ...] = ()
    """Files that tell of the pages beside them, by name: {stem}.json or {name}.json, one for each page; or index.jsonl,
    meta.json, which name pages in the key `file`, or tell of the only page beside them. They are no documents."""
    columns: Columns = Columns()
    """Names of columns in tables and of keys in JSON, e.g. text = "story"; as flag or variable: text=story."""
    min_words: int = 1
    """Articles with fewer words end in `rejected` as too-short."""
    keep: Literal["precision", "balanced", "recall"] = "balanced"
    """Which error to prefer where a line is doubtful: recall loses the least article text."""
    learn: bool = True
    """Learn boilerplate and date order from the pages of the same site."""
    site: Literal["auto", "folder", "top-folder"] = "auto"
    """What names the site of a page: the folder its file is in, or the first one below the place given; auto: neither,
    but its URL, signatures of sites, and what its pages share."""
    site_pattern: str = ""
    """A pattern for paths of pages; where it matches, its group `site` is the site, e.g. ^(?P<site>[^/]+)/archive/"""
    rules: tuple[str, ...] = ()
    """Folders with further rule files."""
    language_engine: str = "ngram"
    """ngram, langdetect, or the name of a plug-in."""
    html_engine: Literal["auto", "trafilatura", "lines"] = "auto"
    """Who chooses the lines of HTML pages: auto is the line model, which asks trafilatura where it is unsure."""
    site_configs: tuple[str, ...] = ()
    """Folders of site configurations in the format of FiveFilters (`ftr-site-config`), for HTML pages."""
    text_format: Literal["text", "markdown"] = "text"
    """How the column `text` is written where the page's structure is known, which is in HTML pages."""
    stages: tuple[str, ...] = ()
    """Stages of plug-ins to run, by name and in this order."""
    dedup: Literal["off", "exact", "near"] = "exact"
    """Which copies of an article are marked in `duplicate_of`: none, those of the same text, or near copies, too."""
    drop_duplicates: bool = False
    """Move duplicates from `articles` to `rejected`."""

    def __post_init__(self) -> None:
        records.check(self.records)
        sidecars.check(self.sidecars)
        try:
            named = re.compile(self.site_pattern).groupindex
        except re.error as error:
            raise ValueError(f"no regular expression: {error}") from None
        if self.site_pattern and "site" not in named:
            raise ValueError("it has no group that names the site; write it as (?P<site>...)")


# Not among them: `sidecars`, as what they say of a page is part of the digest of its source; `dedup` and
# `drop_duplicates`, which each run brings all rows in line with, without reading sources.
ROW_SETTINGS = (
    "max_document_bytes",
    "max_html_elements",
    "max_expansion",
    "max_nesting",
    "records",
    "columns",
    "min_words",
    "keep",
    "learn",
    "site",
    "site_pattern",
    "language_engine",
    "html_engine",
    "text_format",
    "stages",
)


class Origin(msgspec.Struct, frozen=True):
    """Where a setting's value comes from, e.g. `default`, `flag --keep`, `environment INGEST_KEEP`."""

    value: Any
    source: str


class Config(msgspec.Struct, frozen=True):
    """Resolved settings together with the origin of each."""

    settings: Settings
    origins: dict[str, Origin]


def load(
    flags: Mapping[str, Any] | None = None,
    *,
    folder: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> Config:
    """Resolve the settings of a command. Flags whose value is None count as not given.

    Raises:
        ConfigError: unknown key, wrong type, or a file that is no TOML; names the origin and the nearest key.
    """
    given: list[Given] = []
    path = find_file(folder or Path.cwd())
    if path is not None:
        given += _read_file(path)
    given += _read_environment(os.environ if environ is None else environ)
    given += [
        (key, value, f"flag --{key.replace('_', '-')}") for key, value in (flags or {}).items() if value is not None
    ]
    return _resolve(given)


def settings_of(values: Mapping[str, Any] | Path) -> Settings:
    """The settings that a mapping or a file names, and defaults for all others; nothing else is looked at.

    Raises:
        ConfigError: as `load`; also for a file that cannot be read.
    """
    if isinstance(values, Path):
        return _resolve(_read_file(values)).settings
    return _resolve([(_known(key, "settings"), value, "settings") for key, value in values.items()]).settings


def find_file(folder: Path) -> Path | None:
    """The file in `folder` that holds settings: `ingest.toml`, else a `pyproject.toml` with `[tool.ingest]`."""
    for name in FILE_NAMES:
        path = folder / name
        if path.is_file() and (name != PYPROJECT or _parse(path)):
            return path
    return None


Given: TypeAlias = tuple[str, Any, str]  # name, value, origin


def _resolve(given: Iterable[Given]) -> Config:
    """The last one given of each setting wins."""
    values: dict[str, Any] = {}
    origins = {name: Origin(getattr(Settings(), name), "default") for name in Settings.__struct_fields__}
    for key, value, source in given:
        _check(key, value, source)
        values[key] = value
        origins[key] = Origin(value, source)
    settings = msgspec.convert(values, Settings, strict=False)
    return Config(settings, {name: Origin(getattr(settings, name), origin.source) for name, origin in origins.items()})


def row_hash(settings: Settings, versions: Mapping[str, str]) -> str:
    """Hash of all that can change a row: settings, program version, and the versions of rules, models and engines."""
    body = {name: getattr(settings, name) for name in ROW_SETTINGS} | dict(versions) | {"ingest": __version__}
    return hashlib.blake2b(msgspec.json.encode(body, order="sorted"), digest_size=8).hexdigest()


def _parse(path: Path) -> dict[str, Any]:
    try:
        table: dict[str, Any] = tomli.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror or error}", source=path) from None
    except (tomli.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}", source=path) from None
    return table.get("tool", {}).get("ingest", {}) if path.name == PYPROJECT else table


def _read_file(path: Path) -> list[Given]:
    return [(_known(key, path.name), value, path.name) for key, value in _parse(path).items()]


def _read_environment(environ: Mapping[str, str]) -> list[Given]:
    given: list[Given] = []
    for name, value in environ.items():
        # INGEST_SHARED and the like belong to the tests; only names that are settings, or nearly so, are ours
        if not name.startswith(ENV_PREFIX):
            continue
        key = name[len(ENV_PREFIX) :].lower()
        if key in Settings.__struct_fields__:
            given.append((key, _from_environment(key, value), f"environment {name}"))
        elif difflib.get_close_matches(key, Settings.__struct_fields__, 1, 0.8):
            _known(key, name)
    return given


def _from_environment(key: str, value: str) -> Any:
    default = getattr(Settings(), key)
    if not isinstance(default, tuple | Columns):
        return value
    parts = [part for part in value.split(os.pathsep) if part]
    return dict(part.partition("=")[::2] for part in parts) if isinstance(default, Columns) else parts


def _known(key: str, where: str) -> str:
    name = key.replace("-", "_")
    if name in Settings.__struct_fields__:
        return name
    near = difflib.get_close_matches(name, Settings.__struct_fields__, 1, 0.4)
    hint = f"did you mean {near[0]!r}?" if near else "see `ingest config show` for the known keys"
    raise ConfigError(f"{where}: unknown setting {key!r}", source=where, hint=hint)


def _check(key: str, value: Any, source: str) -> None:
    try:
        msgspec.convert({key: value}, Settings, strict=False)
    except msgspec.ValidationError as error:
        valid = _valid(key)
        hint = f"it is one of: {', '.join(valid)}" if valid else ""
        raise ConfigError(f"{source}: {key} = {value!r}: {error}", source=source, hint=hint) from None


def _valid(key: str) -> tuple[str, ...]:
    """The words that a setting may be; none where it is something else, or may be other things as well."""
    [field] = (field for field in msgspec.structs.fields(Settings) if field.name == key)
    return tuple(map(str, get_args(field.type))) if get_origin(field.type) is Literal else ()
