"""The bundled gateway: plays what a real one does, by the last two digits of the amount, and keeps a ledger of it.

The ledger is a file of its own, since a real gateway remembers what it charged whatever becomes of our server.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from reference_server.gateway import Refunded, RefundRefused, RefundWord
from shared.clock import Clock
from shared.domain.bill import Method
from shared.domain.payment_intent import (
    EXPIRES_MS,
    Approved,
    Cleared,
    Declined,
    Kept,
    LastWord,
    NoWord,
    PaymentIntent,
    TakenBack,
    Unheard,
    Waiting,
    Word,
)

FILE_NAME: Final = "simulated-gateway.jsonl"

CONFIRMED_MS: Final = 3000
"""A guest needs so long to confirm on the phone."""
LATE_MS: Final = EXPIRES_MS + 30_000
"""And so long where the approval comes too late."""


class Play(StrEnum):
    """What happens to a charge."""

    APPROVE = "APPROVE"
    DECLINE = "DECLINE"
    LOSE_ANSWER = "LOSE_ANSWER"
    """It is charged, and the answer to it gets lost."""
    LOSE_REQUEST = "LOSE_REQUEST"
    """It gets lost on the way there."""
    CONFIRM = "CONFIRM"
    """The guest confirms after three seconds."""
    IGNORE = "IGNORE"
    """The guest never does."""
    LATE = "LATE"
    """The guest confirms when two minutes and a half are over; it can be voided."""
    LATE_KEPT = "LATE_KEPT"
    """The same, and it can't be voided any more."""


BY_AMOUNT: Final[Mapping[int, Play]] = {
    91: Play.DECLINE,
    92: Play.LOSE_ANSWER,
    93: Play.LOSE_REQUEST,
    94: Play.CONFIRM,
    95: Play.IGNORE,
    96: Play.LATE,
    97: Play.LATE_KEPT,
}
"""By what is charged, modulo 100. All else is approved: a card at once, mobile money when the guest confirmed it."""


class Kind(StrEnum):
    """Where a charge stands at the gateway."""

    WAITING = "WAITING"
    CHARGED = "CHARGED"
    DECLINED = "DECLINED"
    ENDED = "ENDED"
    VOIDED = "VOIDED"


@dataclass(slots=True)
class Entry:
    """What the gateway knows under one key. `charges` is how often the guest's account was charged: once at most."""

    kind: Kind
    play: Play
    amount_minor: int
    approves_at_ms: int = 0
    charges: int = 0
    refunds: dict[str, int] = field(default_factory=dict)

    @property
    def kept_minor(self) -> int:
        """What the gateway has of the guest's money for us: charged, not voided, less what was refunded."""
        charged = self.charges * self.amount_minor if self.kind is Kind.CHARGED else 0
        return charged - sum(self.refunds.values())


def by_amount(intent: PaymentIntent) -> Play:
    """What the amount asks for."""
    usual = Play.CONFIRM if intent.method is Method.MOBILE_MONEY else Play.APPROVE
    return BY_AMOUNT.get(intent.charge_minor % 100, usual)


class SimulatedGateway:
    """Charges nobody. `ledger` says what it would have done: that is what the books are held against."""

    def __init__(
        self,
        clock: Clock,
        *,
        file: Path | None = None,
        script: Callable[[PaymentIntent], Play] = by_amount,
        honours_keys: bool = True,
    ) -> None:
        """`file` keeps the ledger; without one it is gone with the process.

        `script` says what becomes of each charge. With `honours_keys` off it charges as often as it is told to, which
        no honest gateway does: by that a test sees that nobody tells it twice.
        """
        self._clock = clock
        self._file = file
        self._script = script
        self.honours_keys = honours_keys
        self._lock = threading.Lock()
        self._entries: dict[str, Entry] = {} if file is None else _read(file)

    def ledger(self) -> dict[str, Entry]:
        """Every charge by its key, as it stands now."""
        with self._lock:
            for key, entry in self._entries.items():
                self._confirm(key, entry)
            return dict(self._entries)

    def charge(self, intent: PaymentIntent, *, currency: str) -> Word:  # noqa: ARG002 - the seam's
        """See `gateway.Gateway`. The currency is taken as it comes."""
        with self._lock:
            entry = self._entries.get(intent.id)
            if entry is None:
                entry = self._begun(intent)
                if entry is None:
                    return NoWord()
            elif not self.honours_keys and entry.kind is Kind.CHARGED:
                entry.charges += 1
            self._keep(intent.id, entry)
            return NoWord() if entry.play is Play.LOSE_ANSWER else self._word(intent.id, entry)

    def state(self, intent_id: str) -> Word:
        """See `gateway.Gateway`."""
        with self._lock:
            entry = self._entries.get(intent_id)
            return Unheard() if entry is None else self._word(intent_id, entry)

    def end(self, intent_id: str) -> LastWord:
        """See `gateway.Gateway`."""
        with self._lock:
            entry = self._entries.setdefault(intent_id, Entry(Kind.ENDED, Play.DECLINE, 0))
            self._confirm(intent_id, entry)
            match entry.kind:
                case Kind.WAITING if entry.play in (Play.LATE, Play.LATE_KEPT):
                    return Waiting()  # the guest has it on the phone: it can't be called back
                case Kind.WAITING:
                    entry.kind = Kind.ENDED
                case Kind.CHARGED if entry.play is Play.LATE_KEPT or entry.refunds:
                    return Kept(_reference(intent_id))
                case Kind.CHARGED:
                    entry.kind = Kind.VOIDED
                case _:
                    pass
            self._keep(intent_id, entry)
            return TakenBack(_reference(intent_id)) if entry.kind is Kind.VOIDED else Cleared()

    def refund(self, intent_id: str, *, refund_id: str, amount_minor: int) -> RefundWord:
        """See `gateway.Gateway`."""
        with self._lock:
            entry = self._entries.get(intent_id)
            if entry is None or entry.kind is not Kind.CHARGED:
                return RefundRefused("Nothing was charged under this key.")
            known = entry.refunds.get(refund_id)
            if known is None:
                if amount_minor > entry.kept_minor:
                    return RefundRefused("That is more than is left of the charge.")
                entry.refunds[refund_id] = amount_minor
                self._keep(intent_id, entry)
            elif known != amount_minor:
                return RefundRefused("This refund was made with another amount.")
            return Refunded(_reference(refund_id))

    def _begun(self, intent: PaymentIntent) -> Entry | None:
        """A charge that is told for the first time; None where that got lost."""
        play = self._script(intent)
        entry = Entry(Kind.WAITING, play, intent.charge_minor)
        match play:
            case Play.LOSE_REQUEST:
                return None
            case Play.DECLINE:
                entry.kind = Kind.DECLINED
            case Play.APPROVE | Play.LOSE_ANSWER:
                entry.kind, entry.charges = Kind.CHARGED, 1
            case Play.CONFIRM:
                entry.approves_at_ms = self._clock.now_ms() + CONFIRMED_MS
            case Play.LATE | Play.LATE_KEPT:
                entry.approves_at_ms = self._clock.now_ms() + LATE_MS
            case Play.IGNORE:
                pass
        self._entries[intent.id] = entry
        return entry

    def _word(self, key: str, entry: Entry) -> Word:
        self._confirm(key, entry)
        match entry.kind:
            case Kind.CHARGED:
                return Approved(_reference(key))
            case Kind.WAITING:
                return Waiting()
            case Kind.DECLINED:
                return Declined("The card was declined.")
            case Kind.ENDED | Kind.VOIDED:
                return Declined("This payment was ended.")

    def _confirm(self, key: str, entry: Entry) -> None:
        """The guest confirms when the time has come."""
        if entry.kind is Kind.WAITING and 0 < entry.approves_at_ms <= self._clock.now_ms():
            entry.kind, entry.charges = Kind.CHARGED, 1
            self._keep(key, entry)

    def _keep(self, key: str, entry: Entry) -> None:
        """Write down how a key stands now; the last line of a key counts."""
        if self._file is None:
            return
        line = json.dumps({"key": key, **asdict(entry)}) + "\n"
        with self._file.open("a", encoding="utf-8") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())


def _read(file: Path) -> dict[str, Entry]:
    """The ledger of an earlier process. A last line that was cut off was never answered."""
    if not file.exists():
        return {}
    found: dict[str, Entry] = {}
    text = file.read_text(encoding="utf-8")
    if text and not text.endswith("\n"):
        with file.open("a", encoding="utf-8") as torn:
            torn.write("\n")
    for line in text.splitlines():
        try:
            fields = json.loads(line)
        except ValueError:
            continue
        key = fields.pop("key")
        found[key] = Entry(**{**fields, "kind": Kind(fields["kind"]), "play": Play(fields["play"])})
    return found


def _reference(key: str) -> str:
    return f"sim-{key}"
