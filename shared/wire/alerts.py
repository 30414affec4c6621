"""Pure: where a manager sees what the server's alerts are, and how a page of them looks."""

from __future__ import annotations

from typing import Final

from shared.domain.alerts import HouseAlert
from shared.domain.model import Model

ALERTS: Final = "/alerts"


class AlertPage(Model):
    """Alerts, the oldest first. `cursor` is that of the last one: what is told with it is behind that."""

    alerts: tuple[HouseAlert, ...]
    cursor: str
    server_time: str
    has_more: bool = False
    open: int
    """How many wait for somebody, on this page or not."""
