"""The whole service in one process, without store and sockets: the real use cases over keys in memory.

Desk, intake, dispatcher, sweeps and the care for those who wait are the service's own; the clock is moved by hand. What
falls due on the way happens at its moment. Made for scenes: exact, not fast.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Self

import msgspec
from prometheus_client import CollectorRegistry

from channels.inbound import InboundContact, InboundEnd, InboundMessage, InboundProgress
from channels.registry import known_channels
from router.cards import Cards
from router.config import FloorConfig, MeasuresConfig
from router.conversation import Conversation
from router.desk.desk import Desk
from router.desk.ground import DeskGround
from router.dispatch import Dispatcher
from router.figures import FigureBoard
from router.floor import FloorState
from router.floor_care import FloorCare
from router.ground import share
from router.handover import Handovers
from router.history import UNKNOWN_HISTORY, History
from router.http.problems import mismatch
from router.identity import Identifier
from router.intake import Intake
from router.journal import AgentRecord, Entry
from router.leg_care import LegCare
from router.register.amendable import Finished, Uncoded
from router.returning import Returning
from router.simulation.memory_store import MemoryStore
from router.simulation.playing import Standing
from router.simulation.steering import MovedClock, steer
from router.store.contact_commands import EventName
from router.telemetry import Metrics
from router.timers import Sweeper
from router.welcome import Welcome
from rules.city import City

ROUTER = "simulated"
QUIET_TURNS = 12
"""So many turns of the loop without a journal entry mean that nothing more follows."""


class NoRegister:
    """A register in which nothing has happened yet."""

    async def read(self, keys: tuple[str, ...], topic: str, now_ms: int) -> History:
        """Nothing is known."""
        del keys, topic, now_ms
        return UNKNOWN_HISTORY

    async def history(self, person: str, limit: int) -> Sequence[object]:
        """Nothing is known."""
        del person, limit
        return []

    async def finished(self, contact_id: str) -> Finished | None:
        """Nothing is known."""
        del contact_id
        return None

    async def uncoded(self, agent: str, since: int) -> Uncoded:
        """Nothing is known."""
        del agent, since
        return Uncoded([], 0, 0)


class Blobs:
    """Long words, in memory."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    async def put(self, body: bytes) -> str:
        """Keep."""
        name = f"b{len(self._kept)}"
        self._kept[name] = body
        return name

    async def get(self, name: str) -> bytes:
        """The bytes under a name."""
        return self._kept[name]


class SimulatedService:
    """One city's service; use `async with`, inside one event loop that nothing ever waits on."""

    def __init__(self, city: City, start_ms: int) -> None:
        self.city = city
        self.seen: list[Entry] = []
        self._clock = MovedClock(start_ms)
        self._config = config = FloorConfig()
        self._store = store = MemoryStore(self._clock, [self._tell])
        metrics = Metrics(CollectorRegistry())
        blobs = Blobs()
        shared = share(store, city, metrics, config, blobs)
        self._orders, self._waiting, opening = shared.standing_orders, shared.waiting, shared.opening
        callbacks, decisions = shared.callbacks, shared.decisions
        care = FloorCare(store, city, config, shared.strategies)
        board, register = FigureBoard(store, metrics), NoRegister()
        identifier = Identifier(b"simulated")
        self._intake = Intake(
            store, city, identifier, metrics,
            decisions=decisions, returning=Returning(store, city, config), opening=opening,
            history=register, blobs=blobs, waits=board, facts_timeout_s=1, shared_after=config.shared_after_persons,
        )  # fmt: skip
        self._conversation = Conversation(
            store, city, decisions, blobs,
            leaving=shared.leaving, redeciding=shared.redeciding, parked=LegCare(store, city, config),
            short_abandon_s=config.short_abandon_s,
        )  # fmt: skip
        cards = Cards(store, blobs, city)
        self._welcome = Welcome(store, cards, board)
        self._desk = Desk(
            DeskGround(
                store=store, city=city, cards=cards, care=care, identifier=identifier, config=config,
                intake=self._intake, opening=opening, callbacks=callbacks, redeciding=shared.redeciding,
                history=register, matters=register, figures=board, measures=MeasuresConfig(),
            )
        )  # fmt: skip
        self._units = Handovers(store, city, decisions)
        self._dispatcher = Dispatcher(store, city, metrics, config, opening)
        self._sweeper = Sweeper(store, city, care, callbacks, self._waiting, config, metrics)
        self._leading: asyncio.Task[None] | None = None
        self._events = 0

    async def __aenter__(self) -> Self:
        """Let the dispatcher lead."""
        self._leading = asyncio.create_task(self._dispatcher.lead())
        await self._settle()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Let nobody lead any more."""
        if self._leading is not None:
            self._leading.cancel()
            await asyncio.gather(self._leading, return_exceptions=True)

    @property
    def now_ms(self) -> int:
        """What the clock shows."""
        return self._clock.time_ms

    # Agents --------------------------------------------------------------------------------------------------------

    async def put_agent(self, agent: str, record: AgentRecord) -> None:
        """Describe an agent."""
        await self._store.agents.put_agent(agent, agent, record, known_channels(record.capacity), "supervisor:scene")
        await self._settle()

    async def connect(self, who: str, role: str) -> None:
        """Somebody's desktop is open."""
        await self._welcome.enrol(who, role)
        await self._store.agents.open_session(who, ROUTER, f"{ROUTER}/{who}")
        await self._settle()

    async def disconnect(self, agent: str) -> None:
        """Their cable is out."""
        until = self.now_ms + int(self._config.socket_grace_s * 1000)
        await self._store.agents.close_session(agent, ROUTER, f"{ROUTER}/{agent}", until, "1006")
        await self._settle()

    async def command(self, who: str, name: str, data: Mapping[str, object], role: str) -> None:
        """One command of a desktop.

        Raises:
            ServicecenterError: it is refused.
        """
        try:
            await self._desk.command(who, name, dict(data), role=role)
        except msgspec.ValidationError as error:
            raise mismatch(error, "$.data") from None
        await self._settle()

    # Residents and units ---------------------------------------------------------------------------------------------

    async def receive(self, data: Mapping[str, object]) -> str:
        """A contact as its channel hands it in; its id."""
        inbound = msgspec.convert(dict(data), InboundContact)
        contact = await self._intake.receive_contact(self._event(), inbound, may_backdate=True)
        await self._settle()
        return contact

    async def leave(self, contact: str, reason: str) -> None:
        """The resident goes."""
        end = msgspec.convert({"contact": contact, "reason": reason}, InboundEnd)
        await self._conversation.end_contact(self._event(), end)
        await self._settle()

    async def write(self, contact: str, text: str) -> None:
        """The resident writes on."""
        await self._conversation.record_message(self._event(), InboundMessage(contact=contact, text=text))
        await self._settle()

    async def unit(self, step: str, handover: str, unit: str, reason: str) -> None:
        """A unit accepts, returns or finishes what it was handed."""
        match step:
            case "accept":
                await self._units.accept(handover, unit, f"unit:{unit}")
            case "return":
                await self._units.give_back(handover, unit, f"unit:{unit}", reason)
            case "done":
                await self._units.finish(handover, unit, f"unit:{unit}", "done")
            case _:
                progress = InboundProgress(contact=handover.partition(".")[0], status="answered", note=reason)
                await self._conversation.record_progress(self._event(), progress, "case.updated")
        await self._settle()

    def _event(self) -> EventName:
        self._events += 1
        return EventName("scene", "/scene", f"e{self._events}", "same")

    # How things stand ------------------------------------------------------------------------------------------------

    async def contact(self, contact: str) -> Standing:
        """How a contact stands."""
        found, _, draft = await self._store.contact_with_content(contact)
        return Standing(found.state, found.agent, found.queue, draft) if found else Standing("forgotten")

    async def agent(self, agent: str) -> Standing:
        """How an agent stands."""
        found, work = await self._store.agent(agent), await self._store.work(agent)
        return Standing(found.presence if found else "unknown", work=len(work))

    # Time ----------------------------------------------------------------------------------------------------------

    async def advance(self, to_ms: int) -> None:
        """Let time pass up to then; what falls due on the way happens at its moment."""
        await steer(self, self._clock, to_ms)

    @property
    def floor(self) -> FloorState:
        """The floor as the dispatcher sees it."""
        return self._dispatcher.floor

    async def first_deadline(self) -> int | None:
        """When the first deadline is due."""
        return self._store.first_deadline()

    async def turn(self) -> int:
        """Sweep, look at those who wait, let the dispatcher plan."""
        seen = await self._sweeper.sweep()
        await self._settle()
        await self._waiting.look(self.floor)
        await self._settle()
        return seen

    async def _settle(self) -> None:
        """Let everything happen that follows from what has happened."""
        self._dispatcher.wake()
        quiet, last = 0, len(self.seen)
        while quiet < QUIET_TURNS:
            await asyncio.sleep(0)
            quiet, last = (quiet + 1, last) if len(self.seen) == last else (0, len(self.seen))
        if self._leading is not None and self._leading.done():
            self._leading.result()

    def _tell(self, entry: Entry) -> None:
        self.seen.append(entry)
        self._orders.follow(entry)
        self._dispatcher.follow(entry)
        self._dispatcher.wake()
