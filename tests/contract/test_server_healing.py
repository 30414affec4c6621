"""The doors of healing: who may ask and report, what is kept out meanwhile, and what a manager's command says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reference_server.main import main
from reference_server.storage import histories
from reference_server.storage.file import Storage
from shared.wire.healing import Retained
from tests.contract.house import HISTORY, House, act

FOREIGN = "900-01ARYZ6S410000000000000999"


def test_the_server_says_which_operations_it_has_done_and_how_it_answered(house: House) -> None:
    done, refused, never = house.ids.new(), house.ids.new(), house.ids.new()
    house.call("POST", "/pos/orders", act({"tableId": "table-5"}), key=done)
    house.call("POST", "/pos/orders", act({"guests": -1}), key=refused)
    answer = house.call("POST", "/sync/known", {"ids": [done, refused, never]}, key="")
    assert answer.json == {"known": {done: 201, refused: 422}, "reported": []}


@pytest.mark.parametrize("path", ["/pos/orders", "/kds/queue"])
def test_a_read_that_carries_what_this_server_never_gave_is_refused(house: House, path: str) -> None:
    answer = house.call("GET", path, headers={"x-seen": FOREIGN})
    assert (answer.status, answer.json["conflictType"]) == (409, "HISTORY_LOST")
    assert house.call("GET", "/menu", headers={"x-seen": FOREIGN}).status == 200


def test_a_script_can_neither_report_nor_begin_a_healing(house: House) -> None:
    assert house.call("POST", "/sync/heal", {"seen": FOREIGN}, key="", who="script").status == 403
    assert house.call("GET", "/pos/orders").status == 200


def test_a_device_whose_history_is_here_begins_none(house: House) -> None:
    house.order()
    seen = house.call("GET", "/pos/orders").json["cursor"]
    answer = house.call("POST", "/sync/heal", {"seen": seen}, key="")
    assert (answer.json["phase"], answer.json["isReported"]) == ("NONE", False)


def test_from_the_first_report_on_everybody_waits_for_the_last(house: House) -> None:
    begun = house.call("POST", "/sync/heal", {"seen": FOREIGN}, key="")
    assert begun.json["phase"] == "REPORTING"
    assert begun.json["waitingFor"] == ["kitchen", "till", "till-2"]
    for who in ("till", "till-2", "script"):
        assert house.call("POST", "/pos/orders", act({}), who=who).json["conflictType"] == "HISTORY_LOST"
    whole = {"seen": FOREIGN, "isWhole": True}
    told = [house.call("POST", "/sync/heal", whole, key="", who=who).json for who in ("till", "till-2", "kitchen")]
    assert [one["phase"] for one in told] == ["REPORTING", "REPORTING", "APPLYING"]
    assert house.call("POST", "/sync/heal", {"seen": FOREIGN}, key="").json["phase"] == "DONE"
    assert house.call("GET", "/pos/orders").status == 200
    assert house.call("GET", "/pos/orders", headers={"x-seen": FOREIGN}).status == 409


def test_what_cannot_be_read_stops_no_healing_and_a_person_is_told(house: House) -> None:
    nonsense = Retained(
        id=house.ids.new(),  # type: ignore[arg-type]
        seq=1,
        kind="create_order",
        method="POST",
        path="/pos/orders",
        body="no JSON",
        status=201,
        answer="nor here",
    )
    report = {"seen": FOREIGN, "operations": [json.loads(nonsense.to_json())], "isWhole": True}
    house.call("POST", "/sync/heal", report, key="")
    for who in ("till-2", "kitchen"):
        house.call("POST", "/sync/heal", {"isWhole": True}, key="", who=who)
    while (told := house.call("POST", "/sync/heal", {"seen": FOREIGN}, key="")).json["phase"] == "APPLYING":
        pass
    assert told.json["phase"] == "DONE"
    assert house.count("alert", "kind = 'healing'") == 1


@pytest.mark.parametrize("strange", [{"kind": "teleport_order"}, {"method": "DELETE"}, {"path": "/pos/tips"}])
def test_a_kind_that_the_server_does_not_know_stops_no_report_and_a_person_is_told(
    house: House, strange: dict[str, object]
) -> None:
    operations = [created(house) | strange, created(house)]
    house.call("POST", "/sync/heal", {"seen": FOREIGN, "operations": operations, "isWhole": True}, key="")
    main(["heal", *house.place, "--go"])
    assert (house.count("healing_operation"), house.count("pos_order")) == (0, 1)
    alert = house.connection.execute("SELECT operation_id, message FROM alert WHERE kind = 'healing'").fetchall()
    assert [row[0] for row in alert] == [operations[0]["id"]]
    assert all(str(one) in str(alert[0][1]) for one in strange.values())
    assert house.call("GET", "/pos/orders").status == 200


def test_of_invoice_numbers_that_nobody_reported_a_person_is_told_once(house: House) -> None:
    lost = created(house)
    order_id = json.loads(str(lost["body"]))["id"]
    shown = {**house.order(), "id": order_id, "state": "CLOSED", "invoiceNumber": "INV-202511-0003"}
    lost["answer"] = json.dumps(shown)
    house.call("POST", "/sync/heal", {"seen": FOREIGN, "operations": [lost], "isWhole": True}, key="")
    main(["heal", *house.place, "--go"])
    for _ in range(2):
        assert house.call("POST", "/sync/heal", {"seen": FOREIGN}, key="").json["phase"] == "DONE"
    assert house.count("invoice", "number = 'INV-202511-0003'") == 1
    told = house.connection.execute("SELECT message FROM alert WHERE kind = 'invoice_hole'").fetchall()
    assert [str(row[0]).partition(" is missing")[0] for row in told] == ["Invoice INV-202511-0001 to INV-202511-0002"]


def test_the_command_names_who_is_missing_and_lets_the_server_go_on(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["heal", *house.place]) == 0
    assert "Nothing is to be healed" in capsys.readouterr().out
    house.call("POST", "/sync/heal", {"seen": FOREIGN, "isWhole": True}, key="")
    assert main(["heal", *house.place]) == 0
    assert "waits for: kitchen, till-2." in capsys.readouterr().out
    assert main(["heal", *house.place, "--go"]) == 0
    assert capsys.readouterr().out == "Healed. These tell what they have when they come: kitchen, till-2.\n"
    assert house.call("GET", "/pos/orders").status == 200


def created(house: House) -> dict[str, object]:
    """An order that a device holds an acceptance of and that this server does not have."""
    moment = "2025-11-28T19:40:00.000Z"
    body = act({"id": house.ids.new(), "at": moment, "number": "A-900", "tableId": "table-5", "guests": 2, "items": []})
    made = Retained(
        id=house.ids.new(),  # type: ignore[arg-type]
        seq=1,
        kind="create_order",
        method="POST",
        path="/pos/orders",
        body=json.dumps(body),
        status=201,
        answer="",
    )
    return dict(json.loads(made.to_json()))


def test_a_late_report_is_done_again_in_steps_and_nobody_else_waits_for_it(house: House) -> None:
    house.call("POST", "/sync/heal", {"seen": FOREIGN, "isWhole": True}, key="", who="till-2")
    house.call("POST", "/sync/heal", {"isWhole": True}, key="", who="kitchen")
    main(["heal", *house.place, "--go"])
    step = house.deps.limits.healing_step
    report = {"seen": FOREIGN, "operations": [created(house) for _ in range(2 * step)]}
    house.call("POST", "/sync/heal", report, key="")
    told = house.call("POST", "/sync/heal", {"seen": FOREIGN, "isWhole": True}, key="").json
    assert (told["phase"], house.count("healing_operation")) == ("APPLYING", step)
    assert house.call("GET", "/kds/queue", who="kitchen").status == 200
    told = house.call("POST", "/sync/heal", {"seen": FOREIGN}, key="").json
    assert (told["phase"], house.count("healing_operation")) == ("DONE", 0)


def test_a_person_hears_of_what_a_late_report_left_half_done_though_another_one_begins_meanwhile(house: House) -> None:
    ended_healing(house)
    order = house.order("table-6", "cola")
    astray = {**order, "id": house.ids.new(), "lines": [{**order["lines"][0], "movedTo": house.ids.new()}]}
    first = {**created(house), "answer": json.dumps(astray), "revision": "2-01ARYZ6S410000000000000998"}
    first["body"] = json.dumps({**json.loads(str(first["body"])), "id": astray["id"]})
    rest = [created(house) for _ in range(house.deps.limits.healing_step)]
    whole = {"seen": FOREIGN, "isWhole": True, "operations": [first, *rest]}
    assert house.call("POST", "/sync/heal", whole, key="").json["phase"] == "APPLYING"
    house.call("POST", "/sync/heal", {"seen": FOREIGN, "isWhole": True}, key="", who="till-2")
    (message,) = house.connection.execute("SELECT message FROM alert WHERE kind = 'healing'").fetchall()[0]
    assert str(message).startswith(f"Cola went from order {order['number']} to another one")
    assert house.count("healing_operation") == 0


def ended_healing(house: House) -> None:
    """A healing that only the kitchen has reported to."""
    house.call("POST", "/sync/heal", {"seen": FOREIGN, "isWhole": True}, key="", who="kitchen")
    assert main(["heal", *house.place, "--go"]) == 0


def test_what_a_device_saw_after_its_report_is_reported_too(house: House) -> None:
    house.call("POST", "/sync/heal", {"seen": FOREIGN, "isWhole": True}, key="")
    again = {"seen": "950-01ARYZ6S410000000000000998"}
    assert house.call("POST", "/sync/heal", {"seen": FOREIGN}, key="").json["isReported"]
    told = house.call("POST", "/sync/heal", again, key="").json
    assert (told["phase"], told["isReported"]) == ("REPORTING", False)
    assert "till" in told["waitingFor"]


def test_what_was_tapped_on_a_lost_version_after_the_report_is_done_for_a_device_that_was_healed(house: House) -> None:
    order = house.order("table-5", "cola")
    note = {"type": "setNote", "lineId": order["lines"][0]["id"], "note": "cold"}
    path, ahead = f"/pos/orders/{order['id']}", act({"baseVersion": 4, "changes": [note]})
    for who in ("till", "till-2", "kitchen", "till"):
        house.call("POST", "/sync/heal", {"seen": FOREIGN, "isWhole": True}, key="", who=who)
    far = house.call("PATCH", path, {**ahead, "baseVersion": 10**30})
    assert (far.status, far.json["conflictType"]) == (409, "HISTORY_LOST")
    assert house.call("PATCH", path, ahead, who="script").json["conflictType"] == "HISTORY_LOST"
    done = house.call("PATCH", path, ahead)
    assert (done.status, done.json["version"], done.json["lines"][0]["note"]) == (200, 5, "cold")
    other = {"type": "setGuests", "guests": 4, "id": house.ids.new()}
    known = house.call("PATCH", path, act({"baseVersion": 5, "changes": [other]}), who="till-2")
    assert (known.status, known.json["version"]) == (200, 6)


@pytest.mark.parametrize(
    "seen",
    ["900", "900-garbage", f"{10**17}-01ARYZ6S410000000000000999", "0-01ARYZ6S410000000000000999", "x-" + "0" * 26],
)
def test_a_cursor_that_no_server_of_ours_gave_stops_nobody_and_its_device_is_healed_alone(
    house: House, seen: str
) -> None:
    house.order()
    begun = house.call("POST", "/sync/heal", {"seen": seen}, key="").json
    assert (begun["phase"], begun["isReported"], begun["waitingFor"]) == ("DONE", False, [])
    assert house.call("GET", "/pos/orders", who="till-2").status == 200
    lost = {**created(house), "revision": seen}
    house.call("POST", "/sync/heal", {"seen": seen, "operations": [lost], "isWhole": True}, key="")
    told = house.call("POST", "/sync/heal", {"seen": seen}, key="").json
    assert (told["phase"], told["isReported"], house.count("pos_order")) == ("DONE", True, 2)
    assert int(house.call("GET", "/health").json["head"].partition("-")[0]) < 10


def test_a_manager_sees_who_began_it_and_ends_what_was_no_loss(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    house.order()
    head = house.call("GET", "/health").json["head"]
    house.call("POST", "/sync/heal", {"seen": FOREIGN, "operations": [created(house)], "isWhole": True}, key="")
    command = ["heal", *house.place]
    assert main(command) == 0
    said = capsys.readouterr().out
    assert f"till began it at 2025-11-28T19:40:00.000Z: it has seen change {FOREIGN}" in said
    assert f"the newest here is {head}." in said
    assert main([*command, "--end"]) == 0
    assert capsys.readouterr().out == "Ended: nothing was lost. till fetches everything anew.\n"
    assert house.call("GET", "/pos/orders", who="till-2").status == 200
    told = house.call("POST", "/sync/heal", {"seen": FOREIGN}, key="").json
    assert (told["phase"], told["isReported"], house.count("pos_order")) == ("DONE", True, 1)
    assert main([*command, "--end"]) == 2
    assert "No healing waits for devices." in capsys.readouterr().err


def test_what_is_noticed_after_an_end_by_another_device_is_a_healing_again(house: House) -> None:
    house.call("POST", "/sync/heal", {"seen": FOREIGN}, key="")
    main(["heal", *house.place, "--end"])
    again = house.call("POST", "/sync/heal", {"seen": FOREIGN}, key="", who="till-2").json
    assert (again["phase"], again["waitingFor"]) == ("REPORTING", ["kitchen", "till", "till-2"])


@pytest.mark.parametrize("path", ["/pos/orders", "/kds/queue", "/health"])
def test_the_server_tells_the_name_of_its_history(house: House, path: str) -> None:
    assert house.call("GET", path).json["history"] == HISTORY


@pytest.mark.parametrize("path", ["/sync/heal", "/sync/known"])
def test_a_device_of_another_history_is_refused_in_words_and_nothing_is_kept(house: House, path: str) -> None:
    body: dict[str, object] = {"history": HISTORY.replace("H", "X")}
    body |= {"ids": []} if path == "/sync/known" else {"seen": FOREIGN, "operations": [created(house)], "isWhole": True}
    answer = house.call("POST", path, body, key="")
    assert (answer.status, answer.json["conflictType"]) == (409, "OTHER_BRANCH")
    assert "another branch" in answer.json["message"]
    assert [house.count(table) for table in ("healing", "healing_operation", "healing_device")] == [0, 0, 0]
    assert house.call("GET", "/pos/orders").status == 200


def test_a_device_that_names_this_history_or_none_begins_a_healing(house: House) -> None:
    assert house.call("POST", "/sync/heal", {"seen": FOREIGN}, key="").json["phase"] == "REPORTING"
    again = {"seen": FOREIGN, "history": HISTORY}
    assert house.call("POST", "/sync/heal", again, key="", who="till-2").json["phase"] == "REPORTING"


def test_a_new_server_goes_on_with_the_history_of_a_lost_one_and_one_with_orders_does_not(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    lost = HISTORY.replace("H", "X")
    command = ["heal", *house.place, "--history"]
    assert main([*command, lost]) == 0
    assert house.call("GET", "/health").json["history"] == lost
    house.order()
    assert main([*command, lost]) == 0
    assert main([*command, HISTORY]) == 2
    assert "This server has a history of its own." in capsys.readouterr().err
    assert house.call("GET", "/health").json["history"] == lost


def test_a_file_is_named_at_its_first_start_and_keeps_its_name(tmp_path: Path) -> None:
    names = []
    for name in (HISTORY, HISTORY.replace("H", "X")):
        with Storage(tmp_path, history=name) as storage:
            names.append(storage.read(histories.name))
    assert names == [HISTORY, HISTORY]


def test_numbers_that_no_device_can_have_are_refused(house: House) -> None:
    for one in (-1, 10**30):
        answer = house.call("POST", "/sync/heal", {"seen": FOREIGN, "baseVersions": {house.ids.new(): one}}, key="")
        assert answer.status == 422
