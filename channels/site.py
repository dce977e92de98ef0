"""What an adapter stands on beside its own settings: its inbox, the time, the city as residents know it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import msgspec

from channels.base import Inbox


class SiteTopic(msgspec.Struct, frozen=True):
    """A topic of the city as a channel may show it."""

    sv: str
    en: str
    is_fault: bool = False
    """Whether reports of it have a place and follow each other."""


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
    zone: str = "Europe/Stockholm"
    """The municipality's time zone."""
