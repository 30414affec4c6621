PRAGMA application_id = 1165382764;
PRAGMA user_version = 7;
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
CREATE INDEX operation_settled ON operation (settled_at) WHERE settled_at IS NOT NULL;
CREATE INDEX operation_replaces ON operation (replaces) WHERE replaces IS NOT NULL;
CREATE INDEX alert_by_operation ON alert (operation_seq);
CREATE INDEX alert_by_entity ON alert (entity_id) WHERE choice IS NULL;
CREATE INDEX server_order_closed ON server_order (closed_at) WHERE closed_at IS NOT NULL;
CREATE INDEX server_ticket_bumped ON server_ticket (updated_at) WHERE status = 'BUMPED';
CREATE INDEX operation_failed ON operation (seq) WHERE status = 'FAILED';
CREATE INDEX operation_creating ON operation (entity_id) WHERE kind = 'create_order';
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
, cancel BLOB) STRICT, WITHOUT ROWID;
CREATE INDEX payment_intent_open ON payment_intent (created_at) WHERE settled_at IS NULL;
CREATE INDEX payment_intent_of_order ON payment_intent (order_id, created_at);
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
INSERT INTO operation VALUES (1, 1, '01ARZ3NDEK0000000000000911', 'create_order', 9, 'POST', '/pos/orders', CAST('{"actorId":"ann","at":"2015-11-27T19:41:05.250Z","id":"01ARZ3NDEK0000000000000901","number":"A-901","tableId":"table-5","channel":"DINE_IN","guests":2,"items":[]}' AS BLOB), '01ARZ3NDEK0000000000000901', 1764358800000, 'SUCCESS', NULL, 1, 0, 0, 'ann', 201, NULL, CAST('{}' AS BLOB), '1-01ARZ3NDEK0000000000000911', 1764358800000, NULL);
INSERT INTO operation VALUES (2, 2, '01ARZ3NDEK0000000000000912', 'create_order', 9, 'POST', '/pos/orders', CAST('{"actorId":"ann","at":"2015-11-27T19:41:05.250Z","id":"01ARZ3NDEK0000000000000902","number":"A-902","tableId":"table-5","channel":"DINE_IN","guests":2,"items":[]}' AS BLOB), '01ARZ3NDEK0000000000000902', 1764358800000, 'FAILED', 'INVALID', 1, 1, 0, 'ann', 422, 'The server''s words.', CAST('{}' AS BLOB), NULL, NULL, NULL);
INSERT INTO operation VALUES (3, 3, '01ARZ3NDEK0000000000000004', 'create_order', 9, 'POST', '/pos/orders', CAST('{"actorId":"ann","at":"2015-11-27T19:41:05.250Z","id":"01ARZ3NDEK0000000000000000","number":"A-1","tableId":"table-5","channel":"DINE_IN","guests":2,"items":[{"id":"01ARZ3NDEK0000000000000001","itemId":"pizza","quantity":2,"name":"Pizza","priceMinor":1250,"modifiers":[{"id":"large","name":"Large","priceMinor":50}],"note":"Zoë said \"no \\ salt\", ☃","seat":3,"course":2,"taxBp":1000,"station":"kitchen"},{"id":"01ARZ3NDEK0000000000000002","itemId":"beer","quantity":1,"name":"Beer","priceMinor":333,"modifiers":[],"note":"","course":1,"taxBp":1900,"station":"bar"},{"id":"01ARZ3NDEK0000000000000003","itemId":"bread","quantity":1,"name":"Bread","priceMinor":1,"modifiers":[],"note":"","course":1,"taxBp":0,"station":"kitchen"}]}' AS BLOB), '01ARZ3NDEK0000000000000000', 1764358800000, 'REPLAYING', NULL, 1, 0, 0, 'ann', NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO operation VALUES (4, 4, '01ARZ3NDEK0000000000000012', 'change_order', 9, 'PATCH', '/pos/orders/01ARZ3NDEK0000000000000000', CAST('{"actorId":"ann","at":"2015-11-27T19:41:05.250Z","baseVersion":1,"changes":[{"type":"addLine","line":{"id":"01ARZ3NDEK0000000000000005","itemId":"cake","quantity":1,"name":"Cake","priceMinor":499,"modifiers":[{"id":"large","name":"Large","priceMinor":1}],"note":"","course":1,"taxBp":700,"station":"kitchen"}},{"type":"setQuantity","id":"01ARZ3NDEK0000000000000006","lineId":"01ARZ3NDEK0000000000000001","quantity":3},{"type":"setNote","id":"01ARZ3NDEK0000000000000007","lineId":"01ARZ3NDEK0000000000000001","note":"Zoë said \"no \\ salt\", ☃"},{"type":"setSeat","id":"01ARZ3NDEK0000000000000008","lineId":"01ARZ3NDEK0000000000000001"},{"type":"voidLine","id":"01ARZ3NDEK0000000000000009","lineId":"01ARZ3NDEK0000000000000003","reason":"Zoë said \"no \\ salt\", ☃"},{"type":"moveTable","id":"01ARZ3NDEK0000000000000010","tableId":"table-6"},{"type":"setGuests","id":"01ARZ3NDEK0000000000000011","guests":4}]}' AS BLOB), '01ARZ3NDEK0000000000000000', 1764358800000, 'PENDING', NULL, 0, 0, 0, 'ann', NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO operation VALUES (5, 5, '01ARZ3NDEK0000000000000013', 'send_to_kitchen', 9, 'POST', '/pos/orders/01ARZ3NDEK0000000000000000/send-to-kitchen', CAST('{"actorId":"ann","at":"2015-11-27T19:41:05.250Z","lineIds":["01ARZ3NDEK0000000000000001","01ARZ3NDEK0000000000000002","01ARZ3NDEK0000000000000005"],"paperAt":"2015-11-27T19:52:00.000Z"}' AS BLOB), '01ARZ3NDEK0000000000000000', 1764358800000, 'PENDING', NULL, 0, 0, 0, 'ann', NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO operation VALUES (6, 6, '01ARZ3NDEK0000000000000025', 'serve_order', 9, 'POST', '/pos/orders/01ARZ3NDEK0000000000000000/serve', CAST('{"actorId":"ann","at":"2015-11-27T19:41:05.250Z","lineIds":["01ARZ3NDEK0000000000000001","01ARZ3NDEK0000000000000002","01ARZ3NDEK0000000000000005"]}' AS BLOB), '01ARZ3NDEK0000000000000000', 1764358800000, 'PENDING', NULL, 0, 0, 0, 'ann', NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO operation VALUES (7, 7, '01ARZ3NDEK0000000000000024', 'close_order', 9, 'POST', '/pos/orders/01ARZ3NDEK0000000000000000/close', CAST('{"actorId":"ann","at":"2015-11-27T19:52:00.000Z","lineIds":["01ARZ3NDEK0000000000000001","01ARZ3NDEK0000000000000002","01ARZ3NDEK0000000000000005"],"totalMinor":4733,"payments":[{"id":"01ARZ3NDEK0000000000000022","method":"CASH","amount":1000,"tendered":1000,"tip":0,"takenAt":"2015-11-27T19:52:00.000Z"},{"id":"01ARZ3NDEK0000000000000023","method":"CASH","amount":3733,"tendered":5000,"tip":50,"takenAt":"2015-11-27T19:52:00.000Z"}],"receiptNumber":"till-ann-000097"}' AS BLOB), '01ARZ3NDEK0000000000000000', 1764358800000, 'PENDING', NULL, 0, 0, 0, 'ann', NULL, NULL, NULL, NULL, NULL, NULL);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES ('operation', 7);
INSERT INTO sqlite_sequence VALUES ('alert', 1);
INSERT INTO sqlite_sequence VALUES ('receipt', 1);
INSERT INTO operation_lane VALUES ('order:01ARZ3NDEK0000000000000902', 2, 2);
INSERT INTO operation_lane VALUES ('order:01ARZ3NDEK0000000000000000', 3, 3);
INSERT INTO operation_lane VALUES ('order:01ARZ3NDEK0000000000000000', 4, 4);
INSERT INTO operation_lane VALUES ('order:01ARZ3NDEK0000000000000000', 5, 5);
INSERT INTO operation_lane VALUES ('order:01ARZ3NDEK0000000000000000', 6, 6);
INSERT INTO operation_lane VALUES ('order:01ARZ3NDEK0000000000000000', 7, 7);
INSERT INTO operation_lane VALUES ('order:01ARZ3NDEKZDG6VJ7N0PMKV1YQ', 7, 7);
INSERT INTO draft VALUES ('01ARZ3NDEK0000000000000903', CAST('{"orderId":"01ARZ3NDEK0000000000000903","number":"A-1","isNew":true,"tableId":"table-5","channel":"DINE_IN","guests":0,"lines":[{"id":"01ARZ3NDEK0000000000000914","itemId":"pizza","quantity":1,"name":"Pizza","priceMinor":1250,"modifiers":[],"note":"","seat":null,"course":1,"taxBp":1000,"station":"kitchen"}],"applied":["01ARZ3NDEK0000000000000913"]}' AS BLOB), 1764358800000);
INSERT INTO alert VALUES (1, 'INVALID', 2, '01ARZ3NDEK0000000000000902', 'Create order was refused', 'The server''s words. Nothing is lost: it is kept on this till, and what follows it waits.', 1764358800000, NULL, NULL, NULL);
INSERT INTO meta VALUES ('birth', '01ARZ3NDEK0000000000000999');
INSERT INTO meta VALUES ('kind', 'pos');
INSERT INTO meta VALUES ('order_count', '1');
INSERT INTO meta VALUES ('receipt_count', '1');
INSERT INTO receipt VALUES (1, 'A-000001', '01ARZ3NDEK0000000000000024', '01ARZ3NDEK0000000000000999', '01ARZ3NDEK0000000000000000', '2015-11-27T19:52:00.000Z', 4733, '4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945', '[{"amount":1000,"id":"01ARZ3NDEK0000000000000022","method":"CASH","takenAt":"2015-11-27T19:52:00.000Z","tendered":1000,"tip":0},{"amount":3733,"id":"01ARZ3NDEK0000000000000023","method":"CASH","takenAt":"2015-11-27T19:52:00.000Z","tendered":5000,"tip":50}]', '4566e530ea7f0e6dee02a57469a59fba42acfc14ccdab20a73cb1dfca97f97c7', 'f5c89493d9170e572ff3e6255f11429499745a287a4e8ba68ed1ca56a77f588a');
