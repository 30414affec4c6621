"""Pure: paying by card or mobile money at a till: when that may be asked for, and the bill that is closed by it."""

from shared.domain.bill import Method
from shared.domain.commands import CloseOrder, NewPayment
from shared.domain.intents import Scene, check_owed
from shared.domain.lines import Author
from shared.domain.model import AnOperationId, AnOrderId, AStaffId, Minor, Model, Moment
from shared.domain.payment_intent import OpenIntent, PaymentIntent
from shared.domain.rejections import CommandRejected, Refusal
from shared.ids import LineId, OperationId, PaymentId, derived_id


class PayByGateway(Model):
    """Ask the guest for what the screen showed, by card or mobile money; when that is approved, close with it."""

    id: AnOperationId
    actor_id: AStaffId
    at: Moment
    order_id: AnOrderId
    line_ids: tuple[LineId, ...]
    total_minor: Minor
    method: Method
    tip_minor: Minor = 0

    @property
    def payment_id(self) -> PaymentId:
        """The ULID of the payment: its intent's, its key, and the gateway's."""
        return PaymentId(derived_id(self.id, "payment"))

    @property
    def close_id(self) -> OperationId:
        """The ULID of the close that it ends with."""
        return OperationId(derived_id(self.id, "close"))


def wish_of(intent: PayByGateway, scene: Scene, *, author: Author, is_synced: bool) -> OpenIntent:
    """What the server is asked for. Raises CommandRejected, with the words in which the screen offers cash instead.

    `is_synced`: the server has this order as the screen shows it.
    """
    drafted = set() if scene.draft is None else {line.id for line in scene.draft.lines}
    if drafted.intersection(intent.line_ids):
        raise CommandRejected(Refusal.INVALID, "Some lines are not sent yet. Send them, or take cash.")
    if not is_synced or scene.order is None:
        raise CommandRejected(
            Refusal.INVALID, "The server does not have all of this order yet. Take cash, or wait until it has."
        )
    check_owed(intent.line_ids, intent.total_minor, scene, author=author)
    return OpenIntent(
        id=OperationId(intent.payment_id),
        actor_id=intent.actor_id,
        at=intent.at,
        intent_id=intent.payment_id,
        order_id=intent.order_id,
        method=intent.method,
        amount=intent.total_minor,
        tip=intent.tip_minor,
    )


def close_by(intent: PayByGateway, approved: PaymentIntent, *, at: str, receipt_number: str | None) -> CloseOrder:
    """The close of the bill that was on the screen, with what was charged: a fact, whatever became of the order."""
    payment = NewPayment(
        id=intent.payment_id,
        method=intent.method,
        amount=approved.amount_minor,
        tendered=approved.charge_minor,
        tip=approved.tip_minor,
        taken_at=at,
        reference=approved.reference or None,
    )
    return CloseOrder(
        id=intent.close_id,
        actor_id=intent.actor_id,
        at=at,
        order_id=intent.order_id,
        line_ids=intent.line_ids,
        total_minor=intent.total_minor,
        payments=(payment,),
        receipt_number=receipt_number,
    )
