"""The closed vocabulary of lines: what a line is, and what kind of voter said so."""

from __future__ import annotations

from enum import IntEnum


class Role(IntEnum):
    """What a line is on its page. The set is closed; `label` is the name used in tables and rules."""

    UNKNOWN = 0
    # content
    TITLE = 1
    STANDFIRST = 2
    BODY = 3
    CAPTION = 4
    QUOTE = 5
    LIST = 6
    # metadata
    BYLINE = 10
    DATE = 11
    SECTION = 12
    SOURCE = 13
    TAG = 14
    # boilerplate
    NAVIGATION = 20
    SHARE = 21
    NEWSLETTER = 22
    RELATED = 23
    READ_MORE = 24
    COMMENTS = 25
    MOST_READ = 26
    FOLLOW_US = 27
    LEGAL_NOTICE = 28
    AUTHOR_BIO = 29
    IMAGE_PLACEHOLDER = 30
    ADVERTISEMENT = 31
    COOKIE_NOTICE = 32
    SITE_MOTTO = 33
    PAGINATION = 34
    OTHER_BOILERPLATE = 35

    @property
    def label(self) -> str:
        return self.name.lower().replace("_", "-")

    @property
    def is_content(self) -> bool:
        return 1 <= self <= 6

    @property
    def is_metadata(self) -> bool:
        return 10 <= self <= 14

    @property
    def is_boilerplate(self) -> bool:
        return self >= 20


ROLE_BY_LABEL: dict[str, Role] = {role.label: role for role in Role}


class Evidence(IntEnum):
    """What kind of voter took a line out; of several that spoke against it, the first of these is named."""

    NONE = 0
    SITE = 1
    RULE = 2
    MODEL = 3
    EXTRACTOR = 4
    DUPLICATE = 5

    @property
    def label(self) -> str:
        return self.name.lower()
