"""Adapter `posted`: forms of web pages and apps, mapped to contacts of any registered channel by configuration alone.

Scorecard. Can: take JSON and forms with files from systems (bearer key, Standard Webhooks) and from visitors' browsers;
take further words of a contact; let the system that posts read how it stands and what was answered (`answers`).
Cannot: reach anybody by itself: without `answers` a reply fails with `no-way-back` and whoever wrote it is told.
Optional abilities: none. The other side posts again: the same id is the same contact. Our store is away: 503, and they
try again. Our process dies: what was answered is durable. Runs on every router; keeps nothing but counts of addresses.
"""

from collections.abc import Callable

from channels.base import Channel, Inbox, Outgoing, Sent
from channels.posted.doors import Doors
from channels.posted.pages import FormPages
from channels.posted.settings import PostedSettings, check, source_of
from channels.site import Site
from channels.written_pages import WrittenPages

NAME = "posted"


class PostedChannel(WrittenPages):
    """Its addresses, and the few things that the service asks of it."""

    def __init__(self, inbox: Inbox, now_ms: Callable[[], int], settings: PostedSettings) -> None:
        check(settings)
        super().__init__(NAME, inbox, FormPages(inbox, settings, Doors(settings, inbox.sign, now_ms), now_ms))
        self._answering = {source_of(name, form) for name, form in settings.forms.items() if form.answers}

    async def send(self, message: Outgoing) -> Sent:
        """Kept words are read by the system that posted, where it may."""
        return Sent("sent") if message.source in self._answering else Sent("failed", "no-way-back")


async def open_posted(site: Site, settings: PostedSettings) -> Channel:
    """The channel that the settings describe."""
    return PostedChannel(site.inbox, site.now_ms, settings)
