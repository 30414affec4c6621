"""What a press on the pill does about what the server did not take: it goes again, and what was told counts as seen.

Nobody logs in at a kitchen screen and no mark carries money, so that trying again is the whole decision there: a mark
that is in already changes nothing.
"""

from shared.terminal import Terminal


def try_again(terminal: Terminal, *, actor_id: str) -> str:
    """Let all that waits for a person go again. Returns what the first of it was, in words; empty for nothing."""
    alerts = terminal.desk.alerts()
    for alert in alerts:
        if alert.operation_id:
            terminal.desk.retry(alert.operation_id, new_id=terminal.new_id(), actor_id=actor_id)
        else:
            terminal.desk.settle_alert(alert.id, choice="seen", actor_id=actor_id)
    if not alerts:
        return ""
    first = alerts[0]
    return f"{first.title}. {first.detail}{' It goes again now.' if first.operation_id else ''}"
