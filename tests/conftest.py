"""What holds for every test: no window needs a display, chance is repeatable, end_to_end runs alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# Before any test imports Qt. Someone who wants to watch sets QT_QPA_PLATFORM=xcb or wayland.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# The same examples on every machine; an example that once failed belongs into the test as `@example`.
settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.load_profile("repeatable")

END_TO_END = Path(__file__).parent / "end_to_end"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Real processes are timed and killed: they run one after the other, when nothing else does.

    What is marked `soak` takes hours and is left out unless `-m` names it.
    """
    wants_soak = "soak" in (config.getoption("markexpr") or "")
    left_out = []
    for item in items:
        if item.path.is_relative_to(END_TO_END):
            item.add_marker(pytest.mark.serial)
        if not wants_soak and item.get_closest_marker("soak"):
            left_out.append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
