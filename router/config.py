"""One frozen configuration, read once: a TOML file, then `SERVICECENTER_<SECTION>__<KEY>` from the environment.

Unknown keys are refused; every error names the key.
"""

import os
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, cast

import msgspec

from router.errors import ConfigurationError

PREFIX = "SERVICECENTER_"

Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]
Name = Annotated[str, msgspec.Meta(pattern="^[a-z0-9][a-z0-9_-]{0,39}$")]
Seconds = Annotated[float, msgspec.Meta(gt=0)]


class Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A section that refuses keys it does not know."""


class HttpConfig(Strict, frozen=True, forbid_unknown_fields=True):
    """Where the service listens and what it is called from outside."""

    host: str = "127.0.0.1"
    port: Port = 8080
    public_url: str = ""
    """Address residents and desktops use; default `http://host:port`."""
    origins: tuple[str, ...] = ()
    """Web origins whose pages may open a desktop socket, besides `public_url`."""
    max_body_bytes: Annotated[int, msgspec.Meta(ge=1024)] = 1_048_576
    max_batch: Annotated[int, msgspec.Meta(ge=1)] = 100


class StoreConfig(Strict, frozen=True, forbid_unknown_fields=True):
    """Where open work is kept; without `redis_url` the service starts its own Valkey in `data_dir`."""

    redis_url: str = ""
    data_dir: str = "var"
    replicas: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Replicas that must have fsynced before 202 is sent; 0 for a single store."""
    barrier_ms: Annotated[int, msgspec.Meta(ge=1)] = 1_000


class RegisterConfig(Strict, frozen=True, forbid_unknown_fields=True):
    """Where history is kept: an SQLAlchemy URL; default SQLite in the data directory."""

    url: str = ""


class CityConfig(Strict, frozen=True, forbid_unknown_fields=True):
    """The folder with strategy, topics, units, queues, agreements and calendars; default the example city."""

    path: str = ""


class TenantConfig(Strict, frozen=True, forbid_unknown_fields=True):
    """Whose contacts these are: the hash tag of every key."""

    id: Name = "default"


class BlobsConfig(Strict, frozen=True, forbid_unknown_fields=True):
    """Where bodies over 1 kB and attachments are kept; default `blobs` in the data directory."""

    path: str = ""


class FloorConfig(Strict, frozen=True, forbid_unknown_fields=True):
    """Leases and limits of the floor, in seconds."""

    socket_grace_s: Seconds = 15
    """How long an agent's socket may be gone before offers return."""
    chat_grace_s: Seconds = 120
    written_grace_s: Seconds = 14_400
    voice_grace_s: Seconds = 14_400
    router_lease_s: Seconds = 15
    leader_lease_s: Seconds = 3
    decline_cool_down_s: Seconds = 120
    max_live_declines: Annotated[int, msgspec.Meta(ge=1)] = 3
    shared_after_persons: Annotated[int, msgspec.Meta(ge=2)] = 4
    """A number or address used by more persons than this is `shared`."""
    facts_timeout_s: Seconds = 0.010
    ramp_after_s: Seconds = 300
    """An agent who was away this long comes back slowly: one thing at a time for `ramp_up_s`."""
    ramp_up_s: Seconds = 120
    short_abandon_s: Seconds = 5
    """Who leaves sooner than this did not wait: a short abandonment, left out of the service level."""


class MeasuresConfig(Strict, frozen=True, forbid_unknown_fields=True):
    """How the figures are kept."""

    freeze_days: Annotated[int, msgspec.Meta(ge=0, le=366)] = 7
    """A month's outcomes may be amended until so many days after it has ended."""


class PublishingConfig(Strict, frozen=True, forbid_unknown_fields=True):
    """What a strategy is simulated on before it is published, and how long that may take."""

    history_days: Annotated[int, msgspec.Meta(ge=1, le=1_100)] = 90
    most_contacts: Annotated[int, msgspec.Meta(ge=1)] = 100_000
    """Of a longer history only the latest are taken; the report says so."""
    trial_s: Seconds = 120
    """Reading, checking or simulating that takes longer is given up."""
    guards: str = ""
    """A file of limits as `rules replay --guards` takes it; "" is the limits that ship."""


class ScannerConfig(Strict, frozen=True, forbid_unknown_fields=True):
    """Who looks for viruses: a clamd (`host:port` or a socket's path), or a command that reads the file on stdin."""

    clamd: str = ""
    command: tuple[str, ...] = ()
    """Exit status 0 is clean, 1 infected, anything else unknown."""
    timeout_s: Seconds = 20
    at_once: Annotated[int, msgspec.Meta(ge=1)] = 8
    """Files that one router has scanned at the same time."""


class DesktopConfig(Strict, frozen=True, forbid_unknown_fields=True):
    """Numbers of the desktop socket."""

    auth_timeout_s: Seconds = 5
    heartbeat_s: Seconds = 20
    app_heartbeat_s: Annotated[int, msgspec.Meta(ge=1)] = 25
    resume_ttl_s: Seconds = 120
    max_frame_bytes: int = 65_536
    max_queued_frames: int = 256
    max_queued_bytes: int = 1_048_576
    ring_bytes: int = 65_536
    commands_per_s: Seconds = 50
    command_burst: int = 100
    max_unauthenticated_per_address: int = 20
    upload_bytes: Annotated[int, msgspec.Meta(ge=1)] = 10_485_760
    """Largest file that an agent may send along; a channel may carry less."""


Setting = str | int | float | bool | Sequence[object] | Mapping[str, object]


class Config(Strict, frozen=True, forbid_unknown_fields=True):
    """Everything that can be set."""

    http: HttpConfig = HttpConfig()
    store: StoreConfig = StoreConfig()
    register: RegisterConfig = RegisterConfig()
    city: CityConfig = CityConfig()
    tenant: TenantConfig = TenantConfig()
    blobs: BlobsConfig = BlobsConfig()
    floor: FloorConfig = FloorConfig()
    measures: MeasuresConfig = MeasuresConfig()
    publishing: PublishingConfig = PublishingConfig()
    scanner: ScannerConfig = ScannerConfig()
    desktop: DesktopConfig = DesktopConfig()
    channels: Mapping[str, Mapping[str, Setting]] = MappingProxyType({})
    """Adapter -> its own settings: what stands here is opened (`channels.adapters`)."""

    @property
    def data_dir(self) -> Path:
        """The data directory, absolute."""
        return Path(self.store.data_dir).absolute()

    @property
    def register_url(self) -> str:
        """SQLAlchemy URL of the register."""
        return self.register.url or f"sqlite:///{self.data_dir / 'register.db'}"

    @property
    def blobs_path(self) -> Path:
        """Directory of the blobs."""
        return Path(self.blobs.path).absolute() if self.blobs.path else self.data_dir / "blobs"

    @property
    def city_path(self) -> Path:
        """Directory of the city files."""
        return Path(self.city.path).absolute() if self.city.path else example_city()


def example_city() -> Path:
    """The example city that ships with the package, or the checkout's own."""
    shipped = Path(__file__).parent / "example_city"
    return shipped if shipped.is_dir() else Path(__file__).parent.parent / "deploy" / "example-city"


def load_config(path: Path | None, env: Mapping[str, str] | None = None) -> Config:
    """Read `path` (or nothing), lay the environment over it, check all of it.

    Raises:
        ConfigurationError: the file can't be read, or a key is unknown or of the wrong kind.
    """
    document = _read(path) if path else {}
    _overlay(document, os.environ if env is None else env)
    try:
        return msgspec.convert(document, Config)
    except msgspec.ValidationError as error:
        text, _, where = str(error).partition(" - at `")
        raise ConfigurationError(f"{path or 'environment'}: {text}", field=where.rstrip("`") or "$") from error


def _read(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}", field="--config") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: {error}", field="--config") from error


def _overlay(document: dict[str, object], env: Mapping[str, str]) -> None:
    """Set `SERVICECENTER_HTTP__PORT=9` as `http.port`; the key's kind decides how the text is read."""
    for variable, text in sorted(env.items()):
        if not variable.startswith(PREFIX) or "__" not in variable:
            continue
        section, key = variable.removeprefix(PREFIX).lower().split("__", 1)
        if section == "channels":
            *tables, key = key.split("__")
            table, where = _table(document, section), f"$.{section}"
            for name in tables:
                where += f".{name}"
                table = _table(table, name, where)
            table[key] = text
            continue
        _table(document, section)[key] = _value(section, key, text, variable)


def _table(document: dict[str, object], name: str, where: str = "") -> dict[str, object]:
    table = document.setdefault(name, {})
    if not isinstance(table, dict):
        raise ConfigurationError("expected a table", field=where or f"$.{name}")
    return cast("dict[str, object]", table)


def _value(section: str, key: str, text: str, variable: str) -> object:
    kinds = {field.name: field.type for field in msgspec.structs.fields(Config)}
    section_kind = kinds.get(section)
    if section_kind is None:
        raise ConfigurationError(f"unknown section {section!r}", field=variable)
    fields = {field.name: field.type for field in msgspec.structs.fields(section_kind)}
    if key not in fields:
        raise ConfigurationError(f"unknown key {key!r} in [{section}]", field=variable)
    if key == "origins":
        return [part.strip() for part in text.split(",") if part.strip()]
    try:
        return msgspec.convert(text, fields[key], strict=False)
    except msgspec.ValidationError as error:
        raise ConfigurationError(str(error), field=variable) from error
