"""Pure: the intentions that carry lines from one order to another."""

from typing import Annotated, Literal

from pydantic import Field

from shared.domain.command import OrderCommand
from shared.domain.model import (
    MAX_LINES,
    MAX_NUMBER_CHARS,
    AChangeId,
    ALineId,
    AnOrderId,
    ATableId,
    Guests,
    Request,
)

LineIds = Annotated[tuple[ALineId, ...], Field(min_length=1, max_length=MAX_LINES)]


class TransferLines(Request):
    """Carry these lines to another open order; they keep their ids, and their tickets follow them.

    Money that was taken stays where it was taken.
    """

    type: Literal["transferLines"] = "transferLines"
    id: AChangeId
    line_ids: LineIds
    to_order_id: AnOrderId


class MergeOrder(OrderCommand):
    """Carry all that stands on an order to its heir. What comes late for the order is done there.

    It names the lines that its screen showed, by which a till knows what depends on it; what came meanwhile goes too.
    """

    into_order_id: AnOrderId
    line_ids: Annotated[tuple[ALineId, ...], Field(max_length=MAX_LINES)]


class SplitOrder(OrderCommand):
    """Carry these lines to a new order, which it opens under the id and number that the till gave it.

    Without a table the new order is at the old one's. It takes no guests along that it does not name.
    """

    base_version: Annotated[int, Field(ge=0)]
    new_order_id: AnOrderId
    line_ids: LineIds
    number: Annotated[str, Field(min_length=1, max_length=MAX_NUMBER_CHARS)] | None = None
    table_id: ATableId | None = None
    guests: Guests = 0
