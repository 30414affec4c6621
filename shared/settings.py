"""A device's settings: a TOML file that enrolment writes, with the environment (EVERTILL_...) over it."""

import ssl
import tomllib
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, Self
from urllib.parse import urlsplit

import platformdirs
from pydantic import AfterValidator, AnyHttpUrl, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from shared.errors import BadSettings
from shared.findings import UNKNOWN_FIELD, sentence

LETTER_PATTERN: Final = r"^[A-Z]{1,3}$"
WRITABLE_PATTERN: Final = r"^[!-~]*$"
THEME_PATTERN: Final = r"^(dark|light|high-contrast)$"
SLA_PATTERN: Final = r"^(clear|classic)$"

_PATTERNS: Final = {
    LETTER_PATTERN: "One to three letters from A to Z are needed.",
    WRITABLE_PATTERN: "It is not the token that enrolment printed.",
    THEME_PATTERN: "One of these is needed: dark, light, high-contrast.",
    SLA_PATTERN: "One of these is needed: clear, classic.",
}


class DeviceKind(StrEnum):
    """What a device is for: it decides which part of the branch's stream it keeps."""

    POS = "pos"
    KDS = "kds"


PrinterPlace = Path | tuple[str, int]
"""A device of this machine, or host and port of a printer in the network."""
_RAW_PORT: Final = 9100
"""Where printers in a network take what they print, byte for byte."""

_KITCHEN_INCH: Final = 21.5


def _plain_address(url: AnyHttpUrl) -> AnyHttpUrl:
    """A name in the address would be sent in the token's place, and a query on every question."""
    if url.username or url.password or url.query or url.fragment:
        raise ValueError("Only the address itself is needed, without a user's name, a ? or a #.")
    return url


def _usable_folder(path: Path) -> Path:
    if "\0" in str(path) or path == Path():
        raise ValueError("The name of a folder is needed.")
    return path.expanduser()


def _whole_certificate(pem: str) -> str:
    try:
        if pem:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=pem)
    except (ValueError, ssl.SSLError) as error:
        raise ValueError("It is not the certificate that enrolment printed.") from error
    return pem


def place_of_printer(printer: str) -> PrinterPlace:
    """Where a printer of the settings is. Raises ValueError for what is neither a device nor an address."""
    if printer.startswith("/") and "\0" not in printer:
        return Path(printer)
    try:
        address = urlsplit(f"//{printer}")
        host, port = address.hostname, address.port
        is_bare = address.netloc == printer and "@" not in printer and " " not in printer
    except ValueError:
        host, port, is_bare = None, None, False
    if not host or not is_bare:
        raise ValueError("A device like /dev/usb/lp0 is needed, or an address like 192.168.1.50:9100.")
    return host, port or _RAW_PORT


def _a_printer(printer: str) -> str:
    if printer:
        place_of_printer(printer)
    return printer


class DeviceSettings(BaseSettings):
    """Everything that a till or kitchen screen must know before it has ever seen a server."""

    model_config = SettingsConfigDict(env_prefix="EVERTILL_", extra="forbid", frozen=True)

    kind: DeviceKind = DeviceKind.POS
    server_url: Annotated[AnyHttpUrl, AfterValidator(_plain_address)]
    device_id: Annotated[str, Field(min_length=1, max_length=64)]
    device_name: Annotated[str, Field(min_length=1, max_length=64)] = "Till"
    server_certificate: Annotated[str, Field(max_length=10_000), AfterValidator(_whole_certificate)] = ""
    """The one certificate, as PEM, that the server is known by; empty for any that the machine trusts."""
    token: Annotated[str, Field(min_length=16, max_length=200, pattern=WRITABLE_PATTERN, repr=False)]
    letter: Annotated[str, Field(pattern=LETTER_PATTERN)] = "A"
    """What a till's numbers begin with; a till has to be told it, a kitchen screen gives no numbers."""
    file_birth: Annotated[str, Field(max_length=26)] = ""
    """The birth of the file that a till was enrolled with; under this letter no other file gives numbers."""
    data_dir: Annotated[Path, AfterValidator(_usable_folder)] = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("evertill", appauthor=False))
    )
    printer: Annotated[str, Field(max_length=200), AfterValidator(_a_printer)] = ""
    """The receipt printer: a device of this machine, or host and port; empty for none."""
    station: Annotated[str, Field(max_length=64)] = ""
    """The kitchen station that a board opens on; empty for all."""
    theme: Annotated[str, Field(pattern=THEME_PATTERN)] = "dark"
    sla_palette: Annotated[str, Field(pattern=SLA_PATTERN)] = "clear"
    diagonal_inch: Annotated[float, Field(ge=7, le=75)] = 15.6
    """Of a till; a kitchen's screen has 21.5 until somebody says otherwise."""
    reading_distance_m: Annotated[float, Field(ge=0.3, le=5)] = 1.2
    scale_percent: Annotated[int, Field(ge=90, le=150)] = 100
    full_screen: bool = False
    sound: bool = True
    """Whether a kitchen screen rings the machine's bell when something happens to a ticket."""
    keys: dict[str, str] = Field(default_factory=dict, max_length=100)
    """What the keys of this kitchen's bump bar do, by the key's name; all others do as usual."""

    @model_validator(mode="before")
    @classmethod
    def _a_kitchen_has_its_size(cls, found: Any) -> Any:
        if isinstance(found, dict) and found.get("kind") == DeviceKind.KDS:
            return {"diagonal_inch": _KITCHEN_INCH, **found}
        return found

    @model_validator(mode="after")
    def _a_till_has_its_letter(self) -> Self:
        """Two tills under one letter would give one receipt number twice, so none falls back to a letter of ours."""
        if self.kind is DeviceKind.POS and "letter" not in self.model_fields_set:
            raise ValueError("letter: This field is missing.")
        return self

    @model_validator(mode="after")
    def _a_known_server_is_asked_by_https(self) -> Self:
        """With http nobody would look at the certificate, and the token would go to whoever has the address."""
        if self.server_certificate and self.server_url.scheme != "https":
            raise ValueError("server_url: It has to begin with https://, since server_certificate names who answers.")
        return self

    @property
    def database_path(self) -> Path:
        """The device's one file."""
        return self.data_dir / f"{self.kind}.sqlite"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the signature is pydantic-settings'
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - no .env file is read
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - nor secrets from a folder
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file, which `load_settings` hands in."""
        return (env_settings, init_settings)


def default_settings_path(kind: DeviceKind) -> Path:
    """Where a device's settings are looked for when nobody says."""
    return Path(platformdirs.user_config_dir("evertill", appauthor=False)) / f"{kind}.toml"


def load_settings(path: Path) -> DeviceSettings:
    """Read a device's settings file. Raises BadSettings, which names each wrong setting in words."""
    found = _read(path)
    unknown = sorted(found.keys() - DeviceSettings.model_fields.keys())
    if unknown:
        raise BadSettings(_told(path, [f"{name}: {UNKNOWN_FIELD}" for name in unknown]))
    try:
        return DeviceSettings(**found)
    except ValidationError as error:
        rows = error.errors(include_url=False, include_input=False)
        told = (": ".join((*map(str, row["loc"]), sentence(row, patterns=_PATTERNS))) for row in rows)
        raise BadSettings(_told(path, told)) from error
    except SettingsError as error:  # what the environment has for a table is no JSON
        raise BadSettings(_told(path, [str(error)])) from error


def _read(path: Path) -> dict[str, Any]:
    """What stands in the file, as TOML; a mark that some editors put before it is passed over. Raises BadSettings."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise BadSettings(
            f"{path} does not exist",
            title="This device is not enrolled yet",
            advice="Enrol it on the server (evertill-server enrol) and save what that prints to the file named below.",
        ) from error
    except OSError as error:
        raise BadSettings(f"{path} can't be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise BadSettings(
            f"{path}: {error}",
            title="The settings file is not whole",
            advice="It was cut short, or is another file. Put the last working one back, or enrol this device again.",
        ) from error


def _told(path: Path, faults: Iterable[str]) -> str:
    """The file, then a line for each fault."""
    return "\n".join((str(path), *faults))
