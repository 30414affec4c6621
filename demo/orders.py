"""An order of the plan through the real terminal: the very intentions that the screens make, with ids from the plan."""

from typing import Any

from demo.notes import Notes
from shared.domain.commands import AddLine, EditDraft, NewLine, PayCash, SendDraft
from shared.domain.menu import MenuItem, complete
from shared.domain.order import Channel, Modifier
from shared.ids import ItemId, LineId, OperationId, OrderId, StaffId, TableId, derived_id
from shared.terminal import LineStage, OrderView, Terminal

WHO = StaffId("joel")


class PlannedOrder:
    """One task's order. Rung up twice it is rung up once: all ids follow from the plan."""

    def __init__(self, terminal: Terminal, task: dict[str, Any], notes: Notes) -> None:
        self._terminal, self._task, self._notes = terminal, task, notes

    def item(self, sale: dict[str, Any]) -> MenuItem:
        """The dish of a sale. Raises KeyError when the menu does not have it."""
        item = self._terminal.menu.item(sale["item_id"])
        if item is None:
            raise KeyError(sale["item_id"])
        return item

    def meant(self) -> list[dict[str, Any]]:
        """What the guest asked for, priced by the menu and the records and not by the till's arithmetic."""
        return [
            {
                "item": sale["item_id"],
                "options": sorted(sale["option_ids"]),
                "quantity": sale["quantity"],
                "unitMinor": sale["unit_minor"] + sum(choice.price_minor for choice in self._modifiers(sale)),
            }
            for sale in self._task["sales"]
        ]

    def ring_up(self, order_id: str) -> set[str]:
        """Tap the lines into the draft and send them; gives the ids of the lines."""
        view = self._terminal.order(order_id)
        there = {line.id for line in view.lines} if view is not None else set()
        line_ids = []
        for place, sale in enumerate(self._task["sales"]):
            line_ids.append(LineId(derived_id(self._task["base"], f"line-{place}")))
            if line_ids[-1] not in there:
                self._add(order_id, line_ids[-1], sale)
        self._terminal.submit(
            SendDraft(
                id=OperationId(derived_id(self._task["base"], "send")),
                actor_id=WHO,
                at=self._terminal.at(),
                order_id=OrderId(order_id),
                line_ids=tuple(line_ids),
            )
        )
        return set(line_ids)

    def pay(self, view: OrderView, intent: str) -> None:
        """Take exact cash for what the view shows."""
        self._terminal.submit(
            PayCash(
                id=OperationId(intent),
                actor_id=WHO,
                at=self._terminal.at(),
                order_id=OrderId(view.id),
                line_ids=tuple(LineId(line_id) for line_id in view.owed_ids),
                total_minor=view.totals.total_minor,
                tendered_minor=view.totals.total_minor,
            )
        )

    def _add(self, order_id: str, line_id: LineId, sale: dict[str, Any]) -> None:
        bare = NewLine(
            id=line_id,
            item_id=ItemId(sale["item_id"]),
            quantity=sale["quantity"],
            price_minor=sale["unit_minor"],
            modifiers=self._modifiers(sale),
        )
        self._terminal.submit(
            EditDraft(
                id=OperationId(derived_id(line_id, "tap")),
                actor_id=WHO,
                at=self._terminal.at(),
                order_id=OrderId(order_id),
                table_id=TableId(self._task["table"]) if self._task["table"] else None,
                channel=Channel.DINE_IN if self._task["table"] else Channel.TAKEAWAY,
                changes=(AddLine(line=complete(bare, self._terminal.menu)),),
            )
        )

    def _modifiers(self, sale: dict[str, Any]) -> tuple[Modifier, ...]:
        wanted = sale["option_ids"]
        return tuple(
            Modifier(id=option.id, name=option.name, price_minor=option.price_minor)
            for group in self._terminal.menu.groups_of(self.item(sale))
            for option in group.options
            if option.id in wanted
        )


def saved_lines(view: OrderView | None, line_ids: set[str]) -> list[dict[str, Any]] | None:
    """The lines as the screen shows them, once it calls them all saved; None before."""
    if view is None or view.saving:
        return None
    lines = [line for line in view.lines if line.id in line_ids]
    if len(lines) < len(line_ids) or any(line.stage in (LineStage.NEW, LineStage.SAVING) for line in lines):
        return None
    return [
        {
            "id": line.id,
            "item": line.item_id,
            "options": sorted(choice.id for choice in line.modifiers),
            "quantity": line.quantity,
            "unitMinor": line.total_minor // line.quantity,
        }
        for line in lines
    ]
