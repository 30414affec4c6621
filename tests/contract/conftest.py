"""The house that contract tests ask, new for each test; the demo restaurant is read once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from reference_server.catalogue.loading import Restaurant
from tests.contract.house import House, demo_restaurant, open_house
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
