"""The tables of the server's one file, as numbered migrations. What was released is never changed, only added to."""

from typing import Final

from reference_server.storage.devices import SPENT_LETTERS
from reference_server.storage.payment_tables import INTENTS
from reference_server.storage.receipt_links import LINKS
from reference_server.storage.shift_tables import SHIFTS
from reference_server.storage.standings import STANDINGS
from shared.migrations import Migration

#: By this number in its header a file is known as a server's own ("EvSv"), whatever it is called.
APPLICATION_ID: Final = 0x45765376

_FIRST: Final = f"""
PRAGMA application_id = {APPLICATION_ID};

CREATE TABLE change (
    revision INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('order', 'ticket')),
    entity_id TEXT NOT NULL,
    operation_id TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;

CREATE TABLE operation (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    operation_id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    device TEXT NOT NULL,
    shift TEXT,
    kind TEXT NOT NULL,
    path TEXT NOT NULL,
    entity_id TEXT,
    body_sha256 BLOB NOT NULL,
    verdict INTEGER NOT NULL,
    conflict TEXT,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE answer (
    seq INTEGER PRIMARY KEY REFERENCES operation (seq),
    body BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE pos_order (
    id TEXT PRIMARY KEY,
    revision INTEGER NOT NULL UNIQUE REFERENCES change (revision),
    version INTEGER NOT NULL,
    state TEXT NOT NULL,
    is_open INTEGER NOT NULL,
    table_id TEXT,
    changed_at INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX pos_order_open ON pos_order (revision) WHERE is_open = 1;
CREATE INDEX pos_order_closed ON pos_order (changed_at) WHERE is_open = 0;

CREATE TABLE ticket (
    id TEXT PRIMARY KEY,
    revision INTEGER NOT NULL UNIQUE REFERENCES change (revision),
    version INTEGER NOT NULL,
    order_id TEXT NOT NULL,
    station TEXT NOT NULL,
    stage TEXT NOT NULL,
    is_open INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX ticket_by_station ON ticket (station, revision);
CREATE INDEX ticket_open ON ticket (revision) WHERE is_open = 1;
CREATE INDEX ticket_by_time ON ticket (changed_at);

CREATE TABLE invoice (
    number TEXT PRIMARY KEY,
    month TEXT NOT NULL,
    serial INTEGER NOT NULL,
    order_id TEXT NOT NULL UNIQUE,
    at INTEGER NOT NULL,
    UNIQUE (month, serial)
) STRICT;

CREATE TABLE counter (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE alert (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    operation_id TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    message TEXT NOT NULL,
    raised_at INTEGER NOT NULL,
    choice TEXT,
    chosen_by TEXT,
    chosen_at INTEGER
) STRICT;
CREATE INDEX alert_open ON alert (id) WHERE choice IS NULL;

CREATE TABLE device (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('pos', 'kds', 'script')),
    letter TEXT UNIQUE,
    role TEXT,
    token_sha256 BLOB NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER
) STRICT;

CREATE TABLE login_try (
    device_id TEXT NOT NULL,
    staff_id TEXT NOT NULL,
    wrong INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (device_id, staff_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE catalogue (
    name TEXT PRIMARY KEY,
    etag TEXT NOT NULL,
    body BLOB NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;

CREATE TABLE known_item (
    id TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
"""

_SECOND: Final = """
CREATE TABLE used_id (
    kind TEXT NOT NULL CHECK (kind IN ('line', 'change', 'payment')),
    id TEXT NOT NULL,
    order_id TEXT NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

-- Orders stand in the order in which they were made, so that a line is used by the order on which it was born, and not
-- by one that took it over. `applied` also names the operations themselves, which have their own table.
INSERT OR IGNORE INTO used_id (kind, id, order_id)
    SELECT 'line', value ->> 'id', pos_order.id
    FROM pos_order, json_each(CAST(body AS TEXT), '$.lines') ORDER BY pos_order.rowid;
INSERT OR IGNORE INTO used_id (kind, id, order_id)
    SELECT 'payment', value ->> 'id', pos_order.id
    FROM pos_order, json_each(CAST(body AS TEXT), '$.payments') ORDER BY pos_order.rowid;
INSERT OR IGNORE INTO used_id (kind, id, order_id)
    SELECT 'change', value, pos_order.id
    FROM pos_order, json_each(CAST(body AS TEXT), '$.applied')
    WHERE value NOT IN (SELECT operation_id FROM operation) ORDER BY pos_order.rowid;
"""

_THIRD: Final = """
CREATE TABLE healing (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    name TEXT NOT NULL,
    phase TEXT NOT NULL CHECK (phase IN ('REPORTING', 'APPLYING', 'DONE')),
    opened_at INTEGER NOT NULL
) STRICT;

CREATE TABLE healing_device (
    device TEXT PRIMARY KEY,
    seen INTEGER NOT NULL DEFAULT 0,
    reported_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE healing_operation (
    id TEXT PRIMARY KEY,
    device TEXT NOT NULL,
    seq INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    made_it INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX healing_operation_in_order ON healing_operation (revision, made_it DESC, device, seq);

CREATE TABLE healing_version (
    order_id TEXT PRIMARY KEY,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
"""

_FOURTH: Final = """
CREATE TABLE history (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    name TEXT NOT NULL
) STRICT;

-- Every copy of an older file has to come to the same name, whenever it is upgraded, and no other branch's file to it:
-- the ULID of the device that was enrolled first. Where none is, nobody has seen anything yet, and a start names it.
INSERT INTO history (one, name) SELECT 1, substr(id, -26) FROM device
    ORDER BY created_at, substr(id, -26) LIMIT 1;
"""

_FIFTH: Final = """
ALTER TABLE healing ADD COLUMN begun_by TEXT NOT NULL DEFAULT '';
ALTER TABLE healing ADD COLUMN begun_seen TEXT NOT NULL DEFAULT '';
"""

_CODES: Final = """
CREATE TABLE enrol_code (
    name TEXT PRIMARY KEY,
    secret_sha256 BLOB NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('pos', 'kds')),
    device_name TEXT NOT NULL,
    letter TEXT,
    device_id TEXT,
    expires_at INTEGER NOT NULL,
    wrong INTEGER NOT NULL DEFAULT 0,
    used_at INTEGER,
    claim_sha256 BLOB
) STRICT;

ALTER TABLE login_try ADD COLUMN locks INTEGER NOT NULL DEFAULT 0;
ALTER TABLE login_try ADD COLUMN right_at INTEGER NOT NULL DEFAULT 0;

CREATE TABLE person_try (
    staff_id TEXT PRIMARY KEY,
    wrong INTEGER NOT NULL,
    last_at INTEGER NOT NULL
) STRICT;
"""

_RETURNS: Final = """
CREATE TABLE return_note (
    number TEXT PRIMARY KEY,
    month TEXT NOT NULL,
    serial INTEGER NOT NULL,
    order_id TEXT NOT NULL,
    return_id TEXT NOT NULL UNIQUE,
    at INTEGER NOT NULL,
    UNIQUE (month, serial)
) STRICT;
"""

_PRESENCE: Final = """
CREATE TABLE presence (
    device_id TEXT PRIMARY KEY,
    table_id TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    until INTEGER NOT NULL
) STRICT;
"""

MIGRATIONS: Final = (
    Migration(1, "the first tables", _FIRST),
    Migration(2, "every line, change and payment once for ever", _SECOND),
    Migration(3, "what devices report after a restore", _THIRD),
    Migration(4, "a name for the history", _FOURTH),
    Migration(5, "who began a healing, and by what", _FIFTH),
    Migration(6, "codes for enrolling, and wrong PINs by person", _CODES),
    Migration(7, "payments by card and mobile money", INTENTS),
    Migration(8, "shifts, attendance and business days", SHIFTS),
    Migration(9, "the numbers of returns", _RETURNS),
    Migration(10, "who looks at a table", _PRESENCE),
    Migration(11, "the receipts that tills told of", LINKS),
    Migration(12, "who worked here as what, and since when", STANDINGS),
    Migration(13, "the letters that tills had before", SPENT_LETTERS),
)
