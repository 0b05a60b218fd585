"""Arrow schemas of the three tables: the one place where columns are declared.

The schemas are a contract with other programs: columns are added, never renamed or retyped, and each addition raises
`SCHEMA_VERSION`. Tables are always built against these schemas and never inferred from data, so that a column whose
first batch is all null keeps its type.
"""

from __future__ import annotations

import pyarrow as pa

SCHEMA_VERSION = 2

TABLES = ("articles", "removed", "rejected")


def _schema(table: str, fields: list[tuple[str, pa.DataType, str]]) -> pa.Schema:
    return pa.schema(
        [pa.field(name, kind, metadata={"description": text}) for name, kind, text in fields],
        metadata={"ingest.table": table, "ingest.schema_version": str(SCHEMA_VERSION)},
    )


_language_share = pa.struct([("language", pa.string()), ("share", pa.float32())])
_segment = pa.struct([("start", pa.int64()), ("end", pa.int64()), ("language", pa.string())])

ARTICLES = _schema(
    "articles",
    [
        ("id", pa.string(), "stable: hash of source identity and content"),
        ("source_path", pa.string(), "relative to the source root given, POSIX separators"),
        ("source_record", pa.int64(), "0-based number of the record in its source"),
        ("url", pa.string(), "as given by the source, or the page's canonical link"),
        ("site", pa.string(), "what its path says, host without www., name of a site pack, or of a learned cluster"),
        ("title", pa.string(), ""),
        ("standfirst", pa.string(), "lead paragraph printed apart from the body; also the start of `text`"),
        ("authors", pa.list_(pa.string()), "persons and desks as printed, without 'by'"),
        ("published", pa.timestamp("s"), "naive local time as printed"),
        ("published_precision", pa.string(), "day | minute | second"),
        ("published_raw", pa.string(), "as printed; where ambiguous, both readings follow in brackets"),
        ("published_ambiguous", pa.bool_(), "day and month cannot be told apart; `published` is then null"),
        ("published_from", pa.string(), "where the date was found, e.g. json-ld, meta, line"),
        ("modified", pa.timestamp("s"), "last change as the page states it, never used for `published`"),
        ("section", pa.string(), ""),
        ("source", pa.string(), "agency or outlet that the page names as its source"),
        ("tags", pa.list_(pa.string()), ""),
        ("language", pa.string(), "BCP-47: en, kk, ru, kk-Arab, kk-Latn, und; by characters of `text`"),
        ("language_score", pa.float32(), "0..1"),
        ("languages", pa.list_(_language_share), "shares of `text` by characters, largest first"),
        ("segments", pa.list_(_segment), "offsets in code points into `text`, end exclusive"),
        (
            "text",
            pa.string(),
            "standfirst and body, paragraphs separated by a blank line, title not repeated",
        ),
        (
            "text_lines",
            pa.list_(pa.int64()),
            "for each paragraph of `text` the 1-based line of the page at which it begins; null before schema 2",
        ),
        ("text_sha256", pa.string(), "SHA-256 of `text` in UTF-8, hexadecimal"),
        ("n_words", pa.int64(), "words of `text`; Han and Kana characters count one each"),
        ("removed_lines", pa.int64(), "lines of the page that are not in `text`"),
        ("removed_share", pa.float32(), "share of the page's characters that are not in `text`, 0..1"),
        ("encoding", pa.string(), "charset used to decode"),
        ("encoding_declared", pa.string(), "charset that the page or its transport claims"),
        ("repairs", pa.list_(pa.string()), "steps taken, with counts: name×n"),
        ("duplicate_of", pa.string(), "`id` of the original: the earliest published copy; null for originals"),
        ("fetched_at", pa.timestamp("s"), "when the page was fetched, if the source tells"),
        ("pipeline_version", pa.string(), ""),
        ("config_hash", pa.string(), "of all settings, rules and models that can change a row"),
        ("ingested_at", pa.timestamp("s"), "UTC; of the first run that read this source"),
        ("source_member", pa.string(), "place of the record inside an archive, e.g. a.zip!/b.html; null without one"),
        ("source_offset", pa.int64(), "first byte of the record in its source or member (compressed, if it is)"),
        ("source_length", pa.int64(), "bytes of the record there, if known"),
        ("source_id", pa.string(), "the record's id as its source gives it, e.g. WARC-Record-ID"),
    ],
)

REMOVED = _schema(
    "removed",
    [
        ("id", pa.string(), "of the article or rejected record"),
        ("source_path", pa.string(), ""),
        ("source_record", pa.int64(), ""),
        ("line", pa.int64(), "1-based line in the decoded, repaired text"),
        ("text", pa.string(), "what was removed or altered, as it stood on the page"),
        ("role", pa.string(), "see ingest.document.Role"),
        ("stage", pa.string(), "stage that gave the verdict"),
        ("evidence", pa.string(), "site | rule | model | extractor | duplicate"),
        ("rule", pa.string(), "rule id, or site profile entry, or model name"),
        ("score", pa.float32(), "confidence of the verdict, 0..1"),
        ("language", pa.string(), "BCP-47 of the line"),
        (
            "altered_to",
            pa.string(),
            "what the line became where only a part went (stage trim) or it was mended (stage repair); else null",
        ),
    ],
)

REJECTED = _schema(
    "rejected",
    [
        ("id", pa.string(), ""),
        ("source_path", pa.string(), ""),
        ("source_record", pa.int64(), "0-based; null if the source as a whole failed"),
        ("url", pa.string(), ""),
        ("outcome", pa.string(), "named reason of the closed set in ingest.document.Outcome"),
        ("reason", pa.string(), "in plain words"),
        ("remedy", pa.string(), "what the user can do about it"),
        ("byte_offset", pa.int64(), "where the record starts in its source, if known"),
        ("n_bytes", pa.int64(), "size of the record, if known"),
        ("sample", pa.string(), "first characters of the record, made printable"),
        ("pipeline_version", pa.string(), ""),
        ("config_hash", pa.string(), ""),
        ("ingested_at", pa.timestamp("s"), "UTC"),
        ("source_member", pa.string(), "place of the record inside an archive, e.g. a.zip!/b.html; null without one"),
        ("source_id", pa.string(), "the record's id as its source gives it, e.g. WARC-Record-ID"),
    ],
)

# No table for readers: `ingest quarantine` shows it, and processes its records again.
QUARANTINE = _schema(
    "quarantine",
    [
        ("id", pa.string(), "of the row in `rejected`"),
        ("source_path", pa.string(), ""),
        ("source_record", pa.int64(), ""),
        ("outcome", pa.string(), ""),
        ("kind", pa.string(), "text | html; null where no reader made a page of it"),
        ("record", pa.string(), "what else the reader says of it, as JSON; see ingest.document.Record"),
        ("content", pa.binary(), "the record as its reader found it, up to `quarantine_bytes`"),
        ("is_text", pa.bool_(), "the reader found characters, not bytes: `content` is them in UTF-8"),
        ("is_whole", pa.bool_(), "`content` is all of the record"),
    ],
)

SCHEMAS: dict[str, pa.Schema] = {"articles": ARTICLES, "removed": REMOVED, "rejected": REJECTED}
