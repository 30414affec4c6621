"""The tables of a device's one file, as numbered migrations. What was released is never changed, only added to."""

from typing import Final

from shared.migrations import Migration

#: By this number in its header a file is known as a device's own ("EvTl"), whatever it is called.
APPLICATION_ID: Final = 0x4576546C

FIRST: Final = f"""
PRAGMA application_id = {APPLICATION_ID};

CREATE TABLE operation (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    place INTEGER NOT NULL,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    op_version INTEGER NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    body BLOB NOT NULL,
    entity_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('PENDING', 'REPLAYING', 'SUCCESS', 'FAILED')),
    reason TEXT CHECK (reason IN ('INVALID', 'REFUSED', 'EXHAUSTED', 'MISMATCH', 'CONFLICT', 'DISCARDED')),
    sends INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    not_before INTEGER NOT NULL DEFAULT 0,
    actor TEXT NOT NULL,
    last_status INTEGER,
    last_error TEXT,
    first_answer BLOB,
    revision TEXT,
    settled_at INTEGER,
    replaces INTEGER REFERENCES operation (seq),
    CHECK ((status = 'FAILED') = (reason IS NOT NULL))
) STRICT;
CREATE INDEX operation_waiting ON operation (place, seq) WHERE status IN ('PENDING', 'REPLAYING');
CREATE INDEX operation_by_entity ON operation (entity_id);
CREATE INDEX operation_by_status ON operation (status, place, seq);

CREATE TABLE operation_lane (
    lane TEXT NOT NULL,
    place INTEGER NOT NULL,
    seq INTEGER NOT NULL REFERENCES operation (seq),
    PRIMARY KEY (lane, place, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX operation_lane_by_seq ON operation_lane (seq);

CREATE TABLE server_order (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    state TEXT NOT NULL,
    table_id TEXT,
    opened_at TEXT NOT NULL,
    closed_at TEXT,
    body BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX server_order_open ON server_order (opened_at) WHERE state NOT IN ('CLOSED', 'VOIDED');

CREATE TABLE server_ticket (
    id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    station TEXT NOT NULL,
    status TEXT NOT NULL,
    sent_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    body BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX server_ticket_board ON server_ticket (status, sent_at);

CREATE TABLE draft (
    order_id TEXT PRIMARY KEY,
    body BLOB NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE cursor (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    seen TEXT NOT NULL,
    stored_at INTEGER NOT NULL
) STRICT;

CREATE TABLE alert (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    operation_seq INTEGER REFERENCES operation (seq),
    entity_id TEXT,
    title TEXT NOT NULL,
    detail TEXT NOT NULL,
    raised_at INTEGER NOT NULL,
    choice TEXT,
    chosen_by TEXT,
    chosen_at INTEGER
) STRICT;
CREATE INDEX alert_open ON alert (id) WHERE choice IS NULL;

CREATE TABLE catalog (
    name TEXT PRIMARY KEY,
    etag TEXT NOT NULL,
    body BLOB NOT NULL,
    stored_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE print_job (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    operation_id TEXT NOT NULL,
    body BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('WAITING', 'PRINTING', 'PRINTED')),
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""

SECOND: Final = """
CREATE INDEX operation_settled ON operation (settled_at) WHERE settled_at IS NOT NULL;
CREATE INDEX operation_replaces ON operation (replaces) WHERE replaces IS NOT NULL;
CREATE INDEX alert_by_operation ON alert (operation_seq);
CREATE INDEX alert_by_entity ON alert (entity_id) WHERE choice IS NULL;
CREATE INDEX server_order_closed ON server_order (closed_at) WHERE closed_at IS NOT NULL;
CREATE INDEX server_ticket_bumped ON server_ticket (updated_at) WHERE status = 'BUMPED';
"""

THIRD: Final = """
DROP INDEX operation_by_status;
DROP INDEX operation_by_entity;
CREATE INDEX operation_failed ON operation (seq) WHERE status = 'FAILED';
CREATE INDEX operation_creating ON operation (entity_id) WHERE kind = 'create_order';
"""

FOURTH: Final = """
CREATE TABLE receipt (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    number TEXT NOT NULL UNIQUE,
    operation_id TEXT NOT NULL,
    birth TEXT NOT NULL,
    order_id TEXT NOT NULL,
    at TEXT NOT NULL,
    total_minor INTEGER NOT NULL,
    lines TEXT NOT NULL,
    payments TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL
) STRICT;

-- Numbers that were given before there was a chain: it begins behind them.
INSERT INTO meta (name, value) SELECT 'receipts_before', value FROM meta WHERE name = 'receipt_count';
"""

FIFTH: Final = """
CREATE TABLE payment_intent (
    id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL,
    wish BLOB NOT NULL,
    path TEXT NOT NULL,
    body BLOB NOT NULL,
    state TEXT NOT NULL,
    is_sent INTEGER NOT NULL,
    message TEXT NOT NULL,
    answer BLOB,
    created_at INTEGER NOT NULL,
    settled_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX payment_intent_open ON payment_intent (created_at) WHERE settled_at IS NULL;
CREATE INDEX payment_intent_of_order ON payment_intent (order_id, created_at);
"""

SIXTH: Final = """
CREATE TABLE server_shift (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL DEFAULT 0,
    body BLOB,
    agreed_at INTEGER,
    agreement BLOB
) STRICT, WITHOUT ROWID;

CREATE INDEX operation_opening ON operation (seq) WHERE kind = 'open_shift';
CREATE INDEX operation_closing ON operation (entity_id) WHERE kind = 'close_shift';
CREATE INDEX operation_of_clock ON operation (seq) WHERE kind = 'clock';
"""

SEVENTH: Final = """
-- The request that stops asking the guest, frozen when a person wanted it.
ALTER TABLE payment_intent ADD COLUMN cancel BLOB;
"""

MIGRATIONS: Final = (
    Migration(1, "the first file of a device", FIRST),
    Migration(2, "find what may be forgotten", SECOND),
    Migration(3, "write less for each operation", THIRD),
    Migration(4, "a chain of receipts", FOURTH),
    Migration(5, "payments by card and mobile money", FIFTH),
    Migration(6, "shifts", SIXTH),
    Migration(7, "payments that a person cancels", SEVENTH),
)
