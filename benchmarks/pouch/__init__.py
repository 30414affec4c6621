"""PouchDB in node beside ours, where node and what `make bench` installs for it are there."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

_SCRIPT: Final = Path(__file__).with_name("pouch.js")
_INSTALLED: Final = Path(__file__).parents[2] / ".venv" / "pouch" / "node_modules"
_LONGEST_S: Final = 120


def is_here() -> bool:
    """Whether it can be measured on this machine."""
    return shutil.which("node") is not None and _INSTALLED.is_dir()


def pushes_and_pulls(count: int) -> dict[str, list[float]]:
    """Milliseconds of so many pushes (`push`) and pulls (`pull`) of one document. Raises CalledProcessError."""
    found: dict[str, list[float]] = _asked("one", count)
    return found


def rate(count: int) -> float:
    """Documents a second of one replication of so many that wait. Raises CalledProcessError."""
    return float(_asked("many", count)["rate"])


def _asked(what: str, count: int) -> dict[str, Any]:
    node = shutil.which("node")
    assert node is not None, "asked without is_here"
    done = subprocess.run(
        [node, str(_SCRIPT), what, str(count)],
        env={**os.environ, "NODE_PATH": str(_INSTALLED)},
        check=True,
        capture_output=True,
        text=True,
        timeout=_LONGEST_S,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found
