"""Pure: what a person may change of a refused operation. All names inside stay, so that nothing can be done twice.

A part is what the operation says of one thing: a new line, the table, a payment. It is exchanged by its id; the order,
the lines that are named and all other ULIDs are those of the operation that was refused, and so are its lanes.
"""

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
)
from shared.domain.rejections import CommandRejected, Refusal
from shared.ids import ChangeId

Part = AddLine | MoveTable | NewPayment


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


def with_part(command: OrderOperation, part: Part) -> OrderOperation:
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
        case _:
            raise CommandRejected(Refusal.INVALID, "This is no part of what was refused.")


def _are_one(old: Change | NewPayment, new: Part) -> bool:
    return type(old) is type(new) and old.id == new.id
