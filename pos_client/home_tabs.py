"""The tabs at the top of home and of what stands beside it: tables, orders, the shift."""

from typing import Final

from shared.qt.widgets import Tab, TabRow

FLOOR: Final = "tables"
ORDERS: Final = "orders"
SHIFT: Final = "shift"


def show_home_tabs(row: TabRow, current: str, *, orders: int) -> None:
    """The three tabs, with the count of open orders."""
    count = str(orders) if orders else ""
    row.set_tabs([Tab(FLOOR, "Tables"), Tab(ORDERS, "Orders", count), Tab(SHIFT, "Shift")], current=current)
