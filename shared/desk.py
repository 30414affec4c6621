"""The sync panel's side of a terminal: what waits and why, what needs a person, and what that person decides."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial

from shared.business_time import device_day_start_ms
from shared.database import Connection, Writer
from shared.domain.alerts import CloseAlert
from shared.domain.commands import NewPayment
from shared.domain.fixing import Correction
from shared.domain.menu import Role, StaffMember
from shared.errors import EvertillError
from shared.ids import OperationId, StaffId
from shared.store import again, alerts, fixing, giving_back, house_alerts, mending, money_moved, outbox, panel
from shared.store.house import House
from shared.store.house_alerts import HouseAlerts
from shared.store.mending import Resolution
from shared.store.rows import AlertRow, Figures, OperationRow
from shared.store.taps import Teller
from shared.times import to_rfc3339

__all__ = ["HouseAlerts", "SyncDesk"]

log = logging.getLogger(__name__)

Decision = Callable[..., frozenset[str]]
"""What is written about an operation, in a transaction; returns the ids that changed."""

AskKnown = Callable[[str, Callable[[bool | None], None]], None]

MAY_DISCARD = frozenset({Role.MANAGER, Role.OWNER, Role.ADMIN})
"""Who may give up what a waiter was told is saved."""


MONEY_IS_A_MANAGERS = ("Only a manager can decide about money", "Ask a manager to log in here, or try it again.")


class SyncDesk:
    """All reads are for the terminal's one reading thread; a decision is written and announced by the writer's."""

    def __init__(
        self,
        reader: Connection,
        writer: Writer,
        *,
        house: House,
        teller: Teller,
        now_ms: Callable[[], int],
        changed: Callable[[frozenset[str]], None],
        refuse: Callable[[str, str], None],
        ask_known: AskKnown,
    ) -> None:
        """`teller` writes what is put on again, `now_ms` tells the server's time.

        `changed` hears the ids after a commit; `refuse` title and advice of a decision that could not be stored;
        `ask_known` asks the server whether it has done an operation.
        """
        self._reader, self._writer, self._house, self._now_ms = reader, writer, house, now_ms
        self._teller = teller
        self._changed, self._refuse = changed, refuse
        self._ask_known = ask_known

    def counts(self) -> tuple[int, int]:
        """How many operations wait, and how many things need a person."""
        return panel.counts(self._reader)

    def figures(self) -> Figures:
        """The sync panel's figures, of this business day."""
        start_ms = device_day_start_ms(self._now_ms(), self._house.known().business.timezone)
        return panel.figures(self._reader, day_start_ms=start_ms)

    def count(self, tab: str) -> int:
        """How many operations stand on a tab of the sync panel."""
        return panel.count(self._reader, tab)

    def operations(self, tab: str, *, limit: int = 200, offset: int = 0) -> tuple[OperationRow, ...]:
        """A page of the sync panel; `tab` is waiting, attention or sent."""
        known = self._house.known()
        return panel.operations(
            self._reader, tab, floor=known.floor, currency=known.business.currency, limit=limit, offset=offset
        )

    def held(self, operation_id: str) -> OperationRow | None:
        """An operation that needs a person; None when it was decided or went meanwhile."""
        known = self._house.known()
        return panel.held(self._reader, operation_id, floor=known.floor, currency=known.business.currency)

    def alerts(self) -> tuple[AlertRow, ...]:
        """What waits for somebody's choice."""
        known = self._house.known()
        return panel.open_alerts(self._reader, floor=known.floor, currency=known.business.currency)

    def settle_alert(self, alert_id: int, *, choice: str, actor_id: str) -> None:
        """Record what a person decided about an alert."""
        now_ms = self._now_ms()

        def record(tx: Connection) -> frozenset[str]:
            alerts.record_choice(tx, alert_id, choice=choice, actor_id=actor_id, now_ms=now_ms)
            return frozenset({"alerts"})

        self._decide(record)

    def house_alerts(self) -> HouseAlerts:
        """What the server tells managers, as it was last heard here."""
        return house_alerts.read(self._reader)

    def knows_pin(self, person: StaffMember) -> None:
        """This PIN was right. If it is a manager's, what the server tells managers is asked for in their name."""
        if person.role in MAY_DISCARD:
            self._decide(partial(house_alerts.ask_as, staff_id=person.id))

    def close_house_alert(self, alert_id: str, *, choice: str, new_id: str, actor_id: str) -> None:
        """Say what was done about what the server tells; `new_id` was made when its button was shown."""
        if not self.may_discard(actor_id):
            self._refuse("Only a manager can close this", "Ask a manager for a PIN.")
            return
        now_ms = self._now_ms()
        command = CloseAlert(
            id=OperationId(new_id),
            actor_id=StaffId(actor_id),
            at=to_rfc3339(now_ms),
            alert_id=alert_id,
            choice=choice,
        )

        def close(tx: Connection) -> frozenset[str]:
            outbox.append(tx, command, now_ms=now_ms)
            return frozenset({"alerts"})

        self._decide(close)

    def may_discard(self, actor_id: str) -> bool:
        """Whether this person may give an operation up."""
        person = self._house.known().staff.member(actor_id)
        return person is not None and person.active and person.role in MAY_DISCARD

    def retry(self, operation_id: str, *, new_id: str, actor_id: str) -> None:
        """Let a refused operation go again; `new_id` was made when its button was shown.

        One whose id the server has for something else goes only by the hand of somebody who may discard it, too.
        """
        if mending.has_strange_id(self._reader, operation_id) and not self._may_end(operation_id, actor_id):
            self._refuse("Only a manager can decide about this", "Export the diagnostics, and ask a manager to log in.")
            return
        retry = partial(
            mending.retry, operation_id=operation_id, new_id=new_id, actor_id=actor_id, now_ms=self._now_ms()
        )
        self._decide(partial(_or_say_that_it_went, retry, new_id))

    def discard(self, operation_id: str, *, actor_id: str) -> None:
        """Give a refused operation up, for somebody who may; a mark of the kitchen everybody may who stands there."""
        if not self._may_end(operation_id, actor_id):
            self._refuse("Only a manager can discard this", "Ask a manager to log in here, or try it again.")
            return
        discard = partial(mending.discard, operation_id=operation_id, actor_id=actor_id, now_ms=self._now_ms())
        self._when_it_did_not_happen(operation_id, actor_id, partial(_or_say_that_it_went, discard, ""))

    def resolve(self, operation_id: str, *, resolution: Resolution, actor_id: str) -> None:
        """Record what became of money that the server does not take, for somebody who may."""
        if not self.may_discard(actor_id):
            self._refuse(*MONEY_IS_A_MANAGERS)
            return
        resolve = partial(
            mending.resolve,
            operation_id=operation_id,
            resolution=resolution,
            actor_id=actor_id,
            now_ms=self._now_ms(),
        )
        self._when_it_did_not_happen(operation_id, actor_id, partial(_or_say_that_it_went, resolve, ""))

    def move_money(self, operation_id: str, *, new_id: str, actor_id: str) -> None:
        """Count the money of a bill on the order where its lines are by now, for somebody who may.

        `new_id` was made when its button was shown.
        """
        if not self.may_discard(actor_id):
            self._refuse(*MONEY_IS_A_MANAGERS)
            return
        move = partial(
            money_moved.move,
            operation_id=operation_id,
            new_id=new_id,
            actor_id=actor_id,
            at=to_rfc3339(self._now_ms()),
            teller=self._teller,
            now_ms=self._now_ms(),
        )
        self._when_it_did_not_happen(operation_id, actor_id, move)

    def owed_on(self, order_id: str) -> str:
        """What of an order's money waits for its guest, and the way back; empty where nothing does."""
        found = giving_back.on_order(self._reader, order_id)
        return "" if found is None else panel.back_words(found, self._house.known().business.currency)

    def give_back(self, *, bill_id: str = "", order_id: str = "", new_id: str, actor_id: str) -> None:
        """Give back what waits of a bill, or of an order, for somebody who may; `new_id` came with its button."""
        if not self.may_discard(actor_id):
            self._refuse(*MONEY_IS_A_MANAGERS)
            return
        now_ms = self._now_ms()
        told = {"new_id": new_id, "actor_id": actor_id, "at": to_rfc3339(now_ms), "teller": self._teller}
        give = partial(giving_back.give_back, bill_id=bill_id, order_id=order_id, now_ms=now_ms, **told)  # type: ignore[arg-type]
        self._decide(give)

    def fix(self, operation_id: str, *, parts: Sequence[Correction], new_id: str, actor_id: str) -> None:
        """Let a refused operation go again with these parts changed or taken out.

        `new_id` was made when its button was shown. What was paid is changed by somebody who may decide about money.
        """
        if any(isinstance(part, NewPayment) for part in parts) and not self.may_discard(actor_id):
            self._refuse(*MONEY_IS_A_MANAGERS)
            return
        fix = partial(
            fixing.fix,
            operation_id=operation_id,
            parts=parts,
            new_id=new_id,
            actor_id=actor_id,
            teller=self._teller,
            now_ms=self._now_ms(),
        )
        self._when_it_did_not_happen(operation_id, actor_id, partial(_or_say_that_it_went, fix, new_id))

    def _may_end(self, operation_id: str, actor_id: str) -> bool:
        return self.may_discard(actor_id) or mending.is_mark(self._reader, operation_id)

    def _when_it_did_not_happen(self, operation_id: str, actor_id: str, end: Decision) -> None:
        """End an operation; where it may have happened, the server is asked first."""
        if mending.may_have_happened(self._reader, operation_id):
            own = partial(mending.retry, operation_id=operation_id, new_id="", actor_id=actor_id, now_ms=self._now_ms())
            self._ask_known(operation_id, partial(self._told, own, end))
        else:
            self._decide(end)

    def _told(self, own: Decision, end: Decision, is_known: bool | None) -> None:
        """The server said whether it has it. What it has goes once more under its own id, and so is settled."""
        if is_known is None:
            self._refuse("The server can't be asked now", "It may have happened. Decide when the server is back.")
        elif is_known:
            self._decide(own)
            self._refuse("The server has done this after all", "Nothing was changed. The list shows it as sent.")
        else:
            self._decide(partial(end, is_unknown=True))

    def put_on_again(self, operation_id: str, *, new_id: str, actor_id: str) -> None:
        """Put on again what a conflict kept out; `new_id` was made when its button was shown."""
        now_ms = self._now_ms()
        self._decide(
            partial(
                again.put_on_again,
                operation_id=operation_id,
                new_id=new_id,
                actor_id=actor_id,
                at=to_rfc3339(now_ms),
                teller=self._teller,
                now_ms=now_ms,
            )
        )

    def _decide(self, work: Decision) -> None:
        self._writer.submit(work).add_done_callback(self._decided)

    def _decided(self, future: Future[frozenset[str]]) -> None:
        """In the writer's thread, after the commit."""
        error = future.exception()
        if error is None:
            self._changed(future.result())
        elif isinstance(error, EvertillError):
            self._refuse(error.title, error.advice)
        else:
            log.error("a decision could not be saved", exc_info=error)
            self._refuse("This was not saved", "The program met a fault of its own. Try again, or ask for help.")


def _or_say_that_it_went(decide: Decision, new_id: str, tx: Connection, **more: object) -> frozenset[str]:
    """Raises NotMendable where nobody's decision is wanted any more: who still saw the sheet believes that it counted.

    `new_id` is that of what goes instead: where it is there already, this is the second tap on one button.
    """
    changed = decide(tx, **more)
    if not changed and not (new_id and outbox.knows(tx, new_id)):
        raise mending.NotMendable("decided meanwhile")
    return changed
