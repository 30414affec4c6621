"""A clock that is set while the program runs moves nothing; what the start had wrong, the offset makes good."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from shared.clock import SteadyClock
from shared.sync.offset import ClockOffset

HOUR_MS = 3_600_000
TRUE_MS = 1_772_394_065_250


@dataclass
class Settable:
    """A machine's clocks: somebody sets the wall clock, nobody the stopwatch."""

    wall_ms: int
    s: float = 50.0

    def now_ms(self) -> int:
        return self.wall_ms

    def monotonic_s(self) -> float:
        return self.s

    def pass_by(self, seconds: float) -> None:
        """Time goes by."""
        self.s += seconds
        self.wall_ms += round(seconds * 1000)


@given(st.lists(st.tuples(st.floats(0, 600), st.integers(-30 * HOUR_MS, 30 * HOUR_MS)), max_size=8))
def test_time_goes_on_as_the_stopwatch_does_however_the_machine_is_set(steps: list[tuple[float, int]]) -> None:
    machine = Settable(TRUE_MS)
    steady = SteadyClock(machine)
    before, passed_s = steady.now_ms(), 0.0
    for seconds, set_by_ms in steps:
        machine.pass_by(seconds)
        machine.wall_ms += set_by_ms
        passed_s += seconds
        assert steady.now_ms() >= before
        before = steady.now_ms()
    assert abs(steady.now_ms() - TRUE_MS - passed_s * 1000) <= 1


def test_two_screens_of_which_one_is_set_back_an_hour_show_one_time_with_and_without_the_server() -> None:
    machines = Settable(TRUE_MS), Settable(TRUE_MS + 17 * HOUR_MS)
    clocks = [SteadyClock(machine) for machine in machines]
    offsets = [ClockOffset(), ClockOffset()]
    for clock, offset in zip(clocks, offsets, strict=True):
        offset.learn(server_ms=TRUE_MS, received_ms=clock.now_ms(), round_trip_s=0.01)
    for machine in machines:
        machine.pass_by(90)
    machines[0].wall_ms -= HOUR_MS

    here, there = (clock.now_ms() + offset.ms for clock, offset in zip(clocks, offsets, strict=True))
    assert abs(here - there) <= 10
    assert abs(here - TRUE_MS - 90_000) <= 10


def test_the_mutant_that_reads_the_wall_clock_loses_the_hour() -> None:
    machine = Settable(TRUE_MS)
    steady = SteadyClock(machine)
    machine.wall_ms -= HOUR_MS
    assert (steady.now_ms(), machine.now_ms()) == (TRUE_MS, TRUE_MS - HOUR_MS)
