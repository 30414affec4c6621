"""Pure: what the server tells a person, until somebody says what was done about it."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import StringConstraints

from shared.domain.model import AStaffId, Model, Moment, Reason
from shared.domain.rejections import CommandRejected, Refusal
from shared.domain.shift_commands import HouseCommand
from shared.ids import StaffId

ALERT_PATTERN: Final = r"^[1-9][0-9]{0,17}-[0-7][0-9A-HJKMNP-TV-Z]{25}$"

AnAlertId = Annotated[str, StringConstraints(pattern=ALERT_PATTERN)]
"""Its number, then the operation that raised it: a server that was put back to an old copy gives the number again."""


ABOUT_MONEY: Final = frozenset({"surplus", "late_unapplied", "refund_refused", "on_no_bill"})
"""The kinds that ask for money of an order to be given back; they are answered by that being done."""


class CloseAlert(HouseCommand):
    """Say what was done about an alert."""

    alert_id: AnAlertId
    choice: Reason


class HouseAlert(Model):
    """A sentence for a person, about an order, a shift or the server itself. `kind` is for programs."""

    id: AnAlertId
    kind: str
    entity_id: str = ""
    message: str
    raised_at: Moment
    choice: str | None = None
    """What was done about it; None while it waits for somebody."""
    chosen_by: AStaffId | None = None
    """Who did it; None also where its reason went away by itself."""
    chosen_at: Moment | None = None

    @property
    def version(self) -> int:
        """It is closed once."""
        return 1 if self.choice is None else 2


def closed(alert: HouseAlert, command: CloseAlert, *, by_name: str = "") -> HouseAlert:
    """The alert with what was done. Raises CommandRejected where somebody did something already: it is done once.

    `by_name` is how people call who did. The refusal says what it was about: whoever reads it decided somewhere else.
    """
    if alert.choice is not None:
        who = by_name or alert.chosen_by
        first = "This is over already" if who is None else f"{who} has done something about this already"
        said = f"{first}: {alert.choice.rstrip('.')}."
        raise CommandRejected(Refusal.INVALID_STATE_TRANSITION, f"{said} It was about: {alert.message}")
    done = {"choice": command.choice, "chosen_by": StaffId(command.actor_id), "chosen_at": command.at}
    return alert.model_copy(update=done)
