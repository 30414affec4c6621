"""Replay of the outbox: an engine that only decides, and a worker that does what it says."""

import sys

#: httpx loads a command line of its own wherever what that needs happens to be installed: 8 MB of other libraries, and
#: a tenth of the time to start. Nobody here needs it, and httpx is content without.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
