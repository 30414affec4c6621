"""The house that contract tests ask, new for each test; the demo restaurant is read once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from reference_server.catalogue.loading import Restaurant
from tests.contract.house import House, demo_restaurant, open_house
from tests.contract.test_fold_equals_server import restaurant as small_restaurant
from tests.contract.two_tills import StoreTill, two_tills
from tests.contract.web import Site, open_site


@pytest.fixture(scope="session")
def restaurant() -> Restaurant:
    return demo_restaurant()


@pytest.fixture
def house(tmp_path: Path, restaurant: Restaurant) -> Iterator[House]:
    opened = open_house(tmp_path, restaurant)
    yield opened
    opened.connection.close()


@pytest.fixture
async def site(tmp_path: Path, restaurant: Restaurant) -> AsyncIterator[Site]:
    opened = open_site(tmp_path, restaurant)
    yield opened
    await opened.client.aclose()
    opened.storage.close()


@pytest.fixture
def small_house(tmp_path: Path) -> Iterator[House]:
    """A house with the menu of the rules' own tests."""
    opened = open_house(tmp_path, small_restaurant(inclusive=True))
    yield opened
    opened.connection.close()


@pytest.fixture
def apart(small_house: House, tmp_path: Path) -> Iterator[tuple[StoreTill, StoreTill]]:
    """Two tills of the small house, each with its own file."""
    pair = two_tills(small_house, tmp_path)
    yield pair
    for till in pair:
        till.connection.close()


@pytest.fixture
def ann(apart: tuple[StoreTill, StoreTill]) -> StoreTill:
    return apart[0]


@pytest.fixture
def ben(apart: tuple[StoreTill, StoreTill]) -> StoreTill:
    return apart[1]
