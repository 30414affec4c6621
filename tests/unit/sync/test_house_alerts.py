"""A page of what waits for managers that is on its way while somebody on this till is quicker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from shared.domain.alerts import HouseAlert
from shared.ids import StaffId
from shared.store import catalog
from shared.store import house_alerts as known
from shared.sync import house_alerts
from shared.sync.exchange import Exchange
from shared.sync.ledger import Ledger
from shared.wire.alerts import AlertPage
from tests.unit.store.till import Till
from tests.unit.sync.fake_server import FakeServer
from tests.unit.sync.flights import AT, answer, ulid
from tests.unit.sync.night import Night
from tests.unit.sync.virtual import InlineWriter

FIRST, SECOND = (
    HouseAlert(id=f"{number}-{ulid(600 + number)}", kind="surplus", message="Paid twice.", raised_at=AT)
    for number in (1, 2)
)


@dataclass
class House(FakeServer):
    """Tells what it knew when it was asked; `meanwhile` happens on the till before it hears that."""

    alerts: tuple[HouseAlert, ...] = (FIRST, SECOND)
    meanwhile: Callable[[], object] = lambda: None
    asked_by: list[str] = field(default_factory=list)

    async def house_alerts(self, actor_id: str) -> Exchange:
        self.asked_by.append(actor_id)
        page = AlertPage(alerts=self.alerts, cursor="", server_time=AT, open=len(self.alerts))
        self.meanwhile()
        return answer(200, page.to_json())


@contextmanager
def asked_as_nadia(folder: Path) -> Iterator[tuple[Till, House, Callable[[], bool]]]:
    """A till on which Nadia typed her PIN, and a fetch on it."""
    with Night(folder) as night:
        server = House(night.clock)
        ledger = Ledger(InlineWriter(night.till.connection), night.clock)
        night.till.run(partial(known.ask_as, staff_id="nadia"))

        def fetched() -> bool:
            actor_id = night.till.run(catalog.etags)[known.NAME]
            return night.loop.finish(house_alerts.fetch(server, ledger, actor_id=actor_id))

        yield night.till, server, fetched


def test_a_manager_who_comes_while_it_is_asked_for_another_is_the_one_who_asks_next(tmp_path: Path) -> None:
    with asked_as_nadia(tmp_path) as (till, server, fetch):
        server.meanwhile = lambda: till.run(partial(known.ask_as, staff_id="omar"))
        fetch()
        assert till.run(known.read).rows == (FIRST, SECOND), "what was told to one is as true for the other"
        fetch()
        assert server.asked_by == ["nadia", "omar"]


def test_what_was_closed_here_while_it_was_asked_for_does_not_come_back(tmp_path: Path) -> None:
    done = {"choice": "Given back", "chosen_by": StaffId("nadia"), "chosen_at": AT}
    with asked_as_nadia(tmp_path) as (till, server, fetch):
        assert fetch()
        server.meanwhile = lambda: till.run(partial(known.put_one, alert=FIRST.model_copy(update=done)))
        assert not fetch(), "the same again is no news"
        found = till.run(known.read)
        assert (found.rows, found.open) == ((SECOND,), 1)


def test_what_the_server_lists_anew_is_shown(tmp_path: Path) -> None:
    with asked_as_nadia(tmp_path) as (till, server, fetch):
        server.alerts = (FIRST,)
        assert fetch()
        server.alerts = (FIRST, SECOND)
        assert fetch()
        assert not fetch()
        assert till.run(known.read).open == 2
