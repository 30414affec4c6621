"""A till dies and its file is damaged: what it had saved is taken out, goes to any server, and is there once."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

from shared.database import open_reader
from shared.recover import IN_PART, main
from shared.store import outbox
from shared.wal import log_of
from tests.end_to_end.crash_rows import operations_in
from tests.end_to_end.kill_night import KillNight, open_night
from tests.end_to_end.watched_process import WatchedProcess


def test_what_a_destroyed_till_had_saved_reaches_the_server_once(night: KillNight, tmp_path: Path) -> None:
    till = night.start("till-1", "1", "busy")
    till.hear("answer", 3)
    night.server.kill()
    till.hear("saved", 3)
    till.kill()
    file = night.file_of("till-1")
    with closing(open_reader(file)) as reader:
        saved = {str(name) for (name,) in reader.execute("SELECT id FROM operation")}
        assert outbox.waiting(reader) > 0
    for destroyed, first in ((file, 4096), (log_of(file), 32)):
        raw = destroyed.read_bytes()
        destroyed.write_bytes(bytes(min(first, len(raw))) + raw[first:])

    folder = tmp_path / "rescued"
    assert main([str(file), "--into", str(folder)]) == IN_PART
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    night.server.start()
    send(night, folder)
    assert operations_in(night.server_file) == saved

    with closing(open_night(tmp_path / "another", "till-1")) as another:
        send(another, other)
        assert operations_in(another.server_file) == saved


def send(night: KillNight, folder: Path) -> None:
    """Let the agent send all that waits in this folder's file to the server of the night; none of it may be refused."""
    settings = (night.folder / "till-1" / "settings.toml").read_text()
    (folder / "settings.toml").write_text(settings.replace(str(night.folder / "till-1"), str(folder)))
    agent = WatchedProcess("agent_process", folder)
    night.running.append(agent)
    agent.hear("All")
    with closing(open_reader(folder / "pos.sqlite")) as reader:
        assert outbox.waiting(reader) == 0
        failed = reader.execute("SELECT id, reason, last_error FROM operation WHERE status = 'FAILED'").fetchall()
    assert failed == []
