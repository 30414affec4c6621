"""The terminal's board: what was recalled is back at once, and a change of one ticket is seen without reading all."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from shared.database import Connection
from shared.domain.commands import TicketOperation
from shared.domain.marks import BumpTicket, RecallTicket, StartTicket
from shared.domain.menu import Menu, Station
from shared.domain.ticket import Stage, Ticket
from shared.ids import OperationId, OrderId, StaffId, StationId, TicketId
from shared.store import catalog, entities, scenes
from shared.terminal import Terminal
from tests.unit.store.till import AT, ulid
from tests.unit.terminal_rig import Rig, open_rig


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = open_rig(tmp_path)
    yield made
    made.terminal.close()


def ticket(number: int, status: Stage = Stage.QUEUED, *, version: int = 1) -> Ticket:
    """A ticket of the grill as the server has it."""
    return Ticket(
        id=TicketId(ulid(number)),
        order_id=OrderId(ulid(500 + number)),
        order_number=f"C-{number}",
        station=StationId("grill"),
        status=status,
        sent_at=AT,
        updated_at=AT,
        version=version,
    )


def told(rig: Rig, *tickets: Ticket) -> None:
    """The server said this, as the worker stores and announces it."""
    changed = rig.writer.submit(partial(entities.put_all, entities=tickets)).result(timeout=5)
    rig.terminal._changed(frozenset(changed))


def mark(rig: Rig, kind: type[StartTicket | BumpTicket | RecallTicket], of: Ticket) -> TicketOperation:
    """A press on the board."""
    return kind(
        id=OperationId(rig.terminal.new_id()),
        actor_id=StaffId("chef"),
        at=AT,
        ticket_id=of.id,
        round=of.round,
        line_ids=tuple(item.line_id for item in of.items),
    )


def shown(terminal: Terminal) -> list[tuple[str, Stage, int]]:
    """Number, stage and round of what stands on the board."""
    rows = terminal.tickets()
    return [(row.ticket.order_number, row.ticket.status, row.ticket.round) for row in rows]


def test_a_ticket_that_the_server_says_is_bumped_is_back_at_once_when_it_is_recalled_without_network(rig: Rig) -> None:
    gone = ticket(1, Stage.BUMPED)
    told(rig, gone, ticket(2))
    go_on = rig.hold_the_disk()

    rig.terminal.submit(mark(rig, RecallTicket, gone))

    in_hand = shown(rig.terminal)
    go_on.set()
    rig.settle()
    assert sorted(in_hand) == sorted(shown(rig.terminal)) == [("C-1", Stage.READY, 1), ("C-2", Stage.QUEUED, 0)]
    assert rig.terminal.recalled() == ()


def test_a_ticket_that_was_bumped_here_and_elsewhere_is_listed_once(rig: Rig) -> None:
    one = ticket(1)
    told(rig, one)
    rig.terminal.submit(mark(rig, BumpTicket, one))
    rig.settle()
    told(rig, ticket(1, Stage.BUMPED, version=2))

    assert shown(rig.terminal) == []
    assert [row.ticket.order_number for row in rig.terminal.recalled()] == ["C-1"]


def test_a_change_of_one_ticket_reads_one_ticket(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    told(rig, *(ticket(number) for number in range(1, 21)))
    assert len(rig.terminal.tickets()) == 20
    read: list[str] = []
    really = scenes.marked_ticket

    def counted(tx: Connection, one: str) -> tuple[Ticket, int] | None:
        read.append(one)
        return really(tx, one)

    monkeypatch.setattr(scenes, "marked_ticket", counted)

    rig.terminal.submit(mark(rig, StartTicket, ticket(7)))
    rig.settle()

    assert [stage for _, stage, _ in shown(rig.terminal)].count(Stage.IN_PROGRESS) == 1
    assert read == [ulid(7)]


def test_what_is_read_while_it_changes_is_not_kept(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """A commit between the reading and its keeping: a board that kept the old reading would show it for ever."""
    told(rig, ticket(1))
    really = scenes.marked_ticket

    def slow(tx: Connection, one: str) -> tuple[Ticket, int] | None:
        found = really(tx, one)
        monkeypatch.setattr(scenes, "marked_ticket", really)
        told(rig, ticket(1, Stage.READY, version=2))
        return found

    monkeypatch.setattr(scenes, "marked_ticket", slow)

    assert [stage for _, stage, _ in shown(rig.terminal)] == [Stage.QUEUED]
    assert [stage for _, stage, _ in shown(rig.terminal)] == [Stage.READY]


def test_what_is_urgent_stands_first_and_what_was_taken_over_on_the_other_board_too(rig: Rig) -> None:
    urgent = ticket(3).model_copy(update={"priority": 1})
    menu = Menu(
        version="1",
        stations=(
            Station(id=StationId("grill"), name="Grill", taken_over_by=StationId("fry")),
            Station(id=StationId("fry"), name="Fry"),
        ),
    )

    def told(tx: Connection) -> None:
        entities.put_all(tx, (ticket(1), ticket(2), urgent))
        catalog.put(tx, name="menu", etag="1", body=menu.to_json(), now_ms=1)

    rig.writer.submit(told).result(timeout=5)
    for station, shown in (("", 3), ("grill", 3), ("fry", 3), ("bar", 0)):
        rows = rig.terminal.tickets(station)
        assert [row.ticket.order_number for row in rows] == ["C-3", "C-1", "C-2"][:shown]
        assert {row.taken_over for row in rows} <= {("Grill", "Fry")}
