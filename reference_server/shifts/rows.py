"""The endpoints of shifts, attendance and business days."""

from __future__ import annotations

from typing import Final

from reference_server.people.roles import EVERYBODY, LEADERS, SALES
from reference_server.rows import Row, written
from reference_server.shifts import attendance, reports
from shared.domain.attendance import Attendance, ClockingAnswer
from shared.domain.business_day import BusinessDay
from shared.domain.shift import Shift
from shared.wire.requests import Kind
from shared.wire.shifts import ShiftReport

_AREA: Final = "shifts"

ROWS: Final[tuple[Row, ...]] = (
    written(Kind.OPEN_SHIFT, "Open a till's shift with its float", area=_AREA, answer=Shift, roles=SALES),
    written(Kind.MOVE_CASH, "Pay in, pay out, or only open the drawer", area=_AREA, answer=Shift, roles=SALES),
    written(Kind.CLOSE_SHIFT, "Count the drawer and close the shift", area=_AREA, answer=Shift, roles=SALES),
    Row(
        *("GET", "/pos/shifts/{entity}/report", "The X or Z report of a shift", _AREA, ShiftReport),
        read=reports.report,
        roles=SALES,
    ),
    written(Kind.CLOCK, "Come to work, or leave it", area=_AREA, answer=ClockingAnswer, roles=EVERYBODY),
    Row(
        *("GET", "/attendance", "Who is at work, and who forgot to clock out", _AREA, Attendance),
        read=attendance.present,
        roles=EVERYBODY,
    ),
    written(Kind.CLOSE_DAY, "End the business day", area=_AREA, answer=BusinessDay, roles=LEADERS),
)
