"""The tree keeps its own rules, and each rule is shown to catch what it is for."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

from tests import architecture_rules as rules
from tests.architecture_rules import Rule

ROOT = Path(__file__).parent.parent
NOT_OURS = {"build", "dist", "demo-report", "benchmark-report", "soak-report", "__pycache__", "node_modules"}

ALL_PYTHON: list[Rule] = [
    rules.has_a_first_sentence,
    rules.is_as_pure_as_it_says,
    rules.is_not_too_long,
    rules.has_short_functions,
    rules.leaves_the_clock_alone,
    rules.catches_what_it_knows,
    rules.is_finished,
]
SHIPPED: list[Rule] = [rules.asks_for_keywords]
TESTS: list[Rule] = [rules.waits_for_events, rules.runs_always]
GUI_TESTS: list[Rule] = [rules.presses_like_a_finger]
ALL_FILES: list[Rule] = [rules.names_no_registry, rules.is_no_lock_file, rules.is_no_package_of_packaging]


@cache
def our_files() -> tuple[str, ...]:
    """All files of the project, as git would clone them; where there is no git, all but what is hidden or made."""
    git = shutil.which("git")
    if git and (ROOT / ".git").exists():
        listing = subprocess.run(
            [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if listing.returncode == 0:
            return tuple(sorted(name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()))
    return tuple(sorted(walk(ROOT)))


def walk(root: Path) -> list[str]:
    """The files below `root` without hidden folders and without what our programs make."""
    found = []
    for path in root.rglob("*"):
        parts = path.relative_to(root).parts
        hidden = any(part.startswith(".") and part not in (".ci", ".gitignore", ".importlinter") for part in parts)
        if path.is_file() and not hidden and not NOT_OURS.intersection(parts):
            found.append("/".join(parts))
    return found


def complaints(rule: Rule, paths: list[str]) -> list[str]:
    found: list[str] = []
    for path in paths:
        try:
            text = (ROOT / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:  # a picture or a font: its name is judged, its bytes are not text
            text = ""
        found += rule(path, text)
    return found


def python_files(*folders: str) -> list[str]:
    return [path for path in our_files() if path.endswith(".py") and path.startswith(folders or ("",))]


@pytest.mark.parametrize("rule", ALL_PYTHON, ids=lambda rule: rule.__name__)
def test_every_python_file(rule: Rule) -> None:
    found = complaints(rule, python_files())
    assert not found, "\n".join(found)


@pytest.mark.parametrize("rule", SHIPPED, ids=lambda rule: rule.__name__)
def test_everything_that_ships(rule: Rule) -> None:
    folders = tuple(f"{package}/" for package in declared_packages())
    found = complaints(rule, python_files(*folders))
    assert not found, "\n".join(found)


@pytest.mark.parametrize("rule", TESTS, ids=lambda rule: rule.__name__)
def test_every_test(rule: Rule) -> None:
    found = complaints(rule, python_files("tests/"))
    assert not found, "\n".join(found)


@pytest.mark.parametrize("rule", GUI_TESTS, ids=lambda rule: rule.__name__)
def test_every_test_of_a_window(rule: Rule) -> None:
    found = complaints(rule, python_files("tests/gui/"))
    assert not found, "\n".join(found)


@pytest.mark.parametrize("rule", ALL_FILES, ids=lambda rule: rule.__name__)
def test_every_file(rule: Rule) -> None:
    found = complaints(rule, list(our_files()))
    assert not found, "\n".join(found)


def declared_packages() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages: list[str] = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    return packages


def test_the_top_level_packages_are_those_that_the_project_declares() -> None:
    found = {path.split("/")[0] for path in our_files() if path.endswith(".py")}
    assert found == {*declared_packages(), "tests"}


def test_no_python_module_lies_beside_the_packages() -> None:
    assert [path for path in our_files() if path.endswith(".py") and "/" not in path] == []


def test_the_library_packaging_can_be_imported_from_the_projects_folder() -> None:
    child = subprocess.run(
        [sys.executable, "-c", "import packaging.version; print(packaging.version.Version('1.2').major)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (child.stdout.strip(), child.stderr) == ("1", "")


def test_a_tree_without_git_is_found_by_walking(tmp_path: Path) -> None:
    for name in ("shared/a.py", ".venv/b.py", "demo-report/c.html", ".ci/run", "README.md"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    assert sorted(walk(tmp_path)) == [".ci/run", "README.md", "shared/a.py"]


OFFENCES: list[tuple[Rule, str, str]] = [
    (rules.has_a_first_sentence, "shared/a.py", "x = 1\n"),
    (rules.has_a_first_sentence, "shared/a.py", '"""One thing and\nanother."""\n'),
    (rules.is_as_pure_as_it_says, "shared/a.py", '"""Pure: dice."""\nfrom random import choice as c\n'),
    (rules.is_not_too_long, "shared/a.py", "x = 1\n" * 301),
    (rules.has_short_functions, "shared/a.py", "def f():\n" + "    x = 1\n" * 70),
    (rules.has_short_functions, "shared/a.py", "class A:\n  async def f(self):\n" + "    x = 1\n" * 70),
    (rules.asks_for_keywords, "shared/a.py", "def f(a, b, c, d): ..."),
    (rules.leaves_the_clock_alone, "shared/a.py", "import time\nx = time.monotonic()"),
    (rules.leaves_the_clock_alone, "shared/a.py", "import time as t\nx = t.time"),
    (rules.leaves_the_clock_alone, "demo/a.py", "from time import perf_counter as p\np()"),
    (rules.leaves_the_clock_alone, "shared/a.py", "from datetime import datetime as d\nd.now()"),
    (rules.leaves_the_clock_alone, "shared/a.py", "import datetime\ndatetime.date.today()"),
    (rules.leaves_the_clock_alone, "shared/qt/a.py", "from PySide6.QtCore import QTime\nQTime.currentTime()"),
    (rules.catches_what_it_knows, "shared/a.py", "try: x\nexcept Exception: y"),
    (rules.catches_what_it_knows, "shared/a.py", "try: x\nexcept (OSError, BaseException): y"),
    (rules.catches_what_it_knows, "shared/a.py", "try: x\nexcept: y"),
    (rules.is_finished, "shared/a.py", "x = 1  # TO" + "DO: more"),
    (rules.is_finished, "shared/a.py", "raise NotImplemented" + "Error"),
    (rules.presses_like_a_finger, "tests/gui/a.py", "window.send_button.click()"),
    (rules.presses_like_a_finger, "tests/gui/a.py", "window.send_button.clicked.emit()"),
    (rules.presses_like_a_finger, "tests/gui/a.py", "window._on_send()"),
    (rules.waits_for_events, "tests/a.py", "from time import sleep\nsleep(1)"),
    (rules.waits_for_events, "tests/a.py", "qtbot.wait(100)"),
    (rules.waits_for_events, "tests/a.py", "from asyncio import sleep\nsleep(2)"),
    (rules.waits_for_events, "tests/a.py", "import asyncio\nasyncio.sleep(PAUSE_S)"),
    (rules.runs_always, "tests/a.py", "import pytest\n@pytest.mark.skipif(True)\ndef test(): ..."),
    (rules.runs_always, "tests/a.py", "from pytest import importorskip\nimportorskip('x')"),
    (rules.names_no_registry, "requirements.txt", "--index-url https://" + "pypi" + ".org/simple"),
    (rules.is_no_lock_file, "uv.lock", ""),
    (rules.is_no_lock_file, "demo/pylock.dev.toml", ""),
    (rules.is_no_package_of_packaging, "packaging/linux/__init__.py", ""),
]


@pytest.mark.parametrize(("rule", "path", "text"), OFFENCES, ids=lambda value: getattr(value, "__name__", None))
def test_a_rule_catches_what_it_is_for(rule: Rule, path: str, text: str) -> None:
    assert len(rule(path, text)) == 1


ALLOWED: list[tuple[Rule, str, str]] = [
    (rules.has_a_first_sentence, "shared/a.py", '"""Pure: what a line is."""\n\nx = 1\n'),
    (rules.is_as_pure_as_it_says, "shared/a.py", '"""Dice."""\nimport random\n'),
    (rules.is_not_too_long, "shared/a.py", "x = 1\n" * 300),
    (rules.has_short_functions, "shared/a.py", "def f():\n" + "    x = 1\n" * 69),
    (rules.asks_for_keywords, "shared/a.py", "class A:\n    def f(self, a, b, c, *, d): ..."),
    (rules.asks_for_keywords, "shared/qt/a.py", "class A:\n    def createIndex(self, a, b, c, d): ..."),
    (rules.leaves_the_clock_alone, "shared/clock.py", "import time\nx = time.monotonic()"),
    (rules.leaves_the_clock_alone, "shared/a.py", "time = clock.now_ms()\nx = time.monotonic()"),
    (rules.catches_what_it_knows, "shared/sync/worker.py", "try: x\nexcept Exception: y"),
    (rules.catches_what_it_knows, "shared/a.py", "try: x\nexcept (OSError, ValueError): y"),
    (rules.catches_what_it_knows, "shared/a.py", "try: x\nexcept BaseException:\n    y\n    raise"),
    (rules.is_finished, "shared/a.py", "todo = 1"),
    (rules.presses_like_a_finger, "tests/gui/a.py", "QTest.mouseClick(button, left)\nbridge.orders_changed.emit({1})"),
    (rules.waits_for_events, "tests/a.py", "import asyncio\nasyncio.sleep(0)\nqtbot.waitUntil(f)"),
    (rules.waits_for_events, "tests/simulation/a.py", "import asyncio\nasyncio.sleep(60)"),
    (rules.runs_always, "tests/a.py", "import pytest\n@pytest.mark.parametrize('x', [])\ndef test(): ..."),
    (rules.names_no_registry, "README.md", "pip uses the machine's own settings"),
    (rules.is_no_lock_file, "requirements.txt", ""),
    (rules.is_no_package_of_packaging, "packaging/linux/install-debian.sh", ""),
]


@pytest.mark.parametrize(("rule", "path", "text"), ALLOWED, ids=lambda value: getattr(value, "__name__", None))
def test_a_rule_leaves_the_rest_alone(rule: Rule, path: str, text: str) -> None:
    assert rule(path, text) == []
