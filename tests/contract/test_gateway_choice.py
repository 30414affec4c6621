"""Which gateway a server gets by its settings: a house that says nothing never sees an approval without money."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from reference_server.deps import Deps
from reference_server.ops.request_log import RequestLog
from reference_server.payments.choosing import NONE, SIMULATED, unless_said, with_chosen
from reference_server.payments.simulated import SimulatedGateway
from reference_server.settings import ServerSettings
from shared.clock import SystemClock
from shared.errors import BadSettings
from shared.ulids import SystemUlids


def bare_deps() -> Deps:
    """As the command line makes them, before it has read the settings."""
    clock = SystemClock()
    return Deps(clock=clock, ulids=SystemUlids(clock))


def test_a_house_that_does_not_say_charges_nobody_and_only_the_demo_pretends(tmp_path: Path) -> None:
    setting = ServerSettings(data=tmp_path).gateway

    assert unless_said(setting, is_demo=False) == NONE
    assert unless_said(setting, is_demo=True) == SIMULATED
    assert with_chosen(bare_deps(), NONE, data=tmp_path).gateway is None
    assert isinstance(with_chosen(bare_deps(), SIMULATED, data=tmp_path).gateway, SimulatedGateway)


@pytest.mark.parametrize("said", [NONE, SIMULATED, "my_house.cards:make"])
@pytest.mark.parametrize("is_demo", [False, True])
def test_what_a_house_says_counts(said: str, is_demo: bool) -> None:
    assert unless_said(said, is_demo=is_demo) == said


def test_an_own_gateway_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="there is no my_house\\.cards:make among the installed programs"):
        with_chosen(bare_deps(), "my_house.cards:make", data=tmp_path)


def test_an_own_gateway_is_made_by_its_function_with_the_servers_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own_cards.py").write_text(
        "from reference_server.payments.simulated import SimulatedGateway\n"
        "def make(clock, data):\n"
        "    return SimulatedGateway(clock, file=data / 'own.jsonl')\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(str(tmp_path))

    assert isinstance(with_chosen(bare_deps(), "own_cards:make", data=tmp_path).gateway, SimulatedGateway)


def test_the_log_warns_also_where_requests_are_not_told() -> None:
    told = io.StringIO()
    RequestLog(told, level="warning", clock=SystemClock()).beware("cards are simulated")

    assert '"cards are simulated"' in told.getvalue()
