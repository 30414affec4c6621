"""The catalogue is asked for when the link comes up, twice a minute, and at once when the server's is another."""

from shared.sync.actions import FetchCatalog
from shared.sync.chores import CATALOG_EVERY_S, Chores


def fetches(chores: Chores, now_s: float) -> bool:
    """Whether the catalogue is asked for now."""
    return FetchCatalog() in chores.due(now_s)


def test_another_tag_asks_at_once_and_the_same_one_does_not() -> None:
    chores = Chores(0.0)
    chores.catalog_is("a", 0.0)
    assert fetches(chores, 0.0)
    chores.fetched(1.0, whole=True)
    chores.catalog_is("a", 2.0)
    assert not fetches(chores, 2.0)
    chores.catalog_is("b", 3.0)
    assert fetches(chores, 3.0)
    chores.fetched(4.0, whole=True)
    assert not fetches(chores, 5.0)
    assert fetches(chores, 4.0 + CATALOG_EVERY_S)


def test_what_changes_while_it_is_asked_for_is_asked_for_again() -> None:
    chores = Chores(0.0)
    chores.catalog_is("a", 0.0)
    assert fetches(chores, 0.0)
    chores.catalog_is("b", 0.5)
    assert not fetches(chores, 0.5)
    chores.fetched(1.0, whole=True)
    assert fetches(chores, 1.0)
    chores.fetched(2.0, whole=True)
    assert not fetches(chores, 3.0)


def test_a_server_that_tells_no_tag_is_asked_as_before() -> None:
    chores = Chores(0.0)
    assert fetches(chores, 0.0)
    chores.fetched(1.0, whole=True)
    for now_s in (2.0, 3.0):
        chores.catalog_is("", now_s)
        assert not fetches(chores, now_s)
