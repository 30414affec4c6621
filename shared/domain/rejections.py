"""Pure: why the rules refuse a command, in words for a person and in the contract's terms for a program."""

from enum import StrEnum
from typing import Self

from shared.domain.order import Order
from shared.errors import EvertillError


class Refusal(StrEnum):
    """What kind of no it is; the server maps each to a status of the contract."""

    INVALID = "INVALID"
    """The command makes no sense, now or ever (422)."""
    NOT_FOUND = "NOT_FOUND"
    """It names something that does not exist here (404)."""
    FORBIDDEN = "FORBIDDEN"
    """This person or device may not do it (403)."""
    INVALID_STATE_TRANSITION = "INVALID_STATE_TRANSITION"
    """What it names has moved on (409, with the current state)."""
    STALE_WRITE = "STALE_WRITE"
    """Another device changed the same thing since (409, with the current state)."""
    NOT_YET = "NOT_YET"
    """It hangs on something that is still under way: the same asked later gets an answer for good (425)."""
    HISTORY_LOST = "HISTORY_LOST"
    """It is about a state of things that was never known here: whoever has seen it knows more than we (409)."""


def over(order: Order, then: str = ".") -> "CommandRejected":
    """Why nothing more can be done to an order; `then` is the end of the sentence, and what is to be said after it."""
    if order.merged_into is not None:
        message = f"Order {order.number} was merged into order {order.merged_into}{then}"
        return CommandRejected(Refusal.INVALID_STATE_TRANSITION, message, about=order.merged_into)
    message = f"Order {order.number} is {order.state.lower()}{then}"
    return CommandRejected(Refusal.INVALID_STATE_TRANSITION, message)


class CommandRejected(EvertillError):
    """The rules refuse a command. Nothing was changed and nothing stored."""

    title = "This can't be done"
    advice = "The order is unchanged. Look at it again and choose anew."

    def __init__(self, refusal: Refusal, message: str, *, about: str | None = None) -> None:
        """`about` is the id of another order that the message names: people know that by its number, see `naming`."""
        super().__init__(message, title=message)
        self.refusal = refusal
        self.message = message
        self.about = about

    def naming(self, number: str) -> Self:
        """The same refusal with the number of the order that it is about in place of its id."""
        return type(self)(self.refusal, self.message.replace(self.about or "", number))

    def __str__(self) -> str:
        return self.message
