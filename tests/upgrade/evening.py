"""An evening in which each kind of operation happens, with the same names for ever."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from shared.domain.alerts import CloseAlert
from shared.domain.bill import Method
from shared.domain.cancelling import CancelIntent
from shared.domain.commands import CloseOrder, MoveTable, NewLine, Operation
from shared.domain.marks import (
    BumpTicket,
    PrioritiseTicket,
    ReadyItem,
    ReadyTicket,
    RecallTicket,
    SeenTicket,
    StartTicket,
)
from shared.domain.order import Channel
from shared.domain.payment_intent import OpenIntent
from shared.domain.receipts import Content, ReceiptLink, beginning, hash_of, lines_hash, payments_text
from shared.domain.shift_commands import CashMove, Clock, CloseDay, CloseShift, MoveCash, OpenShift, Series, Way
from shared.ids import ChangeId, ClockingId, DayId, OrderId, PaymentId, ShiftId, StaffId, TicketId, derived_id
from tests.unit.domain.restaurant import (
    ACTORS,
    BAR,
    KITCHEN,
    LATER,
    TABLE_6,
    Till,
    discount,
    fold,
    new_line,
    tills,
    ulid,
    undo,
)
from tests.unit.domain.two_orders import merge, split, transfer

SECOND_ORDER: Final = OrderId(ulid(900))
THIRD_ORDER, FOURTH_ORDER, FIFTH_ORDER = OrderId(ulid(905)), OrderId(ulid(906)), OrderId(ulid(907))
SIXTH_ORDER, SEVENTH_ORDER = OrderId(ulid(908)), OrderId(ulid(909))
SHIFT: Final = ShiftId(ulid(920))
NOTE: Final = 'Zoë said "no \\ salt", ☃'


@dataclass(frozen=True, slots=True)
class Asked:
    """A command and the device that sends it."""

    who: str
    command: Operation


def evening() -> tuple[Asked, ...]:
    """One order from its first line to its payment, with a late line of another till; a second one that is voided."""
    ann, ben = tills()
    pizza = _noted(new_line(ann.names.new(), quantity=2, extra_minor=50))
    beer, bread = new_line(ann.names.new(), "beer"), new_line(ann.names.new(), "bread")
    create = ann.create(pizza, beer, bread)
    cake = ann.add("cake", extra_minor=1)
    changed = ann.change(
        1,
        cake,
        ann.quantity(pizza.id, 3),
        ann.note(pizza.id, NOTE),
        ann.seat(pizza.id, None),
        ann.void_line(bread.id, NOTE),
        MoveTable(id=ChangeId(ann.names.new()), table_id=TABLE_6),
        ann.guests(4),
    )
    shown = (pizza.id, beer.id, cake.line.id)
    send = ann.send(*shown).model_copy(update={"paper_at": LATER})
    ticket_id = TicketId(derived_id(send.id, KITCHEN))
    marked: dict[str, Any] = {
        "actor_id": ACTORS[0],
        "at": LATER,
        "ticket_id": ticket_id,
        "line_ids": (pizza.id, cake.line.id),
    }
    marks = [
        kind(id=ann.operation_id(), round=0, **marked)
        for kind in (SeenTicket, StartTicket, ReadyTicket, BumpTicket, RecallTicket)
    ]
    struck = ReadyItem(id=ann.operation_id(), round=1, line_id=pizza.id, **marked)
    late = ben.change(3, ben.add("bread"))
    seen = fold(None, [(one, ann.author) for one in (create, changed, send)]).order
    assert seen is not None
    close = _printed(ann.close(seen, ann.cash(1000), ann.cash(3733, tendered_minor=5000, tip_minor=50)))
    other = replace(ben, order_id=SECOND_ORDER)
    return (
        Asked("till", create),
        Asked("till", changed),
        Asked("till", send),
        *(Asked("kitchen", one) for one in (*marks, struck)),
        Asked("till", ann.serve(*shown)),
        Asked("till-2", late),
        Asked("till", close),
        Asked("till-2", other.create(number=None).model_copy(update={"table_id": None, "channel": Channel.TAKEAWAY})),
        Asked("till-2", other.void()),
        *_moves(ann, ben),
        *_given_away(ann, ben),
        *_by_card(ann),
        *_in_courses(ann, ben),
        *_drawer(ann),
    )


def _moves(ann: Till, ben: Till) -> tuple[Asked, ...]:
    """Two orders more: a line goes from one to the other, the other is merged into it, and a line is split off."""
    here, there = replace(ann, order_id=THIRD_ORDER), replace(ben, order_id=FOURTH_ORDER)
    pizza, beer, cake = (new_line(ann.names.new(), item) for item in ("pizza", "beer", "cake"))
    return (
        Asked("till", here.create(pizza, beer, number="A-2")),
        Asked("till-2", there.create(cake, number="B-2")),
        Asked("till", here.send(pizza.id)),
        Asked("till", here.change(2, transfer(here, FOURTH_ORDER, pizza.id, beer.id))),
        Asked("till-2", merge(there, THIRD_ORDER, cake.id)),
        Asked("till", replace(here, order_id=FOURTH_ORDER).change(2, here.note(beer.id, NOTE), here.add("bread"))),
        Asked("till", split(here, FIFTH_ORDER, cake.id, base_version=5)),
    )


def _drawer(ann: Till) -> tuple[Asked, ...]:
    """A shift with two movements and a bill, somebody who goes home, and the end of the day."""
    here = replace(ann, order_id=OrderId(ulid(921)))
    about: dict[str, Any] = {"actor_id": ann.actor_id, "at": LATER}
    of_shift: dict[str, Any] = {**about, "shift_id": SHIFT}
    pizza = new_line(ann.names.new())
    create = here.create(pizza, number="A-9")
    seen = fold(None, [(create, ann.author)]).order
    assert seen is not None
    close = here.close(seen, here.cash(1250)).model_copy(update={"shift_id": SHIFT})
    counted = CloseShift(
        id=ann.operation_id(),
        counted_minor=10_000,
        expected_minor=10_300,
        series=Series(first_seq=1, last_seq=6, first_receipt="A-000097", last_receipt="A-000097"),
        **of_shift,
    )
    return tuple(
        Asked("till", one)
        for one in (
            OpenShift(id=ann.operation_id(), float_minor=10_000, receipts=96, **of_shift),
            MoveCash(id=ann.operation_id(), type=CashMove.PAY_OUT, amount_minor=700, reason=NOTE, **of_shift),
            MoveCash(id=ann.operation_id(), type=CashMove.NO_SALE, **of_shift),
            create,
            close,
            counted,
            Clock(id=ann.operation_id(), clocking_id=ClockingId(ulid(922)), type=Way.OUT, **about),
            CloseDay(id=ann.operation_id(), day_id=DayId(ulid(923)), actor_id=StaffId("sara"), at=LATER),
            CloseAlert(
                id=ann.operation_id(),
                actor_id=StaffId("sara"),
                at=LATER,
                alert_id=f"1-{counted.id}",
                choice="counted again",
            ),
        )
    )


def _printed(close: CloseOrder) -> CloseOrder:
    """With its receipt, the first of its till."""
    lines = lines_hash((line_id, "item", 1, 1, 0) for line_id in close.line_ids)
    payments = payments_text(close.payments)
    content = Content("A-000001", close.order_id, close.at, close.total_minor, lines, payments)
    previous = beginning(ulid(999), "A", 0)
    link = ReceiptLink(previous=previous, lines=lines, hash=hash_of(previous, content))
    return close.model_copy(update={"receipt_number": content.number, "receipt_link": link})


def _in_courses(ann: Till, ben: Till) -> tuple[Asked, ...]:
    """An order of which one course is sent and the others wait until they are fired, by either till."""
    here, there = replace(ann, order_id=SEVENTH_ORDER), replace(ben, order_id=SEVENTH_ORDER)
    pizza, beer, cake = (new_line(ann.names.new(), item) for item in ("pizza", "beer", "cake"))
    late = pizza.model_copy(update={"course": 2}), cake.model_copy(update={"course": 3})
    send = here.send(beer.id, held=(pizza.id, cake.id))
    urgent = PrioritiseTicket(
        id=send.id,
        actor_id=ACTORS[0],
        at=LATER,
        ticket_id=TicketId(derived_id(send.id, BAR)),
        line_ids=(beer.id,),
        level=2,
    )
    return (
        Asked("till", here.create(beer, *late, number="A-5")),
        Asked("till", send),
        Asked("till", here.fire(pizza.id)),
        Asked("till-2", there.fire(cake.id).model_copy(update={"paper_at": LATER})),
        Asked("kitchen", urgent.model_copy(update={"id": ann.operation_id()})),
    )


def _given_away(ann: Till, ben: Till) -> tuple[Asked, ...]:
    """An order with discounts, of which a line was voided, that is paid, and given back in two parts."""
    here = replace(ann, order_id=SIXTH_ORDER)
    pizza, beer, cake = (new_line(ann.names.new(), item) for item in ("pizza", "beer", "cake"))
    kept, undone = discount(here, percent_bp=1000), discount(here, beer.id, amount_minor=33, approved_by="sara")
    gone = here.void_line(cake.id, NOTE).model_copy(update={"approved_by": StaffId("sara")})
    create = here.create(pizza, beer, cake, number="A-4")
    given, taken_back = here.change(1, kept, undone, gone), here.change(2, undo(here, undone.id, beer.id))
    seen = fold(None, [(one, here.author) for one in (create, given, taken_back)]).order
    assert seen is not None
    back = replace(ben, order_id=SIXTH_ORDER)
    return (
        *(Asked("till", one) for one in (create, given, taken_back, here.close(seen))),
        Asked("till-2", back.refund(beer.id, minor=(300,), reason=NOTE)),
        Asked("till", here.refund(pizza.id, minor=(1000, 125))),
    )


def _by_card(ann: Till) -> tuple[Asked, ...]:
    """A guest wants to pay by card for a part of what was split off, and thinks better of it."""
    wish = OpenIntent(
        id=ann.operation_id(),
        actor_id=ann.actor_id,
        at=LATER,
        intent_id=PaymentId(ann.names.new()),
        order_id=FIFTH_ORDER,
        method=Method.CARD,
        amount=100,
        tip=20,
    )
    never_mind = CancelIntent(id=ann.operation_id(), actor_id=ann.actor_id, at=LATER, intent_id=wish.intent_id)
    return Asked("till", wish), Asked("till", never_mind)


def _noted(line: NewLine) -> NewLine:
    return line.model_copy(update={"note": NOTE, "seat": 3, "course": 2})
