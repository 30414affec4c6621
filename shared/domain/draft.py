"""Pure: the draft, which is what a till has tapped and not sent: durable, but no order of the house yet."""

from typing import assert_never

from pydantic import Field

from shared.domain.commands import (
    AddLine,
    DraftChange,
    EditDraft,
    MoveTable,
    NewLine,
    RemoveLine,
    SetGuests,
    SetNote,
    SetQuantity,
    SetSeat,
)
from shared.domain.lines import TOO_MANY_LINES, line_from
from shared.domain.model import MAX_LINES, AnOrderId, ATableId, Guests, Model
from shared.domain.order import Channel, Stamp
from shared.domain.rejections import CommandRejected, Refusal

MAX_APPLIED = 2_000
"""How many edits of one draft are remembered, so that the same tap is never in twice; older ones are settled taps."""


class Draft(Model):
    """Lines tapped on a till for one order. `is_new` says that the order itself exists only here."""

    order_id: AnOrderId
    number: str
    is_new: bool = True
    table_id: ATableId | None = None
    channel: Channel = Channel.DINE_IN
    guests: Guests = 0
    lines: tuple[NewLine, ...] = Field(default=(), max_length=MAX_LINES)
    applied: tuple[str, ...] = ()

    def line(self, line_id: str) -> NewLine | None:
        """The line with this id."""
        return next((line for line in self.lines if line.id == line_id), None)


def edit(draft: Draft, command: EditDraft) -> Draft:
    """The draft after a tap; the same object when the tap is in already. Raises CommandRejected when it can't be."""
    if command.id in draft.applied:
        return draft
    edited = draft
    for change in command.changes:
        edited = _apply_one(edited, change)
    if len(edited.lines) > MAX_LINES:
        raise CommandRejected(Refusal.INVALID, TOO_MANY_LINES)
    return edited.model_copy(update={"applied": (*edited.applied, command.id)[-MAX_APPLIED:]})


def without(draft: Draft, line_ids: frozenset[str]) -> Draft:
    """The draft after these lines were sent: what was not on that screen stays."""
    return draft.model_copy(
        update={
            "lines": tuple(line for line in draft.lines if line.id not in line_ids),
            "is_new": False,
        }
    )


def _apply_one(draft: Draft, change: DraftChange) -> Draft:
    match change:
        case AddLine():
            if draft.line(change.line.id) is not None:
                return draft
            line_from(change.line, Stamp())  # refuses a line that no screen could show and no bill count
            return draft.model_copy(update={"lines": (*draft.lines, change.line)})
        case SetQuantity():
            return _with_line(draft, change.line_id, {"quantity": change.quantity})
        case SetNote():
            return _with_line(draft, change.line_id, {"note": change.note})
        case SetSeat():
            return _with_line(draft, change.line_id, {"seat": change.seat})
        case RemoveLine():
            return draft.model_copy(update={"lines": tuple(line for line in draft.lines if line.id != change.line_id)})
        case MoveTable():
            _require_new(draft)
            return draft.model_copy(update={"table_id": change.table_id})
        case SetGuests():
            _require_new(draft)
            return draft.model_copy(update={"guests": change.guests})
        case _:
            assert_never(change)


def _require_new(draft: Draft) -> None:
    """Table and guests of an order that the house knows are changed by a command of its own, not in a draft."""
    if not draft.is_new:
        raise CommandRejected(Refusal.INVALID, "This order is open already: change its table or guests directly.")


def _with_line(draft: Draft, line_id: str, update: dict[str, object]) -> Draft:
    if draft.line(line_id) is None:
        raise CommandRejected(Refusal.INVALID, "This line was sent or removed meanwhile.")
    lines = tuple(line.model_copy(update=update) if line.id == line_id else line for line in draft.lines)
    return draft.model_copy(update={"lines": lines})
