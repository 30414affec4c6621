"""A server that closes whatever stands on an order when the close arrives, not the lines that the close names."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from reference_server.storage import entities
from shared.database import run_inline
from shared.store.outcomes import Flight
from shared.wire.requests import Kind
from tests.contract.house import House


@dataclass
class ClosesAll:
    """What such a server makes of an operation's body; the same at every retry."""

    house: House
    _made: dict[str, bytes] = field(default_factory=dict)

    def __call__(self, flight: Flight) -> bytes:
        if flight.kind is not Kind.CLOSE_ORDER:
            return flight.body
        if flight.id not in self._made:
            order = run_inline(self.house.connection, lambda tx: entities.order(tx, flight.entity_id))
            ids = [line.id for line in order.standing_lines] if order is not None else []
            self._made[flight.id] = json.dumps({**json.loads(flight.body), "lineIds": ids}).encode()
        return self._made[flight.id]
