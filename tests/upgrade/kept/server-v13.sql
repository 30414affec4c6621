PRAGMA application_id = 1165382518;
PRAGMA user_version = 13;
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
    last_at INTEGER NOT NULL, locks INTEGER NOT NULL DEFAULT 0, right_at INTEGER NOT NULL DEFAULT 0,
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
CREATE TABLE used_id (
    kind TEXT NOT NULL CHECK (kind IN ('line', 'change', 'payment')),
    id TEXT NOT NULL,
    order_id TEXT NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE healing (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    name TEXT NOT NULL,
    phase TEXT NOT NULL CHECK (phase IN ('REPORTING', 'APPLYING', 'DONE')),
    opened_at INTEGER NOT NULL
, begun_by TEXT NOT NULL DEFAULT '', begun_seen TEXT NOT NULL DEFAULT '') STRICT;
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
CREATE TABLE history (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    name TEXT NOT NULL
) STRICT;
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
CREATE TABLE person_try (
    staff_id TEXT PRIMARY KEY,
    wrong INTEGER NOT NULL,
    last_at INTEGER NOT NULL
) STRICT;
CREATE TABLE payment_intent (
    id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL,
    device TEXT NOT NULL,
    state TEXT NOT NULL,
    is_over INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX payment_intent_of_order ON payment_intent (order_id);
CREATE INDEX payment_intent_due ON payment_intent (next_at) WHERE is_over = 0;
CREATE INDEX payment_intent_on_no_bill ON payment_intent (created_at) WHERE state = 'APPROVED';
CREATE TABLE card_refund (
    id TEXT PRIMARY KEY,
    intent_id TEXT NOT NULL,
    amount INTEGER NOT NULL,
    state TEXT NOT NULL,
    reference TEXT NOT NULL,
    next_at INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX card_refund_of_intent ON card_refund (intent_id);
CREATE INDEX card_refund_due ON card_refund (next_at) WHERE state = 'WAITING';
CREATE TABLE "change" (
    revision INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    operation_id TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
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
CREATE TABLE shift_agreement (
    shift_id TEXT PRIMARY KEY,
    compared INTEGER NOT NULL,
    differing INTEGER NOT NULL,
    at INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE TABLE return_note (
    number TEXT PRIMARY KEY,
    month TEXT NOT NULL,
    serial INTEGER NOT NULL,
    order_id TEXT NOT NULL,
    return_id TEXT NOT NULL UNIQUE,
    at INTEGER NOT NULL,
    UNIQUE (month, serial)
) STRICT;
CREATE TABLE presence (
    device_id TEXT PRIMARY KEY,
    table_id TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    until INTEGER NOT NULL
) STRICT;
CREATE TABLE receipt_link (
    letter TEXT NOT NULL,
    serial INTEGER NOT NULL,
    hash TEXT NOT NULL,
    previous TEXT NOT NULL,
    number TEXT NOT NULL,
    order_id TEXT NOT NULL,
    awaits INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (letter, serial, hash)
) STRICT;
CREATE INDEX receipt_link_awaits ON receipt_link (letter, at) WHERE awaits = 1;
CREATE TABLE standing (
    id INTEGER PRIMARY KEY,
    staff_id TEXT NOT NULL,
    since INTEGER NOT NULL,
    name TEXT NOT NULL,
    role TEXT
) STRICT;
CREATE TABLE spent_letter (
    letter TEXT PRIMARY KEY,
    device_id TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
INSERT INTO operation VALUES (1, '01ARZ3NDEK0000000000000004', '01ARZ3NDEK0000000000000004', 1, 'pos-01ARYZ6S420000000000000001', NULL, 'create_order', '/pos/orders', '01ARZ3NDEK0000000000000000', X'C3D13D727BD9F23B2E36636E4497DCCF31500C4C2C3F94008160E41664C39739', 201, NULL, 1764358800000);
INSERT INTO operation VALUES (2, '01ARZ3NDEK0000000000000012', '01ARZ3NDEK0000000000000012', 2, 'pos-01ARYZ6S420000000000000001', NULL, 'change_order', '/pos/orders/01ARZ3NDEK0000000000000000', '01ARZ3NDEK0000000000000000', X'31C1A225454090FB485EB2797D2D8F529C6935D44D58D2DFB22E689F2C461898', 200, NULL, 1764358800000);
INSERT INTO operation VALUES (3, '01ARZ3NDEK0000000000000013', '01ARZ3NDEK0000000000000013', 5, 'pos-01ARYZ6S420000000000000001', NULL, 'send_to_kitchen', '/pos/orders/01ARZ3NDEK0000000000000000/send-to-kitchen', '01ARZ3NDEK0000000000000000', X'10399974102BCF094101ECF0E58B8FD6C4A56D82B9830E21B278F413086C5DE4', 200, NULL, 1764358800000);
INSERT INTO answer VALUES (1, CAST('{"id":"01ARZ3NDEK0000000000000000","number":"A-1","state":"NEW","version":1,"tableId":"table-5","channel":"DINE_IN","guests":2,"waiterId":"ann","waiterName":"Ann","openedAt":"2015-11-27T19:41:05.250Z","pricesIncludeTax":true,"lines":[{"id":"01ARZ3NDEK0000000000000001","itemId":"pizza","name":"Pizza","quantity":2,"priceMinor":1250,"modifiers":[{"id":"large","name":"Large","priceMinor":50}],"note":"Zoë said \"no \\ salt\", ☃","seat":3,"course":2,"taxBp":1000,"station":"kitchen","ticketId":null,"sentAt":null,"held":false,"voided":false,"voidReason":null,"movedTo":null,"discounts":[],"stamp":{"version":1,"device":"pos-01ARYZ6S420000000000000001"}},{"id":"01ARZ3NDEK0000000000000002","itemId":"beer","name":"Beer","quantity":1,"priceMinor":333,"modifiers":[],"note":"","seat":null,"course":1,"taxBp":1900,"station":"bar","ticketId":null,"sentAt":null,"held":false,"voided":false,"voidReason":null,"movedTo":null,"discounts":[],"stamp":{"version":1,"device":"pos-01ARYZ6S420000000000000001"}},{"id":"01ARZ3NDEK0000000000000003","itemId":"bread","name":"Bread","quantity":1,"priceMinor":1,"modifiers":[],"note":"","seat":null,"course":1,"taxBp":0,"station":"kitchen","ticketId":null,"sentAt":null,"held":false,"voided":false,"voidReason":null,"movedTo":null,"discounts":[],"stamp":{"version":1,"device":"pos-01ARYZ6S420000000000000001"}}],"tickets":[],"payments":[],"discounts":[],"returns":[],"toldTotalMinor":null,"receiptNumber":null,"invoiceNumber":null,"closedAt":null,"voidReason":null,"follows":null,"mergedInto":null,"heirVersion":0,"tableStamp":{"version":1,"device":"pos-01ARYZ6S420000000000000001"},"guestsStamp":{"version":1,"device":"pos-01ARYZ6S420000000000000001"},"discountsStamp":{"version":0,"device":""},"applied":["01ARZ3NDEK0000000000000004"],"surplusMinor":0,"followUp":null,"others":[]}' AS BLOB), 1764358800000);
INSERT INTO answer VALUES (2, CAST('{"id":"01ARZ3NDEK0000000000000000","number":"A-1","state":"NEW","version":2,"tableId":"table-6","channel":"DINE_IN","guests":4,"waiterId":"ann","waiterName":"Ann","openedAt":"2015-11-27T19:41:05.250Z","pricesIncludeTax":true,"lines":[{"id":"01ARZ3NDEK0000000000000001","itemId":"pizza","name":"Pizza","quantity":3,"priceMinor":1250,"modifiers":[{"id":"large","name":"Large","priceMinor":50}],"note":"Zoë said \"no \\ salt\", ☃","seat":null,"course":2,"taxBp":1000,"station":"kitchen","ticketId":null,"sentAt":null,"held":false,"voided":false,"voidReason":null,"movedTo":null,"discounts":[],"stamp":{"version":2,"device":"pos-01ARYZ6S420000000000000001"}},{"id":"01ARZ3NDEK0000000000000002","itemId":"beer","name":"Beer","quantity":1,"priceMinor":333,"modifiers":[],"note":"","seat":null,"course":1,"taxBp":1900,"station":"bar","ticketId":null,"sentAt":null,"held":false,"voided":false,"voidReason":null,"movedTo":null,"discounts":[],"stamp":{"version":1,"device":"pos-01ARYZ6S420000000000000001"}},{"id":"01ARZ3NDEK0000000000000003","itemId":"bread","name":"Bread","quantity":1,"priceMinor":1,"modifiers":[],"note":"","seat":null,"course":1,"taxBp":0,"station":"kitchen","ticketId":null,"sentAt":null,"held":false,"voided":true,"voidReason":"Zoë said \"no \\ salt\", ☃","movedTo":null,"discounts":[],"stamp":{"version":2,"device":"pos-01ARYZ6S420000000000000001"}},{"id":"01ARZ3NDEK0000000000000005","itemId":"cake","name":"Cake","quantity":1,"priceMinor":499,"modifiers":[{"id":"large","name":"Large","priceMinor":1}],"note":"","seat":null,"course":1,"taxBp":700,"station":"kitchen","ticketId":null,"sentAt":null,"held":false,"voided":false,"voidReason":null,"movedTo":null,"discounts":[],"stamp":{"version":2,"device":"pos-01ARYZ6S420000000000000001"}}],"tickets":[],"payments":[],"discounts":[],"returns":[],"toldTotalMinor":null,"receiptNumber":null,"invoiceNumber":null,"closedAt":null,"voidReason":null,"follows":null,"mergedInto":null,"heirVersion":0,"tableStamp":{"version":2,"device":"pos-01ARYZ6S420000000000000001"},"guestsStamp":{"version":2,"device":"pos-01ARYZ6S420000000000000001"},"discountsStamp":{"version":0,"device":""},"applied":["01ARZ3NDEK0000000000000004","01ARZ3NDEK0000000000000006","01ARZ3NDEK0000000000000007","01ARZ3NDEK0000000000000008","01ARZ3NDEK0000000000000009","01ARZ3NDEK0000000000000010","01ARZ3NDEK0000000000000011","01ARZ3NDEK0000000000000012"],"surplusMinor":0,"followUp":null,"others":[]}' AS BLOB), 1764358800000);
INSERT INTO answer VALUES (3, CAST('{"id":"01ARZ3NDEK0000000000000000","number":"A-1","state":"SENT","version":3,"tableId":"table-6","channel":"DINE_IN","guests":4,"waiterId":"ann","waiterName":"Ann","openedAt":"2015-11-27T19:41:05.250Z","pricesIncludeTax":true,"lines":[{"id":"01ARZ3NDEK0000000000000001","itemId":"pizza","name":"Pizza","quantity":3,"priceMinor":1250,"modifiers":[{"id":"large","name":"Large","priceMinor":50}],"note":"Zoë said \"no \\ salt\", ☃","seat":null,"course":2,"taxBp":1000,"station":"kitchen","ticketId":"01ARZ3NDEK02AHSMXH1TDE2A98","sentAt":"2015-11-27T19:41:05.250Z","held":false,"voided":false,"voidReason":null,"movedTo":null,"discounts":[],"stamp":{"version":2,"device":"pos-01ARYZ6S420000000000000001"}},{"id":"01ARZ3NDEK0000000000000002","itemId":"beer","name":"Beer","quantity":1,"priceMinor":333,"modifiers":[],"note":"","seat":null,"course":1,"taxBp":1900,"station":"bar","ticketId":"01ARZ3NDEKG9TY5QTCC81FPYKM","sentAt":"2015-11-27T19:41:05.250Z","held":false,"voided":false,"voidReason":null,"movedTo":null,"discounts":[],"stamp":{"version":1,"device":"pos-01ARYZ6S420000000000000001"}},{"id":"01ARZ3NDEK0000000000000003","itemId":"bread","name":"Bread","quantity":1,"priceMinor":1,"modifiers":[],"note":"","seat":null,"course":1,"taxBp":0,"station":"kitchen","ticketId":null,"sentAt":null,"held":false,"voided":true,"voidReason":"Zoë said \"no \\ salt\", ☃","movedTo":null,"discounts":[],"stamp":{"version":2,"device":"pos-01ARYZ6S420000000000000001"}},{"id":"01ARZ3NDEK0000000000000005","itemId":"cake","name":"Cake","quantity":1,"priceMinor":499,"modifiers":[{"id":"large","name":"Large","priceMinor":1}],"note":"","seat":null,"course":1,"taxBp":700,"station":"kitchen","ticketId":"01ARZ3NDEK02AHSMXH1TDE2A98","sentAt":"2015-11-27T19:41:05.250Z","held":false,"voided":false,"voidReason":null,"movedTo":null,"discounts":[],"stamp":{"version":2,"device":"pos-01ARYZ6S420000000000000001"}}],"tickets":[{"id":"01ARZ3NDEK02AHSMXH1TDE2A98","station":"kitchen","round":0,"stage":"QUEUED","seen":false},{"id":"01ARZ3NDEKG9TY5QTCC81FPYKM","station":"bar","round":0,"stage":"QUEUED","seen":false}],"payments":[],"discounts":[],"returns":[],"toldTotalMinor":null,"receiptNumber":null,"invoiceNumber":null,"closedAt":null,"voidReason":null,"follows":null,"mergedInto":null,"heirVersion":0,"tableStamp":{"version":2,"device":"pos-01ARYZ6S420000000000000001"},"guestsStamp":{"version":2,"device":"pos-01ARYZ6S420000000000000001"},"discountsStamp":{"version":0,"device":""},"applied":["01ARZ3NDEK0000000000000004","01ARZ3NDEK0000000000000006","01ARZ3NDEK0000000000000007","01ARZ3NDEK0000000000000008","01ARZ3NDEK0000000000000009","01ARZ3NDEK0000000000000010","01ARZ3NDEK0000000000000011","01ARZ3NDEK0000000000000012","01ARZ3NDEK0000000000000013"],"surplusMinor":0,"followUp":null,"others":[]}' AS BLOB), 1764358800000);
INSERT INTO pos_order VALUES ('01ARZ3NDEK0000000000000000', 3, 3, 'SENT', 1, 'table-6', 1764358800000, CAST('{"id":"01ARZ3NDEK0000000000000000","number":"A-1","state":"SENT","version":3,"tableId":"table-6","channel":"DINE_IN","guests":4,"waiterId":"ann","waiterName":"Ann","openedAt":"2015-11-27T19:41:05.250Z","pricesIncludeTax":true,"lines":[{"id":"01ARZ3NDEK0000000000000001","itemId":"pizza","name":"Pizza","quantity":3,"priceMinor":1250,"modifiers":[{"id":"large","name":"Large","priceMinor":50}],"note":"Zoë said \"no \\ salt\", ☃","seat":null,"course":2,"taxBp":1000,"station":"kitchen","ticketId":"01ARZ3NDEK02AHSMXH1TDE2A98","sentAt":"2015-11-27T19:41:05.250Z","held":false,"voided":false,"voidReason":null,"movedTo":null,"discounts":[],"stamp":{"version":2,"device":"pos-01ARYZ6S420000000000000001"}},{"id":"01ARZ3NDEK0000000000000002","itemId":"beer","name":"Beer","quantity":1,"priceMinor":333,"modifiers":[],"note":"","seat":null,"course":1,"taxBp":1900,"station":"bar","ticketId":"01ARZ3NDEKG9TY5QTCC81FPYKM","sentAt":"2015-11-27T19:41:05.250Z","held":false,"voided":false,"voidReason":null,"movedTo":null,"discounts":[],"stamp":{"version":1,"device":"pos-01ARYZ6S420000000000000001"}},{"id":"01ARZ3NDEK0000000000000003","itemId":"bread","name":"Bread","quantity":1,"priceMinor":1,"modifiers":[],"note":"","seat":null,"course":1,"taxBp":0,"station":"kitchen","ticketId":null,"sentAt":null,"held":false,"voided":true,"voidReason":"Zoë said \"no \\ salt\", ☃","movedTo":null,"discounts":[],"stamp":{"version":2,"device":"pos-01ARYZ6S420000000000000001"}},{"id":"01ARZ3NDEK0000000000000005","itemId":"cake","name":"Cake","quantity":1,"priceMinor":499,"modifiers":[{"id":"large","name":"Large","priceMinor":1}],"note":"","seat":null,"course":1,"taxBp":700,"station":"kitchen","ticketId":"01ARZ3NDEK02AHSMXH1TDE2A98","sentAt":"2015-11-27T19:41:05.250Z","held":false,"voided":false,"voidReason":null,"movedTo":null,"discounts":[],"stamp":{"version":2,"device":"pos-01ARYZ6S420000000000000001"}}],"tickets":[{"id":"01ARZ3NDEK02AHSMXH1TDE2A98","station":"kitchen","round":0,"stage":"QUEUED","seen":false},{"id":"01ARZ3NDEKG9TY5QTCC81FPYKM","station":"bar","round":0,"stage":"QUEUED","seen":false}],"payments":[],"discounts":[],"returns":[],"toldTotalMinor":null,"receiptNumber":null,"invoiceNumber":null,"closedAt":null,"voidReason":null,"follows":null,"mergedInto":null,"heirVersion":0,"tableStamp":{"version":2,"device":"pos-01ARYZ6S420000000000000001"},"guestsStamp":{"version":2,"device":"pos-01ARYZ6S420000000000000001"},"discountsStamp":{"version":0,"device":""},"applied":["01ARZ3NDEK0000000000000004","01ARZ3NDEK0000000000000006","01ARZ3NDEK0000000000000007","01ARZ3NDEK0000000000000008","01ARZ3NDEK0000000000000009","01ARZ3NDEK0000000000000010","01ARZ3NDEK0000000000000011","01ARZ3NDEK0000000000000012","01ARZ3NDEK0000000000000013"]}' AS BLOB));
INSERT INTO ticket VALUES ('01ARZ3NDEK02AHSMXH1TDE2A98', 4, 1, '01ARZ3NDEK0000000000000000', 'kitchen', 'QUEUED', 1, 1764358800000, CAST('{"id":"01ARZ3NDEK02AHSMXH1TDE2A98","orderId":"01ARZ3NDEK0000000000000000","orderNumber":"A-1","station":"kitchen","tableId":"table-6","channel":"DINE_IN","waiterName":"Ann","round":0,"status":"QUEUED","sentAt":"2015-11-27T19:41:05.250Z","updatedAt":"2015-11-27T19:41:05.250Z","seenAt":null,"paperAt":"2015-11-27T19:52:00.000Z","priority":0,"priorityTurn":0,"items":[{"lineId":"01ARZ3NDEK0000000000000001","name":"Pizza","quantity":3,"modifiers":["Large"],"note":"Zoë said \"no \\ salt\", ☃","seat":null,"course":2,"voided":false,"done":false,"on":null},{"lineId":"01ARZ3NDEK0000000000000005","name":"Cake","quantity":1,"modifiers":["Large"],"note":"","seat":null,"course":1,"voided":false,"done":false,"on":null}],"version":1,"applied":["01ARZ3NDEK0000000000000013"]}' AS BLOB));
INSERT INTO ticket VALUES ('01ARZ3NDEKG9TY5QTCC81FPYKM', 5, 1, '01ARZ3NDEK0000000000000000', 'bar', 'QUEUED', 1, 1764358800000, CAST('{"id":"01ARZ3NDEKG9TY5QTCC81FPYKM","orderId":"01ARZ3NDEK0000000000000000","orderNumber":"A-1","station":"bar","tableId":"table-6","channel":"DINE_IN","waiterName":"Ann","round":0,"status":"QUEUED","sentAt":"2015-11-27T19:41:05.250Z","updatedAt":"2015-11-27T19:41:05.250Z","seenAt":null,"paperAt":"2015-11-27T19:52:00.000Z","priority":0,"priorityTurn":0,"items":[{"lineId":"01ARZ3NDEK0000000000000002","name":"Beer","quantity":1,"modifiers":[],"note":"","seat":null,"course":1,"voided":false,"done":false,"on":null}],"version":1,"applied":["01ARZ3NDEK0000000000000013"]}' AS BLOB));
DELETE FROM sqlite_sequence;
INSERT INTO device VALUES ('pos-01ARYZ6S420000000000000001', 'till', 'pos', 'A', NULL, X'895A02E93E2024935F08C6EFE55CE9BC394EDC66C9F258A31E791F9C9CC35BC5', 1764358800000, NULL, NULL);
INSERT INTO device VALUES ('pos-01ARYZ6S420000000000000002', 'till-2', 'pos', 'B', NULL, X'A1770B627C95BEB86C13C72949D6EA28CFAA2E48ED051D941327153BD95D9C90', 1764358800000, NULL, NULL);
INSERT INTO device VALUES ('kds-01ARYZ6S420000000000000003', 'kitchen', 'kds', NULL, 'CHEF', X'10B7D68295B7C0C7282B06B1EB1BFA67D9B68CFC13738E55591BBD6A45861865', 1764358800000, NULL, NULL);
INSERT INTO device VALUES ('script-01ARYZ6S420000000000000004', 'Script (waiter)', 'script', NULL, 'WAITER', X'4E631D4D6AADC00C1C727B212B3C5BD6CF20062C587E086C68D7776427F9BD80', 1764358800000, NULL, NULL);
INSERT INTO catalogue VALUES ('menu', '"eee9fd438fe5ebb0c8a0caaa"', CAST('{"version":"1","categories":[],"items":[{"id":"pizza","name":"Pizza","categoryId":"all","priceMinor":1250,"station":"kitchen","taxBp":1000,"course":1,"groupIds":[],"soldOut":false,"remaining":null,"setAt":null,"setBy":null},{"id":"cake","name":"Cake","categoryId":"all","priceMinor":499,"station":"kitchen","taxBp":700,"course":1,"groupIds":[],"soldOut":false,"remaining":null,"setAt":null,"setBy":null},{"id":"beer","name":"Beer","categoryId":"all","priceMinor":333,"station":"bar","taxBp":1900,"course":1,"groupIds":[],"soldOut":false,"remaining":null,"setAt":null,"setBy":null},{"id":"bread","name":"Bread","categoryId":"all","priceMinor":1,"station":"kitchen","taxBp":0,"course":1,"groupIds":[],"soldOut":false,"remaining":null,"setAt":null,"setBy":null}],"groups":[],"stations":[{"id":"kitchen","name":"Kitchen","orangeAfterMin":8,"redAfterMin":12,"takenOverBy":null,"setAt":null,"setBy":null},{"id":"bar","name":"Bar","orangeAfterMin":8,"redAfterMin":12,"takenOverBy":null,"setAt":null,"setBy":null}]}' AS BLOB), 1764358800000);
INSERT INTO catalogue VALUES ('whole', '"c216774b253886dcb990ed25"', CAST('"a1d304669710e7b71bd487de","eee9fd438fe5ebb0c8a0caaa","a89b276a32171738978a18e5","15516b9a153c65ef5481a2a1","f034f8ddbf53a4379866c474",0' AS BLOB), 1764358800000);
INSERT INTO catalogue VALUES ('floor', '"a1d304669710e7b71bd487de"', CAST('{"version":"1","rooms":[],"tables":[]}' AS BLOB), 1764358800000);
INSERT INTO catalogue VALUES ('settings', '"a89b276a32171738978a18e5"', CAST('{"version":"1","name":"Tests","currencyCode":"EUR","currencyDecimals":2,"currencySymbol":"","pricesIncludeTax":true,"notesMinor":[500,1000,2000,5000,10000],"timezone":"UTC","receiptLines":[],"discountCaps":[],"voidSentNeedsManager":false}' AS BLOB), 1764358800000);
INSERT INTO catalogue VALUES ('staff', '"15516b9a153c65ef5481a2a1"', CAST('{"version":"1","staff":[{"id":"ann","name":"Ann","role":"WAITER","pinVerifier":"x","active":true},{"id":"ben","name":"Ben","role":"WAITER","pinVerifier":"x","active":true},{"id":"sara","name":"Sara","role":"MANAGER","pinVerifier":"x","active":true}]}' AS BLOB), 1764358800000);
INSERT INTO catalogue VALUES ('staff-names', '"f034f8ddbf53a4379866c474"', CAST('{"version":"1","staff":[{"id":"ann","name":"Ann","role":"WAITER","pinVerifier":"","active":true},{"id":"ben","name":"Ben","role":"WAITER","pinVerifier":"","active":true},{"id":"sara","name":"Sara","role":"MANAGER","pinVerifier":"","active":true}]}' AS BLOB), 1764358800000);
INSERT INTO known_item VALUES ('beer');
INSERT INTO known_item VALUES ('bread');
INSERT INTO known_item VALUES ('cake');
INSERT INTO known_item VALUES ('pizza');
INSERT INTO used_id VALUES ('change', '01ARZ3NDEK0000000000000006', '01ARZ3NDEK0000000000000000');
INSERT INTO used_id VALUES ('change', '01ARZ3NDEK0000000000000007', '01ARZ3NDEK0000000000000000');
INSERT INTO used_id VALUES ('change', '01ARZ3NDEK0000000000000008', '01ARZ3NDEK0000000000000000');
INSERT INTO used_id VALUES ('change', '01ARZ3NDEK0000000000000009', '01ARZ3NDEK0000000000000000');
INSERT INTO used_id VALUES ('change', '01ARZ3NDEK0000000000000010', '01ARZ3NDEK0000000000000000');
INSERT INTO used_id VALUES ('change', '01ARZ3NDEK0000000000000011', '01ARZ3NDEK0000000000000000');
INSERT INTO used_id VALUES ('line', '01ARZ3NDEK0000000000000001', '01ARZ3NDEK0000000000000000');
INSERT INTO used_id VALUES ('line', '01ARZ3NDEK0000000000000002', '01ARZ3NDEK0000000000000000');
INSERT INTO used_id VALUES ('line', '01ARZ3NDEK0000000000000003', '01ARZ3NDEK0000000000000000');
INSERT INTO used_id VALUES ('line', '01ARZ3NDEK0000000000000005', '01ARZ3NDEK0000000000000000');
INSERT INTO history VALUES (1, '01ARYZ6S4100000000000H0VSE');
INSERT INTO change VALUES (1, 'order', '01ARZ3NDEK0000000000000000', '01ARZ3NDEK0000000000000004', 1764358800000);
INSERT INTO change VALUES (2, 'order', '01ARZ3NDEK0000000000000000', '01ARZ3NDEK0000000000000012', 1764358800000);
INSERT INTO change VALUES (3, 'order', '01ARZ3NDEK0000000000000000', '01ARZ3NDEK0000000000000013', 1764358800000);
INSERT INTO change VALUES (4, 'ticket', '01ARZ3NDEK02AHSMXH1TDE2A98', '01ARZ3NDEK0000000000000013', 1764358800000);
INSERT INTO change VALUES (5, 'ticket', '01ARZ3NDEKG9TY5QTCC81FPYKM', '01ARZ3NDEK0000000000000013', 1764358800000);
