"""Logging in by PIN on the device itself: checked against the stored verifier, with a pause after wrong tries."""

from dataclasses import dataclass
from typing import Final

from shared.domain.menu import StaffMember
from shared.pins import pin_matches

TRIES: Final = 5
PAUSE_S: Final = 60.0
"""After five wrong PINs for one person the till waits a minute: 10,000 PINs then take more than a day."""


@dataclass(frozen=True, slots=True)
class LoginRefused:
    """Why somebody could not log in, in words."""

    message: str


class PinDesk:
    """Counts wrong tries by person. Used by one thread at a time; a restart of the program forgets the counts."""

    def __init__(self) -> None:
        self._wrong: dict[str, int] = {}
        self._closed_until_s: dict[str, float] = {}

    def check(self, person: StaffMember | None, pin: str, now_s: float) -> StaffMember | LoginRefused:
        """The person, when the PIN is right. `now_s` is a monotonic moment."""
        if person is None or not person.active:
            return LoginRefused("This person can't log in here. Ask a manager.")
        left_s = self._closed_until_s.get(person.id, now_s) - now_s
        if left_s > 0:
            return LoginRefused(f"Too many wrong PINs. Try again in {int(left_s) + 1} seconds.")
        if pin_matches(person.pin_verifier, pin):
            self._wrong.pop(person.id, None)
            return person
        wrong = self._wrong.get(person.id, 0) + 1
        self._wrong[person.id] = wrong
        if wrong >= TRIES:
            self._wrong[person.id] = 0
            self._closed_until_s[person.id] = now_s + PAUSE_S
            return LoginRefused(f"Too many wrong PINs. Try again in {int(PAUSE_S)} seconds.")
        return LoginRefused("Wrong PIN. Try again.")
