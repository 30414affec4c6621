"""evertill-demo: plays one night in a restaurant through the real programs, breaks things, and checks what is left."""

import argparse
import json
import os
import shutil
import signal
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from demo.check import WORDS, check
from demo.conductor import Conductor
from demo.day import Day
from demo.night import Night
from demo.plan import Plan, make_plan
from demo.records import own_night, pizza_friday, shop_day
from demo.report import write_report
from demo.stage import KITCHEN, TILL, placed, room_of_display
from shared.errors import EvertillError
from shared.locks import OsLock

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
PLAYING = "playing.lock"
ROUND_IT_S = 12
"""What opening the house and the check at the end take."""
SCREENS = {"till-1": TILL, "till-2": TILL, "kitchen-1": KITCHEN, "kitchen-2": KITCHEN}


def main() -> int:
    """Play a night; 0 if the promise was kept, 1 if not, 2 if there was no night to judge, 130 if it was stopped."""
    asked = _parser().parse_args()
    playing = OsLock(asked.report.resolve() / PLAYING)
    try:
        day = _day(asked.data, asked.seed)
        if asked.json is not None:
            asked.json.touch()
        _make_room(asked.report.resolve(), playing)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _stop)
        return _play(day, asked)
    except OSError as error:
        _complain(f"This can't be written: {error.filename}: {error.strerror}\nName another place for it.")
    except EvertillError as error:
        _complain(f"{error.title}: {error.detail}\n{error.advice}")
    except KeyboardInterrupt:
        _complain("Stopped in the middle: every program of the night was ended, nothing was judged.")
        return 130
    finally:
        playing.release()
    return 2


def _play(day: Day, asked: argparse.Namespace) -> int:
    folder = asked.report.resolve()
    day = day.busiest(asked.orders or len(day.guests))
    for words in day.dirty:
        _say(f"left out: {words}")
    plan = make_plan(day, seed=asked.seed, speed=asked.speed)
    windows = None if asked.offscreen else _windows()
    _tell_what_comes(day, plan, folder=folder, on_display=windows is not None)
    night = Conductor(folder, day, plan, windows=windows, say=_say).play()
    return _judge(folder, night, plan=plan, day_name=day.name, figures_file=asked.json)


def _judge(folder: Path, night: Night, *, plan: Plan, day_name: str, figures_file: Path | None) -> int:
    findings = check(folder)
    kept = findings.is_clean and night.became_quiet and night.was_bad
    page = write_report(folder, night=night, plan=plan, findings=findings, day_name=day_name, kept=kept)
    figures = {name: getattr(findings, name) for name in FIGURES} | {"kills": night.kills, "seconds": night.seconds}
    (folder / "night.json").write_text(json.dumps(figures | {"night": asdict(night)}, indent=1))
    if figures_file is not None:
        figures_file.write_text(json.dumps(figures))
    _say("\nWhat was broken, and how that is known:")
    for proof in night.proofs:
        _say(f"  {'yes' if proof.happened else 'NO '}  {proof.what}: {proof.evidence}")
    _say("\nWhat is left, from the databases and from what the screens had called saved:")
    for name, words in WORDS.items():
        _say(f"  {words:<46}{getattr(findings, name):>8}")
    _say("\nThe programs:")
    for name, facts in night.processes.items():
        _say(f"  {name:<46}{facts['peak_mib']:>4} MiB at most{', killed once' if facts['kills'] else ''}")
    for words in [*night.troubles, *findings.details][:40]:
        _say(f"  note: {words}")
    _say(f"\n{night.seconds:.0f} s, {night.kills} kills. The story with pictures: {page}")
    if findings.is_clean and night.became_quiet and not night.was_bad:
        _say("NOT EVERYTHING THAT SHOULD HAVE BROKEN DID: this night proves nothing.")
    _say(
        "The promise was kept."
        if kept
        else "THE PROMISE WAS NOT PROVEN."
        if findings.is_clean
        else "THE PROMISE WAS BROKEN."
    )
    return 0 if kept else 1


def _tell_what_comes(day: Day, plan: Plan, *, folder: Path, on_display: bool) -> None:
    """The story in advance, for whoever watches."""
    where = "in four windows" if on_display else "offscreen"
    _say(
        f"{day.name}: {len(day.guests)} orders, {plan.speed:.0f} times faster than they were, {where}. "
        f"It takes about {plan.ends_s + ROUND_IT_S:.0f} s.\n"
        f"  {plan.cut_from_s:5.0f} s  the network of till 1 will be cut, for "
        f"{plan.cut_until_s - plan.cut_from_s:.0f} s\n"
        f"  {plan.server_killed_s:5.0f} s  the server will be killed, and be dead for "
        f"{plan.server_back_s - plan.server_killed_s:.0f} s\n"
        f"  {plan.payment_killed_s:5.0f} s  till 2 will be killed while it takes money\n"
        f"  all night the tills' lines lose answers after the server has committed.\n"
        f"Everything that a screen calls saved is written down outside the programs, and checked at the end."
        f" Ctrl-C ends it all.\nReport: {folder}\n"
    )


def _windows() -> Mapping[str, Mapping[str, str]] | None:
    """Where the windows stand, or None where there is no display for them."""
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return None
    room = room_of_display()
    if room is None:
        _say("No window can be opened on this display: the screens are drawn offscreen.")
        return None
    return placed(list(SCREENS), SCREENS, room)


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


def _day(data: Path | None, seed: int) -> Day:
    if data is not None:
        return shop_day(data)
    return pizza_friday() or own_night(seed)


def _make_room(folder: Path, playing: OsLock) -> None:
    """Take the report's folder and clear it of an old night. Raises EvertillError, or OSError."""
    if folder.exists() and any(folder.iterdir()) and not any((folder / name).exists() for name in (MARKER, PLAYING)):
        raise EvertillError(
            str(folder), title="This folder is not empty and holds no night", advice="Name a new folder with --report."
        )
    folder.mkdir(parents=True, exist_ok=True)
    if not playing.acquire():
        raise EvertillError(
            str(folder), title="A night is being played in this folder", advice="Name another one with --report."
        )
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != PLAYING:
            path.unlink()


def _complain(words: str) -> None:
    sys.stderr.write(f"{words}\n")


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="evertill-demo", description=__doc__)
    parser.add_argument("--orders", type=_orders, default=0, help="how many orders; more than the day had: it repeats")
    parser.add_argument("--offscreen", action="store_true", help="show no windows even if there is a display")
    parser.add_argument("--seed", type=int, default=1, help="the chance of this night")
    parser.add_argument("--speed", type=_speed, default=None, help="how many times faster guests come (60)")
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
