"""The flags with which a window's program is told to enrol its device before it starts."""

import argparse

from shared.settings import DeviceKind


def add_flags(parser: argparse.ArgumentParser) -> None:
    """What a program is started with to become known to a server."""
    parser.add_argument("--enrol", metavar="CODE", help="become known by this code (evertill-server code) first")
    parser.add_argument("--url", help="where the server is, with --enrol: http://192.168.1.10:8080")


def enrol_if_asked(parser: argparse.ArgumentParser, asked: argparse.Namespace, kind: DeviceKind) -> None:
    """Enrol this device when it was started for that. Raises what `enrolling.enrol` raises."""
    if (asked.enrol is None) != (asked.url is None):
        parser.error("--enrol and --url belong together")
    if asked.enrol is not None:
        from shared.enrolling import enrol  # noqa: PLC0415 - it asks a server, which is seldom and takes long to load

        enrol(asked.settings, code=asked.enrol, url=asked.url, kind=kind)
