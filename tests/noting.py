"""A list that sees what goes by."""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def noted(seen: list[T], thing: T, answer: R) -> R:
    """Put `thing` into `seen` and go on with `answer`; for the lambda that stands in for a function."""
    seen.append(thing)
    return answer
