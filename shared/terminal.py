"""One device: its store, its worker and its taps in hand; the only object that a screen may hold."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Final

from shared.board import Board
from shared.card_desk import CardDesk
from shared.clock import Clock
from shared.database import Connection, Writer
from shared.desk import SyncDesk
from shared.domain.commands import Intent
from shared.domain.intents import Numbers
from shared.domain.menu import Business, Floor, Menu, StaffList, StaffMember
from shared.errors import EvertillError
from shared.hand import Hand, RefusedTap, lanes_of
from shared.login import LoginRefused, PinDesk
from shared.settings import DeviceSettings
from shared.shift_desk import ShiftDesk
from shared.store import meta, receipts, taps
from shared.store.card_payments import CardBook, CardPayment
from shared.store.house import House
from shared.store.mending import FIXED, Resolution
from shared.store.order_views import OrderViews
from shared.store.outcomes import FailReason, Status
from shared.store.room import Bounds
from shared.store.rows import (
    AlertRow,
    Figures,
    LineRow,
    LineStage,
    OperationRow,
    OrderView,
    SyncBadge,
    TicketRow,
)
from shared.store.shelf import TicketShelf
from shared.sync.actions import Cause, LinkState, LinkView
from shared.sync.port import Announce, Sync
from shared.times import to_rfc3339
from shared.ulids import Ulids
from shared.wire.requests import order_lane

__all__ = [
    "FIXED",
    "AlertRow",
    "Bounds",
    "CardPayment",
    "Cause",
    "FailReason",
    "Figures",
    "LineRow",
    "LineStage",
    "LinkState",
    "LinkView",
    "LoginRefused",
    "OperationRow",
    "OrderView",
    "RefusedTap",
    "Resolution",
    "Status",
    "SyncBadge",
    "Terminal",
    "TicketRow",
]

CATCH_UP_S: Final = 0.005
"""A third of a frame: so long are changed orders read in one go."""

log = logging.getLogger(__name__)


class Terminal:
    """A till or a kitchen screen without its window.

    `submit` returns at once: the tap stands in hand, and in every view, until it is durable. What changed is announced
    by ids (`order:...`, `ticket:...`, `link`, `alerts`, `catalog`, `refusals`) from any thread; a screen then reads the
    view again. All reads are for one thread, the GUI's, and take well under a frame.
    """

    def __init__(
        self,
        *,
        settings: DeviceSettings,
        writer: Writer,
        reader: Connection,
        house: House,
        clock: Clock,
        ulids: Ulids,
        make_sync: Callable[[Announce], Sync],
        release: Callable[[], None] = lambda: None,
        bounds: Bounds | None = None,
        book: CardBook | None = None,
    ) -> None:
        """Takes over writer, reader and house; `make_sync` builds the worker; `release` lets the sender lock go.

        `bounds` are those of product row P8 unless a test has less room. `book` is the one that the worker has.
        """
        self.settings = settings
        self._teller = taps.Teller(settings.letter, house.author_of, bounds or Bounds(), house.judge, self._is_online)
        self._release = release
        self._writer = writer
        self._reader = reader
        self._clock = clock
        self._ulids = ulids
        self._hand = Hand()
        self._listeners: list[Announce] = []
        self._pins, self._desk = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pins"), PinDesk()
        self._house = house
        self._board = Board(TicketShelf(reader), self._hand, house)
        numbers = Numbers(
            lambda: taps.order_number(settings.letter, meta.number(reader, taps.ORDER_COUNT) + 1),
            lambda: receipts.number(settings.letter, meta.number(reader, taps.RECEIPT_COUNT) + 1),
        )
        self._orders = OrderViews(reader, house, numbers=numbers, clock=clock)
        self._sync = make_sync(self._changed)
        self.desk = SyncDesk(
            reader,
            writer,
            house=house,
            teller=self._teller,
            now_ms=self.now_ms,
            changed=self._decided,
            refuse=self._refuse_decision,
            ask_known=self._sync.ask_known,
        )
        self.shifts = ShiftDesk(reader, house=house, hand=self._hand, now_ms=self.now_ms)
        self.cards = CardDesk(
            reader,
            writer,
            book or CardBook(self._teller),
            link=self._sync.link,
            now_ms=self.now_ms,
            decided=self._decided,
            refuse=lambda wish, *words: self._refuse_decision(*words, intent_id=wish.id, entity_id=wish.order_id),
        )

    def start(self) -> None:
        """Begin to send and to pull."""
        self._sync.start()

    def close(self) -> None:
        """Stop the worker, write what waits for the disk, close the file. What was not sent goes another time."""
        self._sync.stop(5.0)
        self._pins.shutdown(wait=True, cancel_futures=True)
        self._writer.close()
        self._reader.close()
        self._house.close()
        self._release()

    def subscribe(self, listener: Announce) -> None:
        """Call `listener` with the ids that changed, from whichever thread changed them."""
        self._listeners.append(listener)

    def new_id(self) -> str:
        """A ULID for an intention; made when its button is shown, so that a second tap is the same intention."""
        return self._ulids.new()

    def now_ms(self) -> int:
        """The server's time as well as this device knows it, in ms since 1970: one clock for all ages in the house."""
        return self._clock.now_ms() + self._sync.link().clock_offset_ms

    def at(self) -> str:
        """That moment as a command carries it."""
        return to_rfc3339(self.now_ms())

    def submit(self, intent: Intent) -> None:
        """Take a tap; never waits. It is in every view at once, and saved when `saving` is gone from its view.

        The same intention again changes nothing. What can't be saved turns up in `take_refusals`.
        """
        taken = self._hand.take(intent)
        if taken is None:
            return
        if not taken:
            self._refuse(
                intent, "The disk is too slow just now", "This tap was not saved. Wait a moment, then tap again."
            )
            return
        future = self._writer.submit(partial(taps.accept, intent=intent, teller=self._teller, now_ms=self.now_ms()))
        future.add_done_callback(partial(self._written, intent))
        self._announce(frozenset(lanes_of(intent)))

    def in_hand(self) -> int:
        """How many taps are not durable yet."""
        return self._hand.count()

    def take_refusals(self) -> tuple[RefusedTap, ...]:
        """The taps that were not saved since the last call, oldest first, for a screen to show."""
        return self._hand.take_refusals()

    def order(self, order_id: str) -> OrderView | None:
        """The order as this till sees it now, or None when it knows none under this id."""
        in_hand = self._hand.of_order(order_id)  # before the disk: a tap may be seen twice, never not at all
        return self._orders.view(order_id, in_hand, online=self._is_online())

    def open_orders(self) -> tuple[OrderView, ...]:
        """Every order of the house that is open or has something unsaved or unsent on this till, oldest first."""
        ids = dict.fromkeys((*self._hand.order_ids(), *self._orders.open_ids()))
        views = (self.order(order_id) for order_id in ids)
        return tuple(v for v in views if v and (v.is_open or v.waiting or v.saving or v.unsent_ids))

    def catch_up(self) -> bool:
        """Read the orders that changed, for a few ms. False when many are left: paint, then call again."""
        return self._orders.catch_up(self._hand.of_order, online=self._is_online(), limit_s=CATCH_UP_S)

    def tickets(self, station: str = "") -> tuple[TicketRow, ...]:
        """The tickets on the board, the urgent first, then the oldest; of one station, or of all when none is named."""
        return self._board.tickets(station)

    def recalled(self) -> tuple[TicketRow, ...]:
        """The last 50 tickets that left the board, newest first, those bumped on this screen a moment ago included."""
        return self._board.recalled()

    @property
    def menu(self) -> Menu:
        """What is on sale, as the server last said."""
        return self._house.known().menu

    @property
    def floor(self) -> Floor:
        """The floor plan."""
        return self._house.known().floor

    @property
    def staff(self) -> StaffList:
        """Who works here."""
        return self._house.known().staff

    @property
    def business(self) -> Business:
        """How the business counts."""
        return self._house.known().business

    def link(self) -> LinkView:
        """How the link to the server is."""
        return self._sync.link()

    def _is_online(self) -> bool:
        return self._sync.link().state.is_up

    def try_now(self) -> None:
        """Probe the server at once instead of waiting for the next try."""
        self._sync.try_now()

    def check_pin(self, staff_id: str, pin: str) -> Future[StaffMember | LoginRefused]:
        """Check a PIN on this device, with or without a server, off the calling thread (about 50 ms)."""
        return self._pins.submit(self._desk.check, self.staff.member(staff_id), pin, self._clock.monotonic_s())

    def _written(self, intent: Intent, future: Future[frozenset[str]]) -> None:
        """In the writer's thread, after the commit: the tap leaves the hand; the store has it, or a refusal says so."""
        error = future.exception()
        ids = frozenset(lanes_of(intent)) | (future.result() if error is None else frozenset())
        ids |= self._forget(ids)
        self._hand.drop(intent)
        if error is None:
            self._announce(ids)
            self._sync.wake()
            return
        if isinstance(error, EvertillError):
            self._refuse(intent, error.title, error.advice)
        else:
            log.error("a tap could not be saved", exc_info=error)
            self._refuse(
                intent, "This was not saved", "The program met a fault of its own. Tap again, or ask for help."
            )

    def _refuse(self, intent: Intent, title: str, advice: str) -> None:
        lanes = lanes_of(intent)
        self._hand.refuse(intent.id, lanes[0].partition(":")[2], title=title, advice=advice)
        self._announce(frozenset({"refusals", *lanes}))

    def _changed(self, ids: frozenset[str]) -> None:
        """Forget what these ids had us remember, then tell. Called by the worker after each of its commits."""
        ids |= self._forget(ids)
        if "catalog" in ids:
            self._house.forget()
        self._announce(ids)

    def _decided(self, ids: frozenset[str]) -> None:
        """A person decided about an operation or an alert: it may have to go now."""
        self._changed(ids)
        self._sync.wake()

    def _refuse_decision(self, title: str, advice: str, *, intent_id: str = "", entity_id: str = "") -> None:
        self._hand.refuse(intent_id, entity_id, title=title, advice=advice)
        self._announce(frozenset({"refusals"}))

    def _forget(self, ids: frozenset[str]) -> frozenset[str]:
        """Returns the ids of the orders that stand on these, which were forgotten with them."""
        above = self._orders.forget([name[6:] for name in ids if name.startswith("order:")])
        self._board.forget(ids)
        return frozenset(map(order_lane, above))

    def _announce(self, ids: frozenset[str]) -> None:
        for listener in tuple(self._listeners):
            listener(ids)
