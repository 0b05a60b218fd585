"""The one door to the terminal. All that commands print goes through these consoles, texts and streams, so that nothing
can steer the terminal but our own colours; see `ingest.cli.escapes`.

A printed string is one line: line breaks in it come from a page or a file name and are shown as escapes. What has
several lines is printed in several calls.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any, BinaryIO, cast

from rich import text as rich_text
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from ingest.cli.escapes import Guard, guarded, shown


class Text(rich_text.Text):
    """Styled text of one line, whatever it was made from."""

    def __init__(self, text: str = "", *arguments: Any, **options: Any) -> None:
        super().__init__(shown(text), *arguments, **options)

    def append(self, text: rich_text.Text | str, style: Any = None) -> Text:
        super().append(shown(text) if isinstance(text, str) else text, style)
        return self


class _Console(Console):
    def render_str(self, text: str, **options: Any) -> rich_text.Text:
        return super().render_str(shown(text), **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(guarded(segment.text), segment.style)


class _Output(_Console):
    def on_broken_pipe(self) -> None:
        raise BrokenPipeError  # handled in one place for all commands, with exit code 0


def out() -> Console:
    """Data goes to standard output. Lines are never cut when it is not a terminal."""
    return _Output(highlight=False, emoji=False, soft_wrap=not sys.stdout.isatty())


def talk() -> Console:
    """Messages and progress go to standard error, for logs in whole lines."""
    return _Console(stderr=True, highlight=False, emoji=False, soft_wrap=not sys.stderr.isatty())


def data_stream() -> BinaryIO:
    """Standard output for bytes: as they are in a file or a pipe, escaped on a terminal."""
    stream = sys.stdout.buffer
    return cast(BinaryIO, Guard(stream)) if sys.stdout.isatty() else stream
