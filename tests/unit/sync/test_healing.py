"""What a device tells a server that lost history: all of it, once, to one and the same healing; then it begins anew."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest
from pydantic_core import from_json

from shared.domain.order import Order
from shared.ids import OperationId, OrderId
from shared.store import entities
from shared.sync import healing, reads
from shared.sync.exchange import Exchange, TimedOut
from shared.sync.healing import Anew
from shared.sync.ledger import Ledger
from shared.sync.verdicts import OTHER_BRANCH, NoAnswer
from shared.wire.healing import HealAnswer, HealRequest, KnownAnswer, KnownRequest, Phase
from tests.unit.sync.fake_server import FakeServer
from tests.unit.sync.flights import AT, answer, ulid
from tests.unit.sync.night import Night

OWN, OTHER = ulid(700), ulid(701)


@dataclass
class Restored(FakeServer):
    """An empty copy was put back: it takes reports, does them again in `steps`, and lists one order a page."""

    steps: int = 1
    names: list[str] = field(default_factory=lambda: [ulid(600)])
    """The healing's name at each request, the last one from then on: another copy was put back between two."""
    known: dict[OperationId, int] = field(default_factory=dict)
    told: list[HealRequest] = field(default_factory=list)
    lists: list[tuple[int, bool, str]] = field(default_factory=list)
    """What its pages say: the place that the next one begins at, whether there is one, and the history's name."""
    read: int = 0
    stands: Phase | None = None
    """Where it says that it stands, whatever it is told."""

    @property
    def pieces(self) -> list[list[str]]:
        """The operations that it was told, request by request."""
        return [[one.id for one in request.operations] for request in self.told if request.operations]

    async def sync(self, name: str, body: bytes, *, seen: str | None = None) -> Exchange:
        if fault := self.read_fault(name):
            return fault
        told = {one for piece in self.pieces for one in piece}
        if name == "known":
            ids = KnownRequest.model_validate_json(body).ids
            known = {one: self.known[one] for one in ids if one in self.known}
            return answer(200, KnownAnswer(known=known, reported=tuple(one for one in ids if one in told)).to_json())
        self.told.append(HealRequest.model_validate_json(body))
        name = self.names.pop(0) if len(self.names) > 1 else self.names[0]
        if self.stands is not None:
            return answer(200, HealAnswer(healing=name, phase=self.stands, is_reported=False).to_json())
        if not any(one.is_whole for one in self.told):
            return answer(200, HealAnswer(healing=name, phase=Phase.REPORTING, is_reported=False).to_json())
        self.steps -= 1
        phase = Phase.APPLYING if self.steps > 0 else Phase.DONE
        return answer(200, HealAnswer(healing=name, phase=phase, is_reported=True).to_json())

    async def pull_orders(self, cursor: str | None, *, seen: str | None = None) -> Exchange:
        if not self.lists:
            return await super().pull_orders(cursor, seen=seen)
        self.read += 1
        place = int(cursor.partition("-")[0]) if cursor else 0
        following, has_more, history = self.lists[min(place, len(self.lists) - 1)]
        order = Order(id=OrderId(ulid(800 + place)), number=f"D-{place}", version=1, opened_at=AT)
        page = {"orders": [json.loads(order.to_json()), {}], "serverTime": "", "hasMore": has_more}
        return answer(200, {**page, "cursor": f"{following}-x" if following else "", "history": history})


@dataclass
class Rig:
    """A till that did two orders, of which the server has nothing any more."""

    night: Night
    server: Restored
    ledger: Ledger
    done: list[str]

    def heal(self) -> object:
        return self.night.loop.finish(healing.heal(self.server, self.ledger, is_till=True))


def after_an_evening(night: Night) -> Rig:
    for _ in range(2):
        night.order()
    night.run(10)
    night.stop()
    done = [str(one) for one in night.column("id")]
    assert night.column("status") == ["SUCCESS"] * len(done)
    ledger = Ledger(night.writer, night.clock)
    night.loop.finish(ledger.begin())
    return Rig(night, Restored(night.clock), ledger, done)


def test_all_that_was_accepted_is_told_in_its_order_and_then_that_it_was_all(tmp_path: Path) -> None:
    with Night(tmp_path) as night:
        rig = after_an_evening(night)
        assert isinstance(rig.heal(), Anew)
        assert rig.server.pieces == [rig.done]
        assert [one.is_whole for one in rig.server.told] == [False, False, True]


def test_each_request_names_history_and_last_healing_so_that_nobody_is_healed_twice(tmp_path: Path) -> None:
    with Night(tmp_path) as night:
        rig = after_an_evening(night)
        rig.ledger.history = OWN
        seen = rig.ledger.seen
        assert seen
        for said in ((OWN, None, seen), (OWN, ulid(600), "")):
            rig.server.told = []
            assert isinstance(rig.heal(), Anew)
            assert {(one.history, one.healed, one.seen) for one in rig.server.told} == {said}


def test_a_healing_that_is_over_without_this_report_is_not_begun_anew_on(tmp_path: Path) -> None:
    """What this till holds would be forgotten and be nowhere."""
    with Night(tmp_path) as night:
        rig = after_an_evening(night)
        rig.server.stands = Phase.DONE
        assert isinstance(rig.heal(), HealAnswer)
        rig.server.stands = None
        assert isinstance(rig.heal(), Anew)


def test_a_server_that_is_put_back_once_more_while_it_is_told_never_hears_that_this_was_all(tmp_path: Path) -> None:
    """The newer copy lacks the pieces that went before: it would do again the half that it heard."""
    with Night(tmp_path) as night:
        rig = after_an_evening(night)
        rig.server.names = [ulid(600), ulid(601)]
        assert isinstance(rig.heal(), NoAnswer)
        assert not any(one.is_whole for one in rig.server.told)

        assert isinstance(rig.heal(), Anew), "the next try tells the newer copy"


def test_what_the_server_has_or_was_told_before_is_not_told_again(tmp_path: Path) -> None:
    with Night(tmp_path) as night:
        rig = after_an_evening(night)
        rig.server.known = {OperationId(rig.done[0]): 201}
        rig.server.names = [ulid(600), ulid(601)]
        rig.heal()
        rig.heal()
        assert rig.server.pieces == [rig.done[1:]]


def test_a_report_that_was_whole_is_not_begun_again(tmp_path: Path) -> None:
    with Night(tmp_path) as night:
        rig = after_an_evening(night)
        rig.server.told = [HealRequest(is_whole=True)]
        assert isinstance(rig.heal(), Anew)
        assert rig.server.pieces == []


def test_a_server_that_says_by_now_that_it_lost_nothing_is_told_nothing(tmp_path: Path) -> None:
    with Night(tmp_path) as night:
        rig = after_an_evening(night)
        rig.server.stands = Phase.NONE
        assert isinstance(rig.heal(), HealAnswer)
        assert len(rig.server.told) == 1


def test_a_report_travels_in_pieces_that_a_server_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Night(tmp_path) as night:
        rig = after_an_evening(night)
        lengths = night.till.connection.execute("SELECT id, length(body) + length(first_answer) FROM operation")
        size = {str(operation_id): int(length) for operation_id, length in lengths}
        limit = size[rig.done[0]] + size[rig.done[1]]
        monkeypatch.setattr(healing, "PAGE_BYTES", limit)
        assert isinstance(rig.heal(), Anew)
        pieces = rig.server.pieces
        assert len(pieces) == len(rig.server.told) - 2, "no piece is empty"
        assert [one for piece in pieces for one in piece] == rig.done
        assert all(sum(size[one] for one in piece) <= limit or len(piece) == 1 for piece in pieces)
        assert all(sum(size[one] for one in (*piece, following[0])) > limit for piece, following in pairwise(pieces)), (
            "what fits goes along"
        )

        rig.server.told = []
        monkeypatch.setattr(healing, "PAGE_BYTES", 1)
        assert isinstance(rig.heal(), Anew)
        assert rig.server.pieces == [[one] for one in rig.done], "one alone goes however large it is"
        assert len(rig.server.told) == len(rig.done) + 2


def test_the_versions_on_which_waiting_changes_were_made_are_told_with_the_last_word(tmp_path: Path) -> None:
    """Without them the order would begin anew at a lower version, and the change be taken for newer than it is."""
    with Night(tmp_path) as night:
        order_id = night.order()
        night.run(10)
        night.server.up = False
        night.more(order_id)
        night.stop()
        waiting = "SELECT body FROM operation WHERE kind = 'change_order' AND status = 'PENDING'"
        version = from_json(night.till.connection.execute(waiting).get)["baseVersion"]
        assert version > 0
        ledger = Ledger(night.writer, night.clock)
        night.loop.finish(ledger.begin())
        server = Restored(night.clock)
        assert isinstance(night.loop.finish(healing.heal(server, ledger, is_till=True)), Anew)
        (whole,) = (one for one in server.told if one.is_whole)
        assert whole.base_versions == {order_id: version}


def test_a_server_that_is_doing_it_again_is_asked_until_it_is_through_but_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(healing, "MOST_STEPS", 20)
    with Night(tmp_path) as night:
        rig = after_an_evening(night)
        rig.server.steps = 500
        found = rig.heal()
        assert isinstance(found, HealAnswer)
        assert found.phase is Phase.APPLYING
        assert 400 < rig.server.steps < 500
        rig.server.steps = 10
        assert isinstance(rig.heal(), Anew)


def test_nothing_of_another_branch_is_put_in_the_place_of_what_is_here(tmp_path: Path) -> None:
    """It may come to answer under the name while everything is fetched."""
    with Night(tmp_path) as night:
        rig = after_an_evening(night)
        rig.ledger.history = OWN
        before = night.till.connection.execute("SELECT id FROM server_order ORDER BY id").fetchall()
        assert before
        rig.server.lists = [(1, True, OWN), (2, False, OTHER)]
        assert rig.heal() == OTHER_BRANCH
        assert night.till.connection.execute("SELECT id FROM server_order ORDER BY id").fetchall() == before

        rig.server.lists = [(1, True, OWN), (2, False, OWN)]
        assert isinstance(rig.heal(), Anew)


def test_a_page_that_leads_to_itself_is_read_once_more_and_no_more(tmp_path: Path) -> None:
    with Night(tmp_path) as night:
        rig = after_an_evening(night)
        rig.server.lists = [(1, True, ""), (1, True, "")]
        assert isinstance(rig.heal(), NoAnswer)
        assert rig.server.read == 2


def test_each_page_is_read_once_up_to_the_most_that_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reads, "MOST_WHOLE_PAGES", 4)
    with Night(tmp_path) as night:
        rig = after_an_evening(night)
        rig.server.lists = [(1, True, ""), (2, True, ""), (3, True, ""), (4, True, ""), (5, False, "")]
        assert isinstance(rig.heal(), NoAnswer), "the fifth would be the last"
        assert rig.server.read == 4
        rig.server.read, rig.server.lists[3] = 0, (4, False, "")
        found = rig.heal()
        assert isinstance(found, Anew)
        assert (rig.server.read, found.cursor, found.unreadable) == (4, "4-x", 4)
        assert {f"order:{ulid(800 + place)}" for place in range(4)} <= found.changed

        rig.server.lists = [(1, True, ""), (0, False, "")]
        found = rig.heal()
        assert isinstance(found, Anew)
        assert night.till.run(entities.cursor) == found.cursor == "1-x", "as far as any page led"


def test_an_operation_that_was_reported_is_known_though_it_is_not_done_again_yet(tmp_path: Path) -> None:
    with Night(tmp_path) as night:
        rig = after_an_evening(night)

        def known(operation_id: str) -> bool | None:
            return night.loop.finish(healing.is_known(rig.server, rig.ledger, operation_id))

        assert known(rig.done[0]) is False
        rig.heal()
        assert known(rig.done[0]) is True
        rig.server.known, rig.server.told = {OperationId(rig.done[0]): 201, OperationId(rig.done[1]): 409}, []
        assert (known(rig.done[0]), known(rig.done[1])) == (True, False)
        rig.server.read_fault = lambda name: TimedOut()
        assert known(rig.done[0]) is None
