"""Replay of the outbox: an engine that only decides, and a worker that does what it says."""

import sys
from importlib.util import find_spec

#: httpx loads a command line of its own wherever what that needs happens to be installed: 8 MB of other libraries, and
#: a tenth of the time to start. Nobody here needs it, and httpx is content without.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]

#: At each lock that it takes, httpx's core looks for this library, to hear that asyncio runs; where it is not installed
#: that search of the disk was a tenth of all that a request costs. Told once that it is not there, it does not look.
if find_spec("sniffio") is None:
    sys.modules["sniffio"] = None  # type: ignore[assignment]
