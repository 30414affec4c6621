"""What a waiter of the night remembers across the death of the till: which task is done, whose order is which."""

import json
import os
from pathlib import Path
from typing import Any


class Notes:
    """A file of JSON lines, fsynced; the last word about a name counts. A torn last line was never written."""

    def __init__(self, path: Path) -> None:
        self._known: dict[str, Any] = {}
        if path.exists():
            for line in path.read_bytes().split(b"\n"):
                try:
                    name, value = json.loads(line)
                except ValueError:
                    continue
                self._known[name] = value
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.write(self._descriptor, b"\n")

    def get(self, name: str) -> Any:
        """What is known under a name, or None."""
        return self._known.get(name)

    def put(self, name: str, value: object) -> None:
        """Remember, durably."""
        self._known[name] = value
        os.write(self._descriptor, json.dumps([name, value]).encode() + b"\n")
        os.fsync(self._descriptor)
