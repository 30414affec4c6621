"""A device's settings: a TOML file that enrolment writes, with the environment (EVERTILL_...) over it."""

import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import platformdirs
from pydantic import AnyHttpUrl, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from shared.errors import BadSettings


class DeviceKind(StrEnum):
    """What a device is for: it decides which part of the branch's stream it keeps."""

    POS = "pos"
    KDS = "kds"


class DeviceSettings(BaseSettings):
    """Everything that a till or kitchen screen must know before it has ever seen a server."""

    model_config = SettingsConfigDict(env_prefix="EVERTILL_", extra="forbid", frozen=True)

    kind: DeviceKind = DeviceKind.POS
    server_url: AnyHttpUrl
    device_id: Annotated[str, Field(min_length=1, max_length=64)]
    device_name: Annotated[str, Field(min_length=1, max_length=64)] = "Till"
    token: Annotated[str, Field(min_length=16, max_length=200, repr=False)]
    letter: Annotated[str, Field(pattern=r"^[A-Z]{1,3}$")] = "A"
    data_dir: Path = Field(default_factory=lambda: Path(platformdirs.user_data_dir("evertill", appauthor=False)))
    station: str = ""
    """The kitchen station that a board opens on; empty for all."""
    theme: Annotated[str, Field(pattern=r"^(dark|light|high-contrast)$")] = "dark"
    sla_palette: Annotated[str, Field(pattern=r"^(clear|classic)$")] = "clear"
    diagonal_inch: Annotated[float, Field(ge=7, le=75)] = 15.6
    reading_distance_m: Annotated[float, Field(ge=0.3, le=5)] = 1.2
    scale_percent: Annotated[int, Field(ge=90, le=150)] = 100
    full_screen: bool = False

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
    try:
        found: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BadSettings(
            f"{path} does not exist",
            title="This device is not enrolled yet",
            advice="Enrol it on the server (evertill-server enrol) and save what that prints to the file named below.",
        ) from error
    except OSError as error:
        raise BadSettings(f"{path} can't be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSettings(f"{path} is not whole: {error}") from error
    try:
        return DeviceSettings(**found)
    except ValidationError as error:
        rows = error.errors(include_url=False, include_context=False, include_input=False)
        words = "; ".join(f"{'.'.join(str(part) for part in row['loc'])}: {row['msg']}" for row in rows)
        raise BadSettings(f"{path}: {words}") from error
