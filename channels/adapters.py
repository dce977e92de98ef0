"""Adapter name -> how it is opened: one line each. The composition root opens what the configuration names."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import cast

import msgspec

from channels.asterisk.channel import open_asterisk
from channels.asterisk.settings import AsteriskSettings
from channels.base import Channel, Inbox, SiteTopic
from channels.chat.channel import ChatChannel
from channels.chat.settings import ChatSettings
from channels.elks.channel import open_elks
from channels.elks.settings import ElksSettings, ElksSmsSettings
from channels.elks.sms import open_elks_sms
from channels.email.channel import open_email
from channels.email.settings import EmailSettings
from channels.open311.channel import Open311Channel
from channels.open311.settings import Open311Settings
from channels.posted.channel import PostedChannel
from channels.posted.settings import PostedSettings
from channels.reports.channel import ReportsChannel
from channels.reports.settings import ReportsSettings
from router.errors import ConfigurationError


@dataclass(frozen=True)
class Site:
    """What an adapter stands on beside its own settings."""

    inbox: Inbox
    now_ms: Callable[[], int]
    """The service's clock; epoch ms."""
    public_url: str
    """What the service is called from outside, without a slash at the end."""
    city: str
    """The municipality's name, for people to read."""
    topics: Mapping[str, SiteTopic] = field(default_factory=dict[str, SiteTopic])
    """Code -> names, of everything that residents may choose: no secret ones."""


@dataclass(frozen=True)
class Adapter:
    """One adapter: what it is a channel of, what can be set, how it is opened."""

    code: str
    """Code in `channels.registry`."""
    settings: type[msgspec.Struct]
    """Frozen, unknown keys forbidden: `[channels.<name>]`."""
    open: Callable[[Site, msgspec.Struct], Awaitable[Channel]]
    """Builds it; nothing is opened before its `start`. Raises ConfigurationError."""
    leads: bool = False
    """Whether only one router at a time may run it; otherwise all do."""
    sets_up: bool = False
    """Whether an accepted contact is `connecting` until the channel says `connected`."""
    owes: bool = False
    """Whether words for the resident are owed until `send` has sent them; otherwise `send` is called as they come."""


async def _chat(site: Site, settings: msgspec.Struct) -> Channel:
    wanted = cast("ChatSettings", settings)
    return ChatChannel(site.inbox, site.now_ms, wanted, public_url=site.public_url, city=site.city)


async def _open311(site: Site, settings: msgspec.Struct) -> Channel:
    wanted = cast("Open311Settings", settings)
    return Open311Channel(site.inbox, site.now_ms, site.topics, wanted, site.public_url)


async def _posted(site: Site, settings: msgspec.Struct) -> Channel:
    return PostedChannel(site.inbox, site.now_ms, cast("PostedSettings", settings))


async def _reports(site: Site, settings: msgspec.Struct) -> Channel:
    wanted = cast("ReportsSettings", settings)
    return ReportsChannel(site.inbox, site.now_ms, site.topics, wanted, site.city)


ADAPTERS: Mapping[str, Adapter] = {
    "email": Adapter(
        "email", EmailSettings, lambda site, own: open_email(site.inbox, own, site.city, site.now_ms), owes=True
    ),
    "open311": Adapter("web", Open311Settings, _open311, owes=True),
    "posted": Adapter("web", PostedSettings, _posted, owes=True),
    "reports": Adapter("web", ReportsSettings, _reports, owes=True),
    "asterisk": Adapter(
        "phone",
        AsteriskSettings,
        lambda site, settings: open_asterisk(site.inbox, settings),
        leads=True,
        sets_up=True,
    ),
    "elks": Adapter(
        "phone",
        ElksSettings,
        lambda site, settings: open_elks(site.inbox, settings, site.now_ms, site.public_url),
        sets_up=True,
    ),
    "elks_sms": Adapter(
        "sms", ElksSmsSettings, lambda site, settings: open_elks_sms(site.inbox, settings, site.public_url), owes=True
    ),
    "chat": Adapter("chat", ChatSettings, _chat),
}


def settings_of(
    name: str, section: object, adapters: Mapping[str, Adapter] = ADAPTERS
) -> tuple[Adapter, msgspec.Struct]:
    """The adapter that a section of the configuration names, and its settings.

    Raises:
        ConfigurationError: there is no such adapter, or a key is unknown or of the wrong kind.
    """
    adapter = adapters.get(name)
    if adapter is None:
        raise ConfigurationError(f"known: {', '.join(sorted(adapters))}", field=f"$.channels.{name}")
    try:
        return adapter, msgspec.convert(section, adapter.settings, strict=False)
    except msgspec.ValidationError as error:
        text, _, where = str(error).partition(" - at `$")
        raise ConfigurationError(text, field=f"$.channels.{name}{where.rstrip('`')}") from error
