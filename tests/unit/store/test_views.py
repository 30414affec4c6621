"""What the order screen is given claims no stage that is not so, and shows every tap at once."""

from shared.domain.commands import AddLine, ChangeOrder, EditDraft, NewLine, VoidLine, VoidOrder
from shared.domain.intents import Numbers, OrderIntent
from shared.domain.menu import Floor
from shared.domain.order import OrderState, TicketMark
from shared.domain.ticket import Stage
from shared.ids import ChangeId, ItemId, LineId, OperationId, OrderId, StaffId, StationId
from shared.store import entities
from shared.store.outcomes import FailReason
from shared.store.rows import LineStage, OrderView, SyncBadge
from shared.store.views import order_view
from tests.unit.store.till import AT, Till, author_of, ulid

ORDER = ulid(900_001)
FLOOR = Floor(version="1")


def view(till: Till, *in_hand: OrderIntent, online: bool = True) -> OrderView:
    """The view of the one order, which has to be there."""
    numbers = Numbers(lambda: "C-next", lambda: "C-000099")
    seen = till.scene(ORDER)
    found = order_view(seen, in_hand, author_of=author_of, numbers=numbers, floor=FLOOR, online=online)
    assert found is not None
    return found


def stages(till: Till, *in_hand: OrderIntent) -> list[LineStage]:
    """The stages of the lines, in their order."""
    return [line.stage for line in view(till, *in_hand).lines]


def tap_tile(till: Till) -> EditDraft:
    """A tap on a tile that nobody has written yet."""
    line = NewLine(
        id=LineId(till.new_id()),
        item_id=ItemId("bowl"),
        quantity=1,
        name="Chicken Bowl",
        price_minor=1098,
        tax_bp=1800,
        station=StationId("grill"),
    )
    return EditDraft(
        id=OperationId(till.new_id()),
        actor_id=StaffId("amina"),
        at=AT,
        order_id=OrderId(ORDER),
        changes=(AddLine(line=line),),
    )


def test_three_quick_taps_in_hand_are_three_lines_that_are_being_saved(till: Till) -> None:
    taps = [tap_tile(till) for _ in range(3)]

    shown = view(till, *taps)

    assert [line.saving for line in shown.lines] == [True] * 3
    assert shown.number == "C-next"
    assert shown.totals.total_minor == 3 * 1098
    assert shown.saving


def test_a_tap_that_is_durable_and_still_in_hand_is_seen_once(till: Till) -> None:
    tap = tap_tile(till)
    till.tap(tap)

    assert [line.saving for line in view(till, tap).lines] == [False]


def test_a_send_in_hand_says_saving_and_only_the_disk_makes_it_saved(till: Till) -> None:
    line = till.add_line(ORDER)
    assert stages(till) == [LineStage.NEW]
    send = till.bill(ORDER, line, total_minor=1098)

    assert stages(till, send) == [LineStage.SAVING]
    till.tap(send)
    assert stages(till, send) == [LineStage.SAVED]
    assert stages(till) == [LineStage.SAVED]


def test_only_the_servers_own_word_makes_a_line_sent_seen_started_and_ready(till: Till) -> None:
    till.send(ORDER, till.add_line(ORDER))
    assert stages(till) == [LineStage.SAVED]
    till.deliver_all()
    assert stages(till) == [LineStage.SENT]

    for mark, expected in (
        ({"seen": True}, LineStage.SEEN),
        ({"stage": Stage.IN_PROGRESS}, LineStage.STARTED),
        ({"stage": Stage.READY}, LineStage.READY),
    ):
        server = till.scene(ORDER).server
        assert server is not None
        marks: tuple[TicketMark, ...] = tuple(one.model_copy(update=mark) for one in server.tickets)
        newer = server.model_copy(update={"tickets": marks, "version": server.version + 1})
        till.run(lambda tx, n=newer: entities.put_all(tx, [n]))  # type: ignore[misc]
        assert stages(till) == [expected]


def test_the_badge_is_the_worst_that_is_so(till: Till) -> None:
    till.send(ORDER, till.add_line(ORDER))
    assert view(till, online=True).badge is SyncBadge.SYNCING
    assert view(till, online=False).badge is SyncBadge.NOT_SYNCED
    assert view(till).waiting == 3
    till.deliver_all()
    assert view(till, online=False).badge is SyncBadge.SYNCED
    till.send(ORDER, till.add_line(ORDER))
    till.fail(till.take().flights[0], FailReason.INVALID)
    assert view(till).badge is SyncBadge.NEEDS_YOU
    assert stages(till) == [LineStage.SENT, LineStage.NEEDS_YOU]


def test_a_voided_line_costs_nothing_and_stays_in_sight(till: Till) -> None:
    line = till.add_line(ORDER)
    till.send(ORDER, line)

    shown = view(till, void_of(till, line))

    assert [one.stage for one in shown.lines] == [LineStage.VOIDED]
    assert shown.totals.total_minor == 0
    assert shown.owed_ids == ()


def void_of(till: Till, line: str, *, base_version: int = 0) -> ChangeOrder:
    """Take a line off the bill."""
    return ChangeOrder(
        id=OperationId(till.new_id()),
        actor_id=StaffId("amina"),
        at=AT,
        order_id=OrderId(ORDER),
        base_version=base_version,
        changes=(VoidLine(id=ChangeId(till.new_id()), line_id=LineId(line), reason="Wrong dish"),),
    )


def test_a_line_whose_void_was_refused_needs_a_person_and_is_not_called_voided(till: Till) -> None:
    line = till.add_line(ORDER)
    till.send(ORDER, line)
    till.deliver_all()
    till.tap(void_of(till, line, base_version=view(till).base_version))
    assert stages(till) == [LineStage.VOIDED]
    till.fail(till.take().flights[0], FailReason.REFUSED)

    shown = view(till)

    assert [one.stage for one in shown.lines] == [LineStage.NEEDS_YOU]
    assert (shown.totals.total_minor, shown.owed_ids) == (0, ()), "the void stands until a person decides"
    server = till.scene(ORDER).server
    assert server is not None
    gone = server.lines[0].model_copy(update={"voided": True})
    till.told(server.model_copy(update={"version": server.version + 1, "lines": (gone,)}))
    assert stages(till) == [LineStage.VOIDED], "another till voided it, so it is so"


def test_the_lines_of_an_order_whose_void_was_refused_need_a_person(till: Till) -> None:
    line = till.add_line(ORDER)
    till.send(ORDER, line)
    till.deliver_all()
    void_id = OperationId(till.new_id())
    void = VoidOrder(
        id=void_id, actor_id=StaffId("amina"), at=AT, order_id=OrderId(ORDER), reason="Left", line_ids=(LineId(line),)
    )
    till.tap(void)
    till.fail(till.take().flights[0], FailReason.REFUSED)
    assert stages(till) == [LineStage.NEEDS_YOU]


def test_a_paid_order_shows_its_receipt_number_before_any_server_knows(till: Till) -> None:
    line = till.add_line(ORDER)
    till.tap(till.bill(ORDER, line, total_minor=1098))

    shown = view(till, online=False)

    assert (shown.state, shown.receipt_number, shown.waiting) == (OrderState.CLOSED, "C-000001", 4)


def test_an_order_that_nobody_knows_is_no_view(till: Till) -> None:
    numbers = Numbers(lambda: "C-next", lambda: "C-000099")
    seen = till.scene(ORDER)

    assert order_view(seen, (), author_of=author_of, numbers=numbers, floor=FLOOR, online=True) is None
