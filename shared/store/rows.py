"""Pure: what a screen is given to show: frozen rows, read when asked, never a second truth."""

from dataclasses import dataclass
from enum import StrEnum

from shared.domain.fixing import Part
from shared.domain.order import Channel, Modifier, OrderState
from shared.domain.ticket import Ticket
from shared.domain.totals import Totals
from shared.store.outcomes import SENT_WITHOUT, FailReason, Status


class LineStage(StrEnum):
    """How far a line of an order is. NEW stands in the draft; the others were sent from this or another till.

    HELD is of a later course: it was sent, and the kitchen gets it when it is fired.
    """

    NEW = "NEW"
    HELD = "HELD"
    SAVING = "SAVING"
    SAVED = "SAVED"
    SENT = "SENT"
    SEEN = "SEEN"
    STARTED = "STARTED"
    READY = "READY"
    NEEDS_YOU = "NEEDS_YOU"
    VOIDED = "VOIDED"


class SyncBadge(StrEnum):
    """What an order's badge says; the worst wins."""

    SYNCED = "SYNCED"
    SYNCING = "SYNCING"
    NOT_SYNCED = "NOT_SYNCED"
    NEEDS_YOU = "NEEDS_YOU"


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line on the order screen. Money in minor units; `saving` says that its last tap is not durable yet."""

    id: str
    item_id: str
    name: str
    quantity: int
    total_minor: int
    choices: str
    modifiers: tuple[Modifier, ...]
    note: str
    seat: int | None
    course: int
    stage: LineStage
    sent_at: str | None
    saving: bool
    voided: bool = False
    """Whether it costs nothing, and so is not owed for. Its stage says so too, but while its void needs a person."""
    in_draft: bool = False
    """Whether this till can still edit it: a NEW line without it was saved by another till that has not sent it yet."""


@dataclass(frozen=True, slots=True)
class DiscountRow:
    """Something that was taken off an order and not put back: of the whole where no line is named."""

    id: str
    line_id: str | None
    line_name: str
    percent_bp: int | None
    amount_minor: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order as this till sees it now: server state, unsettled operations, draft, and taps still in hand."""

    id: str
    number: str
    state: OrderState
    table_id: str | None
    table_name: str
    channel: Channel
    guests: int
    waiter_name: str
    opened_at: str
    lines: tuple[LineRow, ...]
    totals: Totals
    badge: SyncBadge
    waiting: int
    """Operations of this order that the server has not settled."""
    saving: bool
    """Whether a tap on this order is not durable yet."""
    base_version: int
    """The server's version that this till knows; a ChangeOrder carries it."""
    receipt_number: str | None
    """The receipt of the close that closed it."""
    receipt_numbers: tuple[str, ...]
    """The receipts of all payments, oldest first: where two tills took money for it, there are two."""
    invoice_number: str | None
    unapplied_minor: int
    server_knows: bool
    discounts: tuple[DiscountRow, ...] = ()
    """What was taken off and can be put back, oldest first, that of lines before that of the whole."""
    last_round_ids: tuple[str, ...] = ()
    """The lines that were sent together last and still stand: what Repeat names."""
    is_merged: bool = False
    """Whether nothing of it was cancelled or paid here: all of it went to another order ..."""
    heir_id: str = ""
    """... and to which; empty where it was not merged."""

    @property
    def unsent_ids(self) -> tuple[str, ...]:
        """The lines that Send names: shown, owed for, and not sent to the kitchen."""
        return tuple(line.id for line in self.lines if line.stage is LineStage.NEW)

    @property
    def next_course_ids(self) -> tuple[str, ...]:
        """The lines that Fire names: the held ones of the lowest course."""
        held = [line for line in self.lines if line.stage is LineStage.HELD]
        first = min((line.course for line in held), default=0)
        return tuple(line.id for line in held if line.course == first)

    @property
    def owed_ids(self) -> tuple[str, ...]:
        """The lines that a close names: all that the guest owes for."""
        return tuple(line.id for line in self.lines if not line.voided)

    @property
    def is_open(self) -> bool:
        """Whether the guest can still order on it."""
        return self.state not in (OrderState.CLOSED, OrderState.REFUNDED, OrderState.VOIDED)


@dataclass(frozen=True, slots=True)
class TicketRow:
    """A ticket on the board, with this screen's queued marks folded in; `queued` says how many those are."""

    ticket: Ticket
    table_name: str
    queued: int
    orange_after_min: int
    red_after_min: int
    taken_over_by: str | None = None
    """The station whose boards show it besides its own's, whose screen or printer is down ..."""
    taken_over: tuple[str, str] = ("", "")
    """... and how both are called, its own first; empty where none has taken it over."""
    other_tables: tuple[str, ...] = ()
    """By item the table that it is for by now, empty where that is the ticket's; none at all where no item moved."""

    def is_at(self, station: str) -> bool:
        """Whether it stands on the boards of this station."""
        return station in (self.ticket.station, self.taken_over_by)


@dataclass(frozen=True, slots=True)
class OperationRow:
    """An operation in the sync panel. Times in ms since 1970; `behind_seq` is the operation that it waits for."""

    seq: int
    id: str
    what: str
    detail: str
    entity: str
    entity_id: str
    created_at_ms: int
    sends: int
    attempts: int
    status: Status
    reason: FailReason | None
    error: str
    not_before_ms: int
    behind_seq: int | None
    carries_money: bool
    is_settled: bool
    """Whether nothing more will come of it: it went, or a person decided, or the server's state stands instead."""
    choice: str = ""
    """What a person decided about it, as it was recorded."""
    moves_to: str = ""
    """The order on which its money can be counted, since its lines went there; in words."""
    parts: tuple[Part, ...] = ()
    """What of it a person may change, where it needs one."""
    is_paid: bool = False
    """Whether the guest has paid for its order: a bill waits behind it that says what was told."""
    body_sha256: str = ""
    """The hash of its bytes, where it needs a person: what is compared with the server's, and shows nobody's name."""

    @property
    def needs_person(self) -> bool:
        """Whether it and what follows it wait for somebody's decision."""
        return self.status is Status.FAILED and not self.is_settled

    @property
    def can_retry(self) -> bool:
        """Whether a person may let it go again."""
        return self.needs_person

    @property
    def can_fix(self) -> bool:
        """Whether a person may change something of it and let it go again."""
        return self.needs_person and bool(self.parts) and not self.has_strange_id

    @property
    def can_discard(self) -> bool:
        """Whether a person with the right may give it up: never with money in it."""
        return self.needs_person and not self.carries_money

    @property
    def can_resolve(self) -> bool:
        """Whether a person with the right may say what became of the money in it."""
        return self.needs_person and self.carries_money

    @property
    def has_strange_id(self) -> bool:
        """Whether the server has something else under its id: a fault of the program, which a manager ends."""
        return self.reason is FailReason.MISMATCH

    @property
    def may_have_happened(self) -> bool:
        """Whether the server has to be asked first, before it may be given up."""
        return self.reason is FailReason.EXHAUSTED

    @property
    def went_without(self) -> bool:
        """Whether the rest of it goes in its place, since a person took out a line that it asked for."""
        return self.reason is FailReason.DISCARDED and self.error == SENT_WITHOUT


@dataclass(frozen=True, slots=True)
class AlertRow:
    """Something that a person must know, in words."""

    id: int
    kind: str
    title: str
    detail: str
    entity: str
    raised_at_ms: int
    operation_id: str = ""
    """The operation that needs a decision, where the alert is about one that does."""
    again_id: str = ""
    """The operation that a conflict kept out, where it can be put on again."""
    money_id: str = ""
    """The operation whose money can be counted on another order, where its lines went ..."""
    moves_to: str = ""
    """... and that order, in words."""
    back_id: str = ""
    """The bill of which money waits for its guest, where it can be given back from here ..."""
    gives_back: str = ""
    """... and how much of it by which way, in words ..."""
    gives_cash: bool = False
    """... and whether a part of it is cash out of the drawer."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The sync panel's figures. `first_try_share` is between 0 and 1, None before anything was sent today."""

    waiting: int
    oldest_ms: int | None
    need_attention: int
    sent_today: int
    first_try_share: float | None
