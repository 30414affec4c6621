"""A line that two tills seat, and a send behind the second: what a conflict has to take along."""

from __future__ import annotations

import shutil
from pathlib import Path

from shared.domain.commands import AddLine, ChangeOrder, CreateOrder, NewLine, SendDraft, SetSeat
from shared.domain.menu import complete
from shared.ids import ChangeId, LineId
from shared.terminal import Terminal
from tests.simulation.devices import Code
from tests.simulation.lane_promises import broken_in_lanes
from tests.simulation.premises import Premises, furnish
from tests.unit.domain.restaurant import MENU, ulid

ORDER, LINE = ulid(900_001), LineId(ulid(900_002))


def broken_by_a_conflict(seed: int, folder: Path, *, code: Code | None = None) -> list[str]:
    """Till 2 seats a line that till 1 seats at the same time, and sends it; the seed says to which seat."""
    furnished = furnish(folder.with_name("furniture"))
    shutil.copytree(folder.with_name("furniture"), folder)
    premises = Premises(folder, code or Code())
    premises.open(furnished)
    first, second = (premises.devices[name] for name in ("till-1", "till-2"))
    bare = NewLine(id=LINE, item_id=MENU.items[0].id, quantity=1)
    _change(first.terminal, AddLine(line=complete(bare, MENU)), is_new=True)
    premises.wait(10)
    second.road.is_cut = True
    for device, seat in ((first, 1), (second, 2 + seed)):
        _change(device.terminal, SetSeat(id=ChangeId(device.terminal.new_id()), line_id=LINE, seat=seat))
    said = {"id": second.terminal.new_id(), "actor_id": "ann", "at": second.terminal.at(), "order_id": ORDER}
    second.terminal.submit(SendDraft.model_validate({**said, "line_ids": (LINE,)}))
    premises.wait(10)
    drained = premises.calm_down()
    premises.close()
    return [*broken_in_lanes(folder), *([] if drained else ["something waits for ever"])]


def _change(terminal: Terminal, change: AddLine | SetSeat, *, is_new: bool = False) -> None:
    said = {"actor_id": "ann", "at": terminal.at(), "order_id": ORDER}
    if is_new:
        opened = {"id": terminal.new_id(), "number": "A-1", "table_id": "table-1"}
        terminal.submit(CreateOrder.model_validate({**said, **opened}))
    view = terminal.order(ORDER)
    base = 0 if view is None else view.base_version
    terminal.submit(
        ChangeOrder.model_validate({**said, "id": terminal.new_id(), "base_version": base, "changes": (change,)})
    )
