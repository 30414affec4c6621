"""Cards under every fault: the gateway's ledger is what the books say, and each mutant breaks that on the same seed."""

from __future__ import annotations

from pathlib import Path

import pytest

from reference_server.payments import cashier
from tests.simulation.card_desk import Take
from tests.simulation.card_evenings import calls_again, forgets_the_late, play_cards
from tests.soak import Soak

SEEDS = (1, 2, 3, 4)
"""One of them is enough for each mutant; the clean code passes them all."""


def test_what_the_gateway_charged_is_what_server_and_tills_believe(tmp_path: Path) -> None:
    states: set[str] = set()
    for seed in SEEDS:
        found = play_cards(seed, tmp_path / str(seed))
        assert (found.wrong, found.drained) == ((), True), seed
        states |= set(found.states)
    assert {"RECORDED", "EXPIRED"} <= states


@pytest.mark.parametrize(
    ("take", "is_durable", "says"),
    [
        pytest.param(calls_again, True, "was charged", id="replayed as a new charge"),
        pytest.param(cashier.take, False, "was charged", id="called before the row is durable"),
        pytest.param(forgets_the_late, True, "the gateway has", id="a late approval forgotten"),
    ],
)
def test_a_mutant_breaks_the_books(tmp_path: Path, take: Take, is_durable: bool, says: str) -> None:
    evenings = (play_cards(seed, tmp_path / str(seed), take=take, is_durable=is_durable) for seed in SEEDS)
    assert any(says in words for found in evenings for words in found.wrong)


@pytest.mark.soak
def test_many_evenings_more(tmp_path: Path, soak: Soak) -> None:
    for seed in soak.seeds(enough=200):
        found = play_cards(seed, tmp_path / f"world-{seed}")
        soak.note(seed, {"evenings": 1, "asked": found.asked, "charged": found.charges, "wrong": len(found.wrong)})
        assert (found.wrong, found.drained) == ((), True), f"seed {seed}"
