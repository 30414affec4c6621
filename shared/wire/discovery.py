"""Pure: how a server says in its house's network that it is there, and how a device reads that (mDNS)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

SERVICE: Final = "_evertill._tcp.local."
_MOST_NAME: Final = 63
_MOST_VALUE: Final = 200


@dataclass(frozen=True, slots=True)
class Announced:
    """A server that is there. `history` is the name of its history, by which a device knows its own branch's.

    Anybody in the network can say such a thing: it helps a person to find an address and proves nothing.
    """

    name: str
    urls: tuple[str, ...]
    version: str = ""
    history: str = ""


def service_name(name: str) -> str:
    """What the server is called in the network, at most as long as a name may be there."""
    bare = "".join(sign for sign in name if sign.isprintable()).replace(".", " ")
    return f"{bare.encode()[:_MOST_NAME].decode('utf-8', 'ignore')}.{SERVICE}"


def properties(*, is_tls: bool, version: str, history: str) -> dict[str, str]:
    """What is said besides name, address and port."""
    return {"tls": "1" if is_tls else "0", "version": version, "history": history}


def announced(
    name: str, addresses: Iterable[str], *, port: int | None, properties: Mapping[bytes, bytes | None]
) -> Announced | None:
    """What somebody announced, as far as it can be used; None for what is no server's address."""
    said = {key.decode("utf-8", "replace"): _text(value) for key, value in properties.items()}
    scheme = "https" if said.get("tls") == "1" else "http"
    if not port:
        return None
    urls = tuple(f"{scheme}://{f'[{one}]' if ':' in one else one}:{port}" for one in addresses)
    shown = _text(name.removesuffix(f".{SERVICE}").encode())
    return Announced(shown, urls, said.get("version", ""), said.get("history", "")) if urls else None


def _text(raw: bytes | None) -> str:
    """What a stranger said, fit for a terminal."""
    found = (raw or b"")[:_MOST_VALUE].decode("utf-8", "replace")
    return "".join(sign for sign in found if sign.isprintable())
