"""What can be set about an Asterisk: `[channels.asterisk]`. Pure."""

import re
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from router.errors import ConfigurationError

Media = Annotated[
    str, Meta(min_length=1, max_length=200, pattern=r"^(sound|number|digits|characters|tone|recording):\S+$")
]
Seconds = Annotated[int, Meta(ge=1, le=600)]


_AGENT = re.compile(r"^[\w.@+-]{1,100}$", re.ASCII)
_NUMBER = re.compile(r"^\+?[0-9*#]{2,20}$")


class _Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of the configuration file that refuses keys it does not know."""


class Menu(_Section, frozen=True, forbid_unknown_fields=True):
    """The caller chooses a topic by a digit: `[channels.asterisk.menu]`."""

    media: Media
    """What is played: it names the digits."""
    topics: dict[Annotated[str, Meta(pattern=r"^[0-9*#]$")], Annotated[str, Meta(min_length=1, max_length=60)]]
    """Digit -> code of a topic."""
    timeout_s: Seconds = 6
    """Silence after the prompt that counts as no choice."""
    repeats: Annotated[int, Meta(ge=0, le=5)] = 1
    """How often the prompt is played again after silence or a digit that means nothing."""
    default: Annotated[str, Meta(max_length=60)] = ""
    """Topic of callers who choose none; empty: no topic."""


class WaitBand(_Section, frozen=True, forbid_unknown_fields=True):
    """What callers hear whose estimated wait lies in a band: `[[channels.asterisk.wait_bands]]`."""

    up_to_s: Annotated[int, Meta(ge=1)]
    media: Media


class Position(_Section, frozen=True, forbid_unknown_fields=True):
    """How callers are told how many are ahead of them: `[channels.asterisk.position]`."""

    before: Annotated[str, Meta(max_length=200)] = "sound:queue-thereare"
    """Media before the number; empty for none."""
    after: Annotated[str, Meta(max_length=200)] = "sound:queue-callswaiting"
    """Media after it."""
    first: Annotated[str, Meta(max_length=200)] = "sound:queue-youarenext"
    """Instead of all that for whoever is next; empty: they are told nothing."""
    say: Literal["number", "digits"] = "number"
    """How Asterisk says it: as a number, or digit by digit."""
    up_to: Annotated[int, Meta(ge=0, le=200)] = 30
    """Who has more ahead is not told how many."""

    def media(self, ahead: int) -> list[str]:
        """What is played for so many."""
        if ahead > self.up_to:
            return []
        told = (self.first,) if ahead == 0 else (self.before, f"{self.say}:{ahead}", self.after)
        return [each for each in told if each]


class AsteriskSettings(_Section, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[channels.asterisk]`."""

    mode: Literal["dial", "listen"] = "dial"
    """`dial`: we open the websocket to Asterisk. `listen`: Asterisk opens it to us (outbound websocket)."""
    url: str = "http://127.0.0.1:8088/ari"
    """Asterisk's ARI address, in mode `dial`."""
    user: Annotated[str, Meta(min_length=1)]
    password: Annotated[str, Meta(min_length=1)]
    """Mode `dial`: of ari.conf. Mode `listen`: what Asterisk shows us, of websocket_client.conf."""
    app: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,60}$")] = "servicecenter"
    """Name of the Stasis application."""
    phone: str = "PJSIP/{agent}"
    """An agent's phone, from the agent's id."""
    phones: dict[str, str] = {}
    """Agents whose phone is another: agent id -> endpoint."""
    outside: str = ""
    """A number outside, for callbacks and transfers: `PJSIP/{number}@trunk`; empty: neither is possible."""
    caller_id: str = ""
    """Number shown to residents who are called back."""
    region: Annotated[str, Meta(pattern=r"^[A-Z]{2}$")] = "SE"
    """Country of numbers without a country code."""
    ring_s: Seconds = 20
    """How long an agent's phone rings."""
    resident_ring_s: Seconds = 30
    """How long a resident's, or a number outside, rings."""
    music: str = "default"
    """Music class."""
    menu: Menu | None = None
    wait_bands: tuple[WaitBand, ...] = ()
    """In rising order; the first whose `up_to_s` is not below the estimated wait is played."""
    wait_told: Literal["band", "position", "both", "none"] = "band"
    """What callers are told of their wait: the band, how many are ahead, both, or nothing."""
    position: Position = Position()
    announce_pause_s: Seconds = 30
    """So long nothing is said of the wait after it was told, however it changes."""
    language: Annotated[str, Meta(pattern=r"^[a-z]{0,2}(_[A-Z]{2})?$")] = ""
    """In which what Asterisk says itself is said, such as `sv`; empty: the channel's own."""
    announcements: dict[str, Media] = {}
    """Code of an announcement that the strategy asks for -> what is played."""
    announce_every_s: Seconds = 60
    farewells: dict[str, Media] = {}
    """Callers who need not wait: state of their contact (answered, handed_over, callback) -> what is played last."""
    callback_digit: Annotated[str, Meta(pattern=r"^[0-9*#]?$")] = ""
    """Who waits and presses it is called back at their own number; say so in an announcement."""
    fallback_context: str = "servicecenter-fallback"
    """Dialplan context for callers whom we can't take; see deploy/asterisk/extensions.conf."""
    hand_in_s: Seconds = 20
    """How long a caller rings while the service can't take them, before the fallback has them."""
    audit_s: Seconds = 30
    """How often what we believe is held against what Asterisk has."""

    def endpoint(self, agent: str) -> str:
        """The agent's phone; '' when no phone can be called so."""
        return self.phones.get(agent) or (self.phone.replace("{agent}", agent) if _AGENT.match(agent) else "")

    def endpoint_outside(self, number: str) -> str:
        """A number outside; '' when it can't be called."""
        return self.outside.replace("{number}", number) if _NUMBER.match(number) else ""

    def check(self) -> None:
        """Refuse what the types can't.

        Raises:
            ConfigurationError: a template names nothing, or the bands do not rise.
        """
        here = "$.channels.asterisk"
        if "{agent}" not in self.phone:
            raise ConfigurationError("expected {agent} in it", field=f"{here}.phone")
        if self.outside and "{number}" not in self.outside:
            raise ConfigurationError("expected {number} in it", field=f"{here}.outside")
        if self.callback_digit and not self.outside:
            raise ConfigurationError("nobody can be called back without `outside`", field=f"{here}.callback_digit")
        limits = [band.up_to_s for band in self.wait_bands]
        if limits != sorted(set(limits)):
            raise ConfigurationError("expected rising up_to_s", field=f"{here}.wait_bands")
        if not self.url.startswith(("http://", "https://")):
            raise ConfigurationError("expected an address of http or https", field=f"{here}.url")
