"""A till without a window that rings up until it is killed: `python -m tests.end_to_end.till_process FOLDER SEED`.

On standard output it says where it is, `word name` a line, so that a killer can aim and can prove where it hit:
`tap` before an intention is submitted, `saved` after the view called it saved, each with the name of the intention or
the line; `send` before a request, then `answer` or `silence`, with the name of the operation; `report` before it tells
a restored server what that lost, or asks how far it is, and then `healing` with what it was told; `idle` when nothing
waits. With the third word `busy` it never rests; with `drain` it only sends what waits, until its input is closed.
"""

import os
import random
import sys
from http import HTTPStatus
from pathlib import Path

from demo.journal import Journal
from shared.clock import SystemClock
from shared.domain.commands import AddLine, EditDraft, NewLine, PayCash, SendDraft
from shared.domain.menu import complete
from shared.ids import ItemId, LineId, OperationId, OrderId, StaffId, TableId, derived_id
from shared.opening import open_terminal
from shared.settings import load_settings
from shared.store.outcomes import Flight
from shared.sync.exchange import Answered, Exchange, Transport
from shared.terminal import LineStage, OrderView, Terminal
from shared.wire.batch import BatchRequest
from shared.wire.healing import HealAnswer
from shared.wire.protocol import BATCH, SYNC
from tests.end_to_end.news import News
from tests.end_to_end.watched_process import say

HEAL = "heal"
MOST_WAITING = 40
"""More than this a busy till does not ring up ahead of the server."""


class Watched:
    """The real transport, with a word before and after each operation; all else goes through as it is."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.beat = transport.beat
        self.ready = transport.ready
        self.pull_orders = transport.pull_orders
        self.pull_tickets = transport.pull_tickets
        self.listen = transport.listen
        self.get_order = transport.get_order
        self.get_intent = transport.get_intent
        self.house_alerts = transport.house_alerts
        self.catalogue = transport.catalogue
        self.close = transport.close

    async def send(self, flight: Flight, *, seen: str | None) -> Exchange:
        """Send it, and say so."""
        say("send", flight.id)
        answer = await self._transport.send(flight, seen=seen)
        say("answer" if isinstance(answer, Answered) else "silence", flight.id)
        return answer

    async def sync(self, name: str, body: bytes, *, seen: str | None = None) -> Exchange:
        """The same for each operation of several in one request; and that it tells a server what that lost."""
        if name == HEAL:
            say("report")
        several = name == BATCH.removeprefix(SYNC)
        ids = [one.operation_id for one in BatchRequest.model_validate_json(body).operations] if several else []
        for one in ids:
            say("send", one)
        answer = await self._transport.sync(name, body, seen=seen)
        for one in ids:
            say("answer" if isinstance(answer, Answered) else "silence", one)
        if name == HEAL and isinstance(answer, Answered) and answer.status == HTTPStatus.OK:
            say("healing", HealAnswer.model_validate_json(answer.body).phase)
        return answer


class WrongClock(SystemClock):
    """The machine's clock, set wrong by WRONG_CLOCK_S in the environment: so many seconds ahead."""

    def now_ms(self) -> int:
        """The wall clock, in ms since 1970."""
        return super().now_ms() + 1000 * int(os.environ.get("WRONG_CLOCK_S", "0"))


class Waiter:
    """Rings up one order after the other at one till."""

    def __init__(self, terminal: Terminal, journal: Journal, chance: random.Random) -> None:
        self._terminal = terminal
        self._journal = journal
        self._chance = chance
        self._news = News(terminal)

    def wait_for_menu(self) -> None:
        """Until the till knows what is on sale: from the server at the first start, from its file later."""
        self._news.wait(lambda: bool(self._terminal.menu.items))

    def serve(self) -> None:
        """One order: lines, send, perhaps more lines, pay."""
        order_id = OrderId(self._terminal.new_id())
        for _ in range(self._chance.randint(1, 2)):
            self._round(order_id)
        if self._chance.random() < 0.8:
            self._pay(order_id)

    def rest(self) -> None:
        """Now and then until all is settled."""
        if self._chance.random() < 0.2:
            self.drain()
            say("idle")
            self._news.pause(0.2)

    def hold_back(self) -> None:
        """Until the server has kept up."""
        self._news.wait(lambda: self._terminal.desk.counts()[0] < MOST_WAITING)

    def drain(self) -> None:
        """Until nothing waits."""
        self._news.wait(lambda: self._terminal.desk.counts()[0] == 0)

    def _round(self, order_id: OrderId) -> None:
        lines = [self._tap_tile(order_id) for _ in range(self._chance.randint(1, 3))]
        send = SendDraft(
            id=self._id(),
            actor_id=StaffId("amina"),
            at=self._terminal.at(),
            order_id=order_id,
            line_ids=tuple(line.id for line in lines),
        )
        say("tap", send.id)
        self._terminal.submit(send)
        view = self._saved(order_id, {line.id for line in lines})
        told = [
            {"id": line.id, "item": line.item_id, "quantity": line.quantity, "unitMinor": line.price_minor}
            for line in lines
        ]
        self._journal.write("sent", intent=send.id, order=order_id, number=view.number, table=view.table_id, lines=told)
        say("saved", send.id)

    def _tap_tile(self, order_id: OrderId) -> NewLine:
        """One item more; returns its line."""
        item = self._chance.choice([item for item in self._terminal.menu.items if not item.sold_out])
        bare = NewLine(id=LineId(self._terminal.new_id()), item_id=ItemId(item.id), quantity=self._chance.randint(1, 3))
        line = complete(bare, self._terminal.menu)
        say("tap", line.id)
        self._terminal.submit(
            EditDraft(
                id=self._id(),
                actor_id=StaffId("amina"),
                at=self._terminal.at(),
                order_id=order_id,
                table_id=TableId("table-5"),
                changes=(AddLine(line=line),),
            )
        )
        return line

    def _saved(self, order_id: str, line_ids: set[str]) -> OrderView:
        """The view, once it calls these lines saved."""

        def is_saved() -> bool:
            view = self._terminal.order(order_id)
            stages = {line.id: line.stage for line in view.lines} if view is not None and not view.saving else {}
            return all(stages.get(one) not in (None, LineStage.NEW, LineStage.SAVING) for one in line_ids)

        self._news.wait(is_saved)
        view = self._terminal.order(order_id)
        assert view is not None
        return view

    def _take_cash(self, order_id: OrderId) -> PayCash:
        """Tap *Pay* for all that the order owes, exactly."""
        view = self._terminal.order(order_id)
        assert view is not None
        total_minor = view.totals.total_minor
        pay = PayCash(
            id=self._id(),
            actor_id=StaffId("amina"),
            at=self._terminal.at(),
            order_id=order_id,
            line_ids=tuple(LineId(line_id) for line_id in view.owed_ids),
            total_minor=total_minor,
            tendered_minor=total_minor,
        )
        say("tap", pay.id)
        self._terminal.submit(pay)
        return pay

    def _pay(self, order_id: OrderId) -> None:
        pay = self._take_cash(order_id)

        def is_paid() -> bool:
            now = self._terminal.order(order_id)
            return now is not None and not now.is_open and not now.saving

        self._news.wait(is_paid)
        payment = derived_id(pay.id, "payment")
        self._journal.write("paid", intent=pay.id, order=order_id, payment=payment, amountMinor=pay.total_minor)
        say("saved", pay.id)

    def _id(self) -> OperationId:
        return OperationId(self._terminal.new_id())


def main() -> None:
    """Ring up until killed, or only send what waits and end."""
    folder, seed, mode = Path(sys.argv[1]), int(sys.argv[2]), "".join(sys.argv[3:])
    terminal = open_terminal(load_settings(folder / "settings.toml"), around=Watched, clock=WrongClock())
    journal = Journal(folder.parent / "journal" / f"{folder.name}.jsonl", device=folder.name)
    waiter = Waiter(terminal, journal, random.Random(seed))
    terminal.start()
    waiter.wait_for_menu()
    say("open")
    if mode == "drain":
        terminal.try_now()  # as a person would: nothing waits for its next turn
        waiter.drain()
        say("settled")
        sys.stdin.read()
        terminal.close()
        return
    while True:
        waiter.serve()
        if mode == "busy":
            waiter.hold_back()
        else:
            waiter.rest()


if __name__ == "__main__":
    main()
