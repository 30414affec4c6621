"""The certificate of the house: made once, by itself, and pinned by every device that is enrolled with it."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from shared.database_errors import database_errors
from shared.disk import OUR_DISK
from shared.errors import BadSettings

CERTIFICATE_NAME: Final = "certificate.pem"
KEY_NAME: Final = "certificate.key"
#: A device trusts this certificate itself and not a date: a till whose clock says 1980, its battery flat, still sells.
_FROM: Final = datetime(1970, 1, 2, tzinfo=UTC)
_UNTIL: Final = datetime(2099, 12, 31, tzinfo=UTC)
_MEND: Final = (
    f"{CERTIFICATE_NAME} and {KEY_NAME} belong together: put both back from one copy, and no device notices."
    " If there is none, `certificate --new` makes another, and every device has to be enrolled again."
)
_ALWAYS_NAMED: Final = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Certificate:
    """What devices pin. `names` are for others than ours, which look at them: curl, a browser."""

    path: Path
    key_path: Path
    pem: str
    fingerprint: str
    names: tuple[str, ...]


def find(data: Path) -> Certificate | None:
    """The certificate of this folder; None before one was made. Raises BadSettings for what is none, or half of one."""
    path, key_path = data / CERTIFICATE_NAME, data / KEY_NAME
    if not path.exists() and not key_path.exists():
        return None
    try:
        pem = path.read_text(encoding="ascii")
        key = serialization.load_pem_private_key(key_path.read_bytes(), password=None)
        found = _read(path, key_path, pem)
        if key.public_key() != x509.load_pem_x509_certificate(pem.encode()).public_key():
            raise ValueError(f"{KEY_NAME} is the key of another certificate")
    except (OSError, ValueError, TypeError) as error:
        raise BadSettings(f"{path}: {error}", title="The certificate can't be used", advice=_MEND) from error
    return found


def required(data: Path) -> Certificate:
    """The certificate of this folder. Raises BadSettings where there is none."""
    found = find(data)
    if found is None:
        raise BadSettings(
            f"There is no {CERTIFICATE_NAME} and {KEY_NAME} in {data}.",
            title="This server has no certificate",
            advice=f"Make one: evertill-server certificate --data {data}",
        )
    return found


def make(data: Path, *, names: Iterable[str] = ()) -> Certificate:
    """Make a new one in place of any that was there: devices that pinned that have to be enrolled again.

    `names` are host names and addresses beside this machine's own. Key and certificate are 0600 and on the disk.
    """
    named = tuple(dict.fromkeys((*names, socket.gethostname(), *_ALWAYS_NAMED)))
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Evertill server")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_FROM)
        .not_valid_after(_UNTIL)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.SubjectAlternativeName([_alternative(name) for name in named]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path, key_path = data / CERTIFICATE_NAME, data / KEY_NAME
    _keep(key_path, secret)
    _keep(path, certificate.public_bytes(serialization.Encoding.PEM))
    return required(data)


def _read(path: Path, key_path: Path, pem: str) -> Certificate:
    certificate = x509.load_pem_x509_certificate(pem.encode())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    named = (*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress)))
    digest = certificate.fingerprint(hashes.SHA256()).hex().upper()
    fingerprint = ":".join(digest[at : at + 2] for at in range(0, len(digest), 2))
    return Certificate(path, key_path, pem, fingerprint, named)


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _keep(path: Path, content: bytes) -> None:
    """Whole or not at all, and only for this user."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    with database_errors(path):
        OUR_DISK.remove(unfinished)
        OUR_DISK.make_private(unfinished)
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        OUR_DISK.replace(unfinished, path)
        OUR_DISK.sync_folder(path.absolute().parent)
