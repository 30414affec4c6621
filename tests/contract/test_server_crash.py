"""The server dies at every single statement of a night: no effect is lost, none comes twice, none is half."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from reference_server.catalogue.loading import Restaurant
from reference_server.storage.operations import Operations
from tests.contract.dying_server import Night, TwoTransactions
from tests.contract.house import House, open_house
from tests.contract.spoiled_postgres import Mortal
from tests.postgres import Cluster


def nights(folder: Path, restaurant: Restaurant, operations: Operations) -> Iterator[list[str]]:
    """Play the night once for every statement that it can die before; each time all that was wrong."""
    for dies_at in count(1):
        place = folder / str(dies_at)
        place.mkdir()
        house = open_house(place, restaurant, operations=operations)
        night = Night(house, dies_at=dies_at)
        night.play()
        house.connection.close()
        if not night.was_hit:
            return
        yield [f"dead before statement {dies_at}: {words}" for words in night.wrong]


def test_a_death_before_any_statement_leaves_no_half_effect_and_a_retry_ends_well(
    tmp_path: Path, restaurant: Restaurant
) -> None:
    found = list(nights(tmp_path, restaurant, Operations()))
    assert len(found) > 80
    assert [words for wrong in found for words in wrong] == []


def nights_on_postgres(folder: Path, restaurant: Restaurant, postgres: Cluster, *, every: int) -> Iterator[list[str]]:
    """The same on PostgreSQL, for every so manieth statement."""
    for dies_at in count(1, every):
        with postgres.branch() as database:
            house = open_house(folder, restaurant, database=database, writer=Mortal)
            night = Night(house, dies_at=dies_at)
            night.play()
            house.connection.close()
        if not night.was_hit:
            return
        yield [f"dead before statement {dies_at}: {words}" for words in night.wrong]


def test_a_death_in_between_leaves_no_half_effect_on_postgresql_either(
    tmp_path: Path, restaurant: Restaurant, postgres: Cluster
) -> None:
    found = list(nights_on_postgres(tmp_path, restaurant, postgres, every=11))
    assert len(found) > 7
    assert [words for wrong in found for words in wrong] == []


@pytest.mark.soak
def test_a_death_before_any_statement_leaves_no_half_effect_on_postgresql(
    tmp_path: Path, restaurant: Restaurant, postgres: Cluster
) -> None:
    found = list(nights_on_postgres(tmp_path, restaurant, postgres, every=1))
    assert len(found) > 80
    assert [words for wrong in found for words in wrong] == []


@pytest.mark.parametrize("sign", ["an effect without its operation", "3 rows in pos_order", "refused: send"])
def test_an_operation_row_in_a_transaction_of_its_own_is_caught(
    tmp_path: Path, restaurant: Restaurant, sign: str
) -> None:
    found = nights(tmp_path, restaurant, TwoTransactions())
    assert any(sign in words for wrong in found for words in wrong)


#: A mutant: it leaves the number out that the return should have.
SKIPS = """CREATE TRIGGER skips AFTER INSERT ON return_note BEGIN
    UPDATE return_note SET serial = serial + 1 WHERE number = NEW.number; END"""


@pytest.mark.sqlite
def test_a_server_that_leaves_a_number_of_a_return_out_is_caught(house: House) -> None:
    house.connection.execute(SKIPS)
    night = Night(house, dies_at=0)
    night.play()
    assert "a gap in the numbers of returns" in night.wrong


@pytest.mark.parametrize("table", ["change", "operation", "answer", "pos_order", "invoice", "return_note"])
def test_the_night_touches_every_table_that_is_checked(house: House, table: str) -> None:
    Night(house, dies_at=0).play()
    assert house.count(table) > 0
