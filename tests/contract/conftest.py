"""The house that contract tests ask, new for each test; the demo restaurant is read once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from reference_server.catalogue.loading import Restaurant
from reference_server.storage.postgres import PostgresStorage
from tests.contract.house import House, demo_restaurant, open_house
from tests.contract.postgres_rig import opened
from tests.contract.test_fold_equals_server import restaurant as small_restaurant
from tests.contract.two_tills import StoreTill, two_tills
from tests.contract.web import Site, open_site
from tests.postgres import Cluster

#: Modules whose tests run on both storages, beside all that are named for the server.
ON_BOTH = frozenset(
    [
        "test_attendance",
        "test_availability",
        "test_courses",
        "test_discounts",
        "test_enrolling",
        "test_floor",
        "test_kitchen_help",
        "test_merge",
        "test_moves_in_batches",
        "test_protocol_page",
        "test_refunds",
        "test_series",
        "test_shifts",
        "test_split",
        "test_transfer",
    ]
)


@pytest.fixture(scope="session")
def restaurant() -> Restaurant:
    return demo_restaurant()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What the server's own tests ask, both storages answer; what is about SQLite's file itself is asked of that."""
    name = metafunc.module.__name__.rpartition(".")[2]
    on_both = (name in ON_BOTH or name.startswith("test_server_")) and "storage" in metafunc.fixturenames
    if on_both and not metafunc.definition.get_closest_marker("sqlite"):
        metafunc.parametrize("storage", ["sqlite", "postgres"], indirect=True)


@pytest.fixture
def storage(request: pytest.FixtureRequest) -> str:
    """The name of the storage that this test's house or site stands on."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture
def database(storage: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of an empty database; none at all for SQLite, whose file is made where the test has its folder."""
    if storage == "sqlite":
        yield ""
    else:
        with request.getfixturevalue("postgres").branch() as url:
            yield url


@pytest.fixture
def house(tmp_path: Path, restaurant: Restaurant, database: str) -> Iterator[House]:
    opened = open_house(tmp_path, restaurant, database=database)
    yield opened
    opened.connection.close()


@pytest.fixture
async def site(tmp_path: Path, restaurant: Restaurant, database: str) -> AsyncIterator[Site]:
    opened = open_site(tmp_path, restaurant, database=database)
    yield opened
    await opened.client.aclose()
    opened.storage.close()


@pytest.fixture
def small_house(tmp_path: Path, database: str) -> Iterator[House]:
    """A house with the menu of the rules' own tests."""
    opened = open_house(tmp_path, small_restaurant(inclusive=True), database=database)
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


@pytest.fixture
def url(postgres: Cluster) -> Iterator[str]:
    """The address of an empty PostgreSQL."""
    with postgres.branch() as url:
        yield url


@pytest.fixture
def on_postgres(url: str) -> Iterator[PostgresStorage]:
    """A storage there."""
    with opened(url) as storage:
        yield storage
