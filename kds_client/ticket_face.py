"""Pure: what a ticket says to the cook: its words, its items with what is special about them, and its next step."""

import re
from dataclasses import dataclass
from datetime import tzinfo
from enum import StrEnum
from typing import Final, assert_never

from kds_client.ages import MINUTE_MS, AgeFace, age_face, clock_text
from shared.domain.ticket import Stage, Ticket, TicketItem
from shared.terminal import TicketRow
from shared.times import from_rfc3339

_ALLERGY: Final = re.compile(r"allerg", re.IGNORECASE)


class Step(StrEnum):
    """What the ticket's button does next."""

    START = "start"
    READY = "ready"
    BUMP = "bump"


class ItemState(StrEnum):
    """How an item stands on its ticket."""

    TO_COOK = "to cook"
    DONE = "done"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class ItemFace:
    """One item as it is read. `allergies` are framed, `details` are modifiers and other notes."""

    line_id: str
    quantity: str
    name: str
    details: str
    allergies: tuple[str, ...]
    state: ItemState


@dataclass(frozen=True, slots=True)
class TicketFace:
    """A ticket as it is read. `round` and `line_ids` are what a mark made from this face names."""

    id: str
    table: str
    order: str
    paper: str
    items: tuple[ItemFace, ...]
    step: Step
    status: Stage
    round: int
    line_ids: tuple[str, ...]
    is_voided: bool
    queued: int
    sent_at_ms: int
    orange_after_min: int
    red_after_min: int
    priority: int
    """How urgent somebody said that it is, 0 for like all others."""
    taken_over: str
    """Whose it is and which station's boards show it too, in words; empty for most."""

    @property
    def urgent(self) -> str:
        """That it goes before the others, in words; empty where it does not."""
        return ("", "Urgent", "Urgent, first of all")[self.priority]

    def age(self, now_ms: int) -> AgeFace:
        """What its clock shows at this moment of the server's time."""
        return age_face(
            sent_at_ms=self.sent_at_ms,
            now_ms=now_ms,
            orange_after_min=self.orange_after_min,
            red_after_min=self.red_after_min,
        )

    def is_late(self, now_ms: int) -> bool:
        """Whether its state is red at this moment of the server's time."""
        return now_ms - self.sent_at_ms >= self.red_after_min * MINUTE_MS

    def turn(self, now_ms: int) -> tuple[int, bool, int, str]:
        """Which comes first at this moment: the urgent ones, then the late ones, then the oldest."""
        return -self.priority, not self.is_late(now_ms), self.sent_at_ms, self.id


def face_of(row: TicketRow, *, zone: tzinfo) -> TicketFace:
    """Turn a row of the board into words; the paper's time is the wall clock's of the business."""
    ticket = row.ticket
    others = row.other_tables or ("",) * len(ticket.items)
    paper = ""
    if ticket.paper_at is not None:
        paper = f"On paper since {clock_text(from_rfc3339(ticket.paper_at), zone)}, check"
    return TicketFace(
        id=ticket.id,
        table=table_words(row.table_name),
        order=" · ".join(part for part in (_number(ticket.order_number), ticket.waiter_name) if part),
        paper=paper,
        items=tuple(_item(item, other) for item, other in zip(ticket.items, others, strict=True)),
        step=next_step(ticket),
        status=ticket.status,
        round=ticket.round,
        line_ids=tuple(item.line_id for item in ticket.items),
        is_voided=ticket.is_voided,
        queued=row.queued,
        sent_at_ms=from_rfc3339(ticket.sent_at),
        orange_after_min=row.orange_after_min,
        red_after_min=row.red_after_min,
        priority=ticket.priority,
        taken_over="{}, also on {}".format(*row.taken_over) if row.taken_over[0] else "",
    )


def next_step(ticket: Ticket) -> Step:
    """What the button offers. A ticket of which nothing is left to cook can only be put away."""
    if ticket.is_voided:
        return Step.BUMP
    match ticket.status:
        case Stage.QUEUED:
            return Step.START
        case Stage.IN_PROGRESS:
            return Step.READY
        case Stage.READY | Stage.BUMPED:
            return Step.BUMP
        case _:
            assert_never(ticket.status)


def table_words(name: str) -> str:
    """`T12` for a table that people call by a bare number, else its own name."""
    return f"T{name}" if name.isdigit() else name


def items_in_short(ticket: Ticket) -> str:
    """The items on one line, for lists: `2 Steak Tacos, 1 Burger`."""
    return ", ".join(f"{item.quantity} {item.name}" for item in ticket.items if not item.voided)


def _number(text: str) -> str:
    return f"#{text}" if text else ""


def _item(item: TicketItem, other_table: str) -> ItemFace:
    moved = (f"now for {table_words(other_table)} {_number(item.on.order_number)}",) if item.on is not None else ()
    said = (*moved, *item.modifiers, *((item.note,) if item.note else ()))
    state = ItemState.VOID if item.voided else ItemState.DONE if item.done else ItemState.TO_COOK
    return ItemFace(
        line_id=item.line_id,
        quantity=str(item.quantity),
        name=item.name,
        details=" · ".join(words for words in said if not _ALLERGY.search(words)),
        allergies=tuple(words for words in said if _ALLERGY.search(words)),
        state=state,
    )
