"""Pure: what is said of a branch's devices."""

from shared.domain.model import AStaffId, Model, Request


class DeviceSeen(Model):
    """A device as managers see it. `role` is what it may do as itself: a script's, or a kitchen screen's."""

    id: str
    name: str
    kind: str
    letter: str | None = None
    """What a till's numbers begin with."""
    role: str | None = None
    enrolled_at: str
    expires_at: str | None = None
    revoked_at: str | None = None
    """Since when its token counts no more."""


class DeviceList(Model):
    """All devices that ever were enrolled, in their order: a letter is never given twice."""

    devices: tuple[DeviceSeen, ...] = ()


class RevokeRequest(Request):
    """Who signs a device off; a script leaves it out."""

    actor_id: AStaffId | None = None
