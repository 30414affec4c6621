"""A real terminal over a real file with the demo restaurant in it, and a sync that a test moves by hand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from reference_server.catalogue import loading
from reference_server.main import DEMO_FILE
from shared.clock import SystemClock
from shared.database import Connection, Writer, open_reader
from shared.domain.command import OrderCommand
from shared.domain.commands import SendToKitchen
from shared.domain.lines import Author
from shared.domain.moves import MergeOrder
from shared.domain.order import Order
from shared.domain.rules import apply
from shared.domain.ticket import Ticket
from shared.domain.tickets import made_by
from shared.domain.together import apply_all
from shared.opening import open_device_file
from shared.settings import DeviceSettings
from shared.store import catalog, entities, outbox
from shared.store.house import House
from shared.store.outcomes import Accepted, Failed, FailReason, Flight
from shared.sync.actions import Cause, LinkState, LinkView
from shared.sync.verdicts import with_surplus
from shared.terminal import Terminal
from shared.ulids import SystemUlids
from shared.wire.requests import decode

T = TypeVar("T")
ONLINE = LinkView(LinkState.CONNECTED, None, 0, None, None, 0, 0)
RECONNECTING = LinkView(LinkState.RECONNECTING, Cause.NO_SERVER, 1_764_358_800_000, None, None, 0, 0)
OFFLINE = LinkView(LinkState.OFFLINE, Cause.NO_SERVER, 1_764_358_800_000, None, None, 0, 0)


@dataclass
class HandSync:
    """Sends nothing by itself; the test says how the link stands."""

    view: LinkView = ONLINE
    tries: int = 0
    asked: list[Callable[[bool | None], None]] = field(default_factory=list)
    """Who waits to be told whether the server has done something."""
    is_dead: bool = False
    """As when the worker's thread has died: the last view stands still."""

    def start(self) -> None:
        """Nothing to start."""

    def wake(self) -> None:
        """Nobody to wake."""

    def try_now(self) -> None:
        """Somebody pressed Try now."""
        self.tries += 1

    def ask_known(self, operation_id: str, told: Callable[[bool | None], None]) -> None:
        """The test tells it later."""
        self.asked.append(told)

    def stop(self, timeout_s: float) -> None:
        """Nothing to stop."""

    def link(self) -> LinkView:
        """As the test says; a link that is up has just had a good heartbeat, unless its thread is dead."""
        if not self.view.state.is_up or self.is_dead:
            return self.view
        self.view = replace(self.view, last_good_ms=(self.view.last_good_ms or SystemClock().now_ms()) + 1)
        return self.view


@dataclass
class Rig:
    """A device with its file in a folder. Reopen it on the same folder to see what a restart keeps."""

    folder: Path
    kind: str = "pos"
    letter: str = "C"
    sync: HandSync = field(default_factory=HandSync)
    terminal: Terminal = field(init=False)
    writer: Writer = field(init=False)
    _announce: Callable[[frozenset[str]], None] = field(init=False)

    def __post_init__(self) -> None:
        self.settings = DeviceSettings.model_validate(
            {
                "kind": self.kind,
                "server_url": "http://127.0.0.1:1",
                "device_id": "device-of-the-test",
                "device_name": "Till C" if self.kind == "pos" else "Kitchen",
                "token": "x" * 32,
                "letter": self.letter,
                "data_dir": self.folder,
            }
        )
        ulids = SystemUlids(SystemClock())
        self.writer = Writer(open_device_file(self.settings.database_path, ulids=ulids))
        reader = partial(open_reader, self.settings.database_path)
        self.terminal = Terminal(
            settings=self.settings,
            writer=self.writer,
            reader=reader(),
            house=House(reader(), device_id=self.settings.device_id),
            clock=SystemClock(),
            ulids=ulids,
            make_sync=self._make_sync,
        )

    def _make_sync(self, announce: Callable[[frozenset[str]], None]) -> HandSync:
        self._announce = announce
        return self.sync

    def close(self) -> None:
        """Close the device."""
        self.terminal.close()

    def run(self, work: Callable[[Connection], T]) -> T:
        """Do something in the file as the worker would."""
        return self.writer.submit(work).result(timeout=5)

    def settle(self) -> None:
        """Until all taps are on the disk."""
        self.run(lambda _: None)

    def link(self, view: LinkView) -> None:
        """The link is like this from now on."""
        self.sync.view = view
        self._announce(frozenset({"link"}))

    def stock(self, restaurant: loading.Restaurant) -> None:
        """Put menu, floor, people and business into the file, as after a first connection."""
        parts = {
            "menu": restaurant.menu,
            "floor": restaurant.floor,
            "staff": restaurant.staff,
            "settings": restaurant.business,
        }

        def put(tx: Connection) -> None:
            for name, part in parts.items():
                if part is not None:
                    catalog.put(tx, name=name, etag="1", body=part.to_json(), now_ms=0)

        self.run(put)
        self._announce(frozenset({"catalog"}))

    def put(self, found: Sequence[Order | Ticket]) -> None:
        """The server said this."""
        changed = self.run(lambda tx: entities.put_all(tx, found))
        self._announce(frozenset(changed))

    def deliver(self) -> list[Ticket]:
        """A server that decides with the same rules takes all that waits; gives the tickets that this made."""
        made: list[Ticket] = []
        while flights := self.take(limit=1):
            made += self._decide(flights[0])
        return made

    def _decide(self, flight: Flight) -> Sequence[Ticket]:
        command = decode(flight.kind, operation_id=flight.id, path=flight.path, body=flight.body)
        if not isinstance(command, OrderCommand):
            self._accept(flight, ())
            return ()
        server = self.run(partial(entities.order, order_id=flight.entity_id))
        author = Author(self.settings.device_id, self._name(command.actor_id))
        if isinstance(command, MergeOrder):
            heir = self.server_order(command.into_order_id)
            assert server is not None
            self._accept(flight, tuple(apply_all({server.id: server, heir.id: heir}, command, author).values()))
            return ()
        order = apply(server, command, author)
        self._accept(flight, (order,))
        return made_by(order, command) if isinstance(command, SendToKitchen) else ()

    def accept(self) -> None:
        """The server takes the next operation, and says nothing of what became of its order yet."""
        self._accept(self.take(limit=1)[0], ())

    def server_order(self, order_id: str) -> Order:
        """The server's last word on an order."""
        found = self.run(partial(entities.order, order_id=order_id))
        assert found is not None
        return found

    def refuse(self, reason: FailReason, message: str, *found: Order, kind: str = "") -> None:
        """The server refuses the next operation, or the next of this kind, and takes what stands before it."""
        flight = self.take(limit=1)[0]
        while kind and flight.kind != kind:
            self._decide(flight)
            flight = self.take(limit=1)[0]
        failed = Failed(reason, 422, message, b"{}", found)
        changed = self.run(partial(outbox.settle, flight=flight, outcome=failed, now_ms=0))
        self._announce(changed)

    def take(self, *, limit: int) -> tuple[Flight, ...]:
        """What would be sent next."""
        now_ms = SystemClock().now_ms()
        return self.run(lambda tx: outbox.take(tx, limit=limit, now_ms=now_ms)).flights

    def operations(self) -> list[str]:
        """The kinds in the outbox, in their order."""
        rows = self.run(lambda tx: tx.execute("SELECT kind FROM operation ORDER BY seq").fetchall())
        return [str(kind) for (kind,) in rows]

    def _accept(self, flight: Flight, found: Sequence[Order]) -> None:
        outcome = with_surplus(Accepted(200, b"{}", tuple(found), None), flight)
        now_ms = SystemClock().now_ms()
        changed = self.run(partial(outbox.settle, flight=flight, outcome=outcome, now_ms=now_ms))
        self._announce(changed)

    def _name(self, staff_id: str) -> str:
        person = self.terminal.staff.member(staff_id)
        return "" if person is None else person.name


def demo_restaurant() -> loading.Restaurant:
    """The demo restaurant, read; takes a moment for the PINs, so do it once a session."""
    return loading.read(DEMO_FILE.read_bytes())
