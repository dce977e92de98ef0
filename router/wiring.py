"""Wires the channels that the configuration names: inboxes below, lines and switchboard above."""

from dataclasses import dataclass

from aiohttp import web

from channels.adapters import Adapters, settings_of
from channels.base import Inbox
from channels.serving import Serves
from channels.site import Site, SiteTopic
from router.conversation import Conversation
from router.ground import Ground
from router.inbox import InboxGround, ServiceInbox
from router.intake import Intake
from router.leg_care import LegCare
from router.lines import Line, Lines
from router.pressure import Pressure
from router.public_states import PublicStates
from router.resident_callbacks import ResidentCallbacks
from router.sendings import Sendings
from router.setups import Setups
from router.signals import Signals
from router.switchboard import Switchboard
from router.telemetry import Metrics
from router.written_words import WrittenWords

WORKING = frozenset({"up", "degraded"})
"""States of an adapter in which contacts come in and words go out."""


@dataclass(frozen=True)
class Wired:
    """What the channels of one router need to run."""

    lines: Lines
    sendings: Sendings
    switchboard: Switchboard
    pressure: Pressure
    signals: Signals
    metrics: Metrics

    def routes(self) -> list[web.RouteDef]:
        """What channels serve over HTTP, whether they run here or not."""
        return [route for line in self.lines.all if isinstance(line.channel, Serves) for route in line.channel.routes()]

    async def lead(self) -> float:
        """The loop's step: hold the leases of channels that run on one router, tell how all fare."""
        pause_s = await self.lines.lead()
        for line in self.lines.all:
            health = line.health
            self.metrics.channel_up.labels(line.name).set(health.state in WORKING)
            self.metrics.channel_backlog.labels(line.name).set(health.backlog)
        return pause_s

    async def start(self) -> None:
        """Everything that runs on every router.

        Raises:
            ConfigurationError: an adapter can't run as it is configured.
        """
        self.signals.start()
        await self.lines.start()

    async def stop(self) -> None:
        """Take nothing new in; what is owed stays owed."""
        await self.signals.stop()
        await self.lines.stop()
        await self.switchboard.close()
        await self.sendings.close()


async def wire(
    ground: Ground,
    intake: Intake,
    conversation: Conversation,
    public_url: str,
    adapters: Adapters,
) -> Wired:
    """Build every adapter that is configured; none is started.

    Raises:
        ConfigurationError: a section names no adapter, or an adapter can't be what it says.
    """
    pressure, clock = Pressure(), ground.store.clock
    signals = Signals(ground.store.url, ground.store.keys, ground.router_id, clock.now_ms)
    words = WrittenWords(ground.store, ground.cards, ground.blobs)
    legs = LegCare(ground.store, ground.city, ground.config.floor)
    callbacks = ResidentCallbacks(ground.store, ground.shared.callbacks, legs)
    floor = InboxGround(
        store=ground.store,
        intake=intake,
        conversation=conversation,
        setups=Setups(ground.store, ground.care, legs, callbacks),
        opening=ground.shared.opening,
        files=ground.files,
        words=words,
        waits=ground.board,
        public=PublicStates(ground.store, ground.reading, ground.city, ground.shared.opening),
        pressure=pressure,
        callbacks=callbacks,
        signals=signals,
        scanning=ground.scanning,
        secret=await ground.store.secret(),
    )
    lines = Lines(await _open(ground, floor, public_url, adapters), ground.store, ground.router_id)
    signals.typing = lines.type_here
    lines.on_typing = signals.tell_typing
    sendings = Sendings(ground.store, words, lines, ground.metrics)
    switchboard = Switchboard(ground.store, ground.city, lines, sendings, words, floor.seen, floor.ahead)
    return Wired(lines, sendings, switchboard, pressure, signals, ground.metrics)


async def _open(ground: Ground, floor: InboxGround, public_url: str, adapters: Adapters) -> dict[str, Line]:
    found: dict[str, Line] = {}
    for name, section in ground.config.channels.items():
        adapter, settings = settings_of(name, section, adapters)
        site = _site(ground, ServiceInbox(name, floor), public_url)
        found[name] = Line(name, adapter, await adapter.open(site, settings))
    return found


def _site(ground: Ground, inbox: Inbox, public_url: str) -> Site:
    """What residents may choose of the topics: nothing that is secret or a concern about somebody."""
    topics = {
        topic.code: SiteTopic(topic.sv, topic.en, is_fault="fault" in topic.flags)
        for topic in ground.city.topics.topics
        if not {"secret", "concern"} & set(topic.flags)
    }
    return Site(
        inbox, ground.store.clock.now_ms, public_url.rstrip("/"), ground.city.info.name, topics, ground.city.info.tz
    )
