"""A short night through the real programs; then its files are doctored, and the check sees each thing that was done."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from demo.check import Findings, check
from tests.end_to_end.doctors import DOCTORS

LIMIT_S = 200
FIGURES = {
    "orders_rung",
    "orders_on_server",
    "lost",
    "doubled",
    "out_of_order",
    "payments_difference_minor",
    "tickets_missing",
    "views_unequal",
    "kills",
    "seconds",
}


@dataclass(frozen=True)
class Played:
    """A night that was played, and what the program said of it."""

    folder: Path
    figures: dict[str, Any]
    said: str
    code: int


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Twenty orders, played once for all tests here."""
    base = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "demo.main", "--orders", "20", "--offscreen", "--seed", "1"]
    command += ["--report", str(base / "night"), "--json", str(base / "figures.json")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    figures = json.loads((base / "figures.json").read_text()) if (base / "figures.json").exists() else {}
    return Played(base / "night", figures, done.stdout + done.stderr, done.returncode)


def test_a_short_night_keeps_the_promise(night: Played) -> None:
    assert night.code == 0, night.said
    assert set(night.figures) == FIGURES
    assert night.figures["orders_rung"] == night.figures["orders_on_server"] >= 20
    assert night.figures["kills"] >= 2
    for name in FIGURES - {"orders_rung", "orders_on_server", "kills", "seconds"}:
        assert night.figures[name] == 0, night.said


def test_a_short_night_leaves_its_story(night: Played) -> None:
    pictures = {path.stem for path in (night.folder / "pictures").glob("*.png")}
    page = (night.folder / "index.html").read_text(encoding="utf-8")

    assert {
        *("01-login-till-1", "02-order-till-1", "03-pay-till-1", "06-cut-sync-till-1", "13-payment-found-till-2"),
        *("04-apart-till-1", "04-apart-till-2", "08-together-till-1", "08-together-till-2"),
        *("10-board-offline-kitchen-1", "11-board-back-kitchen-1"),
    } <= pictures
    assert all(f"pictures/{name}.png" in page for name in pictures)
    assert "The promise was kept." in page


def test_a_short_night_proves_that_each_thing_was_broken(night: Played) -> None:
    proofs = json.loads((night.folder / "night.json").read_text())["night"]["proofs"]

    assert len(proofs) == 8
    assert all(proof["happened"] for proof in proofs), proofs
    assert "REPLAYING" in " ".join(proof["evidence"] for proof in proofs)
    for proof in proofs:
        assert proof["what"] in night.said


def test_the_check_can_be_run_by_itself(night: Played) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "demo.check", str(night.folder)], capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 0, done.stdout
    assert "The promise was kept." in done.stdout


@pytest.fixture
def copy(night: Played, tmp_path: Path) -> Path:
    """The night's files, to be doctored."""
    shutil.copytree(night.folder, tmp_path / "copy")
    return tmp_path / "copy"


@pytest.mark.parametrize(("doctor", "figure"), DOCTORS, ids=[doctor.__name__ for doctor, _ in DOCTORS])
def test_the_check_sees_what_was_done_to_the_files(copy: Path, doctor: Callable[[Path], None], figure: str) -> None:
    doctor(copy)

    findings: Findings = check(copy)

    assert getattr(findings, figure) > 0, findings
    assert not findings.is_clean


def test_an_untouched_copy_is_clean(copy: Path) -> None:
    assert check(copy).is_clean
