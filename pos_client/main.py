"""evertill-pos: starts the till's program."""

import sys

from shared.qt.prelude import prelude


def main() -> int:
    """Run the till until its window is closed. Returns the exit code."""
    prelude()
    from pos_client import program  # noqa: PLC0415 - its imports are what the prelude is for

    return program.main()


if __name__ == "__main__":
    sys.exit(main())
