"""Intentions at the till: which operations Send and Pay turn into, and that the same intention gives the same bytes."""

from collections.abc import Callable

import pytest

from shared.domain.commands import ChangeOrder, CloseOrder, CreateOrder, PayCash, SendDraft, SendToKitchen
from shared.domain.draft import Draft
from shared.domain.intents import Expanded, Numbers, OrderIntent, Scene, expand, ids_of, lines_of
from shared.domain.model import MAX_LINES
from shared.domain.order import Order, OrderState
from shared.domain.rejections import CommandRejected, Refusal
from shared.domain.rules import apply
from shared.ids import LineId
from shared.wire.requests import encode
from tests.unit.domain.restaurant import AT, ORDER_ID, TABLE_5, TABLE_6, Till, opened, tills, ulid
from tests.unit.domain.test_draft import drafted, tap
from tests.unit.domain.test_lines import moved_to

NEW = Scene(None, drafted(ulid(50), ulid(51)))


def counted(letter: str) -> Callable[[], str]:
    """Gives a number at the first call; a second one would leave a hole in the series."""
    left = [f"{letter}-1"]
    return left.pop


def carried_out(till: Till, intent: OrderIntent, scene: Scene) -> Expanded:
    """What an intention of this till writes."""
    return expand(intent, scene, author=till.author, numbers=Numbers(counted("C"), counted("R")))


def refusal_of(till: Till, intent: OrderIntent, scene: Scene) -> tuple[Refusal, str]:
    """How an intention is refused: it has to be."""
    with pytest.raises(CommandRejected) as caught:
        carried_out(till, intent, scene)
    return caught.value.refusal, caught.value.message


def send(till: Till, *line_ids: str) -> SendDraft:
    """Send these lines."""
    named = tuple(LineId(one) for one in line_ids)
    return SendDraft(id=till.operation_id(), actor_id=till.actor_id, at=AT, order_id=ORDER_ID, line_ids=named)


def pay(till: Till, *line_ids: str, total_minor: int, tendered_minor: int | None = None, tip_minor: int = 0) -> PayCash:
    """Take cash for these lines."""
    return PayCash(
        id=till.operation_id(),
        actor_id=till.actor_id,
        at=AT,
        order_id=ORDER_ID,
        line_ids=tuple(LineId(one) for one in line_ids),
        total_minor=total_minor,
        tendered_minor=total_minor + tip_minor if tendered_minor is None else tendered_minor,
        tip_minor=tip_minor,
    )


def test_sending_a_new_order_creates_it_puts_the_lines_on_and_sends_them() -> None:
    till, _ = tills()
    draft = NEW.draft.model_copy(update={"table_id": TABLE_5, "guests": 3}) if NEW.draft else None
    done = carried_out(till, send(till, ulid(50), ulid(51)), Scene(None, draft))
    create, change, to_kitchen = done.operations
    assert isinstance(create, CreateOrder)
    assert isinstance(change, ChangeOrder)
    assert isinstance(to_kitchen, SendToKitchen)
    assert (create.number, create.table_id, create.guests, create.items) == ("A-1", TABLE_5, 3, ())
    assert [one.id for one in change.changes] == [ulid(50), ulid(51)]
    assert to_kitchen.line_ids == (ulid(50), ulid(51))
    assert done.after.draft is None
    assert done.after.order is not None
    assert (done.after.order.state, len(done.after.order.lines)) == (OrderState.SENT, 2)


def test_only_the_lines_that_the_screen_named_are_sent() -> None:
    till, _ = tills()
    done = carried_out(till, send(till, ulid(51), ulid(777)), NEW)
    change = done.operations[1]
    assert isinstance(change, ChangeOrder)
    assert [one.id for one in change.changes] == [ulid(51)]
    assert done.after.draft is not None
    assert [line.id for line in done.after.draft.lines] == [ulid(50)]
    assert not done.after.draft.is_new


def test_unsent_lines_of_a_known_order_are_sent_with_the_draft() -> None:
    till, other = tills()
    order = opened(other, "pizza", "beer")
    sent = apply(order, other.send(order.lines[0].id), other.author)
    scene = Scene(sent, drafted(ulid(50), is_new=False), base_version=sent.version)
    change, to_kitchen = carried_out(till, send(till, *(line.id for line in order.lines), ulid(50)), scene).operations
    assert isinstance(change, ChangeOrder)
    assert isinstance(to_kitchen, SendToKitchen)
    assert change.base_version == sent.version
    assert to_kitchen.line_ids == (order.lines[1].id, ulid(50))


def test_sending_what_is_sent_already_writes_nothing() -> None:
    till, _ = tills()
    order = opened(till, "pizza")
    sent = apply(order, till.send(order.lines[0].id), till.author)
    assert carried_out(till, send(till, order.lines[0].id), Scene(sent, None)).operations == ()


def test_the_same_intention_gives_the_same_bytes() -> None:
    till, _ = tills()
    for intent in (send(till, ulid(50)), pay(till, ulid(50), ulid(51), total_minor=2500)):
        first, second = (carried_out(till, intent, NEW).operations for _ in range(2))
        assert [encode(one) for one in first] == [encode(one) for one in second]
        assert {one.id for one in first} <= set(ids_of(intent))
        assert len(set(ids_of(intent))) == 4


def test_paying_sends_the_draft_and_closes_with_the_lines_the_total_and_the_money() -> None:
    till, _ = tills()
    intent = pay(till, ulid(50), ulid(51), total_minor=2500, tendered_minor=3000, tip_minor=100)
    done = carried_out(till, intent, NEW)
    close = done.operations[-1]
    assert [type(one) for one in done.operations] == [CreateOrder, ChangeOrder, SendToKitchen, CloseOrder]
    assert isinstance(close, CloseOrder)
    (payment,) = close.payments
    assert (close.total_minor, close.line_ids, close.receipt_number) == (2500, intent.line_ids, "R-1")
    assert (payment.amount, payment.tendered, payment.tip, payment.taken_at) == (2500, 3000, 100, AT)
    assert done.after.order is not None
    assert (done.after.order.state, done.after.order.applied_minor) == (OrderState.CLOSED, 2500)


def test_a_bill_that_is_not_what_the_guest_was_told_is_looked_at_again() -> None:
    till, _ = tills()
    stale = (Refusal.STALE_WRITE, "The bill changed just now. Look at the new total, then take the money.")
    assert refusal_of(till, pay(till, ulid(50), ulid(51), total_minor=2499), NEW) == stale
    assert refusal_of(till, pay(till, ulid(50), ulid(777), total_minor=1250), NEW) == stale


def test_a_payment_that_makes_no_sense_is_refused_in_words() -> None:
    till, _ = tills()
    assert refusal_of(till, pay(till, ulid(50), total_minor=1250, tendered_minor=1299, tip_minor=50), NEW) == (
        Refusal.INVALID,
        "The money given is less than the total.",
    )
    assert refusal_of(till, pay(till, total_minor=0), NEW) == (
        Refusal.INVALID,
        "There is nothing to pay on this order.",
    )
    order = opened(till, "pizza")
    closed = apply(order, till.close(order), till.author)
    assert refusal_of(till, pay(till, order.lines[0].id, total_minor=1250), Scene(closed, None)) == (
        Refusal.INVALID_STATE_TRANSITION,
        "Order A-1 is closed already.",
    )


def test_an_order_of_another_tax_is_paid_by_its_own() -> None:
    till, _ = tills()
    outside, _ = tills(inclusive=False)
    order = opened(outside, "pizza")
    done = carried_out(till, pay(till, order.lines[0].id, total_minor=1375), Scene(order, None))
    assert done.after.order is not None
    assert done.after.order.unapplied_minor == 0


def test_too_many_lines_and_an_order_that_is_gone_are_refused() -> None:
    till, _ = tills()
    many = send(till, *(ulid(1000 + i) for i in range(MAX_LINES + 1)))
    assert refusal_of(till, many, NEW)[1] == f"An order can have at most {MAX_LINES} lines. Open another order."
    assert refusal_of(till, send(till, ulid(50)), Scene(None, None)) == (
        Refusal.NOT_FOUND,
        "This order is not on this till any more.",
    )


def test_the_first_tap_on_a_new_order_gives_it_its_number() -> None:
    till, _ = tills()
    edit = tap(till, till.add()).model_copy(update={"table_id": TABLE_6, "guests": 2})
    done = carried_out(till, edit, Scene(None, None))
    assert done.operations == ()
    assert done.after.draft is not None
    assert (done.after.draft.number, done.after.draft.is_new) == ("C-1", True)
    assert (done.after.draft.table_id, done.after.draft.guests) == (TABLE_6, 2)


def test_the_first_tap_on_a_known_order_opens_a_draft_beside_it() -> None:
    till, other = tills()
    order = opened(other, "pizza")
    draft = carried_out(till, tap(till, till.add("beer")), Scene(order, None)).after.draft
    assert draft is not None
    assert (draft.number, draft.is_new, draft.table_id, draft.guests) == ("A-1", False, TABLE_5, 2)


@pytest.mark.parametrize("draft", [None, drafted(is_new=False)])
def test_nothing_is_tapped_onto_an_order_that_is_over(draft: Draft | None) -> None:
    till, _ = tills()
    order = opened(till, "pizza")
    voided = apply(order, till.void(order.lines[0].id), till.author)
    assert refusal_of(till, tap(till, till.add()), Scene(voided, draft)) == (
        Refusal.INVALID_STATE_TRANSITION,
        "Order A-1 is voided. Open a new one.",
    )


def test_an_operation_is_written_as_it_is() -> None:
    till, _ = tills()
    order = opened(till, "pizza")
    move = till.change(1, moved_to(till, TABLE_6))
    done = carried_out(till, move, Scene(order, None, 1))
    assert done.operations == (move,)
    assert done.after.order is not None
    assert done.after.order.table_id == TABLE_6


def test_the_lines_of_a_scene_are_those_of_the_order_and_then_those_of_the_draft_each_once() -> None:
    till, _ = tills()
    order: Order = opened(till, "pizza", "beer")
    order = apply(order, till.change(1, till.void_line(order.lines[0].id)), till.author)
    shown = lines_of(Scene(order, drafted(order.lines[0].id, order.lines[1].id, ulid(50), is_new=False)))
    assert [line.id for line in shown] == [order.lines[1].id, ulid(50)]
    assert lines_of(Scene(None, None)) == ()
