"""Pure: who is at work. Each way past the clock is kept as it was told; the hours are what lies between two of them.

Two tills that tell of one person late and in any order can't disagree so: nothing is judged when it is heard, and the
hours are put together by the moments whenever somebody asks.
"""

from collections.abc import Iterable
from typing import Final

from shared.domain.lines import Author
from shared.domain.model import AClockingId, AStaffId, Model, Moment
from shared.domain.shift_commands import Clock, Way
from shared.ids import StaffId
from shared.times import from_rfc3339

LONGEST_MS: Final = 16 * 3600 * 1000
"""Nobody works longer in one go: who comes after more than this had forgotten to clock out."""


class Clocking(Model):
    """Somebody came or went. It never changes."""

    id: AClockingId
    version: int = 1
    staff_id: AStaffId
    staff_name: str = ""
    type: Way
    at: Moment
    device_id: str = ""
    by: str = ""
    """Who wrote it down, where it was somebody else."""
    applied: tuple[str, ...] = ()


class Hours(Model):
    """One stay at work. `came_at` or `left_at` is missing where it was forgotten; `is_in`: it is not over."""

    staff_id: AStaffId
    staff_name: str = ""
    came_at: Moment | None = None
    left_at: Moment | None = None
    is_in: bool = False

    @property
    def is_forgotten(self) -> bool:
        """Whether a manager has to ask when it began or ended."""
        return not self.is_in and (self.came_at is None or self.left_at is None)


class Attendance(Model):
    """Who is at work, and who forgot to say that they came or left, the latest first."""

    hours: tuple[Hours, ...] = ()


class ClockingAnswer(Clocking):
    """A clocking after its write, with what it means, in words for the person at the clock."""

    is_in: bool = False
    since: Moment | None = None
    message: str = ""


def clocked(command: Clock, author: Author, *, name: str) -> Clocking:
    """What is kept of it. `name` is that of the person whose hours they are."""
    return Clocking(
        id=command.clocking_id,
        staff_id=StaffId(command.person_id),
        staff_name=name,
        type=command.type,
        at=command.at,
        device_id=author.device_id,
        by="" if command.person_id == command.actor_id else command.actor_id,
        applied=(command.id,),
    )


def hours(clockings: Iterable[Clocking], *, now_ms: int) -> tuple[Hours, ...]:
    """The stays of one person, oldest first.

    Who comes a second time within one stay is in already. Who comes after more than `LONGEST_MS` had forgotten to clock
    out, and so has who is in for longer than that; who leaves without having come had forgotten to clock in.
    """
    stays: list[Hours] = []
    for one in sorted(clockings, key=lambda each: (each.at, each.id)):
        last = stays[-1] if stays and stays[-1].left_at is None else None
        goes_on = last is not None and last.came_at is not None and _is_one_stay(last.came_at, from_rfc3339(one.at))
        if one.type is Way.IN and not goes_on:
            stays.append(Hours(staff_id=one.staff_id, staff_name=one.staff_name, came_at=one.at))
        elif one.type is Way.OUT and last is not None and goes_on:
            stays[-1] = last.model_copy(update={"left_at": one.at})
        elif one.type is Way.OUT and not _left_just_now(stays, one):
            stays.append(Hours(staff_id=one.staff_id, staff_name=one.staff_name, left_at=one.at))
    if stays and stays[-1].left_at is None and stays[-1].came_at is not None:
        stays[-1] = stays[-1].model_copy(update={"is_in": _is_one_stay(stays[-1].came_at, now_ms)})
    return tuple(stays)


def _is_one_stay(came_at: Moment, at_ms: int) -> bool:
    return at_ms - from_rfc3339(came_at) <= LONGEST_MS


def _left_just_now(stays: list[Hours], one: Clocking) -> bool:
    """Whether somebody who has left says so again."""
    left_at = stays[-1].left_at if stays else None
    return left_at is not None and _is_one_stay(left_at, from_rfc3339(one.at))
