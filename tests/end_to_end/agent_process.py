"""`evertill-agent` of the device in a folder: `python -m tests.end_to_end.agent_process FOLDER`."""

import sys
from pathlib import Path

from shared.agent import main

if __name__ == "__main__":
    sys.argv[1:] = ["--settings", str(Path(sys.argv[1]) / "settings.toml")]
    sys.exit(main())
