"""Ways to doctor the files of a night: for each the figure of the check that has to see it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.end_to_end.device_doctors import (
    journal_gone,
    journal_torn_off,
    journaled_line_unknown,
    kitchen_file_gone,
    kitchen_ticket_gone,
    line_doubled_on_both_sides,
    mark_undone,
    operation_left_waiting,
    operation_of_nobody,
    till_file_gone,
    view_differing,
)
from tests.end_to_end.doctoring import edit, opened, paid_orders, server_file


def order_removed(folder: Path) -> None:
    with opened(server_file(folder)) as tx:
        tx.execute("DELETE FROM pos_order WHERE id = ?", (paid_orders(tx)[0][0],))


def order_doubled(folder: Path) -> None:
    with opened(server_file(folder)) as tx:
        key, body = paid_orders(tx)[0]
        other = key[:-1] + ("0" if key[-1] != "0" else "1")
        doubled = json.dumps(json.loads(body) | {"id": other}).encode()
        tx.execute(
            """INSERT INTO pos_order SELECT ?, (SELECT max(revision) + 1 FROM change), version, state, is_open,
               table_id, changed_at, ? FROM pos_order WHERE id = ?""",
            (other, doubled, key),
        )


def orders_swapped(folder: Path) -> None:
    with opened(server_file(folder)) as tx:
        (one, one_body), (other, other_body) = paid_orders(tx)[:2]
        tx.execute("UPDATE pos_order SET body = ? WHERE id = ?", (other_body.encode(), one))
        tx.execute("UPDATE pos_order SET body = ? WHERE id = ?", (one_body.encode(), other))


def line_a_cent_off(folder: Path) -> None:
    def cent(body: dict[str, Any]) -> None:
        body["lines"][0]["priceMinor"] += 1

    with opened(server_file(folder)) as tx:
        edit(tx, "pos_order", paid_orders(tx)[0][0], cent)


def payment_a_cent_off(folder: Path) -> None:
    def cent(body: dict[str, Any]) -> None:
        body["payments"][0]["amountMinor"] += 1

    with opened(server_file(folder)) as tx:
        edit(tx, "pos_order", paid_orders(tx)[0][0], cent)


def payment_doubled(folder: Path) -> None:
    def again(body: dict[str, Any]) -> None:
        body["payments"].append(body["payments"][0])

    with opened(server_file(folder)) as tx:
        edit(tx, "pos_order", paid_orders(tx)[0][0], again)


def ticket_gone(folder: Path) -> None:
    with opened(server_file(folder)) as tx:
        tx.execute("DELETE FROM ticket WHERE id = (SELECT min(id) FROM ticket)")


def ticket_stage_changed(folder: Path) -> None:
    def back(body: dict[str, Any]) -> None:
        body["status"] = "QUEUED"

    with opened(server_file(folder)) as tx:
        edit(tx, "ticket", str(tx.execute("SELECT min(id) FROM ticket").get), back)


def operation_repeated(folder: Path) -> None:
    with opened(server_file(folder)) as tx:
        columns = [str(name) for (_, name, *_) in tx.execute("PRAGMA table_info(operation)").fetchall()]
        new = {"id": "id || '-again'", "seq": "(SELECT max(seq) + 1 FROM operation)"}
        values = ", ".join(new.get(name, name) for name in columns)
        tx.execute(f"INSERT INTO operation SELECT {values} FROM operation ORDER BY rowid LIMIT 1")


def operations_swapped(folder: Path) -> None:
    """A send takes the place of its own create."""
    with opened(server_file(folder)) as tx:
        create, entity = tx.execute("SELECT rowid, entity_id FROM operation WHERE kind = 'create_order'").fetchall()[0]
        send = tx.execute(
            "SELECT rowid FROM operation WHERE kind = 'send_to_kitchen' AND entity_id = ? ORDER BY rowid", (entity,)
        ).fetchall()[0][0]
        for one, other in ((create, -1), (send, create), (-1, send)):
            tx.execute("UPDATE operation SET rowid = ? WHERE rowid = ?", (other, one))


def size_swapped(folder: Path) -> None:
    """The pizza came in another size at the same price."""

    def other(body: dict[str, Any]) -> None:
        body["lines"][0]["modifiers"][0]["id"] = "xxl"

    with opened(server_file(folder)) as tx:
        edit(tx, "pos_order", paid_orders(tx)[0][0], other)


def payments_swapped(folder: Path) -> None:
    """Two orders have each other's payment, and the sums are right."""
    with opened(server_file(folder)) as tx:
        (one, one_body), (other, other_body) = paid_orders(tx)[:2]
        bodies = json.loads(one_body), json.loads(other_body)
        ids = [body["payments"][0]["id"] for body in bodies]
        for key, body, payment_id in ((one, bodies[0], ids[1]), (other, bodies[1], ids[0])):
            body["payments"][0]["id"] = payment_id
            tx.execute("UPDATE pos_order SET body = ? WHERE id = ?", (json.dumps(body).encode(), key))


def order_open_again(folder: Path) -> None:
    def opened_again(body: dict[str, Any]) -> None:
        body["state"] = "SERVED"

    with opened(server_file(folder)) as tx:
        edit(tx, "pos_order", paid_orders(tx)[0][0], opened_again)


def table_changed(folder: Path) -> None:
    def moved(body: dict[str, Any]) -> None:
        body["tableId"] = "table-99"

    with opened(server_file(folder)) as tx:
        edit(tx, "pos_order", paid_orders(tx)[0][0], moved)


def ticket_item_changed(folder: Path) -> None:
    def more(body: dict[str, Any]) -> None:
        body["items"][0]["quantity"] += 1

    with opened(server_file(folder)) as tx:
        edit(tx, "ticket", str(tx.execute("SELECT min(id) FROM ticket").get), more)


def line_on_two_tickets(folder: Path) -> None:
    with opened(server_file(folder)) as tx:
        one, other = (str(key) for (key,) in tx.execute("SELECT id FROM ticket ORDER BY id LIMIT 2").fetchall())
        item = json.loads(tx.execute("SELECT body FROM ticket WHERE id = ?", (one,)).get)["items"][0]
        edit(tx, "ticket", other, lambda body: body["items"].append(item))


def operation_forgotten_by_the_server(folder: Path) -> None:
    with opened(server_file(folder)) as tx:
        tx.execute("DELETE FROM operation WHERE rowid = (SELECT max(rowid) FROM operation WHERE kind = 'close_order')")


def invoice_left_out(folder: Path) -> None:
    with opened(server_file(folder)) as tx:
        tx.execute("DELETE FROM invoice WHERE serial = 2")


def receipt_given_twice(folder: Path) -> None:
    with opened(server_file(folder)) as tx:
        (_, first), (key, _) = paid_orders(tx)[:2]
        number = json.loads(first)["receiptNumber"]
        edit(tx, "pos_order", key, lambda body: body.update(receiptNumber=number))


DOCTORS: list[tuple[Callable[[Path], None], str]] = [
    (order_removed, "lost"),
    (order_doubled, "doubled"),
    (orders_swapped, "lost"),
    (line_a_cent_off, "lost"),
    (payment_a_cent_off, "payments_difference_minor"),
    (payment_doubled, "doubled"),
    (ticket_gone, "tickets_missing"),
    (ticket_stage_changed, "tickets_missing"),
    (kitchen_ticket_gone, "tickets_missing"),
    (view_differing, "views_unequal"),
    (operation_repeated, "doubled"),
    (operations_swapped, "out_of_order"),
    (journaled_line_unknown, "lost"),
    (operation_left_waiting, "views_unequal"),
    (journal_torn_off, "lost"),
    (journal_gone, "lost"),
    (till_file_gone, "lost"),
    (kitchen_file_gone, "lost"),
    (line_doubled_on_both_sides, "doubled"),
    (size_swapped, "lost"),
    (payments_swapped, "payments_difference_minor"),
    (order_open_again, "lost"),
    (table_changed, "lost"),
    (ticket_item_changed, "tickets_missing"),
    (line_on_two_tickets, "doubled"),
    (operation_forgotten_by_the_server, "lost"),
    (operation_of_nobody, "doubled"),
    (invoice_left_out, "doubled"),
    (receipt_given_twice, "doubled"),
    (mark_undone, "lost"),
]
