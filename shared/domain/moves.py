"""Pure: the intentions that carry lines from one order to another."""

from typing import Annotated, Literal

from pydantic import Field

from shared.domain.model import MAX_LINES, AChangeId, ALineId, AnOrderId, Request

LineIds = Annotated[tuple[ALineId, ...], Field(min_length=1, max_length=MAX_LINES)]


class TransferLines(Request):
    """Carry these lines to another open order; they keep their ids, and their tickets follow them.

    Money that was taken stays where it was taken.
    """

    type: Literal["transferLines"] = "transferLines"
    id: AChangeId
    line_ids: LineIds
    to_order_id: AnOrderId
