"""The ledger's tables, for SQLite and PostgreSQL alike.

What is said once and never changed: `version`, `arrival`, `audit`, `comment`. What follows from the versions in
force and can be made again from them: `current`, `link`, `words`, `warrant`. The rest is the running of
the place: accounts, tokens, reviews, retries, hooks, consolidations, what came from outside.

Times are text, UTC, ISO 8601 to the millisecond; order is by `seq` and `id`, whatever the clock says.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
)

SCHEMA_VERSION = 3

metadata = MetaData()
_Number = BigInteger().with_variant(Integer, "sqlite")


def _text(
    name: str, *, key: bool = False, null: bool = False, default: str | None = None
) -> Column[str]:
    return Column(name, Text, primary_key=key, nullable=null, server_default=default)


meta = Table("meta", metadata, _text("key", key=True), _text("value"))

version = Table(
    "version",
    metadata,
    Column("seq", _Number, primary_key=True, autoincrement=True),
    _text("record"),
    _text("type"),
    Column("n", Integer, nullable=False),
    _text("digest"),
    _text("body", null=True),  # canonical N-Quads as submitted; NULL once the content was removed
    _text("role"),
    _text("reason"),
    _text("time"),
    _text("action", default="replace"),
    _text("author", default=""),  # an account, never shown but to administrators
    UniqueConstraint("record", "n"),
    sqlite_autoincrement=True,
)

arrival = Table(
    "arrival",
    metadata,
    _text("record", key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    _text("predicted"),  # when the prediction came from outside that this version recorded
)

current = Table(
    "current",
    metadata,
    _text("record", key=True),
    _text("type"),
    Column("seq", _Number, ForeignKey("version.seq"), nullable=False),
    _text("network", default=""),  # IRI of the network whose members keep it; empty: everyone's
    _text("status", default=""),  # its lifecycle status, as the last part of the concept's IRI
    _text("label", default=""),
    _text("key", default=""),  # its key within its network, such as C1
    Index("current_type", "type", "record"),
    Index("current_key", "key"),
    Index("current_label", "label"),
    Index("current_status", "status", "network"),
)

link = Table(
    "link",
    metadata,
    _text("record", key=True),
    _text("predicate", key=True),
    _text("object", key=True),
    Index("link_object", "object", "predicate"),
)

warrant = Table(
    "warrant",
    metadata,
    _text("idea", key=True),
    _text("day"),
    _text("level"),
    _text("digest"),  # of the records it rests on
    _text("indicators"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", _Number, primary_key=True, autoincrement=True),
    _text("time"),
    _text("role"),
    _text("action"),
    _text("record"),
    Column("n", Integer, nullable=False),
    _text("reason"),
    _text("account", default=""),
    _text("network", default=""),
    sqlite_autoincrement=True,
)

account = Table(
    "account",
    metadata,
    _text("id", key=True),
    _text("label"),
    _text("issuer", default=""),
    _text("subject", default=""),  # who the provider says it is, hashed with the issuer
    _text("created"),
    Column("disabled", Boolean, nullable=False, server_default=false()),
    Index("account_subject", "issuer", "subject"),
)

member = Table(
    "member",
    metadata,
    _text("account", key=True),
    _text("network", key=True),  # '*' is every network
    _text("role", key=True),
)

token = Table(
    "token",
    metadata,
    _text("id", key=True),
    _text("hash"),  # SHA-256 of the secret half
    _text("account"),
    _text("scopes"),
    _text("label"),
    _text("created"),
    _text("expires"),
    _text("revoked", default=""),
)

review = Table(
    "review",
    metadata,
    _text("record", key=True),
    _text("network"),
    _text("assignee", default=""),
    _text("submitted_by", default=""),
    _text("submitted"),
)

comment = Table(
    "comment",
    metadata,
    Column("id", _Number, primary_key=True, autoincrement=True),
    _text("record"),
    Column("n", Integer, nullable=False),
    _text("account"),
    _text("role"),
    _text("time"),
    _text("action"),
    _text("text"),
    Index("comment_record", "record"),
    sqlite_autoincrement=True,
)

idempotency = Table(
    "idempotency",
    metadata,
    _text("account", key=True),
    _text("key", key=True),
    _text("request"),  # SHA-256 of method, address and body
    Column("status", Integer, nullable=True),  # NULL while it runs
    _text("headers", default="{}"),
    _text("body", default=""),
    _text("record", default=""),
    _text("time"),
)

hook = Table(
    "hook",
    metadata,
    _text("id", key=True),
    _text("url"),
    _text("secret"),
    _text("events"),
    _text("network"),
    _text("created"),
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", _Number, primary_key=True, autoincrement=True),
    _text("hook"),
    _text("event"),
    _text("body"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    _text("due"),
    _text("state", default="waiting"),  # waiting, done, given-up
    _text("answer", default=""),
    Index("delivery_due", "state", "due"),
    sqlite_autoincrement=True,
)

consolidation = Table(
    "consolidation",
    metadata,
    _text("id", key=True),
    _text("kept"),
    _text("merged"),
    _text("moved"),  # JSON: what named the merged record, and where; what was carried over
    _text("time"),
    _text("account"),
    _text("role"),
    _text("reason"),
    _text("undone", default=""),
)

distinct = Table(
    "distinct_ideas",
    metadata,
    _text("one", key=True),
    _text("other", key=True),
    _text("time"),
    _text("account"),
    _text("reason"),
)

inbox = Table(
    "inbox",
    metadata,
    _text("id", key=True),
    _text("receipt"),  # SHA-256 of the secret part of its receipt's address
    _text("kind"),  # report or adaptation
    _text("network"),  # of what it is about; its curators decide
    _text("label"),  # empty once it was decided
    _text("about"),  # JSON: the published records it names
    _text("names"),  # JSON: the IRI its sender gave a record -> ours, and the digest last taken
    _text("body", null=True),  # canonical N-Quads, with our IRIs; NULL once it was decided
    _text("digest"),  # of what was sent
    _text("received"),
    _text("predicted", default=""),  # when the prediction first came in these words
    _text("prediction", default=""),  # its digest
    _text("state"),  # waiting, accepted, refused
    _text("reason", default=""),
    _text("decided", default=""),
    _text("account", default=""),
    UniqueConstraint("receipt"),
    Index("inbox_state", "state", "network", "received"),
)

WORDS = {
    # Both find a word by its beginning and look past accents as far as the engine can.
    "sqlite": (
        "CREATE VIRTUAL TABLE words USING fts5(text, tokenize='unicode61 remove_diacritics 2')",
    ),
    "postgresql": (
        "CREATE TABLE words (rowid bigint PRIMARY KEY, tsv tsvector NOT NULL)",
        "CREATE INDEX words_tsv ON words USING gin (tsv)",
    ),
}
"""Statements that make the index of words, by engine; its row number is the version's `seq`."""
