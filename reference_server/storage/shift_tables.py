"""The tables of shifts, attendance and business days. What was released is never changed, only added to."""

from typing import Final

SHIFTS: Final = """
-- What has revisions by now is of more kinds than orders and tickets, and a CHECK can't be changed.
CREATE TABLE new_change (
    revision INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    operation_id TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
INSERT INTO new_change (revision, kind, entity_id, operation_id, at)
    SELECT revision, kind, entity_id, operation_id, at FROM change;
DROP TABLE change;
ALTER TABLE new_change RENAME TO change;

-- Shifts, clockings and the ends of business days. `owner` is the device, the person or the day; `at` the moment told.
CREATE TABLE house_record (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    revision INTEGER NOT NULL UNIQUE REFERENCES change (revision),
    version INTEGER NOT NULL,
    owner TEXT NOT NULL,
    is_open INTEGER NOT NULL,
    at TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX house_record_by_owner ON house_record (kind, owner, at);
CREATE INDEX house_record_by_moment ON house_record (kind, at);
CREATE INDEX house_record_open ON house_record (kind, at) WHERE is_open = 1;

-- Money that a shift took or gave back, each payment once for ever; `late`: the shift was closed by then.
CREATE TABLE shift_payment (
    id TEXT PRIMARY KEY,
    shift_id TEXT NOT NULL,
    order_id TEXT NOT NULL,
    method TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    tip_minor INTEGER NOT NULL,
    late INTEGER NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX shift_payment_of_shift ON shift_payment (shift_id, late, method);

-- Orders that a shift ended, with what was cancelled and taken off on each.
CREATE TABLE shift_order (
    order_id TEXT PRIMARY KEY,
    shift_id TEXT NOT NULL,
    is_void INTEGER NOT NULL,
    total_minor INTEGER NOT NULL,
    voids INTEGER NOT NULL,
    voided_minor INTEGER NOT NULL,
    discounted_minor INTEGER NOT NULL
) STRICT;
CREATE INDEX shift_order_of_shift ON shift_order (shift_id);

-- The last comparison of what a till did in a shift with what is done here.
CREATE TABLE shift_agreement (
    shift_id TEXT PRIMARY KEY,
    compared INTEGER NOT NULL,
    differing INTEGER NOT NULL,
    at INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
"""
