"""Doing again what was lost: in the order of the old revisions, without stale checks, with the numbers of the answers.

A first answer shows the whole order or ticket as it was then. Where nothing else happened to it here since, it is taken
from there, with what devices did that never report; else the command is applied anew.
"""

from __future__ import annotations

from pydantic_core import from_json

from reference_server.alerts import answered
from reference_server.area import Wish
from reference_server.deps import Deps
from reference_server.effect import Alert, Effect
from reference_server.exchange import Happened
from reference_server.healing import astray, halves, held, told
from reference_server.healing.reasons import as_called_here, keep_true
from reference_server.orders import receipts
from reference_server.orders.in_shift import with_shift
from reference_server.payments import adopting, refunding
from reference_server.storage import (
    alerts,
    catalogue,
    changes,
    devices,
    entities,
    healing,
    numbers,
    receipt_links,
    shifts,
    used_ids,
)
from reference_server.storage.changes import Entity
from reference_server.storage.operations import OperationRow
from reference_server.storage.seam import Connection
from reference_server.writes import AREAS
from shared.domain.alerts import CloseAlert
from shared.domain.commands import ChangeOrder, Operation
from shared.domain.lines import Author
from shared.domain.order import Order
from shared.domain.payment_intent import OpenIntent
from shared.domain.rejections import CommandRejected
from shared.domain.ticket import Ticket
from shared.domain.versioned import Versioned
from shared.ids import OperationId
from shared.wire.fingerprint import fingerprint
from shared.wire.healing import Retained
from shared.wire.requests import BadRequest, decode, entity_of, kind_of, shape_of


def begin(tx: Connection, deps: Deps, *, by: str) -> None:
    """Make the next revision higher than any that a device has ever seen, so that no old cursor can fit by chance."""
    revision = max(changes.head_revision(tx), healing.highest_seen(tx)) + 1
    now_ms = deps.clock.now_ms()
    changes.append(tx, revision=revision, entity=Entity.ORDER, entity_id="", by=OperationId(by), at_ms=now_ms)


def step(tx: Connection, deps: Deps) -> tuple[Happened, ...] | None:
    """Do the next operations again and name those that came back; None when nothing was left to do."""
    rows = healing.next_to_do(tx, limit=deps.limits.healing_step)
    came_back = []
    for device, body in rows:
        lost = Retained.model_validate_json(body)
        if deps.operations.find(tx, lost.id) is None:
            effect = _redo(tx, deps, lost, device=device)
            if effect is not None:
                came_back.append(_came_back(tx, lost, effect, device=device))
        healing.drop(tx, lost.id)
    return tuple(came_back) if rows else None


def is_more_to_do(tx: Connection) -> bool:
    """Whether anything waits to be done again by a device whose report is whole."""
    return bool(healing.next_to_do(tx, limit=1))


def finish(tx: Connection, deps: Deps, *, by: str) -> None:
    """Look through what was done again, and let no waiting change be of a version that this server never had.

    Its order counts at least as far. Before all is done again that would be too early: what is done later would find
    its order further than it was told.
    """
    look_through(tx, deps, by=by)
    behind = []
    for order_id, version in healing.take_versions(tx):
        order = entities.order(tx, order_id)
        if order is not None and order.version < version:
            behind.append(order.model_copy(update={"version": version}))
    entities.store(tx, behind, by=OperationId(by), at_ms=deps.clock.now_ms())


def look_through(tx: Connection, deps: Deps, *, by: str) -> None:
    """Tell a person what is wrong with what was done again so far.

    Of invoice numbers that nobody has reported: the guest may hold one all the same. So of lines that went from one
    order to another and are on none now, or on both. What a late device has put right is closed.
    """
    now_ms = deps.clock.now_ms()
    holes = [
        Alert(
            "invoice_hole",
            "",
            f"Invoice {hole} is missing since the server was restored. It was given to a bill whose answer no till got,"
            " or by a till that has not come yet.",
        )
        for hole in numbers.holes(tx)
    ]
    keep_true(tx, holes, waiting=alerts.waiting(tx, kind="invoice_hole"), by=by, now_ms=now_ms)
    astray.tell(tx, by=by, now_ms=now_ms)


def _came_back(tx: Connection, lost: Retained, effect: Effect, *, device: str) -> Happened:
    """Which operation it was, in what a person finds it by: the order's number and its invoice, and who brought it."""
    entity = effect.primary
    about = {"deviceId": device, "kind": lost.kind, "entityId": entity.id, "operationId": lost.id}
    known = devices.by_id(tx, device)
    if known is not None:
        about["device"] = known.name
    if isinstance(entity, Order):
        about["order"] = entity.number
    if isinstance(entity, Ticket):
        about["order"] = entity.order_number
    if isinstance(entity, Order) and entity.invoice_number is not None:
        about["invoice"] = entity.invoice_number
    return Happened("done again", about)


def _redo(tx: Connection, deps: Deps, lost: Retained, *, device: str) -> Effect | None:
    """Its effect, its revisions, its row and its first answer, like any write; of a misfit a person is told."""
    now_ms = deps.clock.now_ms()
    command = _read(lost)
    if command is None:
        words = (
            f"A device reported {lost.method} {lost.path[:200]} ({lost.kind}), which this server can't read."
            " It was done before the server was restored, and could not be done again: look at it."
        )
        alerts.raise_alert(tx, Alert("healing", "", words), by=lost.id, at_ms=now_ms)
        return None
    entity_id = entity_of(command)
    shown = told.shown(lost, entity_id)
    wish = as_called_here(tx, command, lost.answer) if isinstance(command, CloseAlert) else command
    effect: Effect | None = None
    adopting.prove(tx, shown, device=device)
    try:
        if isinstance(wish, OpenIntent):
            effect = adopting.effect(tx, wish, lost.answer.encode(), device=device)
        elif wish is not None:
            effect = _effect(tx, deps, wish, device=device, shown=shown, now_ms=now_ms)
            effect = receipts.with_receipt(tx, wish, effect, now_ms=now_ms)
    except CommandRejected as error:
        words = f"{error.message} It was done before the server was restored, and could not be done again: look at it."
        alerts.raise_alert(tx, Alert("healing", entity_id, words), by=lost.id, at_ms=now_ms)
    _record(tx, deps, lost, effect=effect, entity_id=entity_id, device=device, now_ms=now_ms)
    if effect is not None:
        answered.by_refund(tx, effect, actor_id=command.actor_id, at_ms=now_ms)
    return effect


def _read(lost: Retained) -> Operation | None:
    """What was wished; None if this server can't read it, or if it is of a kind that only newer programs know."""
    found = shape_of(lost.kind)
    if found is None or found[1].method != lost.method:
        return None
    try:
        return decode(found[0], operation_id=lost.id, path=lost.path, body=lost.body.encode())
    except BadRequest:
        return None


def _effect(
    tx: Connection, deps: Deps, command: Operation, *, device: str, shown: tuple[Order | Ticket, ...], now_ms: int
) -> Effect:
    """What it changes. Only reads; raises CommandRejected when it does not fit what is here."""
    area = AREAS[kind_of(command)]
    restaurant = deps.catalogue.now(tx)
    entity = area.load(tx, command)
    person = restaurant.people.get(command.actor_id)
    author = Author(device, "" if person is None else person.name, restaurant.business.prices_include_tax)
    if shown and told.fits_all(tx, command, shown):
        effect = told.with_surplus(tx, told.effect(tx, command, shown, now_ms=now_ms), restaurant)
        effect = halves.completed(tx, command, effect, author=author)
        order = entity if isinstance(entity, Order) else None
        effect = with_shift(tx, restaurant, command=command, before=order, effect=effect, author=author)
        return held.numbered(tx, effect, shown)
    half = halves.done(tx, command, entity, author=author, shown=shown) if isinstance(entity, Order) else None
    if half is not None:
        return held.numbered(tx, _up_to(half, shown), shown)
    if isinstance(command, ChangeOrder) and entity is not None:
        command = command.model_copy(update={"base_version": entity.version})
    effect = area.decide(tx, deps, Wish(command, entity, author, restaurant, now_ms))
    if isinstance(entity, Order):
        effect = effect._replace(changed=(*effect.changed, *halves.sent(tx, entity, command)))
    return held.numbered(tx, _up_to(effect, shown), shown)


def _up_to(effect: Effect, shown: tuple[Versioned, ...]) -> Effect:
    """The effect with versions that are not below those which its first answer showed."""
    versions = {one.id: one.version for one in shown}

    def raised(one: Versioned) -> Versioned:
        version = max(one.version, versions.get(one.id, 0))
        return one if version == one.version else one.model_copy(update={"version": version})

    return held.with_changed(effect, tuple(raised(one) for one in effect.changed))


def _record(
    tx: Connection, deps: Deps, lost: Retained, *, effect: Effect | None, entity_id: str, device: str, now_ms: int
) -> None:
    """Write the effect, its revisions, the operation under its old verdict and its first answer."""
    changed = () if effect is None else effect.changed
    if effect is not None:
        numbers.store(tx, effect, at_ms=now_ms)
        refunding.keep_all(tx, effect, now_ms=now_ms)
        if effect.receipt is not None:
            receipt_links.put(tx, effect.receipt, at_ms=now_ms)
        catalogue.put_items(tx, {item.id: item for item in effect.items}, now_ms=now_ms)
    for alert in () if effect is None else effect.alerts:
        alerts.raise_alert(tx, alert, by=lost.id, at_ms=now_ms)
    if effect is not None:
        shifts.book(tx, effect.booked, effect.ended, at_ms=now_ms)
        used_ids.use(tx, effect.used, order_id=effect.used_by or effect.primary.id)
    cursor, _ = entities.store(tx, changed, by=lost.id, at_ms=now_ms)
    row = OperationRow(
        key=lost.id,
        operation_id=lost.id,
        revision=changes.revision_by(cursor, lost.id),
        device=device,
        kind=lost.kind,
        path=lost.path,
        entity_id=entity_id,
        fingerprint=fingerprint(lost.method, lost.path, from_json(lost.body)),
        verdict=lost.status,
        conflict=None,
    )
    deps.operations.keep(tx, row, answer=lost.answer.encode(), now_ms=now_ms)
