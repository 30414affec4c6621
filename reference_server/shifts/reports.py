"""`GET /pos/shifts/{id}/report`: an X report at any time, the Z report once a shift is closed."""

from __future__ import annotations

from reference_server.deps import Deps
from reference_server.exchange import Problem, Response
from reference_server.rows import Asked
from reference_server.storage import shifts
from reference_server.storage.seam import Connection
from shared.times import to_rfc3339
from shared.wire.shifts import ReportKind, ShiftReport


def report(tx: Connection, deps: Deps, asked: Asked) -> Response:
    """What is known here of the shift now, added up."""
    shift = shifts.shift(tx, asked.params["entity"])
    if shift is None:
        raise Problem(404, "This shift is not known here.")
    told = ShiftReport(
        kind=ReportKind.X if shift.is_open else ReportKind.Z,
        server_time=to_rfc3339(deps.clock.now_ms()),
        shift=shift,
        figures=shifts.figures_of(tx, shift),
        difference_minor=shift.difference_minor,
        agreement=shifts.agreement(tx, shift.id),
    )
    return Response(200, told.to_json())
