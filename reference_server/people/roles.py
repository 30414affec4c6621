"""Who may call an endpoint: the sets of roles that the rows of the table state, and the stance of an area."""

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

#: What an area's reads and its writes take where a row does not say otherwise.
_OF_AREA: Final[dict[str, tuple[Roles, Roles]]] = {
    "auth": (EVERYBODY, EVERYBODY),
    "batch": (EVERYBODY, EVERYBODY),
    "catalogue": (EVERYBODY, LEADERS),
    "devices": (LEADERS, OWNERS),
    "healing": (EVERYBODY, EVERYBODY),
    "kitchen": (EVERYBODY, EVERYBODY),
    "operations": (LEADERS, OWNERS),
    "orders": (EVERYBODY, SALES),
    "payments": (SALES, SALES),
    "push": (EVERYBODY, EVERYBODY),
    "shifts": (SALES, SALES),
}


def of_area(area: str, *, is_write: bool) -> Roles | None:
    """The stance of an area towards who has none of its own; None for an area that nobody has thought about."""
    stance = _OF_AREA.get(area)
    return None if stance is None else stance[is_write]
