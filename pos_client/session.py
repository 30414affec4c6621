"""Who works at this till now, and how the intentions of its buttons get their ids."""

from shared.domain.menu import StaffMember
from shared.ids import OperationId, StaffId
from shared.terminal import RefusedTap, Terminal


class Session:
    """The person at the till. Forgotten when the program ends; what they did carries their id."""

    def __init__(self) -> None:
        self.person: StaffMember | None = None
        self.last_id: str = ""
        self.unsaved: tuple[RefusedTap, ...] = ()
        """What was not saved and nobody has seen yet, on whichever screen it was tapped."""

    @property
    def is_locked(self) -> bool:
        """Whether nobody is at the till: then nothing is decided, since it would stand under the last one's name."""
        return self.person is None

    @property
    def actor_id(self) -> StaffId:
        """The id that every intention of this person carries."""
        return StaffId(self.person.id if self.person is not None else self.last_id)

    def log_in(self, person: StaffMember) -> None:
        """From here on it is this person."""
        self.person, self.last_id = person, person.id

    def log_out(self) -> None:
        """Nobody is at the till; the last one is asked for first."""
        self.person = None


class Intention:
    """The id behind a button, made when the button is shown: however often it is pressed, it is one intention.

    `about` is what the screen showed (lines, total). Only when that changes is it another intention.
    """

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._about: object = None
        self._id = OperationId(terminal.new_id())

    def shown(self, about: object) -> None:
        """The button stands for this now."""
        if about != self._about:
            self._about = about
            self._id = OperationId(self._terminal.new_id())

    @property
    def id(self) -> OperationId:
        """The id to submit."""
        return self._id
