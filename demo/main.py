"""evertill-demo: plays one night in a restaurant through the real programs, breaks things, and checks what is left."""

import argparse
import json
import os
import shutil
import sys
from dataclasses import asdict
from pathlib import Path

from demo.check import WORDS, check
from demo.conductor import Conductor
from demo.day import Day
from demo.plan import make_plan
from demo.records import own_night, pizza_friday, shop_day
from demo.report import write_report
from shared.errors import EvertillError

FIGURES = (
    "orders_rung",
    "orders_on_server",
    "lost",
    "doubled",
    "out_of_order",
    "payments_difference_minor",
    "tickets_missing",
    "views_unequal",
)
MOST_ORDERS = 5_000
MARKER = "plan.json"


def main() -> int:
    """Play a night; 0 if the promise was kept, 1 if not, 2 if there was no night to play."""
    asked = _parser().parse_args()
    try:
        day = _day(asked.data, asked.seed)
        folder = _empty(asked.report)
        if asked.json is not None:
            asked.json.touch()
    except OSError as error:
        sys.stderr.write(f"This can't be written: {error.filename}: {error.strerror}\nName another place for it.\n")
        return 2
    except EvertillError as error:
        sys.stderr.write(f"{error.title}: {error.detail}\n{error.advice}\n")
        return 2
    day = day.busiest(asked.orders or len(day.guests))
    for words in day.dirty:
        _say(f"left out: {words}")
    plan = make_plan(day, seed=asked.seed, speed=asked.speed)
    offscreen = asked.offscreen or not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    _say(f"{day.name}: {len(day.guests)} orders, about {plan.ends_s:.0f} s of service")
    night = Conductor(folder, day, plan, offscreen=offscreen, say=_say).play()
    findings = check(folder)
    page = write_report(folder, night=night, plan=plan, findings=findings, day_name=day.name)
    figures = {name: getattr(findings, name) for name in FIGURES} | {"kills": night.kills, "seconds": night.seconds}
    (folder / "night.json").write_text(json.dumps(figures | {"night": asdict(night)}, indent=1))
    if asked.json is not None:
        asked.json.write_text(json.dumps(figures))
    for name, words in WORDS.items():
        _say(f"{words:<46}{getattr(findings, name):>8}")
    _say(f"{'answers lost after the commit':<46}{night.answers_dropped:>8} of {night.writes_answered}")
    for name, facts in night.processes.items():
        _say(f"{name:<46}{facts['peak_mib']:>8} MiB at most, {facts['kills']} kills")
    for words in [*night.troubles, *findings.details][:40]:
        _say(f"  {words}")
    kept = findings.is_clean and night.became_quiet and not _too_tame(night.answers_dropped, night.writes_answered)
    _say(f"{night.seconds:.0f} s, {night.kills} kills. Report: {page}")
    _say("The promise was kept." if kept else "THE PROMISE WAS BROKEN.")
    return 0 if kept else 1


def _too_tame(dropped: int, answered: int) -> bool:
    """A night proves something only if enough answers were lost: one in twenty, and ten."""
    return dropped < 10 or dropped * 20 < answered


def _day(data: Path | None, seed: int) -> Day:
    if data is not None:
        return shop_day(data)
    return pizza_friday() or own_night(seed)


def _empty(folder: Path) -> Path:
    """The report's folder, new or with only an old night in it."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARKER).exists():
            raise EvertillError(
                str(folder),
                title="This folder is not empty and holds no night",
                advice="Name a new folder with --report.",
            )
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    return folder.resolve()


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="evertill-demo", description=__doc__)
    parser.add_argument("--orders", type=_orders, default=0, help="how many orders; more than the day had: it repeats")
    parser.add_argument("--offscreen", action="store_true", help="show no windows even if there is a display")
    parser.add_argument("--seed", type=int, default=1, help="the chance of this night")
    parser.add_argument("--speed", type=_speed, default=60.0, help="how many times faster guests come (60)")
    parser.add_argument("--report", type=Path, default=Path("demo-report"), help="folder of the report")
    parser.add_argument("--json", type=Path, default=None, help="write the figures to this file")
    parser.add_argument("--data", type=Path, default=None, help="another shop's day as CSV")
    return parser


def _orders(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= MOST_ORDERS:
        raise argparse.ArgumentTypeError(f"a whole number from 1 to {MOST_ORDERS}, not {text}")
    return int(text)


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 1 <= speed <= 1000:
        raise argparse.ArgumentTypeError(f"a number from 1 to 1000, not {text}")
    return speed


if __name__ == "__main__":
    sys.exit(main())
