"""Bad input at the server: each is told what is wrong in words, in one shape, and leaves nothing behind."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, MutableMapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.wire.answers import ErrorAnswer
from shared.wire.protocol import MAX_BODY_BYTES
from tests.contract.house import Answer, House, act
from tests.contract.web import Site

UNKNOWN = "01ARYZ6S410000000000000999"


def assert_told(answer: Answer, status: int) -> ErrorAnswer:
    """A refusal in the contract's shape with a sentence for a person."""
    assert answer.status == status, answer.body
    told = ErrorAnswer.model_validate_json(answer.body)
    assert told.status_code == status
    assert told.request_id == "request-1"
    assert told.message[0].isupper()
    assert told.message.endswith((".", "?", ")")), told.message
    return told


def line(**fields: object) -> dict[str, object]:
    return act({"items": [{"itemId": "cola", "quantity": 1, **fields}]})


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (line(itemId="unicorn"), None),
        (line(quantity=-1), "items.0.quantity"),
        (line(quantity=0), "items.0.quantity"),
        (line(quantity=1.5), "items.0.quantity"),
        (line(quantity="2"), "items.0.quantity"),
        (line(quantity=10**30), "items.0.quantity"),
        (line(priceMinor=-5), "items.0.priceMinor"),
        (line(note="x" * 201), "items.0.note"),
        (line(id="not-a-ulid"), "items.0.id"),
        (line(colour="red"), "items.0.colour"),
        (line(modifiers=[{"id": "unknown"}]), "items.0.modifiers.0.name"),
        (line(modifiers="none"), "items.0.modifiers"),
        (act({"items": ["cola"]}), "items.0"),
        (act({"items": "cola"}), "items"),
        (act({"guests": -1}), "guests"),
        (act({"tableId": ""}), "tableId"),
        (act({"tableId": "t" * 65}), "tableId"),
        (act({"id": "lower"}), "id"),
        (act({"id": 7}), "id"),
        (act({"orderId": UNKNOWN}), "orderId"),
        (act({"channel": "TELEPATHY"}), "channel"),
        (act({"at": "yesterday"}), "at"),
        (act({"at": "2025-02-30T10:00:00.000Z"}), "at"),
        ({"actorId": 7}, "actorId"),
        ({"actorId": None}, "actorId"),
    ],
)
def test_a_create_that_makes_no_sense_is_422_and_names_the_field(
    house: House, body: dict[str, object], field: str | None
) -> None:
    told = assert_told(house.call("POST", "/pos/orders", body), 422)
    if field is not None:
        assert told.errors is not None
        assert [error.field for error in told.errors] == [field]
    assert house.count("pos_order") == house.count("change") == 0


@pytest.mark.parametrize(
    "body",
    [b"{", b"nonsense", b"[]", b"7", b"null", b'"text"', b"\xff\xfe", b'{"guests": NaN}', b"[" * 100_000, b"{}{}"],
)
@pytest.mark.parametrize("path", ["/pos/orders", f"/kds/tickets/{UNKNOWN}/bump"])
def test_a_body_that_is_no_json_object_is_400_and_not_remembered(house: House, path: str, body: bytes) -> None:
    assert_told(house.call("POST", path, body, key="k"), 400)
    assert house.count("operation") == 0


def test_too_many_parameters_are_400(house: House) -> None:
    many = "&".join(f"p{number}=1" for number in range(21))
    assert house.call("GET", f"/pos/orders?{many}").status == 400


def test_a_lone_surrogate_is_refused(house: House) -> None:
    answer = house.call("POST", "/pos/orders", b'{"actorId":"amina","tableId":"\\ud800"}')
    assert answer.status in (400, 422)


def test_the_error_of_a_field_does_not_repeat_what_was_sent(house: House) -> None:
    answer = house.call("POST", "/pos/orders", line(quantity="4111 1111 1111 1111"))
    assert b"4111" not in answer.body


@pytest.mark.parametrize("order_id", [UNKNOWN, "nonsense", "' OR 1=1 --", "%00", "x" * 5000])
@pytest.mark.parametrize("action", ["", "send-to-kitchen", "serve", "close", "void"])
def test_an_unknown_order_is_404(house: House, order_id: str, action: str) -> None:
    house.order()
    if action:
        assert_told(house.call("POST", f"/pos/orders/{order_id}/{action}", act({"reason": "x"})), 404)
    else:
        assert_told(house.call("GET", f"/pos/orders/{order_id}"), 404)
        assert_told(house.call("PATCH", f"/pos/orders/{order_id}", act({"changes": []})), 404)


@pytest.mark.parametrize(("method", "path"), [("GET", "/"), ("GET", "/pos"), ("POST", "/nothing"), ("GET", "//menu")])
def test_an_unknown_address_is_404(house: House, method: str, path: str) -> None:
    assert_told(house.call(method, path), 404)


@pytest.mark.parametrize(("method", "path"), [("DELETE", "/pos/orders"), ("PUT", "/menu"), ("POST", "/health")])
def test_a_wrong_method_is_405_and_names_the_right_ones(house: House, method: str, path: str) -> None:
    answer = house.call(method, path)
    assert_told(answer, 405)
    assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize(
    "changes",
    [
        [],
        [{"type": "explode"}],
        [{"lineId": UNKNOWN}],
        [{"type": "addLine"}],
        [{"type": "addLine", "line": {"itemId": "unicorn", "quantity": 1}}],
        ["addLine"],
        "addLine",
        None,
    ],
)
def test_a_change_that_makes_no_sense_is_422(house: House, changes: object) -> None:
    order = house.order("table-5", "cola")
    assert_told(house.call("PATCH", f"/pos/orders/{order['id']}", act({"changes": changes})), 422)
    assert house.call("GET", f"/pos/orders/{order['id']}").json["version"] == 1


def test_a_change_of_a_line_that_is_not_there_is_a_conflict_and_changes_nothing(house: House) -> None:
    order = house.order("table-5", "cola")
    changes = [{"type": "setQuantity", "lineId": UNKNOWN, "quantity": 1}]
    assert_told(house.call("PATCH", f"/pos/orders/{order['id']}", act({"changes": changes})), 409)
    assert house.call("GET", f"/pos/orders/{order['id']}").json["version"] == 1


@pytest.mark.parametrize(
    "payment",
    [
        {"method": "CASH", "amount": -1},
        {"method": "CASH", "amount": 310, "tendered": 300},
        {"method": "CASH", "amount": 10**13},
        {"method": "GOLD", "amount": 310},
        {"method": "CARD", "amount": 310},
        {"amount": 310},
        {"method": "CASH", "amount": "310"},
        "cash",
    ],
)
def test_money_that_makes_no_sense_is_422_and_closes_nothing(house: House, payment: object) -> None:
    order = house.order("table-5", "cola")
    assert_told(house.call("POST", f"/pos/orders/{order['id']}/close", act({"payments": [payment]})), 422)
    assert house.count("invoice") == 0
    assert house.call("GET", f"/pos/orders/{order['id']}").json["state"] == "NEW"


def test_an_order_takes_no_more_than_three_hundred_lines(house: House) -> None:
    order = house.order("table-5", *["cola"] * 300)
    add = {"type": "addLine", "line": {"itemId": "cola", "quantity": 1}}
    assert_told(house.call("PATCH", f"/pos/orders/{order['id']}", act({"changes": [add]})), 422)


def test_a_body_beyond_the_limit_is_413(house: House) -> None:
    body = b'{"note":"' + b"x" * MAX_BODY_BYTES + b'"}'
    assert_told(house.call("POST", "/pos/orders", body), 413)


async def test_ten_megabytes_are_refused_before_they_are_read(site: Site) -> None:
    answer = await site.ask("POST", "/pos/orders", b"x" * 10_000_000, key="k")
    assert (answer.status_code, answer.json()["statusCode"]) == (413, 413)


async def test_ten_megabytes_in_pieces_are_given_up_at_the_limit(site: Site) -> None:
    read = 0

    async def pieces() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(160):
            read += 65_536
            yield b"x" * 65_536

    headers = {"Authorization": f"Bearer {site.tokens['script']}", "Idempotency-Key": "k"}
    answer = await site.client.post("/pos/orders", content=pieces(), headers=headers)
    assert answer.status_code == 413
    assert read <= MAX_BODY_BYTES + 2 * 65_536


async def test_a_body_in_pieces_within_the_limit_is_read_whole(site: Site) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b'{"tableId":'
        yield b'"table-5"}'

    headers = {"Authorization": f"Bearer {site.tokens['script']}", "Idempotency-Key": "k"}
    answer = await site.client.post("/pos/orders", content=pieces(), headers=headers)
    assert (answer.status_code, answer.json()["tableId"]) == (201, "table-5")


def test_a_stranger_learns_nothing_but_that_the_device_is_unknown(house: House) -> None:
    for method, path, body in (
        ("POST", "/pos/orders", b"{"),
        ("POST", f"/pos/orders/{UNKNOWN}/close", b"{}"),
        ("GET", "/menu", b""),
        ("GET", "/staff", b""),
        ("GET", "/pos/orders?cursor=nonsense", b""),
    ):
        assert_told(house.call(method, path, body, who="nobody", key=""), 401)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
FIELD_NAMES = st.sampled_from(
    [
        "id",
        "items",
        "actorId",
        "at",
        "changes",
        "lineIds",
        "payments",
        "round",
        "reason",
        "line",
        "type",
        "_idempotencyKey",
    ]
)
PATHS = st.sampled_from(
    [
        ("POST", "/pos/orders"),
        ("PATCH", "/pos/orders/{id}"),
        ("POST", "/pos/orders/{id}/send-to-kitchen"),
        ("POST", "/pos/orders/{id}/close"),
        ("POST", "/kds/tickets/{ticket}/recall"),
        ("POST", "/auth/login"),
    ]
)


def test_no_body_whatever_breaks_the_server(house: House) -> None:
    order = house.sent_order("table-5", "cola")
    ids = {"id": order["id"], "ticket": order["tickets"][0]["id"]}

    @given(where=PATHS, body=st.dictionaries(FIELD_NAMES, JSON_VALUES, max_size=6) | JSON_VALUES, raw=st.binary())
    def ask(where: tuple[str, str], body: object, raw: bytes) -> None:
        for sent in (json.dumps(body).encode(), raw):
            answer = house.call(where[0], where[1].format(**ids), sent, who="script")
            assert answer.status in (200, 201, 400, 403, 404, 409, 413, 422)
            if answer.status >= 400:
                ErrorAnswer.model_validate_json(answer.body)

    ask()


@pytest.mark.parametrize("pieces", [[], [b'{"tableId":"table-5"}']])
async def test_a_request_that_was_cut_off_is_no_shorter_request(site: Site, pieces: list[bytes]) -> None:
    waiting = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    waiting.append({"type": "http.disconnect"})
    answered: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        return waiting.pop(0)

    async def send(message: MutableMapping[str, object]) -> None:
        answered.append(dict(message))

    token = f"Bearer {site.tokens['script']}".encode()
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/pos/orders",
        "query_string": b"",
        "headers": [(b"authorization", token), (b"idempotency-key", b"k"), (b"content-length", b"500")],
    }
    await site.app(scope, receive, send)
    assert answered[0]["status"] == 400
    assert site.count("pos_order") == site.count("operation") == 0
