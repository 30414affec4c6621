"""What this device knows of the house: menu, floor, people, business; read from its file, and again after a change."""

import threading
from dataclasses import dataclass

from shared.database import Connection
from shared.domain.approvals import Judge
from shared.domain.lines import Author
from shared.domain.menu import Business, Floor, Menu, Role, StaffList
from shared.store import catalog


@dataclass(frozen=True, slots=True)
class Known:
    """One reading of the catalogue, whole."""

    menu: Menu
    floor: Floor
    staff: StaffList
    business: Business


class House:
    """The catalogue in memory, for any thread. It has a reader of its own, so that nobody waits for a page."""

    def __init__(self, reader: Connection, *, device_id: str) -> None:
        """Takes over `reader`, a connection that only reads."""
        self._reader = reader
        self._device_id = device_id
        self._door = threading.Lock()
        self._known: Known | None = None

    def known(self) -> Known:
        """What is stored now; read from disk once after each `forget`."""
        with self._door:
            if self._known is None:
                self._known = Known(
                    catalog.menu(self._reader),
                    catalog.floor(self._reader),
                    catalog.staff(self._reader),
                    catalog.business(self._reader),
                )
            return self._known

    def forget(self) -> None:
        """The stored catalogue changed: read it again when it is next asked for."""
        with self._door:
            self._known = None

    def author_of(self, staff_id: str) -> Author:
        """Who a person of this device is to the rules; a nameless one when the list does not have the person."""
        known = self.known()
        person = known.staff.member(staff_id)
        return Author(
            device_id=self._device_id,
            actor_name="" if person is None else person.name,
            prices_include_tax=known.business.prices_include_tax,
        )

    def judge(self) -> Judge:
        """By what this device judges who may do alone what its people want."""
        known = self.known()

        def role_of(staff_id: str) -> Role | None:
            person = known.staff.member(staff_id)
            return None if person is None or not person.active else person.role

        return Judge(role_of, known.business)

    def close(self) -> None:
        """Close the reader."""
        self._reader.close()
