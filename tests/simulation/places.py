"""What those who note and check what people do need of any world: its devices, its loop, and its names in a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

from shared.database import Connection
from shared.domain.by_gateway import PayByGateway
from shared.domain.commands import Intent
from shared.domain.model import Model
from shared.store.scenes import AuthorOf
from tests.contract.house import Row
from tests.simulation.network import Road
from tests.simulation.virtual_time import VirtualLoop

T = TypeVar("T")
M = TypeVar("M", bound=Model)


class Till(Protocol):
    """A device in somebody's hands. A tap is durable when it returns; CommandRejected is what its screen refused."""

    @property
    def takes_cards(self) -> bool:
        """Whether guests pay by card here."""
        ...

    @property
    def road(self) -> Road:
        """Its way to the server."""
        ...

    @property
    def author_of(self) -> AuthorOf:
        """Who a person is on this device."""
        ...

    def tap(self, intent: Intent) -> None:
        """Press a button."""
        ...

    def pay_by_card(self, intent: PayByGateway) -> None:
        """Ask the guest for it."""
        ...

    def cancel_card(self, payment_id: str, *, actor_id: str) -> None:
        """Stop asking."""
        ...

    def read(self, work: Callable[[Connection], T]) -> T:
        """Look into its file."""
        ...


class Place(Protocol):
    """A world in which there are such devices."""

    @property
    def seed(self) -> int:
        """What chance grows from."""
        ...

    @property
    def loop(self) -> VirtualLoop:
        """Its time."""
        ...

    @property
    def ids(self) -> Row:
        """Its names."""
        ...

    @property
    def devices(self) -> Mapping[str, Till]:
        """By name; those of tills begin with *till*."""
        ...

    def _made(self, kind: type[M], **fields: object) -> M: ...
