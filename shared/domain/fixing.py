"""Pure: what a person may change of a refused operation. All names inside stay, so that nothing can be done twice.

A part is what the operation says of one thing: a new line, the table, a payment. It is exchanged by its id; the order,
the lines that are named and all other ULIDs are those of the operation that was refused, and so are its lanes. A new
line may be taken out instead: the rest goes without it, and so does what was tapped later.
"""

from collections.abc import Collection
from dataclasses import dataclass

from shared.domain.commands import (
    AddLine,
    Change,
    ChangeOrder,
    CloseOrder,
    CreateOrder,
    MoveTable,
    NewPayment,
    Operation,
    OrderOperation,
    SendToKitchen,
)
from shared.domain.moves import SplitOrder, TransferLines
from shared.domain.rejections import CommandRejected, Refusal
from shared.ids import ChangeId, LineId

Part = AddLine | MoveTable | NewPayment


@dataclass(frozen=True, slots=True)
class TakeOut:
    """Let the new line with this id be left out of what goes again."""

    id: ChangeId


Correction = Part | TakeOut
"""What a person says of one part."""


def parts_of(command: Operation) -> tuple[Part, ...]:
    """What may be changed of it; nothing of a mark, a send or a void, which are right or not."""
    match command:
        case CreateOrder():
            table = MoveTable(id=ChangeId(command.id), table_id=command.table_id)
            return (table, *(AddLine(line=line) for line in command.items))
        case ChangeOrder():
            return tuple(one for one in command.changes if isinstance(one, AddLine | MoveTable))
        case CloseOrder():
            return command.payments
        case _:
            return ()


def with_part(command: OrderOperation, part: Correction) -> OrderOperation:
    """The command with this part in the place of the one with its id. Raises CommandRejected when it has none such.

    A bill is never told to be more than the money that is in it: who takes less for it has told the guest less.
    """
    match command, part:
        case CreateOrder(), MoveTable() if str(part.id) == command.id:
            return command.model_copy(update={"table_id": part.table_id})
        case CreateOrder(), AddLine() if any(line.id == part.line.id for line in command.items):
            items = tuple(part.line if line.id == part.line.id else line for line in command.items)
            return command.model_copy(update={"items": items})
        case ChangeOrder(), AddLine() | MoveTable() if any(_are_one(one, part) for one in command.changes):
            changes = tuple(part if _are_one(one, part) else one for one in command.changes)
            return command.model_copy(update={"changes": changes})
        case CloseOrder(), NewPayment() if any(_are_one(one, part) for one in command.payments):
            payments = tuple(part if _are_one(one, part) else one for one in command.payments)
            told_minor = min(command.total_minor, sum(payment.amount for payment in payments))
            return command.model_copy(update={"payments": payments, "total_minor": told_minor})
        case _, TakeOut() if any(isinstance(one, AddLine) and one.id == part.id for one in parts_of(command)):
            less = without_lines(command, (part.id,))
            if less is None:
                raise CommandRejected(Refusal.INVALID, "Nothing would be left of it. Change the line, or discard it.")
            return less
        case _:
            raise CommandRejected(Refusal.INVALID, "This is no part of what was refused.")


def without_lines(command: OrderOperation, gone: Collection[str]) -> OrderOperation | None:
    """The command without these lines, which will never be there; the same object if it asks for none of them.

    None if nothing is left to ask for. A close, a void and a mark that all is served name the lines that a screen
    showed, and so they stay as they are: money that was taken for a line which is not there is reported by the server.
    """
    match command:
        case CreateOrder() if any(line.id in gone for line in command.items):
            return command.model_copy(update={"items": tuple(line for line in command.items if line.id not in gone)})
        case ChangeOrder():
            less = [_change_without(one, gone) for one in command.changes]
            if all(one is before for one, before in zip(less, command.changes, strict=True)):
                return command
            changes = tuple(one for one in less if one is not None)
            return command.model_copy(update={"changes": changes}) if changes else None
        case SendToKitchen() if not set(command.named_ids).isdisjoint(gone):
            sent = _left(command.line_ids, gone)
            held = _left(command.held_ids or (), gone) or None
            return command.model_copy(update={"line_ids": sent, "held_ids": held}) if sent else None
        case SplitOrder() if not set(command.line_ids).isdisjoint(gone):
            lines = _left(command.line_ids, gone)
            return command.model_copy(update={"line_ids": lines}) if lines else None
        case _:
            return command


def _change_without(change: Change, gone: Collection[str]) -> Change | None:
    match change:
        case AddLine():
            return None if change.line.id in gone else change
        case TransferLines() if not set(change.line_ids).isdisjoint(gone):
            lines = _left(change.line_ids, gone)
            return change.model_copy(update={"line_ids": lines}) if lines else None
        case _:
            return None if getattr(change, "line_id", None) in gone else change


def _left(line_ids: tuple[LineId, ...], gone: Collection[str]) -> tuple[LineId, ...]:
    return tuple(line_id for line_id in line_ids if line_id not in gone)


def _are_one(old: Change | NewPayment, new: Part) -> bool:
    return type(old) is type(new) and old.id == new.id
