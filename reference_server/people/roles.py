"""Who may call an endpoint: the sets of roles that the rows of the table state."""

from __future__ import annotations

from typing import Final

from shared.domain.menu import Role

Roles = frozenset[Role]

EVERYBODY: Final[Roles] = frozenset(Role)
"""Every enrolled device, whoever stands at it and also when nobody does: nobody has to be named."""
SALES: Final[Roles] = frozenset({Role.WAITER, Role.MANAGER, Role.OWNER, Role.ADMIN})
"""Who may open, change, send, close and void orders."""
LEADERS: Final[Roles] = frozenset({Role.MANAGER, Role.OWNER, Role.ADMIN})
"""Who may look at how the house and its devices are."""
OWNERS: Final[Roles] = frozenset({Role.OWNER, Role.ADMIN})
"""Who may act on devices."""
OPEN: Final = None
"""Strangers too: how the server is, and becoming known."""
