"""Every request that a released till froze: today's till writes these bytes, today's server does the same with them."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from shared.store.outbox import OP_VERSION
from shared.wire.requests import Kind, decode, encode
from tests.contract.house import House, open_house
from tests.contract.test_fold_equals_server import restaurant
from tests.upgrade.evening import evening
from tests.upgrade.freeze import kept_request
from tests.upgrade.kept import KeptRequest, differences, effect, effect_on, requests

VERSIONS = range(1, OP_VERSION + 1)
ALL = [(version, kept) for version in VERSIONS for kept in requests(version)]


def played(folder: Path, asked: tuple[KeptRequest, ...]) -> dict[str, Any]:
    """What a new server of today answers to these requests, and what it has then."""
    folder.mkdir()
    house = open_house(folder, restaurant(inclusive=True))
    with closing(house.connection):
        return {"statuses": [kept.ask(house).status for kept in asked], **effect_on(house.connection)}


def test_each_kind_was_kept() -> None:
    """A new operation version, or a new kind, is kept by `python -m tests.upgrade.freeze`."""
    assert {kept.kind for kept in requests(OP_VERSION)} == set(Kind)
    assert all({kept.kind for kept in requests(version)} <= set(Kind) for version in VERSIONS)


def test_todays_till_freezes_the_bytes_that_were_kept() -> None:
    """What differs is another version of the operation: count OP_VERSION up, and keep its requests too."""
    assert tuple(map(kept_request, evening())) == requests(OP_VERSION)


@pytest.mark.parametrize(("version", "kept"), ALL, ids=lambda one: one.kind if isinstance(one, KeptRequest) else one)
def test_todays_till_still_reads_what_it_has_to_send(version: int, kept: KeptRequest) -> None:
    command = decode(Kind(kept.kind), operation_id=kept.key, path=kept.path, body=kept.body)
    assert command.id == kept.key
    if version == OP_VERSION:
        assert encode(command).body == kept.body


@pytest.mark.parametrize("version", VERSIONS)
def test_todays_server_makes_the_same_of_every_kept_request(tmp_path: Path, version: int) -> None:
    assert differences(effect(version), played(tmp_path / "now", requests(version))) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_a_second_time_each_is_answered_as_the_first_time(tmp_path: Path, version: int) -> None:
    house: House = open_house(tmp_path, restaurant(inclusive=True))
    with closing(house.connection):
        first = [kept.ask(house) for kept in requests(version)]
        again = [kept.ask(house) for kept in requests(version)]
        moved_on = {place for place, kept in enumerate(requests(version)) if kept.kind == Kind.OPEN_INTENT}
        pairs = enumerate(zip(again, first, strict=True))
        assert [place for place, (now, then) in pairs if now.body != then.body and place not in moved_on] == []
        assert all(one.is_replay for one in again)
        assert (
            differences(effect(version), {"statuses": [one.status for one in first], **effect_on(house.connection)})
            == []
        )


@pytest.mark.parametrize("wrong", ["a field that nobody knows", "another amount", "one that is left out"])
def test_a_changed_encoding_and_a_changed_effect_are_caught(tmp_path: Path, wrong: str) -> None:
    kept = requests(OP_VERSION)
    asked = {
        "a field that nobody knows": [replace(one, body=one.body.replace(b'{"', b'{"x":1,"', 1)) for one in kept],
        "another amount": [replace(one, body=one.body.replace(b'"tip":50', b'"tip":51')) for one in kept],
        "one that is left out": [one for one in kept if one.kind != Kind.READY_ITEM],
    }[wrong]
    assert tuple(asked) != kept
    assert differences(effect(OP_VERSION), played(tmp_path / "now", tuple(asked))) != []
