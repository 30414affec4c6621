"""`/devices`: which there are, and signing one off."""

from __future__ import annotations

from reference_server.deps import Deps
from reference_server.exchange import Problem, Response
from reference_server.storage import devices
from reference_server.storage.devices import Device
from reference_server.storage.seam import Connection
from shared.ids import DeviceId
from shared.times import to_rfc3339
from shared.wire.devices import DeviceList, DeviceSeen


def seen(tx: Connection) -> Response:
    """`GET /devices`: all that ever were."""
    return Response(200, DeviceList(devices=tuple(_seen(one) for one in devices.everyone(tx))).to_json())


def revoke(tx: Connection, deps: Deps, device_id: str) -> Response:
    """`POST /devices/{id}/revoke`: its token counts no more from now on, also on a stream that is open.

    Doing it twice changes nothing. What waits on the device stays on it, and goes out when it is enrolled again.
    """
    if not devices.revoke(tx, DeviceId(device_id), now_ms=deps.clock.now_ms()):
        raise Problem(404, "No device with this id was ever enrolled here.")
    device = devices.by_id(tx, device_id)
    assert device is not None, "it was there a moment ago"
    return Response(200, _seen(device).to_json())


def _seen(device: Device) -> DeviceSeen:
    return DeviceSeen(
        id=device.id,
        name=device.name,
        kind=device.kind.value,
        letter=device.letter,
        role=None if device.role is None else device.role.value,
        enrolled_at=to_rfc3339(device.created_at),
        expires_at=None if device.expires_at is None else to_rfc3339(device.expires_at),
        revoked_at=None if device.revoked_at is None else to_rfc3339(device.revoked_at),
    )
