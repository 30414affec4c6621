"""Commands and their frozen bytes: what is read again at every tap on its order is made an object once."""

import threading
from collections import OrderedDict
from typing import Final

from shared.domain.commands import Operation
from shared.wire.requests import Encoded, Kind, decode

COMMANDS_KEPT: Final = 512
MOST_KEPT_BYTES: Final = 4096
"""So many commands are kept, none of more bytes than this: 2 MiB at the most."""

_Name = tuple[Kind, str, str, bytes]
"""All that a command is made of: no other command can have it."""

_kept: Final[OrderedDict[_Name, Operation]] = OrderedDict()
_door: Final = threading.Lock()


def command_in(kind: Kind, operation_id: str, *, path: str, body: bytes) -> Operation:
    """The command of these bytes, which nobody can change: the same object again if it was asked for lately."""
    name = (kind, operation_id, path, body)
    found = _kept.get(name)
    if found is None:
        found = decode(kind, operation_id=operation_id, path=path, body=body)
        _keep(name, found)
    return found


def remember(command: Operation, encoded: Encoded) -> None:
    """These bytes were made of this command, so it need not be made of them: it would come back equal."""
    _keep((encoded.kind, command.id, encoded.path, encoded.body), command)


def _keep(name: _Name, command: Operation) -> None:
    if len(name[-1]) > MOST_KEPT_BYTES:
        return
    with _door:
        if len(_kept) >= COMMANDS_KEPT:
            _kept.popitem(last=False)
        _kept[name] = command
