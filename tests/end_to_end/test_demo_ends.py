"""However a night ends, none of its programs is left, and its player is told; a folder has one night at a time."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

LIMIT_S = 60.0
#: What is started in the background inherits that Ctrl-C is ignored; a night in a terminal does not.
HEARS_INTERRUPTS = ("env", "--default-signal=INT")


class Playing:
    """A night that is being played."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said: list[str] = []
        words = ["--orders", "5", "--offscreen", "--report", str(folder)]
        self.process = subprocess.Popen(
            [*HEARS_INTERRUPTS, sys.executable, "-u", "-m", "demo.main", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def hear(self, words: str) -> None:
        """Read what it says up to this."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            if words in line:
                return
        raise AssertionError("".join(self.said))

    def children(self) -> list[int]:
        """The processes that it started and that live."""
        found = []
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                state, parent = path.read_text().rpartition(")")[2].split()[:2]
            except OSError:
                continue
            if int(parent) == self.process.pid and state != "Z":
                found.append(int(path.parent.name))
        return found


def lives(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def ends(watched: int) -> bool:
    """Whether a process, watched since it lived, ends within the limit."""
    return bool(select.select([watched], [], [], LIMIT_S)[0])


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Playing]:
    """A night whose doors are open."""
    playing = Playing(tmp_path / "night")
    try:
        playing.hear("The doors open")
        yield playing
    finally:
        playing.process.kill()
        playing.process.communicate()


def test_an_interrupted_night_ends_all_its_programs_and_says_so(night: Playing) -> None:
    children = night.children()
    assert len(children) == 9  # server, four lines, two tills, two kitchens
    second = subprocess.run(
        [sys.executable, "-m", "demo.main", "--orders", "5", "--offscreen", "--report", str(night.folder)],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert (second.returncode, second.stdout) == (2, "")
    assert "A night is being played in this folder" in second.stderr

    night.process.send_signal(signal.SIGINT)
    said, _ = night.process.communicate(timeout=LIMIT_S)

    assert night.process.returncode == 130
    assert "Stopped in the middle: every program of the night was ended" in said
    assert "Traceback" not in said
    assert not any(lives(pid) for pid in children)


def test_a_killed_demo_takes_all_its_programs_along(night: Playing) -> None:
    watched = [os.pidfd_open(pid) for pid in night.children()]

    night.process.kill()
    night.process.wait()

    assert len(watched) == 9
    assert all(ends(one) for one in watched)
    for one in watched:
        os.close(one)


@pytest.mark.soak
def test_a_till_that_ends_by_itself_ends_the_night_with_its_last_words(night: Playing) -> None:
    children = night.children()
    till = next(pid for pid in children if b"demo.till" in Path(f"/proc/{pid}/cmdline").read_bytes())

    os.kill(till, signal.SIGKILL)
    said, _ = night.process.communicate(timeout=LIMIT_S)

    assert night.process.returncode == 2
    assert "ended by itself" in said
    assert "Traceback" not in said
    assert not any(lives(pid) for pid in children)
