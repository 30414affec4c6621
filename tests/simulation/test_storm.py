"""Storms keep the promises, one seed is one storm, and what raises anywhere in the product breaks them."""

import itertools
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from shutil import rmtree

import pytest

from reference_server import writes
from reference_server.storage.file import FILE_NAME
from shared.database import open_reader
from shared.store import outbox
from shared.sync.engine import Engine
from tests.simulation.__main__ import TWICE_EVERY
from tests.simulation.storm import ALL_AT_ONCE_EVERY, CARDS_EVERY, RESTORED_EVERY, play_storm
from tests.soak import Soak

KINDS = (
    "HTML with 200",
    "answer lost",
    "app killed",
    "back after a day",
    "busy 429",
    "busy 503",
    "clock wrong",
    "disk full",
    "doubled",
    "error 500",
    "late arrival",
    "late copy",
    "overtaken",
    "poison",
    "portal",
    "proxy error",
    "redirect",
    "request lost",
    "server killed",
    "server restarted",
    "server restored",
    "time-out",
)
LEAST = 0.01
"""The share of all faults that each kind has in a long run."""
LONG = 30
"""So many seeds are a long run, and so are the faults that `make test` plays."""

FAULTS = 300_000
PARTS = 6
APART = 102
"""The seeds of two parts are so far apart, and each begins with one of another kind."""


def too_rare(faults: Mapping[str, int]) -> list[str]:
    """The kinds that have less than their share, with what they have."""
    everything = sum(faults.values())
    shares = {kind: faults.get(kind, 0) / everything for kind in KINDS}
    return [f"{kind}: {share:.2%}" for kind, share in shares.items() if share < LEAST]


def test_a_kind_that_hardly_strikes_is_named() -> None:
    often = dict.fromkeys(KINDS, 100)

    assert too_rare(often) == []
    assert too_rare({**often, "poison": 20}) == ["poison: 0.94%"]
    assert too_rare({kind: count for kind, count in often.items() if kind != "portal"}) == ["portal: 0.00%"]


@pytest.fixture
def all_parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this run of tests have in common."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "storms"
    folder.mkdir(exist_ok=True)
    return folder


def test_a_storm_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    story = play_storm(CARDS_EVERY * RESTORED_EVERY, tmp_path / "night")

    assert story.is_clean, (story.broken, story.findings)
    assert story.faults.total() >= 10_000
    assert [kind for kind in KINDS if story.faults[kind] < 5] == []
    assert ended_shifts_and_cards(tmp_path / "night") >= (5, 3)


def ended_shifts_and_cards(night: Path) -> tuple[int, int]:
    """What the server has of them."""
    with closing(open_reader(night / "server" / FILE_NAME)) as server:
        shifts = server.execute("SELECT count(*) FROM house_record WHERE kind = 'shift' AND is_open = 0").get
        return int(shifts), int(server.execute("SELECT count(*) FROM payment_intent WHERE state = 'RECORDED'").get)


def test_twenty_tills_that_come_back_at_once_after_a_day_lose_nothing(tmp_path: Path) -> None:
    story = play_storm(ALL_AT_ONCE_EVERY - 1, tmp_path / "night")

    assert story.is_clean, (story.broken, story.findings)
    assert story.faults["back after a day"] >= 100
    assert story.findings.orders_rung >= 50


@pytest.mark.parametrize(
    "seed",
    [
        RESTORED_EVERY,
        3012,  # found once: an invoice number whose bill nobody had an answer to, a person is told of the hole
        3033,  # found once: taps before a till's beginning anew waited for ever for a version that was lost
    ],
)
def test_a_server_that_is_put_back_to_an_old_copy_in_a_storm_gets_back_what_it_lost(seed: int, tmp_path: Path) -> None:
    story = play_storm(seed, tmp_path / "night")

    assert story.is_clean, (story.broken, story.findings)
    assert story.faults["server restored"] >= 10


@pytest.mark.parametrize("part", range(PARTS))
def test_three_hundred_thousand_faults_lose_nothing_and_double_nothing(
    part: int, tmp_path: Path, all_parts: Path
) -> None:
    """By count and not by time: the same storms everywhere, in parts that run side by side.

    The last part to end finds what all the others came to, and holds the shares of all together.
    """
    faults = Counter[str]()
    for seed in itertools.count(part * APART):
        story = play_storm(seed, tmp_path / str(seed))
        assert story.is_clean, (seed, story.broken, story.findings)
        faults += story.faults
        if faults.total() >= FAULTS // PARTS:
            break
    (all_parts / f"{part}.new").write_text(json.dumps(faults))
    (all_parts / f"{part}.new").replace(all_parts / f"{part}.json")
    ended = [Counter[str](json.loads(path.read_text())) for path in sorted(all_parts.glob("*.json"))]

    assert len(ended) < PARTS or too_rare(sum(ended, Counter[str]())) == []


@pytest.mark.soak
def test_hundreds_of_storms_lose_nothing_and_double_nothing(tmp_path: Path, soak: Soak) -> None:
    faults = Counter[str]()
    for seed in soak.seeds(enough=1_000):
        story = play_storm(seed, tmp_path / str(seed))
        assert story.is_clean, (seed, story.broken, story.findings)
        faults += story.faults
        is_sample = seed % TWICE_EVERY == 0
        assert not is_sample or play_storm(seed, tmp_path / "again").trace == story.trace, seed
        figures = {"orders": story.findings.orders_rung, "kills": story.kills, "played twice": int(is_sample)}
        soak.note(seed, {**figures, **story.faults})
        for name in (str(seed), "again"):
            rmtree(tmp_path / name, ignore_errors=True)
    assert len(soak.played) < LONG or too_rare(faults) == []


def test_one_seed_is_one_storm_to_the_last_event_whatever_the_order_of_sets(tmp_path: Path) -> None:
    here = play_storm(3, tmp_path / "here", storm_s=20).trace
    command = (
        "import pathlib, sys; from tests.simulation.storm import play_storm;"
        " print(play_storm(3, pathlib.Path(sys.argv[1]), storm_s=20).trace)"
    )
    there = subprocess.run(
        [sys.executable, "-c", command, str(tmp_path / "there")],
        env={**os.environ, "PYTHONHASHSEED": "4"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert here == there.stdout.strip() != ""


@pytest.mark.parametrize(
    ("place", "name"),
    [(Engine, "beat_passed"), (outbox, "settle"), (writes, "_recorded")],
    ids=["engine", "outbox", "server"],
)
def test_a_raise_in_the_product_is_a_broken_promise_and_not_a_traceback(
    place: object, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = getattr(place, name)
    calls = itertools.count()

    def now_and_then(*arguments: object, **named: object) -> object:
        if next(calls) == 40:
            raise ZeroDivisionError("planted")
        return whole(*arguments, **named)

    monkeypatch.setattr(place, name, now_and_then)
    story = play_storm(1, tmp_path / "night", storm_s=20)

    assert not story.is_clean
    assert "raised ZeroDivisionError: planted" in story.broken[0]
