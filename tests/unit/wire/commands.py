"""One command of each kind that travels, with everything told and with as little as can be."""

from shared.domain.alerts import CloseAlert
from shared.domain.bill import Method
from shared.domain.cancelling import CancelIntent
from shared.domain.commands import (
    ChangeOrder,
    CloseOrder,
    CreateOrder,
    FireCourse,
    NewPayment,
    Operation,
    SendToKitchen,
    ServeOrder,
    VoidOrder,
)
from shared.domain.marks import (
    BumpTicket,
    PrioritiseTicket,
    ReadyItem,
    ReadyTicket,
    RecallTicket,
    SeenTicket,
    StartTicket,
)
from shared.domain.moves import SplitOrder
from shared.domain.order import Channel
from shared.domain.payment_intent import OpenIntent
from shared.domain.refunds import RefundOrder
from shared.domain.shift_commands import CashMove, Clock, CloseDay, CloseShift, MoveCash, OpenShift, Series, Way
from shared.ids import ClockingId, DayId, LineId, OperationId, PaymentId, ShiftId, StaffId, TicketId
from tests.unit.domain.restaurant import AT, LATER, ORDER_ID, TABLE_6, discount, new_line, tills, ulid, undo
from tests.unit.domain.test_lines import moved_to
from tests.unit.domain.two_orders import OTHER_ID, merge, split, transfer

OPERATION_ID = OperationId(ulid(700))
TICKET_ID = TicketId(ulid(300))
LINE_ID = LineId(ulid(50))
SHIFT_ID, CLOCKING_ID, DAY_ID = ShiftId(ulid(400)), ClockingId(ulid(401)), DayId(ulid(402))
ANN = StaffId("ann")
ALERT_ID = f"7-{ulid(62)}"
SAID = 'Zoë said "no \\ salt", ☃'


def full() -> tuple[Operation, ...]:
    """Each kind once, with everything that it can tell."""
    till, _ = tills()
    line = new_line(LINE_ID, quantity=2, extra_minor=50).model_copy(update={"note": SAID, "seat": 3, "course": 2})
    create = till.create(line, new_line(ulid(51), "beer"))
    paid = NewPayment(id=PaymentId(ulid(60)), method=Method.CASH, amount=1250, tendered=2000, tip=50, taken_at=LATER)
    changes = (
        till.add("cake", extra_minor=1),
        till.quantity(LINE_ID, 3),
        till.note(LINE_ID, SAID),
        till.seat(LINE_ID, 2),
        till.void_line(LINE_ID, SAID),
        moved_to(till, TABLE_6),
        till.guests(4),
        discount(till, percent_bp=1000, approved_by="sara"),
        discount(till, LINE_ID, amount_minor=50),
        undo(till, ulid(61), LINE_ID),
        transfer(till, OTHER_ID, LINE_ID),
    )
    return (
        create.model_copy(update={"id": OPERATION_ID, "channel": Channel.TAKEAWAY}),
        till.change(7, *changes),
        till.send(LINE_ID, ulid(51), held=(ulid(52),)).model_copy(update={"paper_at": LATER}),
        till.fire(LINE_ID, ulid(51)).model_copy(update={"paper_at": LATER}),
        till.refund(LINE_ID, minor=(1000, 250), reason=SAID).model_copy(update={"shift_id": SHIFT_ID}),
        till.serve(LINE_ID),
        CloseOrder(
            id=OPERATION_ID,
            actor_id=ANN,
            at=AT,
            order_id=ORDER_ID,
            line_ids=(LINE_ID,),
            total_minor=1250,
            payments=(paid,),
            receipt_number="C-000097",
            shift_id=SHIFT_ID,
        ),
        till.void(LINE_ID),
        merge(till, OTHER_ID, LINE_ID),
        split(till, OTHER_ID, LINE_ID, base_version=7),
        *(
            kind(id=OPERATION_ID, actor_id=ANN, at=AT, ticket_id=TICKET_ID, round=2, line_ids=(LINE_ID,))
            for kind in (StartTicket, ReadyTicket, BumpTicket, RecallTicket, SeenTicket)
        ),
        ReadyItem(
            id=OPERATION_ID, actor_id=ANN, at=AT, ticket_id=TICKET_ID, round=2, line_ids=(LINE_ID,), line_id=LINE_ID
        ),
        PrioritiseTicket(
            id=OPERATION_ID, actor_id=ANN, at=AT, ticket_id=TICKET_ID, round=2, line_ids=(LINE_ID,), level=2, turn=3
        ),
        intent().model_copy(update={"tip": 50}),
        cancel().model_copy(update={"actor_id": StaffId("ben")}),
        seen_to().model_copy(update={"actor_id": StaffId("ben")}),
        *_of_the_house(),
    )


def _of_the_house() -> tuple[Operation, ...]:
    return (
        OpenShift(id=OPERATION_ID, actor_id=ANN, at=AT, shift_id=SHIFT_ID, float_minor=10_000, receipts=96),
        MoveCash(
            id=OPERATION_ID,
            actor_id=ANN,
            at=AT,
            shift_id=SHIFT_ID,
            type=CashMove.PAY_OUT,
            amount_minor=700,
            reason=SAID,
        ),
        CloseShift(
            id=OPERATION_ID,
            actor_id=ANN,
            at=AT,
            shift_id=SHIFT_ID,
            counted_minor=10_550,
            expected_minor=-1,
            series=Series(first_seq=3, last_seq=9, first_receipt="C-000097", last_receipt="C-000098"),
        ),
        Clock(id=OPERATION_ID, actor_id=ANN, at=AT, clocking_id=CLOCKING_ID, type=Way.OUT, staff_id=StaffId("bob")),
        CloseDay(id=OPERATION_ID, actor_id=ANN, at=AT, day_id=DAY_ID),
    )


def bare() -> tuple[Operation, ...]:
    """Each kind once, with what it has to tell and no more."""
    till, _ = tills()
    return (
        CreateOrder(id=OPERATION_ID, actor_id=ANN, at=AT, order_id=ORDER_ID),
        ChangeOrder(
            id=OPERATION_ID,
            actor_id=ANN,
            at=AT,
            order_id=ORDER_ID,
            base_version=0,
            changes=(till.seat(LINE_ID, None), moved_to(till, None)),
        ),
        SendToKitchen(id=OPERATION_ID, actor_id=ANN, at=AT, order_id=ORDER_ID, line_ids=(LINE_ID,)),
        FireCourse(id=OPERATION_ID, actor_id=ANN, at=AT, order_id=ORDER_ID, line_ids=(LINE_ID,)),
        RefundOrder(id=OPERATION_ID, actor_id=ANN, at=AT, order_id=ORDER_ID, line_ids=(), reason="cold"),
        ServeOrder(id=OPERATION_ID, actor_id=ANN, at=AT, order_id=ORDER_ID, line_ids=(LINE_ID,)),
        CloseOrder(id=OPERATION_ID, actor_id=ANN, at=AT, order_id=ORDER_ID, line_ids=(LINE_ID,), total_minor=0),
        VoidOrder(id=OPERATION_ID, actor_id=ANN, at=AT, order_id=ORDER_ID, reason="left", line_ids=()),
        merge(till, OTHER_ID),
        SplitOrder(
            id=OPERATION_ID,
            actor_id=ANN,
            at=AT,
            order_id=ORDER_ID,
            base_version=0,
            new_order_id=OTHER_ID,
            line_ids=(LINE_ID,),
        ),
        *(
            kind(id=OPERATION_ID, actor_id=ANN, at=AT, ticket_id=TICKET_ID, line_ids=())
            for kind in (StartTicket, ReadyTicket, BumpTicket, RecallTicket, SeenTicket)
        ),
        ReadyItem(id=OPERATION_ID, actor_id=ANN, at=AT, ticket_id=TICKET_ID, line_ids=(), line_id=LINE_ID),
        PrioritiseTicket(id=OPERATION_ID, actor_id=ANN, at=AT, ticket_id=TICKET_ID, line_ids=(), level=0),
        intent(),
        cancel(),
        seen_to(),
        OpenShift(id=OPERATION_ID, actor_id=ANN, at=AT, shift_id=SHIFT_ID, float_minor=0),
        MoveCash(id=OPERATION_ID, actor_id=ANN, at=AT, shift_id=SHIFT_ID, type=CashMove.NO_SALE),
        CloseShift(id=OPERATION_ID, actor_id=ANN, at=AT, shift_id=SHIFT_ID, counted_minor=0),
        Clock(id=OPERATION_ID, actor_id=ANN, at=AT, clocking_id=CLOCKING_ID, type=Way.IN),
        CloseDay(id=OPERATION_ID, actor_id=ANN, at=AT, day_id=DAY_ID),
    )


def seen_to() -> CloseAlert:
    """Somebody has done something about an alert."""
    return CloseAlert(id=OPERATION_ID, actor_id=ANN, at=AT, alert_id=ALERT_ID, choice=SAID)


def cancel() -> CancelIntent:
    """No card is to pay after all."""
    return CancelIntent(id=OPERATION_ID, actor_id=ANN, at=AT, intent_id=PaymentId(ulid(61)))


def intent() -> OpenIntent:
    """A card is to pay."""
    return OpenIntent(
        id=OPERATION_ID,
        actor_id=ANN,
        at=AT,
        intent_id=PaymentId(ulid(61)),
        order_id=ORDER_ID,
        method=Method.CARD,
        amount=1250,
    )
