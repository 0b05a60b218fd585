"""Who decides on HTML pages."""

from __future__ import annotations

from typing import Literal

Engine = Literal["auto", "trafilatura", "lines"]
