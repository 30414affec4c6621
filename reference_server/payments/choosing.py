"""Which gateway a server charges by: none, the simulated one, or anybody's own, named in the settings."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Final

from reference_server.deps import Deps, with_gateway
from reference_server.gateway import Gateway
from reference_server.payments.simulated import FILE_NAME, SimulatedGateway
from shared.errors import BadSettings

NONE: Final = "none"
SIMULATED: Final = "simulated"


def unless_said(setting: str | None, *, is_demo: bool) -> str:
    """What a house charges by that does not say: nothing, since what is simulated approves and brings no money."""
    return setting or (SIMULATED if is_demo else NONE)


def with_chosen(deps: Deps, chosen: str, *, data: Path) -> Deps:
    """The same with the gateway that the setting names: `none`, `simulated`, or `module:function` of an own one.

    The function is called with the server's clock and folder. Raises BadSettings where there is no such thing.
    """
    if chosen == NONE:
        return deps
    if chosen == SIMULATED:
        return with_gateway(deps, SimulatedGateway(deps.clock, file=data / FILE_NAME))
    return with_gateway(deps, _own(deps, chosen, data=data))


def _own(deps: Deps, chosen: str, *, data: Path) -> Gateway:
    module, _, name = chosen.partition(":")
    try:
        make = getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise BadSettings(f"gateway: there is no {chosen} among the installed programs ({error}).") from error
    made: Gateway = make(deps.clock, data)
    return made
