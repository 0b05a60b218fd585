"""Articles with comments below them.

On a page of a forum posts are the text, below an article they are not, and few pages of the sets have comments in plain
HTML. So half of the articles get a thread of a forum page as it is, half get such posts in the dress of a blog's
comments: the layouts are those that the usual blog engines print, with invented names and dates.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Sequence
from dataclasses import replace

from ingest.roles import Role
from scripts.line_model import labels
from scripts.line_model.data import Page

HEADINGS = (
    "Comments", "{n} Comments", "{n} comments", "Comments ({n})", "{n} Responses", "{n} Responses to “{title}”",
    "{n} thoughts on “{title}”", "Join the conversation", "Leave a comment", "Discussion", "Reader comments",
    "Add a comment", "{n} replies", "{n} comments… add one now", "What do you think?", "Comments on “{title}”",
    "Your views", "Conversation",
)  # fmt: skip
HEADED = 0.7  # share of the threads that such a line announces
DRESSED = 0.5  # share of the threads whose posts are set as comments of a blog

# {name}, {date}, {time}, {n}: number of the comment, {ago}. Each layout is what stands above a post, and below it.
LAYOUTS = (
    (("{name} says:", "{date} at {time}"), ("Reply",)),
    (("{n}. {name} says:", "{date} at {time}"), ()),
    (("{name} said...",), ("{date} {time}",)),
    ((), ("Posted by: {name} | {date} at {time}",)),
    (("{name}",), ("Posted by: {name} | {date} at {time}",)),
    (("{n}", "{name} {date} at {time}"), ()),
    (("{name} on {date} at {time}",), ("Reply ↓",)),
    (("  {n}. {name} on {date} {time}",), ()),
    (("  • {name}", "    {ago}"), ("    Like Reply",)),
    (("{name} • {ago}",), ("Reply • Share ›",)),
    (("{name}", "{ago}"), ("Report", "Reply")),
    ((), ("by {name} on {date} at {time}. Reply #",)),
    ((), ("Comment by {name} — {date} @ {time}",)),
    (("#{n} {name}", "{date}"), ("Log in to reply",)),
    (("{name} wrote:",), ("{date} {time}",)),
    (("{name}, {date}",), ()),
)
FIRST = (
    "Ann", "Ben", "Carla", "Dan", "Emma", "Fatima", "Greg", "Hana", "Ivan", "Jo", "Karl", "Lucy", "Mike", "Nina",
    "Omar", "Paul", "Rita", "Sam", "Tom", "Uma", "Vic", "Wendy", "Yuki", "Zoe", "anonymous", "guest", "reader", "JR",
    "mrs",
)  # fmt: skip
LAST = (
    "Adams", "Brown", "Costa", "Diaz", "Evans", "Fischer", "Green", "Hill", "Ito", "Jones", "King", "Lee", "Moore",
    "Novak", "Owens", "Petrov", "Quinn", "Ross", "Smith", "Taylor", "Ueda", "Weber", "Young", "1978", "_x", "fan",
    "-", "B.",
)  # fmt: skip
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def discuss(page: Page, at: int, posts: Page, core: tuple[int, int]) -> Page:
    """The page with a thread inserted before line `at`; `core` is the line range of the posts on their own page."""
    draw = random.Random(zlib.crc32(f"thread {page.id} {page.rendering}".encode()))
    first, last = core
    if not at or first == last:
        return page
    if draw.random() < DRESSED:
        said = [posts.lines[i].strip() for i in range(first, last) if posts.kept[i] > 0.6 * posts.words[i] > 2]
        lines = dress(said, draw)
    else:
        lines = posts.lines[first : min(last, first + _some(last - first, draw))]
    if draw.random() < HEADED:
        heading = draw.choice(HEADINGS).format(n=draw.randint(1, 300), title=page.title or "this")
        lines = [heading, *([""] if draw.random() < 0.5 else []), *lines]
    words = [len(labels.words_of(line)) for line in lines]
    role = [int(Role.COMMENTS) if n else 0 for n in words]
    return replace(
        page,
        lines=page.lines[:at] + lines + page.lines[at:],
        words=page.words[:at] + words + page.words[at:],
        kept=page.kept[:at] + [0] * len(lines) + page.kept[at:],
        role=page.role[:at] + role + page.role[at:],
    )


def dress(posts: Sequence[str], draw: random.Random) -> list[str]:
    """Posts, one or a few lines each, as comments in one layout."""
    above, below = draw.choice(LAYOUTS)
    indent = draw.choice(("", "", "    "))
    blank = draw.random() < 0.5
    long_date = draw.random() < 0.6
    begin = draw.randint(0, max(len(posts) - 4, 0))
    lines: list[str] = []
    rest = list(posts[begin : begin + _some(len(posts), draw)])
    n = 0
    while rest:
        n += 1
        month, day, year = draw.randint(0, 11), draw.randint(1, 28), draw.randint(2004, 2025)
        hour, minute = draw.randint(1, 12), draw.randint(0, 59)
        values = {
            "name": f"{draw.choice(FIRST)} {draw.choice(LAST)}" if draw.random() < 0.7 else draw.choice(FIRST),
            "date": f"{MONTHS[month]} {day}, {year}" if long_date else f"{month + 1:02}.{day:02}.{year % 100:02}",
            "time": f"{hour}:{minute:02} {draw.choice(('am', 'pm'))}" if long_date else f"{hour}:{minute:02}",
            "ago": f"{draw.randint(2, 23)} {draw.choice(('hours', 'days', 'months', 'years'))} ago",
            "n": n,
        }
        size = draw.choice((1, 1, 1, 2, 3))
        lines += [line.format(**values) for line in above]
        lines += [indent + line for line in rest[:size]]
        lines += [line.format(**values) for line in below]
        lines += [""] if blank else []
        rest = rest[size:]
    return lines


def _some(most: int, draw: random.Random) -> int:
    """A number of lines from eight to `most`, small ones more often."""
    return int(8 * (max(most, 8) / 8) ** draw.random())
