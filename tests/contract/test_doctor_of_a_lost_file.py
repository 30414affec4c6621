"""What evertill-doctor says of a device whose file is gone, while nobody answers under its server's address."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from shared.clock import SystemClock
from shared.doctor.checks import Level
from shared.doctor.main import findings
from shared.sync.transport import HttpTransport
from tests.unit.store.till import ulid
from tests.unit.test_damaged_file import settings as file_settings


def nobody_answers(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)


@pytest.mark.parametrize(("is_known", "level"), [(True, Level.WRONG), (False, Level.NOTE)], ids=["enrolled", "new"])
@pytest.mark.parametrize("is_left", [False, True], ids=["gone", "emptied"])
def test_a_file_that_was_there_at_the_enrolment_and_is_gone_is_wrong(
    tmp_path: Path, is_left: bool, is_known: bool, level: Level
) -> None:
    """A folder that was lost or renamed: a start would make a new file in the place of what was saved."""
    settings = file_settings(tmp_path / "data").model_copy(update={"file_birth": ulid(1) if is_known else ""})
    if is_left:
        settings.database_path.parent.mkdir()
        settings.database_path.touch()
    line = HttpTransport("http://server", "", inner=httpx.MockTransport(nobody_answers))
    found = list(findings(settings, clock=SystemClock(), make_transport=lambda _: line))
    assert [one.level for one in found if one.about == "file"] == [level]
