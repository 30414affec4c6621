"""Pure: the cook's intentions: each has its id from the moment its button is shown, and becomes one mark."""

from collections.abc import Callable, Iterable
from typing import Final, assert_never

from kds_client.ticket_face import Step, TicketFace
from shared.domain.commands import TicketOperation
from shared.domain.marks import BumpTicket, ReadyItem, ReadyTicket, RecallTicket, SeenTicket, StartTicket
from shared.domain.menu import Role, StaffList
from shared.domain.ticket import Ticket
from shared.ids import LineId, OperationId, StaffId, TicketId

Key = tuple[str, int, str]
"""A ticket, its round, and what is intended with it."""

_ITEM: Final = "item:"
_RECALL: Final = "recall"
_SEEN: Final = "seen"


class Marks:
    """Makes marks with ids that are older than the press.

    An id is made when its button is first shown and kept while the button is, so that a button pressed twice, or once
    more after a disk that was full, is the same intention and one operation.
    """

    def __init__(self, *, new_id: Callable[[], str], at: Callable[[], str], actor: Callable[[], str]) -> None:
        """`at` gives the moment as a command carries it, `actor` the id of the person who marks."""
        self._new_id = new_id
        self._at = at
        self._actor = actor
        self._ids: dict[Key, str] = {}

    def show(self, faces: Iterable[TicketFace], *, recallable: Iterable[Ticket] = ()) -> None:
        """Make ids for what is shown now and was not before; forget those of what is not shown any more."""
        wanted: list[Key] = [(ticket.id, ticket.round, _RECALL) for ticket in recallable]
        for face in faces:
            names = (face.step, Step.BUMP, _SEEN, *(_ITEM + item.line_id for item in face.items))
            wanted += [(face.id, face.round, name) for name in names]
        known = self._ids
        self._ids = {key: known[key] if key in known else self._new_id() for key in dict.fromkeys(wanted)}

    def step(self, face: TicketFace, step: Step) -> TicketOperation:
        """The mark of a ticket's button: it names the round and the lines that the screen shows."""
        kind: type[StartTicket | ReadyTicket | BumpTicket]
        match step:
            case Step.START:
                kind = StartTicket
            case Step.READY:
                kind = ReadyTicket
            case Step.BUMP:
                kind = BumpTicket
            case _:
                assert_never(step)
        return kind(
            id=self._id((face.id, face.round, step)),
            actor_id=StaffId(self._actor()),
            at=self._at(),
            ticket_id=TicketId(face.id),
            round=face.round,
            line_ids=_lines(face.line_ids),
        )

    def item(self, face: TicketFace, line_id: str) -> ReadyItem:
        """One line of a ticket is done."""
        return ReadyItem(
            id=self._id((face.id, face.round, _ITEM + line_id)),
            actor_id=StaffId(self._actor()),
            at=self._at(),
            ticket_id=TicketId(face.id),
            round=face.round,
            line_ids=_lines(face.line_ids),
            line_id=LineId(line_id),
        )

    def seen(self, face: TicketFace) -> SeenTicket:
        """A kitchen screen has painted the ticket."""
        return SeenTicket(
            id=self._id((face.id, face.round, _SEEN)),
            actor_id=StaffId(self._actor()),
            at=self._at(),
            ticket_id=TicketId(face.id),
            round=face.round,
            line_ids=_lines(face.line_ids),
        )

    def recall(self, ticket: Ticket) -> RecallTicket:
        """A ticket that left the board comes back as ready."""
        return RecallTicket(
            id=self._id((ticket.id, ticket.round, _RECALL)),
            actor_id=StaffId(self._actor()),
            at=self._at(),
            ticket_id=ticket.id,
            round=ticket.round,
            line_ids=tuple(item.line_id for item in ticket.items),
        )

    def _id(self, key: Key) -> OperationId:
        if key not in self._ids:
            self._ids[key] = self._new_id()
        return OperationId(self._ids[key])


def kitchen_actor(staff: StaffList, *, device_id: str) -> str:
    """Who marks on a screen where nobody logs in: the first chef who works here, else the first person who does.

    The device itself when nobody is known, which is before the first connection, when there are no tickets either.
    """
    working = [person for person in staff.staff if person.active]
    chefs = [person for person in working if person.role is Role.CHEF]
    return next((person.id for person in (*chefs, *working)), StaffId(device_id))


def _lines(ids: Iterable[str]) -> tuple[LineId, ...]:
    return tuple(LineId(one) for one in ids)
