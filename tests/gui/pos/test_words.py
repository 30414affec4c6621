"""What the till says is never more than what is so: stages, counts, badges and reasons, word by word."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from pos_client import operation_words, words
from pos_client.faces import face_of
from shared.domain.menu import MenuItem, Table
from shared.domain.order import Channel, OrderState
from shared.domain.totals import Totals
from shared.ids import ItemId, StationId, TableId
from shared.money import Currency
from shared.qt.tokens import Tone
from shared.store.outcomes import SENT_WITHOUT
from shared.terminal import (
    Cause,
    FailReason,
    LineRow,
    LineStage,
    LinkState,
    LinkView,
    OperationRow,
    OrderView,
    Status,
    SyncBadge,
)
from tests.gui.harness import OFFLINE, ONLINE

NOW_MS = 1_764_358_800_000
SENT_AT = "2025-11-28T19:38:00.000Z"  # two minutes before NOW_MS
TABLE = Table(id=TableId("table-5"), name="5", room_id="main", x=0, y=0)
EUR = Currency(code="EUR", decimals=2)


def line(stage: LineStage, *, sent_at: str | None = SENT_AT) -> LineRow:
    """A line that is so far."""
    sent = None if stage is LineStage.NEW else sent_at
    return LineRow("l", "fries", "French Fries", 1, 325, "", (), "", None, 1, stage, sent, stage is LineStage.SAVING)


def order(*stages: LineStage, badge: SyncBadge = SyncBadge.SYNCED) -> OrderView:
    """An open order with lines of these stages."""
    lines = tuple(replace(line(stage), id=f"l{place}") for place, stage in enumerate(stages))
    return OrderView(
        id="o", number="C-1", state=OrderState.SENT, table_id="table-5", table_name="5", channel=Channel.DINE_IN,
        guests=0, waiter_name="", opened_at="", lines=lines, badge=badge,
        totals=Totals(325 * len(stages), (), prices_include_tax=True),
        waiting=0, saving=False, base_version=0, receipt_number=None, receipt_numbers=(), invoice_number=None,
        unapplied_minor=0, server_knows=True,
    )  # fmt: skip


def operation(status: Status, reason: FailReason | None = None, *, error: str = "", sends: int = 0) -> OperationRow:
    """An operation on an order, due now."""
    return OperationRow(
        4, "id", "Create order", "", "C-1 · Table 5", "o", NOW_MS, sends, 10, status, reason, error, NOW_MS, None,
        False, reason is None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("stages", "said"),
    [
        ((LineStage.NEW, LineStage.NEW), "2 new"),
        ((LineStage.SAVED,), "1 saved here"),
        (
            (LineStage.NEW, LineStage.SAVING, LineStage.SAVED, LineStage.SENT),
            "1 new · 1 saving · 1 saved here · 1 sent",
        ),
        ((LineStage.SENT, LineStage.SEEN, LineStage.STARTED, LineStage.READY), "4 sent"),
        ((LineStage.NEEDS_YOU, LineStage.VOIDED), "1 held"),
        ((), ""),
    ],
)
def test_only_what_the_server_has_is_counted_as_sent(stages: Sequence[LineStage], said: str) -> None:
    assert words.progress(order(*stages)) == said


@pytest.mark.parametrize(
    ("stages", "said"),
    [
        ((LineStage.SEEN, LineStage.NEW), "1 new item"),
        ((LineStage.SEEN, LineStage.SAVED), "1 saved here"),
        ((LineStage.SAVING,), "Saving"),
        ((LineStage.SENT, LineStage.SEEN), "Sent 2:00"),
        ((LineStage.SEEN, LineStage.STARTED), "In kitchen 2:00"),
        ((LineStage.READY, LineStage.SEEN), "1 of 2 ready"),
        ((LineStage.READY, LineStage.VOIDED), "Ready"),
        ((LineStage.NEEDS_YOU,), ""),
    ],
)
def test_an_order_stands_where_its_slowest_line_stands(stages: Sequence[LineStage], said: str) -> None:
    assert words.kitchen_line(order(*stages), now_ms=NOW_MS) == said


def test_a_table_whose_lines_are_only_saved_here_says_so_and_is_amber() -> None:
    face = face_of(TABLE, [order(LineStage.SEEN, LineStage.SAVED)], EUR)

    assert (face.tone, face.word) == (Tone.WARN, "Saved here")
    assert face_of(TABLE, [order(LineStage.SEEN)], EUR).tone is Tone.INFO


@pytest.mark.parametrize(("count", "said"), [(0, "Free"), (1, EUR.text(0)), (2, "2 orders"), (3, "3 orders")])
def test_a_table_says_how_many_orders_it_has(count: int, said: str) -> None:
    assert face_of(TABLE, [order(LineStage.SEEN)] * count, EUR).word == said


@pytest.mark.parametrize(
    ("others", "told"),
    [
        ((LineStage.SAVED,), (Tone.WARN, "2 orders, saved")),
        ((LineStage.NEW, LineStage.SAVED), (Tone.WARN, "2 orders, 1 new")),
        ((LineStage.READY,), (Tone.INFO, "2 orders")),
    ],
)
def test_of_several_orders_the_table_shows_the_most_pressing(
    others: Sequence[LineStage], told: tuple[Tone, str]
) -> None:
    face = face_of(TABLE, [order(LineStage.SEEN), order(*others)], EUR)
    assert (face.tone, face.word) == told
    ready = face_of(TABLE, [order(LineStage.READY)] * 2, EUR)
    assert (ready.tone, ready.word) == (Tone.OK, "2 orders, ready")


def test_synced_is_said_only_while_the_server_is_heard_and_nothing_waits() -> None:
    up = replace(ONLINE, last_good_ms=NOW_MS)
    starting = replace(OFFLINE, cause=None, state=LinkState.RECONNECTING)
    said: list[tuple[LinkView, int, int, str]] = [
        (up, 0, 0, "Synced"),
        (up, 3, 0, "Syncing · 3 waiting"),
        (replace(up, delayed=True), 0, 0, "Catching up"),
        (replace(up, trouble="The disk is full"), 0, 0, "Sync stands still"),
        (replace(up, cause=Cause.HISTORY_LOST), 0, 0, "Server restored"),
        (replace(OFFLINE, cause=Cause.OTHER_BRANCH), 2, 0, "Another branch's server · 2 waiting"),
        (replace(OFFLINE, cause=Cause.OTHER_SERVER), 2, 0, "Not our server · 2 waiting"),
        (replace(up, cause=Cause.SERVER_BUSY), 2, 0, "Server busy · 2 waiting"),
        (replace(up, cause=Cause.DEVICE_UNKNOWN), 2, 0, "Enrol this till again"),
        (replace(OFFLINE, cause=Cause.NEEDS_UPDATE), 2, 0, "Needs an update"),
        (starting, 2, 0, "Connecting · 2 waiting"),
        (OFFLINE, 0, 0, "Offline"),
        (OFFLINE, 3, 1, "Needs you · 1"),
        (OFFLINE, 100, 0, "Offline · 100 waiting"),
        (OFFLINE, 101, 0, "Connect to sync · 101 waiting"),
        (ONLINE, 101, 0, "Syncing · 101 waiting"),
    ]
    for link, waiting, attention, text in said:
        assert words.pill(link, waiting=waiting, attention=attention).text == text


def test_the_worst_badge_promises_a_look_and_not_a_repair() -> None:
    assert words.order_badge(order(LineStage.NEEDS_YOU, badge=SyncBadge.NEEDS_YOU)).text == "Sync failed · tap to see"


@pytest.mark.parametrize(
    ("row", "link", "said"),
    [
        (operation(Status.SUCCESS), ONLINE, "Sent"),
        (operation(Status.REPLAYING), ONLINE, "On its way"),
        (operation(Status.PENDING), ONLINE, "Next to go"),
        (replace(operation(Status.PENDING), behind_seq=3), ONLINE, "Behind 3"),
        (replace(operation(Status.PENDING, sends=1), not_before_ms=NOW_MS + 4_500), ONLINE,
         "No answer yet · next try in 5 s"),
        (operation(Status.PENDING), OFFLINE, "Waiting for the server"),
        (operation(Status.PENDING), replace(OFFLINE, cause=Cause.NO_NETWORK), "Waiting for network"),
        (operation(Status.PENDING), replace(ONLINE, cause=Cause.HISTORY_LOST),
         "The server was restored from an older copy"),
        (operation(Status.PENDING), replace(OFFLINE, cause=Cause.OTHER_BRANCH),
         "This server is of another branch than this till's file"),
        (operation(Status.FAILED, FailReason.INVALID, error="No such dish."), ONLINE, "Server said: No such dish."),
        (operation(Status.FAILED, FailReason.EXHAUSTED, error="Error 500."), ONLINE,
         "Given up after 10 tries: Error 500."),
        (operation(Status.FAILED, FailReason.CONFLICT, error="Closed."), ONLINE, "Not applied: Closed."),
        (operation(Status.FAILED, FailReason.DISCARDED), ONLINE, "Discarded"),
        (operation(Status.FAILED, FailReason.DISCARDED, error=SENT_WITHOUT), ONLINE, SENT_WITHOUT),
        (operation(Status.FAILED, FailReason.REFUSED), ONLINE, "The server refused it"),
    ],
)  # fmt: skip
def test_every_operation_tells_its_state_and_its_reason(row: OperationRow, link: LinkView, said: str) -> None:
    assert operation_words.operation_state(row, link, now_ms=NOW_MS)[0] == said


def test_the_login_promises_what_this_cause_allows() -> None:
    ends = {
        Cause.NO_NETWORK: "the network is back",
        Cause.NO_SERVER: "the server is back",
        Cause.DEVICE_UNKNOWN: "it is enrolled again",
        Cause.NEEDS_UPDATE: "it is updated",
    }
    for cause, until in ends.items():
        assert words.offline_promise(replace(OFFLINE, cause=cause)).endswith(f"sent when {until}.")


@pytest.mark.parametrize(
    ("state", "is_merged", "receipt", "said"),
    [
        (OrderState.CLOSED, False, "C-000097", "Closed · C-000097"),
        (OrderState.REFUNDED, False, "C-000097", "Refunded · C-000097"),
        (OrderState.VOIDED, False, None, "Voided"),
        (OrderState.VOIDED, True, None, "Merged"),
    ],
)
def test_the_badge_of_an_order_that_is_over_says_what_became_of_it(
    state: OrderState, is_merged: bool, receipt: str | None, said: str
) -> None:
    view = replace(order(), state=state, is_merged=is_merged, receipt_number=receipt)
    assert words.over_badge(view).text == said


@pytest.mark.parametrize(
    ("sold_out", "remaining", "said"),
    [(False, None, "3.25"), (False, 4, "3.25 · 4 left"), (True, 0, "Sold out"), (True, None, "Sold out")],
)
def test_a_dish_says_what_is_left_of_it(sold_out: bool, remaining: int | None, said: str) -> None:
    item = MenuItem(
        id=ItemId("fries"), name="Fries", category_id="all", price_minor=325, station=StationId("fry"),
        sold_out=sold_out, remaining=remaining,
    )  # fmt: skip
    assert words.dish_foot(item, EUR) == said
