"""What holds for every test: no window needs a display, chance is repeatable, the longest files begin."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.postgres import Cluster, cluster
from tests.redis_server import RedisServer, redis_server
from tests.soak import Soak, first_seed, read_totals, share_of, summed

# Before any test imports Qt. Someone who wants to watch sets QT_QPA_PLATFORM=xcb or wayland.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# The same examples on every machine; an example that once failed belongs into the test as `@example`.
settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.load_profile("repeatable")

#: What begins first where several files run side by side, so that none is left to be waited for at the end.
LONGEST = ("test_demo.py", "test_server_kill.py", "test_postgres_processes.py", "test_agent.py", "test_demo_ends.py")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest files first. What is marked `soak` takes hours and is left out unless `-m` names it."""
    wants_soak = "soak" in (config.getoption("markexpr") or "")
    left_out = [item for item in items if not wants_soak and item.get_closest_marker("soak")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A real PostgreSQL, started when the first test asks for it."""
    with cluster() as running:
        yield running


@pytest.fixture(scope="session")
def redis() -> Iterator[RedisServer]:
    """A real Redis, started when the first test asks for it."""
    with redis_server() as running:
        yield running


@pytest.fixture
def soak(request: pytest.FixtureRequest) -> Soak:
    """This long proof's seeds and sums; the time for all is shared out evenly."""
    proofs = sum(1 for item in request.session.items if item.get_closest_marker("soak"))
    return Soak(request.node.name, share_of(proofs), first_seed())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """After long proofs: the sums of every day so far."""
    if "soak" not in (config.getoption("markexpr") or ""):
        return
    terminalreporter.section("long proofs, summed over every run in soak-report/totals.json")
    for name, noted in sorted(read_totals().items()):
        figures = ", ".join(f"{words} {count}" for words, count in summed(noted).items())
        terminalreporter.write_line(f"{name}: {len(noted)} seeds; {figures}")
