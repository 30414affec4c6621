"""What the till knows about its queue, as a file for whoever helps: without names, tokens or bodies."""

import json
from pathlib import Path

from shared.terminal import Terminal

TABS = ("waiting", "attention", "sent")


def diagnostics(terminal: Terminal) -> str:
    """The link and the operations of each tab, as JSON."""
    link = terminal.link()
    content = {
        "link": {"state": link.state, "cause": link.cause, "since_ms": link.since_ms},
        "operations": [
            {
                "seq": row.seq,
                "id": row.id,
                "kind": row.what,
                "status": row.status,
                "reason": row.reason,
                "sends": row.sends,
                "attempts": row.attempts,
                "error": row.error,
                "created_at_ms": row.created_at_ms,
                "entity_id": row.entity_id,
                "choice": row.choice,
                "body_sha256": row.body_sha256,
            }
            for tab in TABS
            for row in terminal.desk.operations(tab)
        ],
    }
    return json.dumps(content, indent=1)


def written(path: Path, text: str) -> str:
    """Write the file; what a person is told about it."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        return f"The file could not be written: {error.strerror}."
    return f"Written to {path.name} in the till's data folder."
