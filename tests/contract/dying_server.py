"""A night of writes against a server that dies before a statement, and what may never be in its file after that."""

from __future__ import annotations

from typing import Any

from reference_server.storage.operations import OperationRow, Operations
from reference_server.storage.seam import Connection
from tests.contract.house import House, act
from tests.contract.wholeness import wrong_in


class TwoTransactions(Operations):
    """A mutant: the effect is committed first, and its operation row in a transaction of its own."""

    def keep(self, tx: Connection, row: OperationRow, *, answer: bytes, now_ms: int) -> None:
        tx.execute("COMMIT")
        tx.execute("BEGIN IMMEDIATE")
        super().keep(tx, row, answer=answer, now_ms=now_ms)


class PowerGone(Exception):
    """The process died here."""


class Stuck(Exception):
    """A write that must succeed was refused: the night can't go on."""


class Night:
    """Some writes by two tills and a kitchen, each tried with its key until it is answered, as a till does."""

    def __init__(self, house: House, *, dies_at: int) -> None:
        self.house = house
        self.wrong: list[str] = []
        self.left = dies_at

    @property
    def was_hit(self) -> bool:
        return self.left <= 0

    def play(self) -> None:
        """Play it to its end, or until a write is refused that must not be; then look at what is in the file."""
        self.house.connection.exec_trace = self._count
        try:
            self._play()
        except Stuck as stuck:
            self.wrong.append(f"refused: {stuck}")
        self.house.connection.exec_trace = None
        self._check_whole()
        self._check_ends()

    def _play(self) -> None:
        """Open an order without saying its id, send it, cook it, close it with too much, give it back; open another."""
        items = [{"itemId": "cola", "quantity": 2}, {"itemId": "nachos", "quantity": 1}]
        order = self._ask("POST", "/pos/orders", act({"items": items}), "create", status=201)
        path = f"/pos/orders/{order['id']}"
        sent = self._ask("POST", f"{path}/send-to-kitchen", act({}), "send")
        for ticket in sent["tickets"]:
            self._ask("POST", f"/kds/tickets/{ticket['id']}/bump", {}, f"bump-{ticket['station']}", who="kitchen")
        bread = {"type": "addLine", "line": {"itemId": "guacamole", "quantity": 1}}
        self._ask("PATCH", path, act({"changes": [bread]}), "change", who="till-2")
        lines = [line["id"] for line in sent["lines"]]
        payments = [{"method": "CASH", "amount": 2000}]
        close = act({"lineIds": lines, "totalMinor": 1310, "payments": payments})
        self._ask("POST", f"{path}/close", close, "close")
        self._ask("POST", f"{path}/refund", act({"reason": "cold", "approvedBy": "nadia"}), "refund")
        self._ask("POST", "/pos/orders", act({"items": [{"itemId": "cola", "quantity": -1}]}), "refused", status=422)

    def _ask(
        self, method: str, path: str, body: object, key: str, *, who: str = "till", status: int = 200
    ) -> dict[str, Any]:
        while True:
            try:
                answer = self.house.call(method, path, body, key=key, who=who)
                if answer.status != status:
                    raise Stuck(f"{key}: {answer.json['message']}")
                return dict(answer.json)
            except PowerGone:
                if self.house.connection.in_transaction:
                    self.house.connection.execute("ROLLBACK")
                self._check_whole()

    def _count(self, _: object, sql: str, __: object) -> bool:
        self.left -= 1
        if self.left == 0:
            raise PowerGone(sql)
        return True

    def _check_whole(self) -> None:
        """What must be so at any moment that a process may start again in."""
        self.wrong += wrong_in(self.house.connection)

    def _check_ends(self) -> None:
        """What the night must have come to, however often somebody asked."""
        wanted = {
            "pos_order": 2,
            "ticket": 2,
            "operation": 8,
            "answer": 8,
            "invoice": 1,
            "return_note": 1,
            "alert": 1,
            "change": 12,
            "used_id": 5,
        }
        for table, want in wanted.items():
            if (found := self.house.count(table)) != want:
                self.wrong.append(f"{found} rows in {table}, not {want}")
