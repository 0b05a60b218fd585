"""Settings, where they come from, and what of them and of the libraries can change a row."""

from ingest.config.settings import (
    PYPROJECT,
    ROW_SETTINGS,
    Columns,
    Config,
    Origin,
    Settings,
    find_file,
    load,
    row_hash,
    settings_of,
)

__all__ = [
    "PYPROJECT",
    "ROW_SETTINGS",
    "Columns",
    "Config",
    "Origin",
    "Settings",
    "find_file",
    "load",
    "row_hash",
    "settings_of",
]
