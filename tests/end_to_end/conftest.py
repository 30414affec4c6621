"""What tests of real programs begin with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.end_to_end.kill_night import KillNight, open_night


@pytest.fixture
def night(tmp_path: Path) -> Iterator[KillNight]:
    """A server and a till in a folder."""
    with closing(open_night(tmp_path, "till-1")) as made:
        yield made
