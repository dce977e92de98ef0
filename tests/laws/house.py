"""The whole house in one process, without HTTP: the real use cases on a real store, under a clock that a test moves."""

import asyncio
from pathlib import Path
from typing import Self

import msgspec
from prometheus_client import CollectorRegistry

from channels.inbound import InboundContact, InboundEnd, InboundMessage
from router.cards import Cards
from router.config import FloorConfig, MeasuresConfig, example_city
from router.conversation import Conversation
from router.desk.desk import Desk
from router.desk.ground import DeskGround, PastMatters
from router.dispatch import Dispatcher
from router.figures import FigureBoard
from router.floor_care import FloorCare
from router.ground import share
from router.handover import Handovers
from router.identity import Identifier
from router.intake import Intake
from router.invariants import Inspector, Violation
from router.journal import AgentRecord, Entry
from router.leg_care import LegCare
from router.model import OpenContact
from router.reading import Blobs
from router.returning import Returning
from router.simulation.service import NoRegister
from router.store.contact_commands import EventName
from router.store.redis_store import Store
from router.telemetry import Metrics
from router.timers import Sweeper
from rules.city import City, load_city
from tests.manual_clock import ManualClock
from tests.store.keyspace import dump, journal_of

ROUTER = "router-1"
CAPACITY = {"phone": 1, "chat": 2, "email": 1, "web": 1, "app": 1, "letter": 1, "visit": 1}
SWEEPS = 8
"""So many sweeps at one moment must be enough for everything that is due then."""


class House:
    """Intake, dispatch, desk, units and timers of one tenant."""

    def __init__(
        self,
        store: Store,
        clock: ManualClock,
        folder: Path,
        city: City | None = None,
        *,
        matters: PastMatters | None = None,
    ) -> None:
        self.store, self.clock = store, clock
        self.city = city or load_city(example_city())
        self.blobs, self.config, self.metrics = Blobs(folder), FloorConfig(), Metrics(CollectorRegistry())
        board, identifier = FigureBoard(store, self.metrics), Identifier(b"tests")
        shared = share(store, self.city, self.metrics, self.config, self.blobs)
        self.strategies, self.board, shared.decisions.abandon_pct = shared.strategies, board, board.abandon_pct
        care = FloorCare(store, self.city, self.config, self.strategies)
        self.callbacks, self.care = shared.callbacks, care
        self.orders, self.opening, self.waiting = shared.standing_orders, shared.opening, shared.waiting
        self.intake = Intake(
            store, self.city, identifier, self.metrics,
            decisions=shared.decisions, returning=Returning(store, self.city, self.config), opening=self.opening,
            history=NoRegister(), blobs=self.blobs, waits=board, facts_timeout_s=1, shared_after=4,
        )  # fmt: skip
        self.ground = DeskGround(
            store=store, city=self.city, cards=Cards(store, self.blobs, self.city), care=care,
            identifier=identifier, config=self.config, intake=self.intake, opening=self.opening,
            callbacks=shared.callbacks, redeciding=shared.redeciding,
            history=NoRegister(), matters=matters or NoRegister(), figures=board, measures=MeasuresConfig(),
        )  # fmt: skip
        self.desk = Desk(self.ground)
        self.conversation = Conversation(
            store, self.city, shared.decisions, self.blobs,
            leaving=shared.leaving, redeciding=shared.redeciding, parked=LegCare(store, self.city, self.config),
            short_abandon_s=5,
        )  # fmt: skip
        self.units = Handovers(store, self.city, shared.decisions)
        self.dispatcher = Dispatcher(store, self.city, self.metrics)
        self.sweeper = Sweeper(store, self.city, care, shared.callbacks, self.waiting, self.config, self.metrics)
        self.inspector = Inspector(store, self.metrics)
        self._events = 0

    async def __aenter__(self) -> Self:
        """Open."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Give threads back."""
        self.blobs.close()

    # Residents -------------------------------------------------------------------------------------------------

    def event(self, subject: str = "") -> EventName:
        """The next event of an integration."""
        self._events += 1
        return EventName("switch", "/switch", f"e{self._events}", "same", subject)

    async def receive(self, channel: str = "phone", topic: str = "KUF.BIB", **more: object) -> str:
        """A contact by its channel."""
        inbound = msgspec.convert({"channel": channel, "topic": topic, **more}, InboundContact)
        return await self.intake.receive_contact(self.event(), inbound, may_backdate=False)

    async def leave(self, contact: str) -> None:
        """The resident goes."""
        await self.conversation.end_contact(self.event(), InboundEnd(contact=contact, reason="left"))

    async def write(self, contact: str, text: str) -> None:
        """The resident writes on."""
        await self.conversation.record_message(self.event(), InboundMessage(contact=contact, text=text))

    async def contact(self, contact: str) -> OpenContact:
        """The contact as the store holds it."""
        found = await self.store.contact(contact)
        assert found
        return found

    # Agents ----------------------------------------------------------------------------------------------------

    async def seat(self, agent: str, skills: dict[str, int] | None = None) -> str:
        """An agent with a profile and a socket, available."""
        record = AgentRecord(skills=skills or {}, capacity=CAPACITY)
        await self.store.agents.put_agent(agent, agent.title(), record, CAPACITY, "cli")
        await self.connect(agent)
        await self.desk.command(agent, "presence.set", {"state": "available"})
        return agent

    async def connect(self, agent: str) -> None:
        """The agent's socket is here."""
        await self.store.beat(ROUTER)
        await self.store.agents.open_session(agent, ROUTER, f"{ROUTER}/{agent}")

    async def disconnect(self, agent: str) -> None:
        """The agent's socket is gone."""
        until = self.clock.now_ms() + int(self.config.socket_grace_s * 1000)
        await self.store.agents.close_session(agent, ROUTER, f"{ROUTER}/{agent}", until, "1006")

    async def command(self, agent: str, name: str, **data: object) -> object:
        """One command of the agent's desktop."""
        return await self.desk.command(agent, name, data)

    async def accept(self, contact: str) -> OpenContact:
        """Whoever it is offered to takes it."""
        seen = await self.contact(contact)
        await self.command(seen.agent, "offer.accept", offer_id=seen.offer, rev=seen.rev)
        return await self.contact(contact)

    async def decline(self, contact: str) -> None:
        """Whoever it is offered to says no."""
        seen = await self.contact(contact)
        await self.command(seen.agent, "offer.decline", offer_id=seen.offer, rev=seen.rev, reason="knowledge")

    # Time ------------------------------------------------------------------------------------------------------

    async def dispatch(self) -> None:
        """Plan once from what the store holds, and commit all of it."""
        await self.dispatcher.load()
        self.dispatcher._round()
        await asyncio.gather(*self.dispatcher._sent)

    async def sweep(self) -> None:
        """Act on everything that is due; what is still due after some sweeps at one moment is stuck."""
        await self.store.beat(ROUTER)
        for _ in range(SWEEPS):
            if not await self.sweeper.sweep():
                return
        stuck = await self.store.due(self.clock.now_ms(), 10)
        assert not stuck, f"still due after {SWEEPS} sweeps: {stuck}"

    async def pass_time(self, seconds: float) -> None:
        """Let time pass, then sweep."""
        self.clock.advance_s(seconds)
        await self.sweep()

    async def broken(self) -> list[Violation]:
        """What the inspector finds when it has looked at everything twice."""
        found: list[Violation] = []
        self.inspector._cursor = b"0"
        for _ in range(2):
            found += await self.inspector.look()
            while self.inspector._cursor != b"0":
                found += await self.inspector.look()
        return found

    async def journal(self) -> list[Entry]:
        """Every entry."""
        return journal_of(await dump(self.store))
