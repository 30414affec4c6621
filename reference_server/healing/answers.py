"""What `/sync/known` and `/sync/heal` answer: each a transaction of its own that may be repeated and broken off."""

from __future__ import annotations

from typing import Final, NamedTuple

from reference_server.asked import read
from reference_server.deps import Deps
from reference_server.exchange import Fact, Happened, Problem, Response
from reference_server.healing import history, redo
from reference_server.storage import changes, healing, histories
from reference_server.storage.devices import Device, DeviceKind
from reference_server.storage.healing import Healing
from reference_server.storage.seam import Connection
from shared.errors import BadSettings
from shared.ids import is_ulid
from shared.wire.healing import HealAnswer, HealRequest, KnownAnswer, KnownRequest, Phase

#: No server loses so many changes at once; a larger number would use up the numbers that there are.
MOST_LOST: Final = 10**9


class Step(NamedTuple):
    """Where the healing has come to, and what came back on the way there."""

    now: Healing
    came_back: tuple[Happened, ...] = ()


class Gone(NamedTuple):
    """The same, for a person."""

    standing: HealAnswer
    came_back: tuple[Happened, ...] = ()


def known(tx: Connection, deps: Deps, body: bytes) -> Response:
    """`POST /sync/known`: which of these ids are done here, and which only reported."""
    asked = read(KnownRequest, body)
    history.refuse_others(tx, asked.history)
    found = {one: deps.operations.find(tx, one) for one in asked.ids}
    done = {one: row.verdict for one, row in found.items() if row is not None}
    kept = healing.kept(tx, (one for one in asked.ids if one not in done))
    reported = tuple(one for one in asked.ids if one in kept)
    return Response(200, KnownAnswer(known=done, reported=reported).to_json())


def heal(tx: Connection, deps: Deps, *, device: Device, body: bytes) -> Response:
    """`POST /sync/heal`: take a page of a device's report, or do the next step, and say where the healing stands."""
    if device.kind is DeviceKind.SCRIPT:
        raise Problem(403, "Only tills and kitchen screens can report what a server lost.")
    asked = read(HealRequest, body)
    history.refuse_others(tx, asked.history)
    now = _opened(tx, deps, device=device, asked=asked)
    if now is None:
        return _told(tx, Healing("", Phase.NONE), device)
    for operation in asked.operations:
        if not 200 <= operation.status < 300:
            raise Problem(422, "Only operations that were accepted can be reported.")
        if deps.operations.find(tx, operation.id) is None:
            seen = operation.revision or ""
            made_it = seen.endswith(f"-{operation.id}")
            healing.keep(tx, operation, device=device.id, revision=_revision(tx, seen), made_it=made_it)
    for order_id, version in asked.base_versions.items():
        healing.keep_version(tx, order_id, version)
    if asked.is_whole and not healing.has_reported(tx, device.id):
        if now.phase is Phase.DONE and redo.is_more_to_do(tx):
            redo.look_through(
                tx, deps, by=now.name
            )  # of an earlier late report that is half done: this one begins anew
        healing.reported(tx, device.id, seen=_revision(tx, asked.seen), now_ms=deps.clock.now_ms())
        if now.phase is Phase.DONE:
            _begin_late(tx, deps, now)
    step = advanced(tx, deps, now)
    return _told(tx, step.now, device)._replace(happened=step.came_back)


def standing(tx: Connection) -> HealAnswer:
    """Where the healing stands, for a person."""
    now = healing.current(tx) or Healing("", Phase.NONE)
    waiting = healing.awaited(tx) if now.phase is Phase.REPORTING else ()
    return HealAnswer(healing=now.name, phase=now.phase, is_reported=False, waiting_for=waiting)


def go(tx: Connection, deps: Deps) -> Gone:
    """A manager says go: do again what was reported, and wait for no other device. One step, like any report."""
    now = healing.current(tx)
    if now is None:
        return Gone(standing(tx))
    step = advanced(tx, deps, _begun(tx, deps, now) if now.phase is Phase.REPORTING else now)
    return Gone(standing(tx), step.came_back)


def end(tx: Connection, deps: Deps) -> str:
    """A manager says that nothing was lost. Returns the name of the device that began it, which begins anew.

    What was reported is forgotten here; the devices have it still. Raises where there is nothing to end.
    """
    now, began = healing.current(tx), healing.beginning(tx)
    if now is None or now.phase is not Phase.REPORTING or began is None:
        raise BadSettings(
            "" if now is None else f"The last healing stands at {now.phase}.",
            title="No healing waits for devices",
            advice="There is nothing to end. What is being done again already can't be stopped.",
        )
    _nobody_waits(tx, now)
    healing.reported(tx, began.device, seen=_revision(tx, began.seen), now_ms=deps.clock.now_ms())
    return began.name


def take_over(tx: Connection, *, history: str) -> None:
    """Go on with the history of a server whose file is lost. Raises where this one has done anything of its own."""
    if changes.head_revision(tx) and histories.name(tx) != history:
        raise BadSettings(
            f"Its own history is {histories.name(tx)}, and it has orders.", title="This server has a history of its own"
        )
    histories.take_over(tx, history)


def advanced(tx: Connection, deps: Deps, now: Healing) -> Step:
    """One step further, if there is one to go."""
    if now.phase is Phase.REPORTING:
        return Step(now if healing.awaited(tx) else _begun(tx, deps, now))
    if now.phase is Phase.APPLYING:
        came_back = redo.step(tx, deps)
        if came_back is not None:
            return Step(now, came_back)
        redo.finish(tx, deps, by=now.name)
        healing.go_to(tx, Phase.DONE)
        return Step(Healing(now.name, Phase.DONE))
    return _late(tx, deps, now) if now.phase is Phase.DONE else Step(now)


def _late(tx: Connection, deps: Deps, now: Healing) -> Step:
    """What a device reported after the healing, in steps too: the others work on between them.

    For the one that asks it is still being done again. The last step looks through what all of them made; who asks when
    nothing was left to do, as with each page of a report, has nothing looked through.
    """
    came_back = redo.step(tx, deps)
    if came_back is None:
        return Step(now)
    if redo.is_more_to_do(tx):
        return Step(Healing(now.name, Phase.APPLYING), came_back)
    redo.finish(tx, deps, by=now.name)
    return Step(now, came_back)


def _begin_late(tx: Connection, deps: Deps, now: Healing) -> None:
    """A late report is whole: begin with it, and where it has nothing that is lacking here it is through at once."""
    redo.begin(tx, deps, by=now.name)
    if not redo.is_more_to_do(tx):
        redo.finish(tx, deps, by=now.name)


def _begun(tx: Connection, deps: Deps, now: Healing) -> Healing:
    redo.begin(tx, deps, by=now.name)
    healing.go_to(tx, Phase.APPLYING)
    return Healing(now.name, Phase.APPLYING)


def _opened(tx: Connection, deps: Deps, *, device: Device, asked: HealRequest) -> Healing | None:
    """The healing that this report belongs to. A new one begins only if this server lacks what the device has seen.

    After one is done a device that was awaited reports late, and one that never fetched anew still has to; a loss that
    is noticed by any other device is a new one. So is what a device saw after its report: the copy that was put back
    holds that report, and not what came of it.
    """
    now = healing.current(tx)
    saw_more = healing.has_reported(tx, device.id) and _revision(tx, asked.seen) > healing.seen_by(tx, device.id)
    if now is not None and now.phase is not Phase.DONE:
        if saw_more:
            healing.await_again(tx, device.id)
        return now
    if not asked.seen or changes.revision_of(tx, asked.seen) is not None:
        return now
    if now is not None and healing.is_awaited(tx, device.id):
        return now
    if now is not None and healing.has_reported(tx, device.id) and asked.healed != now.name and not saw_more:
        return now
    is_plausible = _is_plausible(tx, asked.seen)
    if now is not None and not is_plausible:
        return now
    begun = healing.begin(tx, name=deps.ulids.new(), by=device.id, seen=asked.seen, now_ms=deps.clock.now_ms())
    return begun if is_plausible else _nobody_waits(tx, begun)


def _nobody_waits(tx: Connection, now: Healing) -> Healing:
    """It is over for all before it began: whoever comes is healed alone, as if late."""
    healing.forget_reports(tx)
    healing.go_to(tx, Phase.DONE)
    return Healing(now.name, Phase.DONE)


def _is_plausible(tx: Connection, seen: str) -> bool:
    """Whether this server may have given such a cursor and lost it; else something is wrong with the device alone."""
    revision, _, operation_id = seen.partition("-")
    return is_ulid(operation_id) and 0 < _number(revision) <= changes.head_revision(tx) + MOST_LOST


def _told(tx: Connection, now: Healing, device: Device) -> Response:
    waiting = healing.awaited(tx) if now.phase is Phase.REPORTING else ()
    is_reported = now.phase is not Phase.NONE and healing.has_reported(tx, device.id)
    told = HealAnswer(healing=now.name, phase=now.phase, is_reported=is_reported, waiting_for=waiting)
    return Response(200, told.to_json(), facts=(Fact("healing", now.phase.value),))


def _revision(tx: Connection, seen: str) -> int:
    """The revision of a cursor; 0 of one that no server of ours gave."""
    return _number(seen.partition("-")[0]) if _is_plausible(tx, seen) else 0


def _number(digits: str) -> int:
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 18 else 0
