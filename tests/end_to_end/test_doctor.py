"""evertill-doctor beside a real server and a real till: well, without a server, unknown, and damaged."""

from __future__ import annotations

import json

import pytest

from shared.doctor.main import main
from tests.end_to_end.kill_night import KillNight


def test_the_doctor_says_what_is_so(night: KillNight, capsys: pytest.CaptureFixture[str]) -> None:
    settings = night.folder / "till-1" / "settings.toml"

    def said() -> tuple[int, str]:
        code = main(["--settings", str(settings)])
        return code, capsys.readouterr().out

    code, words = said()
    assert (code, "WRONG" in words) == (0, False), words
    assert "note   file:" in words
    till = night.start("till-1", "1", "busy")
    till.hear("answer", 3)
    code, words = said()
    assert (code, "WRONG" in words) == (0, False), words
    assert "knows this device" in words
    night.server.kill()
    till.hear("saved", 3)
    till.kill()
    code, words = said()
    assert code == 1
    assert "WRONG  server:" in words
    assert "No server of ours answers there." in words
    assert "No program is running that sends them." in words

    night.server.start()
    known = settings.read_text()
    token = next(line for line in known.splitlines() if line.startswith("token"))
    settings.write_text(known.replace(token, f"token = {json.dumps('x' * 40)}"))
    code, words = said()
    assert code == 1
    assert "The server does not know this device." in words
