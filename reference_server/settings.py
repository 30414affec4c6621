"""The server's settings: defaults, then a TOML file, then the environment (EVERTILL_SERVER_...), then the flags."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from shared.errors import BadSettings
from shared.findings import UNKNOWN_FIELD, sentence

ENVIRONMENT: Final = "EVERTILL_SERVER_"
#: Where the settings are looked for when nobody says: in the server's own folder.
FILE_NAME: Final = "server.toml"

_TIME: Final = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
_ADDRESS: Final = r"^[^\s:]+:[0-9]{1,5}$"
_GATEWAY: Final = r"^(none|simulated|[A-Za-z_][\w.]*:[A-Za-z_]\w*)$"
_REDIS: Final = r"^((rediss?://|redis\+unix:///)\S+)?$"
_PATTERNS: Final = {
    _REDIS: "An address is needed, like redis://127.0.0.1:6379/0.",
    _GATEWAY: "One of these is needed: none, simulated, or module:function.",
    _TIME: "A time of day is needed, like 03:30.",
    _ADDRESS: "An address and a port are needed, like 127.0.0.1:8125.",
}


def _folder(path: Path) -> Path:
    if "\0" in str(path) or path == Path():
        raise ValueError("The name of a folder or file is needed.")
    return path.expanduser()


APath = Annotated[Path, AfterValidator(_folder)]
ATime = Annotated[str, Field(pattern=_TIME)]


class ServerSettings(BaseSettings):
    """How one server runs. Everything has a default but the folder."""

    model_config = SettingsConfigDict(env_prefix=ENVIRONMENT, extra="forbid", frozen=True)

    data: APath
    database: Annotated[str, Field(max_length=1000, repr=False)] = ""
    """The address of a PostgreSQL; empty for the file in the folder."""
    host: Annotated[str, Field(min_length=1, max_length=253)] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8080
    tls: bool = False
    """Whether it serves https with the certificate of the house."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_file: APath | None = None
    """Left out: the log goes to standard error, where systemd keeps it within bounds."""
    log_file_mib: Annotated[int, Field(ge=1, le=10_000)] = 10
    log_files: Annotated[int, Field(ge=1, le=100)] = 5
    """So many full files are kept beside the one that is written."""
    slow_query_ms: Annotated[int, Field(ge=1, le=60_000)] = 100
    answers_kept_h: Annotated[int, Field(ge=24, le=720)] = 24
    """How long an answer is kept to be given again word for word. The contract promises a day."""
    device_limit: Annotated[int, Field(ge=0, le=10**9)] = 6_000
    """So many requests one device may make in a minute, more than any needs; 0 for no limit."""
    redis: Annotated[str, Field(pattern=_REDIS, max_length=1000, repr=False)] = ""
    """Where several server processes count their callers together; empty for each by itself."""
    gateway: Annotated[str, Field(pattern=_GATEWAY)] | None = None
    """Who charges cards and mobile money: none, simulated, or the module:function that makes an own one.

    Left out: none, but for the demo restaurant the simulated one. No house may see an approval that moved no money.
    """
    backup_at: ATime | Literal[""] = "03:30"
    """When a backup is made every day, in the business's time; empty for never."""
    backup_to: APath | None = None
    """Left out: the folder `backups` beside the data. Another disk is better."""
    backup_keep: Annotated[int, Field(ge=1, le=1000)] = 14
    announce: bool | None = None
    """Whether it says in the network that it is there; left out: where it listens to more than this machine."""
    statsd: Annotated[str, Field(pattern=_ADDRESS)] | Literal[""] = ""
    """Where the figures are sent besides, by UDP; empty for nowhere."""

    @property
    def backup_folder(self) -> Path:
        """Where the daily backups go."""
        return self.backup_to or self.data / "backups"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - no .env file is read
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - nor secrets from a folder
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags, which are handed in, win over the environment, and that over the file."""
        given = dict(init_settings())
        from_file = given.pop(_FROM_FILE, {})
        return (InitSettingsSource(settings_cls, given), env_settings, InitSettingsSource(settings_cls, from_file))


_FROM_FILE: Final = "from_file"


#: A till on the same machine may be told by EVERTILL_SERVER_URL and EVERTILL_SERVER_CERTIFICATE where its server is.
_OF_DEVICES: Final = frozenset({"url", "certificate"})


def load_settings(file: Path | None, flags: Mapping[str, object]) -> ServerSettings:
    """All sources together. Without a `file`, the one in the server's folder is read if there is one.

    Raises BadSettings, which names each wrong setting in words.
    """
    found = _read(file) if file is not None else {}
    settings = _checked(file, found, flags)
    own = settings.data / FILE_NAME
    if file is None and own.exists():
        settings = _checked(own, _read(own), {"data": settings.data, **flags})
    return settings


def _checked(file: Path | None, found: Mapping[str, object], flags: Mapping[str, object]) -> ServerSettings:
    known = ServerSettings.model_fields.keys()
    unknown = sorted(found.keys() - known)
    if unknown:
        raise BadSettings(_told(file, [f"{name}: {UNKNOWN_FIELD}" for name in unknown]))
    ours = [name for name in os.environ if name.upper().startswith(ENVIRONMENT)]
    strange = sorted(name for name in ours if name[len(ENVIRONMENT) :].lower() not in known | _OF_DEVICES)
    if strange:
        raise BadSettings(_told(None, [f"{name}, in the environment: {UNKNOWN_FIELD}" for name in strange]))
    handed: dict[str, Any] = {_FROM_FILE: dict(found), **flags}
    try:
        return ServerSettings(**handed)
    except ValidationError as error:
        rows = error.errors(include_url=False, include_input=False)
        told = {str(row["loc"][0]): sentence(row, patterns=_PATTERNS) for row in reversed(rows)}
        if told.get("data") == "This field is missing.":
            told["data"] = f"The folder of the server's file has to be named: --data, or {ENVIRONMENT}DATA."
        raise BadSettings(_told(file, [f"{name}: {words}" for name, words in reversed(told.items())])) from error


def _read(file: Path) -> dict[str, Any]:
    """What stands in the file, as TOML. Raises BadSettings."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise BadSettings(f"{file}: {error.strerror}", title="The settings file can't be read") from error
    except (ValueError, RecursionError) as error:
        raise BadSettings(f"{file}: {error}", title="The settings file is no TOML") from error


def _told(file: Path | None, faults: list[str]) -> str:
    """The file, if there is one, then a line for each fault."""
    return "\n".join((*([] if file is None else [str(file)]), *faults))
