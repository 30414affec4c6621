"""What can be played with the clean code and with a mutant alike: each gives in words the promises that it broke."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, TypeAlias

from tests.contract.dying_server import Night
from tests.contract.house import demo_restaurant, open_house
from tests.simulation import conflict_story, every_statement, healing_stories, rare_evenings
from tests.simulation.devices import Code
from tests.simulation.moving_rush import play_moving_rush
from tests.simulation.power_world import play_power_cuts
from tests.simulation.promises import Story
from tests.simulation.rush import play_rush
from tests.simulation.storm import CARDS_EVERY, play_storm
from tests.simulation.world import play

SHORT_STORM_S: Final = 60.0

Stage: TypeAlias = Callable[[int, Path, Code], Sequence[str]]
"""Plays one seed in an empty folder."""


def broken_in(story: Story) -> list[str]:
    """What a night broke."""
    found = [*story.broken, *story.findings.details]
    if not story.drained:
        found.append("something waits for ever")
    return found if found or story.is_clean else ["nothing was rung up, or not all of it is on the server"]


def _night(seed: int, folder: Path, code: Code) -> Sequence[str]:
    return broken_in(play(seed, folder, code=code))


def _together(seed: int, folder: Path, code: Code) -> Sequence[str]:
    return broken_in(play(seed, folder, code=code, batches=True))


def _rush(seed: int, folder: Path, code: Code) -> Sequence[str]:
    return broken_in(play_rush(seed, folder, code=code))


def _moving(seed: int, folder: Path, code: Code) -> Sequence[str]:
    story = play_moving_rush(seed, folder, code=code)
    return [*story.broken, *(() if story.drained else ("something waits for ever",))]


def _storm(seed: int, folder: Path, code: Code) -> Sequence[str]:
    return broken_in(play_storm(seed * CARDS_EVERY, folder, code=code, storm_s=SHORT_STORM_S))


def _overnight(seed: int, folder: Path, code: Code) -> Sequence[str]:
    return broken_in(rare_evenings.play_overnight(seed, folder, code=code))


def _many_sick(seed: int, folder: Path, code: Code) -> Sequence[str]:
    return broken_in(rare_evenings.play_many_sick(seed, folder, code=code))


def _death(seed: int, folder: Path, code: Code) -> Sequence[str]:
    return broken_in(every_statement.die("kitchen-1", seed, folder, code=code).story)


def _server_dies(seed: int, folder: Path, code: Code) -> Sequence[str]:
    folder.mkdir()
    house = open_house(folder, demo_restaurant(), operations=code.operations())
    night = Night(house, dies_at=seed)
    night.play()
    house.connection.close()
    return night.wrong


def _restored(seed: int, folder: Path, code: Code) -> Sequence[str]:
    return healing_stories.broken_by_a_restore(seed, folder, code=code)


def _two_histories(seed: int, folder: Path, code: Code) -> Sequence[str]:
    return healing_stories.broken_by_two_histories(seed, folder, code=code)


def _conflict(seed: int, folder: Path, code: Code) -> Sequence[str]:
    return conflict_story.broken_by_a_conflict(seed, folder, code=code)


def _power(seed: int, folder: Path, code: Code) -> Sequence[str]:
    found = play_power_cuts(seed, folder, code=code, synchronous=code.synchronous)
    return [*found.wrong, *(() if found.story is None else broken_in(found.story))]


STAGES: Final[Mapping[str, Stage]] = {
    "a rush": _rush,
    "a rush with moves": _moving,
    "a night": _night,
    "a night with batches": _together,
    "a storm with shifts and cards": _storm,
    "an evening that ends a day later": _overnight,
    "many sick orders": _many_sick,
    "the kitchen dies at a statement": _death,
    "the server dies at a statement": _server_dies,
    "a restored server": _restored,
    "sold on both histories": _two_histories,
    "a conflict": _conflict,
    "power cuts": _power,
}
"""By name; a seed of the stages with *at a statement* is the number of that statement."""


def broken(stage: str, seed: int, code: Code) -> Sequence[str]:
    """Play this stage with this seed and code; empty when every promise was kept."""
    with TemporaryDirectory() as folder:
        return STAGES[stage](seed, Path(folder) / "played", code)
