"""Menu, floor, settings and staff as they are stored, with an ETag so that an unchanged one costs nothing."""

from __future__ import annotations

from collections.abc import Mapping

from reference_server.exchange import Problem, Response
from reference_server.storage import catalogue
from reference_server.storage.devices import Device, DeviceKind
from reference_server.storage.seam import Connection


def document(tx: Connection, name: str, headers: Mapping[str, str]) -> Response:
    """The document with this name, or 304 when the caller has it. Raises the 404 before any was loaded."""
    etag = catalogue.etag(tx, name)
    if etag is None:
        raise Problem(404, f"No {name} has been loaded on this server yet (evertill-server import-catalogue).")
    known = {one.strip().removeprefix("W/") for one in headers.get("if-none-match", "").split(",")}
    caching = (("ETag", etag), ("Cache-Control", "no-cache"))
    if etag in known or "*" in known:
        return Response(304, b"", caching)
    return Response(200, catalogue.body(tx, name) or b"", caching)


def staff(tx: Connection, device: Device, headers: Mapping[str, str]) -> Response:
    """The staff list; only a till gets the PIN verifiers, since only there somebody logs in without a server."""
    name = catalogue.STAFF if device.kind is DeviceKind.POS else catalogue.STAFF_NAMES
    return document(tx, name, headers)
