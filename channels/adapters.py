"""Adapter name -> how it is opened: one line each. The composition root opens what the configuration names."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from channels.asterisk.channel import open_asterisk
from channels.asterisk.settings import AsteriskSettings
from channels.base import Channel
from channels.chat.channel import open_chat
from channels.chat.settings import ChatSettings
from channels.elks.channel import open_elks
from channels.elks.settings import ElksSettings, ElksSmsSettings
from channels.elks.sms import open_elks_sms
from channels.email.channel import open_email
from channels.email.settings import EmailSettings
from channels.open311.channel import open_open311
from channels.open311.settings import Open311Settings
from channels.posted.channel import open_posted
from channels.posted.settings import PostedSettings
from channels.reports.channel import open_reports
from channels.reports.settings import ReportsSettings
from channels.site import Site
from router.errors import ConfigurationError

Settings = TypeVar("Settings", bound=msgspec.Struct)


@dataclass(frozen=True)
class Adapter(Generic[Settings]):
    """One adapter: what it is a channel of, what can be set, how it is opened."""

    code: str
    """Code in `channels.registry`."""
    settings: type[Settings]
    """Frozen, unknown keys forbidden: `[channels.<name>]`."""
    open: Callable[[Site, Settings], Awaitable[Channel]]
    """Builds it; nothing is opened before its `start`. Raises ConfigurationError."""
    leads: bool = False
    """Whether only one router at a time may run it; otherwise all do."""
    sets_up: bool = False
    """Whether an accepted contact is `connecting` until the channel says `connected`."""
    owes: bool = False
    """Whether words for the resident are owed until `send` has sent them; otherwise `send` is called as they come."""


Adapters = Mapping[str, Adapter[Any]]
ADAPTERS: Adapters = {
    "asterisk": Adapter("phone", AsteriskSettings, open_asterisk, leads=True, sets_up=True),
    "chat": Adapter("chat", ChatSettings, open_chat),
    "elks": Adapter("phone", ElksSettings, open_elks, sets_up=True),
    "elks_sms": Adapter("sms", ElksSmsSettings, open_elks_sms, owes=True),
    "email": Adapter("email", EmailSettings, open_email, owes=True),
    "open311": Adapter("web", Open311Settings, open_open311, owes=True),
    "posted": Adapter("web", PostedSettings, open_posted, owes=True),
    "reports": Adapter("web", ReportsSettings, open_reports, owes=True),
}


def settings_of(name: str, section: object, adapters: Adapters = ADAPTERS) -> tuple[Adapter[Any], msgspec.Struct]:
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
