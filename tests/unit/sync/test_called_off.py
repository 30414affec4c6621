"""An errand that is called off by a library below: whoever sent it hears of it, and goes on."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import NoReturn

import pytest

from shared.store.outcomes import Status
from shared.sync.actions import LinkState
from tests.unit.sync.night import Night


@pytest.mark.parametrize("name", ["send", "beat", "pull_orders", "catalogue"])
def test_an_errand_that_is_called_off_from_within_is_not_waited_for_for_ever(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A library below may cancel what it began: that is a mistake like any other, not the end of the program."""

    async def called_off(*_: object, **__: object) -> NoReturn:
        raise asyncio.CancelledError

    with Night(tmp_path) as night:
        night.run(1)
        monkeypatch.setattr(night.server, name, called_off)
        night.order()
        night.run(31)
        monkeypatch.undo()
        asked = len(night.server.asked)
        night.run(90)
        assert set(night.column("status")) == {Status.SUCCESS}
        assert {"orders", "menu"} <= set(night.server.asked[asked:])
        assert night.worker.link().state is LinkState.CONNECTED
