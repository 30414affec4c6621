"""PINs as Argon2id hashes, made on the server and checked by tills that have no server."""

from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""The smaller of the two settings that OWASP's password storage page gives for Argon2id (19 MiB, two passes):
about 50 ms on a till, and always off the GUI thread."""


def pin_verifier(pin: str) -> str:
    """The hash of a PIN, with its own salt and its parameters in it."""
    return _HASHER.hash(pin)


def pin_matches(verifier: str, pin: str) -> bool:
    """Whether the PIN is the one that the verifier was made of. A damaged verifier matches nothing."""
    try:
        return _HASHER.verify(verifier, pin)
    except (VerifyMismatchError, VerificationError, InvalidHashError):
        return False
