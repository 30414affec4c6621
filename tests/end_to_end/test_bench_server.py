"""A benchmark that breaks off takes the server that it started with it, and is not held up by it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from signal import SIGKILL
from threading import Timer

from benchmarks.serving import serving

WITHIN_S = 60.0


class BrokenOffError(Exception):
    """What a benchmark may end with."""


def break_off(folder: Path) -> Timer:
    """Ends in the middle of a benchmark; the watch kills a server that is still there long after."""
    watch = None
    with suppress(BrokenOffError), serving(folder) as served:
        watch = Timer(WITHIN_S, os.kill, (served.process_id, SIGKILL))
        watch.start()
        raise BrokenOffError
    assert watch is not None, "the server did not start"
    return watch


def test_a_benchmark_that_breaks_off_ends_its_server(tmp_path: Path) -> None:
    watch = break_off(tmp_path)

    assert not watch.finished.is_set(), "the server had to be killed"
    watch.cancel()
