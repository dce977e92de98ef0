"""Adapter name -> how it is opened: one line each. The composition root opens what the configuration names."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import cast

import msgspec

from channels.base import Channel, Inbox
from channels.chat.channel import ChatChannel
from channels.chat.settings import ChatSettings
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


ADAPTERS: Mapping[str, Adapter] = {
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
