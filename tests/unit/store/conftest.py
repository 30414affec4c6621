"""A till's file for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.store.till import Till, open_till


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Till]:
    """A till with a new file, closed afterwards."""
    opened = open_till(tmp_path / "pos.sqlite")
    yield opened
    opened.connection.close()
