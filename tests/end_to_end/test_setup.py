"""The set-up does what is missing and nothing else: the real scripts, with stand-ins for apt, dpkg and Python."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
NEEDED = "libglib2.0-0 libegl1 libgl1 libxkbcommon0 libdbus-1-3 libfontconfig1 fonts-dejavu-core curl"
WINDOWS = (
    "libx11-xcb1 libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-render-util0 libxcb-shape0"
    " libxcb-xkb1 libxkbcommon-x11-0 libwayland-cursor0 libwayland-egl1"
)

# All that the scripts may use of the machine besides; sudo is not among them.
PROGRAMS = ["bash", "cat", "cp", "dirname", "env", "flock", "grep", "mkdir", "pwd", "rm", "sha256sum"]

DPKG_QUERY = """\
known=1
for name in "$@"; do
    if grep -qx -- "$name" "$BENCH/installed"; then echo installed; elif [ "${name#-}" = "$name" ]; then known=0; fi
done
[ $known = 1 ]
"""
APT_GET = """\
echo "apt-get $*" >>"$BENCH/log"
for last; do :; done
if grep -qx -- "$last" "$BENCH/not-to-be-had"; then exit 100; fi
case "$*" in *install*) for name in "$@"; do echo "$name" >>"$BENCH/installed"; done ;; esac
"""
PYTHON = """\
case "$*" in
*sys.exit*) exit "$(cat "$BENCH/python-unfit")" ;;
*sys.executable*) echo "$0" ;;
--version) echo Python 3.11.2 ;;
"-m venv "*) echo venv >>"$BENCH/log"; mkdir -p "$3/bin"; cp "$0" "$3/bin/python" ;;
"-m pip install "*pip.txt) shift 3; echo "pip $*" >>"$BENCH/log"; exit "$(cat "$BENCH/pip-unfit")" ;;
"-m compileall "*) echo compile >>"$BENCH/log" ;;
"-m pip --version") echo pip 23.0.1 ;;
"-m pip install "*) shift 3; echo "pip $*" >>"$BENCH/log" ;;
"-m pip check"*) cat "$BENCH/conflicts"; [ ! -s "$BENCH/conflicts" ] ;;
esac
"""


@dataclass
class Machine:
    """A checkout with stand-ins in its PATH that write down what they were asked to do."""

    place: Path
    checkout: str = "checkout"
    user: int = 0
    display: str = ""

    def run(self, script: str) -> subprocess.CompletedProcess[str]:
        self.stand_in("id", f"echo {self.user}")
        return subprocess.run(
            [str(self.place / self.checkout / "packaging/linux" / script)],
            env={
                "PATH": str(self.place / "bin"),
                "BENCH": str(self.place),
                "HOME": str(self.place),
                "DISPLAY": self.display,
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def stand_in(self, name: str, body: str) -> None:
        program = self.place / "bin" / name
        program.write_text(f"#!/bin/bash\n{body}", encoding="utf-8")
        program.chmod(0o755)

    def has_installed(self, packages: str) -> None:
        (self.place / "installed").write_text("\n".join(packages.split()) + "\n", encoding="utf-8")

    def asked(self) -> list[str]:
        """What was asked of apt, venv and pip since the last call, one line each."""
        log = self.place / "log"
        lines = log.read_text(encoding="utf-8").splitlines()
        log.write_text("", encoding="utf-8")
        return lines


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    checkout = tmp_path / "checkout"
    shutil.copytree(ROOT / "packaging" / "linux", checkout / "packaging" / "linux")
    for name in ("requirements.txt", "packaging/pip.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, checkout / name)
    (tmp_path / "bin").mkdir()
    for program in PROGRAMS:
        found = shutil.which(program)
        assert found, f"this machine has no {program}"
        (tmp_path / "bin" / program).symlink_to(found)
    for name in ("log", "not-to-be-had", "conflicts"):
        (tmp_path / name).touch()
    for name in ("python-unfit", "pip-unfit"):
        (tmp_path / name).write_text("0", encoding="utf-8")
    machine = Machine(tmp_path)
    machine.has_installed(f"{NEEDED} fonts-inter")
    machine.stand_in("dpkg-query", DPKG_QUERY)
    machine.stand_in("apt-get", APT_GET)
    for python in ("python3", "python3.11", "python3.12", "python3.13"):
        machine.stand_in(python, PYTHON)
    return machine


PIP = "pip --quiet --quiet --disable-pip-version-check"
# Without --no-deps pip looks for the newest release of `coverage[toml]`, which no line pins, and gives up on its hash.
INSTALLS = [
    f"{PIP} --no-deps --require-hashes -r packaging/pip.txt",
    f"{PIP} --no-compile --no-deps --require-hashes -r requirements.txt",
    f"{PIP} --no-compile --no-deps --no-build-isolation -e .",
    "compile",
]


def apt_installs(asked: list[str]) -> list[str]:
    """The packages named in the calls of `apt-get install`."""
    calls = [line.split() for line in asked if line.startswith("apt-get") and " install " in line]
    return [word for call in calls for word in call[call.index("--no-install-recommends") + 1 :]]


def test_a_first_setup_makes_everything_and_a_second_asks_for_nothing(machine: Machine) -> None:
    machine.has_installed("bash")
    first = machine.run("setup.sh")
    asked = machine.asked()
    assert (first.returncode, first.stderr) == (0, "")
    assert apt_installs(asked) == [*NEEDED.split(), "fonts-inter"]
    assert asked[-5:] == ["venv", *INSTALLS]

    second = machine.run("setup.sh")
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
    assert machine.asked() == []


def test_a_machine_that_has_the_packages_is_not_asked_for_them(machine: Machine) -> None:
    assert machine.run("setup.sh").returncode == 0
    assert machine.asked() == ["venv", *INSTALLS]


def test_a_renamed_library_of_a_newer_debian_counts_as_installed(machine: Machine) -> None:
    machine.has_installed(NEEDED.replace("libglib2.0-0", "libglib2.0-0t64"))
    assert machine.run("install-debian.sh").returncode == 0
    assert machine.asked() == []


def test_only_what_is_missing_is_installed(machine: Machine) -> None:
    machine.has_installed(NEEDED.replace("libegl1 ", ""))
    assert machine.run("install-debian.sh").returncode == 0
    assert apt_installs(machine.asked()) == ["libegl1"]


def test_a_machine_with_a_display_also_gets_what_a_window_needs(machine: Machine) -> None:
    assert machine.run("setup.sh").returncode == 0
    machine.asked()
    machine.display = ":0"
    assert machine.run("setup.sh").returncode == 0
    assert apt_installs(machine.asked()) == WINDOWS.split()
    assert machine.run("setup.sh").returncode == 0
    assert machine.asked() == []


def test_windows_that_can_not_be_had_stop_nothing(machine: Machine) -> None:
    machine.display = ":0"
    (machine.place / "not-to-be-had").write_text("libxcb-cursor0\n", encoding="utf-8")
    setup = machine.run("setup.sh")
    assert setup.returncode == 0
    assert "libxcb-cursor0 is not to be had here" in setup.stdout


def test_new_requirements_are_installed_into_the_same_environment(machine: Machine) -> None:
    machine.run("setup.sh")
    machine.asked()
    with (machine.place / "checkout" / "requirements.txt").open("a", encoding="utf-8") as requirements:
        requirements.write("one-more==1.0\n")
    assert machine.run("setup.sh").returncode == 0
    assert machine.asked() == INSTALLS


def test_a_newer_pip_that_is_not_to_be_had_stops_nothing(machine: Machine) -> None:
    (machine.place / "pip-unfit").write_text("1", encoding="utf-8")
    setup = machine.run("setup.sh")
    assert setup.returncode == 0
    assert "going on with pip 23.0.1" in setup.stdout
    assert machine.asked() == ["venv", *INSTALLS]


def test_requirements_that_do_not_fit_each_other_are_named_and_not_called_done(machine: Machine) -> None:
    (machine.place / "conflicts").write_text("httpx 1.0 has requirement anyio>=9, but you have anyio 4.0.\n")
    setup = machine.run("setup.sh")
    assert setup.returncode == 1
    assert "anyio>=9" in setup.stderr
    assert not (machine.place / "checkout" / ".venv" / "setup-stamp").exists()


def test_an_environment_that_was_copied_from_elsewhere_is_made_anew(machine: Machine) -> None:
    machine.run("setup.sh")
    machine.asked()
    (machine.place / "checkout").rename(machine.place / "moved")
    moved = Machine(machine.place, checkout="moved")
    assert moved.run("setup.sh").returncode == 0
    assert machine.asked() == ["venv", *INSTALLS]


def test_a_typeface_that_is_not_to_be_had_stops_nothing(machine: Machine) -> None:
    machine.has_installed(NEEDED)
    (machine.place / "not-to-be-had").write_text("fonts-inter\n", encoding="utf-8")
    setup = machine.run("setup.sh")
    assert setup.returncode == 0
    assert "fonts-inter is not to be had here" in setup.stdout


def test_a_package_that_qt_needs_and_that_is_not_to_be_had_is_named(machine: Machine) -> None:
    machine.has_installed(NEEDED.replace("libegl1 ", ""))
    (machine.place / "not-to-be-had").write_text("libegl1\n", encoding="utf-8")
    setup = machine.run("setup.sh")
    assert setup.returncode == 1
    assert "could not be installed: libegl1" in setup.stderr
    assert not (machine.place / "checkout" / ".venv").exists()


def test_somebody_who_may_not_install_is_told_what_to_ask_for(machine: Machine) -> None:
    machine.user = 1000
    machine.has_installed(NEEDED.replace("libegl1 ", ""))
    setup = machine.run("install-debian.sh")
    assert setup.returncode == 1
    assert "ask an administrator for: apt-get install libegl1" in setup.stderr
    assert machine.asked() == []


def test_a_machine_without_a_fitting_python_is_told_so(machine: Machine) -> None:
    (machine.place / "python-unfit").write_text("1", encoding="utf-8")
    setup = machine.run("setup.sh")
    assert setup.returncode == 1
    assert "no Python 3.11, 3.12 or 3.13 with its venv module was found" in setup.stderr
    assert not (machine.place / "checkout" / ".venv").exists()
