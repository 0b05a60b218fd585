"""The things that flow through the pipeline: records, documents, and the line table of a batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from ingest.lines.fingerprints import Marks
from ingest.lines.scan import NO_CODES, Codes, Scan

# plug-ins have these names from here, see docs/plugins.md
from ingest.roles import Evidence as Evidence
from ingest.roles import Role as Role

if TYPE_CHECKING:
    from ingest.html.evidence import DomEvidence
    from ingest.metadata.html import HtmlMetadata
    from ingest.models.line_model import Prediction
    from ingest.rules._match import Hit

Kind = Literal["text", "html"]


class Outcome(str, Enum):
    """How a record ended. Each record has exactly one; a run whose outcomes do not add up to its records fails."""

    KEPT = "kept"
    DUPLICATE = "duplicate"
    TOO_SHORT = "too-short"
    NOT_ARTICLE = "not-article"
    EMPTY = "empty"
    BINARY = "binary"
    UNDECODABLE = "undecodable"
    UNREADABLE = "unreadable"
    INVALID = "invalid"
    DAMAGED = "damaged"
    TIMEOUT = "timeout"
    TOO_LARGE = "too-large"
    FAILED = "failed"
    HTTP_STATUS = "http-status"
    MEDIA_TYPE = "media-type"
    REVISIT = "revisit"


# Outcomes that are nobody's fault: they do not make a run end with exit code 3.
HARMLESS = frozenset(
    {
        Outcome.KEPT,
        Outcome.DUPLICATE,
        Outcome.TOO_SHORT,
        Outcome.NOT_ARTICLE,
        Outcome.HTTP_STATUS,
        Outcome.MEDIA_TYPE,
        Outcome.REVISIT,
    }
)


@dataclass(frozen=True, slots=True)
class Record:
    """One unit of a source as its reader found it, before any decoding. No stage changes it: a page may be worked on
    twice, and must come out the same.

    `given` holds what the source itself says beside the page: `id`, `title`, `published`, `fetched_at`, `section`,
    `standfirst`, `language`, and, one a line, `authors` and `tags`. `offset` and `length` tell the bytes of the source,
    or of the `member` of an archive, that the record was read from. `defects` are what is wrong with it although it can
    be used, e.g. a digest that does not fit, with counts.
    """

    source: str
    number: int
    content: bytes | str
    kind: Kind
    url: str | None = None
    charset: str | None = None  # declared by the transport, not by the page
    given: Mapping[str, str] = field(default_factory=dict)
    offset: int | None = None
    length: int | None = None
    member: str | None = None
    defects: Mapping[str, int] = field(default_factory=dict)

    def refused(self, outcome: Outcome, reason: str, remedy: str = "") -> Reject:
        """This record as one that cannot be used."""
        size = len(self.content) if self.length is None else self.length
        place = (self.offset, size, "", self.url, self.given.get("id"), self.member)
        content = self.content if isinstance(self.content, bytes) else self.content.encode("utf-8", "surrogatepass")
        return Reject(self.source, self.number, outcome, reason, remedy, *place, content=content)


@dataclass(frozen=True, slots=True)
class Reject:
    """A record that could not be read: it becomes a row of the `rejected` table and costs nothing else."""

    source: str
    number: int | None
    outcome: Outcome
    reason: str
    remedy: str = ""
    offset: int | None = None
    size: int | None = None
    sample: str = ""
    url: str | None = None
    id: str | None = None  # as the source names it
    member: str | None = None
    content: bytes = b""  # the record, or its beginning, where the reader has it in hand


Records: TypeAlias = Sequence[Record | Reject]
"""A batch as readers give it, in the order of its source."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a record ended that no stage could bring to an end."""

    outcome: Outcome
    reason: str
    remedy: str


OUT_OF_MEMORY = Ending(
    Outcome.TOO_LARGE, "needs more memory than a document may have", "raise max_document_memory, or cut the page"
)


@dataclass(slots=True)
class Metadata:
    """What the page says of itself."""

    title: str | None = None
    standfirst: str | None = None
    authors: list[str] = field(default_factory=list)
    published: datetime | None = None
    published_precision: str | None = None
    published_raw: str | None = None
    published_ambiguous: bool = False
    published_from: str | None = None
    modified: datetime | None = None
    fetched_at: datetime | None = None
    section: str | None = None
    source: str | None = None
    tags: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Document:
    """One page on its way. Its lines live in the batch's `Lines`, rows `lines.span(i)` for the i-th document."""

    id: str
    record: Record
    page: str  # hash of the content alone, wherever it stands
    url: str | None = None  # that of the record, else the one that the page declares
    text: str = ""  # decoded: NFC, line ends are \n; see `ingest.stages.decode.text_of`
    utf8: tuple[str, bytes] = ("", b"")  # a text and its UTF-8, where both are at hand, until the page is parsed
    encoding: str | None = None
    encoding_declared: str | None = None
    repairs: dict[str, int] = field(default_factory=dict)
    site_config: str | None = None  # the file of the user's site configuration that spoke of it
    html_meta: HtmlMetadata | None = None  # what the tree of an HTML page said
    site: str | None = None
    unframed: bool = False  # hardly a line of it is known as anything but text
    meta: Metadata = field(default_factory=Metadata)
    outcome: Outcome = Outcome.KEPT
    reason: str = ""
    remedy: str = ""
    read_back: bool = False  # from the shelf, where the text of a page that is lines is not kept

    def reject(self, outcome: Outcome, reason: str, remedy: str = "") -> None:
        """End this document with `outcome`; the first verdict stands."""
        if self.outcome is Outcome.KEPT:
            self.outcome, self.reason, self.remedy = outcome, reason, remedy


@dataclass(frozen=True, slots=True)
class Voter:
    """Who votes: its name, the kind of evidence that it has, and what the column `stage` of `removed` calls it."""

    name: str
    evidence: Evidence
    stage: str


@dataclass(slots=True)
class Votes:
    """What one voter says of the lines of a batch; row i belongs to row i of `Lines`.

    role: int8[n], `Role.UNKNOWN` where the voter is silent. score: float32[n], confidence 0..1.
    rule: per line the id of the rule, profile entry or model behind the vote, None where silent. head: int64[n], the
    row of the line in whose block a line stands, -1 where it speaks for itself; None where the voter knows no blocks.
    """

    voter: Voter
    role: npt.NDArray[np.int8]
    score: npt.NDArray[np.float32]
    rule: list[str | None]
    head: npt.NDArray[np.int64] | None = None

    @classmethod
    def silent(cls, voter: Voter, n: int) -> Votes:
        return cls(voter, np.zeros(n, np.int8), np.zeros(n, np.float32), [None] * n)

    def give(self, row: int, role: Role, score: float, rule: str) -> None:
        self.role[row], self.score[row], self.rule[row] = role, score, rule

    @property
    def against(self) -> npt.NDArray[np.bool_]:
        """bool[n]: where the vote is that the line is no article text."""
        result: npt.NDArray[np.bool_] = (
            (self.role >= Role.NAVIGATION) | (self.role == Role.CAPTION) | (self.role == Role.TAG)
        )
        return result


def _by(*stages: str) -> dict[str, tuple[str, ...]]:
    """The stages that write a column: the first fills it, others change lines."""
    return {"stages": stages}


@dataclass(slots=True)
class Lines:
    """The lines of a batch as columns. Document d owns rows `offsets[d]` to `offsets[d + 1]`; blank lines are "".

    Each column names the stages of `ingest.stages.order` that write it; no other does. The decision writes the final
    columns, and leaves the `votes`, `weights` and `threshold` that it went by; the reader of metadata gives the lines
    that it used their roles.
    """

    texts: list[str] = field(metadata=_by("extract", "repair"))
    offsets: npt.NDArray[np.int64] = field(metadata=_by("extract"))
    # bits of ingest.html.elements.Within, 0 in text dumps
    within: npt.NDArray[np.int64] = field(init=False, metadata=_by("extract"))
    # what the trees say of the lines, until they are judged
    dom: DomEvidence | None = field(init=False, metadata=_by("extract", "judge"))
    repaired: dict[int, Repair] = field(init=False, metadata=_by("repair"))
    codes: Codes = field(init=False, metadata=_by("repair", "measure"))  # the texts as code points
    # with the words that these make up, until they are judged
    scan: Scan | None = field(init=False, metadata=_by("measure", "judge"))
    # fingerprints, of which sites are learned and by which their lines are found again
    marks: Marks = field(init=False, metadata=_by("measure"))
    # what lines meet of the generic rules, by row; None where nobody has asked
    met: Mapping[int, tuple[Hit, ...]] | None = field(init=False, metadata=_by("judge"))
    judged: Prediction = field(init=False, metadata=_by("judge"))  # there is none before
    place: npt.NDArray[np.uint64] = field(init=False, metadata=_by("judge"))  # of HTML lines, see ingest.html.evidence
    # pages of the site with just this line; 0 where none are known
    on_pages: npt.NDArray[np.int32] = field(init=False, metadata=_by("label"))
    votes: list[Votes] = field(init=False, metadata=_by("label"))
    # float32[votes, n]: what each adds to the log-odds of content
    weights: npt.NDArray[np.float32] = field(init=False, metadata=_by("label"))
    log_odds: npt.NDArray[np.float32] = field(init=False, metadata=_by("label"))  # of content, the sum of the weights
    # least probability, after all votes, at which a line stays
    threshold: npt.NDArray[np.float32] = field(init=False, metadata=_by("label"))
    # where the votes left a line in the text, whatever came later
    stays: npt.NDArray[np.bool_] = field(init=False, metadata=_by("label"))
    role: npt.NDArray[np.int8] = field(init=False, metadata=_by("label", "metadata", "structure", "rescue"))
    evidence: npt.NDArray[np.int8] = field(init=False, metadata=_by("label", "metadata", "rescue"))
    score: npt.NDArray[np.float32] = field(init=False, metadata=_by("label", "metadata", "rescue"))
    rule: list[str | None] = field(init=False, metadata=_by("label", "metadata", "rescue"))
    stage: list[str | None] = field(init=False, metadata=_by("label", "metadata", "rescue"))
    language: list[str] = field(init=False, metadata=_by("language"))
    altered: dict[int, Alteration] = field(init=False, metadata=_by("metadata", "trim"))

    def __post_init__(self) -> None:
        n = len(self.texts)
        self.within, self.place, self.dom = np.zeros(n, np.int64), np.zeros(n, np.uint64), None
        self.repaired, self.altered, self.met = {}, {}, None
        self.codes, self.scan, self.marks = NO_CODES, None, Marks.none(n)
        self.on_pages = np.zeros(n, np.int32)
        self.votes, self.weights = [], np.zeros((0, n), np.float32)
        self.log_odds, self.threshold = np.zeros(n, np.float32), np.zeros(n, np.float32)
        self.stays = np.zeros(n, np.bool_)
        self.role, self.evidence = np.zeros(n, np.int8), np.zeros(n, np.int8)
        self.score = np.zeros(n, np.float32)
        self.rule, self.stage = [None] * n, [None] * n
        self.language = ["und"] * n

    def __len__(self) -> int:
        return len(self.texts)

    def span(self, document: int) -> range:
        """Rows of one document."""
        return range(int(self.offsets[document]), int(self.offsets[document + 1]))

    def votes_of(self, voter: Voter) -> Votes | None:
        """What a voter said, None where it was not heard."""
        return next((votes for votes in self.votes if votes.voter == voter), None)

    def set(self, row: int, role: Role, evidence: Evidence, score: float, rule: str, stage: str) -> None:
        self.role[row], self.evidence[row], self.score[row] = role, evidence, score
        self.rule[row], self.stage[row] = rule, stage


@dataclass(slots=True)
class Alteration:
    """A line of which only a part stays: `kept` goes on, `removed` is recorded with its role and rule."""

    kept: str
    removed: str
    role: Role
    rule: str


@dataclass(slots=True)
class Repair:
    """A line that was mended: as it stood on the page, and the steps taken."""

    before: str
    steps: list[str]


@dataclass(slots=True)
class Batch:
    """Documents that move through the stages together, and the table of all their lines."""

    documents: list[Document]
    lines: Lines = field(default_factory=lambda: Lines([], np.zeros(1, np.int64)))
    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))  # by stage

    def alive(self) -> list[tuple[int, Document]]:
        """(position, document) of the documents that no stage has ended."""
        return [(i, d) for i, d in enumerate(self.documents) if d.outcome is Outcome.KEPT]
