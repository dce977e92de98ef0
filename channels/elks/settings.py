"""What can be set about 46elks: `[channels.elks]` for calls, `[channels.elks_sms]` for text messages. Pure."""

from typing import Annotated

import msgspec
from msgspec import Meta

from router.errors import ConfigurationError

Number = Annotated[str, Meta(pattern=r"^\+[1-9][0-9]{5,14}$")]
Clip = Annotated[str, Meta(pattern=r"^https?://\S+$", max_length=500)]
Seconds = Annotated[int, Meta(ge=1, le=600)]
Secret = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{16,100}$")]


class ElksNumber(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A number of ours: `[[channels.elks.numbers]]`."""

    number: Number
    secret: Secret
    """Part of the addresses that 46elks calls; who does not know it reaches nothing."""


class ElksMenu(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The caller chooses a topic by a digit: `[channels.elks.menu]`."""

    clip: Clip
    topics: dict[Annotated[str, Meta(pattern=r"^[0-9*#]$")], Annotated[str, Meta(min_length=1, max_length=60)]]
    timeout_s: Annotated[int, Meta(ge=1, le=30)] = 10
    repeats: Annotated[int, Meta(ge=1, le=5)] = 2
    default: Annotated[str, Meta(max_length=60)] = ""
    """Topic of callers who choose none."""


class ElksBand(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What callers hear whose estimated wait lies in a band: `[[channels.elks.wait_bands]]`."""

    up_to_s: Annotated[int, Meta(ge=1)]
    clip: Clip


class _Elks(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What calls and text messages have in common."""

    user: Annotated[str, Meta(min_length=1)]
    password: Annotated[str, Meta(min_length=12)]
    """What 46elks shows us: part of the addresses of the webhooks."""
    numbers: Annotated[tuple[ElksNumber, ...], Meta(min_length=1)]

    def check(self, name: str) -> None:
        """Refuse what the types can't.

        Raises:
            ConfigurationError: a number or a secret stands twice.
        """
        for what in ("number", "secret"):
            if len({getattr(each, what) for each in self.numbers}) < len(self.numbers):
                raise ConfigurationError(f"the same {what} twice", field=f"$.channels.{name}.numbers")


class ElksSettings(_Elks, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[channels.elks]`."""

    phones: dict[str, Number]
    """Agent id -> the number of their phone."""
    hold: Clip
    """Played while waiting, again and again: as long as it is, so long an agent waits; 5 to 10 s."""
    menu: ElksMenu | None = None
    wait_bands: tuple[ElksBand, ...] = ()
    announcements: dict[str, Clip] = {}
    """Code of an announcement that the strategy asks for -> what is played."""
    announce_every: Annotated[int, Meta(ge=1, le=100)] = 6
    """After how many clips of music the wait is told again."""
    farewells: dict[str, Clip] = {}
    """Callers who need not wait: state of their contact -> what is played last."""
    ring_s: Annotated[int, Meta(ge=5, le=50)] = 20
    """How long an agent's phone rings."""
    region: Annotated[str, Meta(pattern=r"^[A-Z]{2}$")] = "SE"
    stale_s: Annotated[int, Meta(ge=10, le=3600)] = 60
    """A call told of later than this is over: 46elks retries for hours."""


class ElksSmsSettings(_Elks, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[channels.elks_sms]`."""

    api_user: Annotated[str, Meta(min_length=1)]
    api_password: Annotated[str, Meta(min_length=1)]
    api_url: Annotated[str, Meta(pattern=r"^https?://\S+$")] = "https://api.46elks.com/a1"
    region: Annotated[str, Meta(pattern=r"^[A-Z]{2}$")] = "SE"
