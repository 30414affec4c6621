"""`evertill-agent` of the device in a folder: `python -m tests.end_to_end.agent_process FOLDER [watched]`.

Watched, it also says on standard output which operation it sends and which was answered, as `till_process` does.
"""

import sys
import threading
from pathlib import Path

from shared.agent import Agent, main
from shared.claims import AgentClaim
from shared.opening import open_terminal
from shared.settings import load_settings
from tests.end_to_end.till_process import Watched
from tests.end_to_end.watched_process import say


def watched(settings_path: Path) -> None:
    """The agent as `serve` makes it, over a transport that says what it does, until it is killed."""
    settings = load_settings(settings_path)
    claim = AgentClaim(settings.database_path)
    agent = Agent(claim, lambda: open_terminal(settings, around=Watched, give_back=claim.give_back), say=say)
    rest = threading.Event()
    while True:
        rest.wait(agent.look())


if __name__ == "__main__":
    at = Path(sys.argv[1]) / "settings.toml"
    if "watched" in sys.argv:
        watched(at)
    sys.argv[1:] = ["--settings", str(at)]
    sys.exit(main())
