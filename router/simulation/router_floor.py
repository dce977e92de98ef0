"""A real router as a floor to play on: its own process room, store, HTTP and sockets, under a clock that is moved.

Residents post events, agents and supervisors have desktops, units use REST; what happened is read from the store's
journal. Every offer must also have come over the agent's own socket before it is answered.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import aiohttp
import msgspec

from channels.inbound import InboundContact, InboundEnd, InboundMessage, InboundProgress
from router.app import Running, running
from router.config import CityConfig, Config, HttpConfig, StoreConfig
from router.demo.api import Api, Refused, event
from router.demo.desktop_client import CommandRefused, DesktopClient
from router.errors import ServicecenterError
from router.floor import FloorState
from router.http.auth import Caller, Role
from router.journal import AgentRecord, Entry, decode
from router.simulation.playing import Standing
from router.simulation.steering import MovedClock, steer

SOURCE = "/scene"
PATIENCE_S = 5.0
QUIET_POLLS, POLL_S = 4, 0.006
"""So many polls without a journal entry mean that nothing more follows."""
ROUND_TURNS = 8
"""Turns of the loop in which a dispatcher that was woken has planned."""


class RefusedByRouter(ServicecenterError):
    """The router refused; the slug is its own."""

    def __init__(self, slug: str, detail: str = "") -> None:
        super().__init__(detail or "the router said so")
        self.slug = slug  # pyright: ignore[reportAttributeAccessIssue] # the router's word, not this class's


class _Rung(msgspec.Struct, frozen=True):
    offer_id: str


class RouterFloor:
    """One router and everybody who speaks to it."""

    def __init__(self, run: Running, clock: MovedClock, http: aiohttp.ClientSession) -> None:
        self.seen: list[Entry] = []
        self._run = run
        self._clock = clock
        self._api = Api(run.url, http)
        self._desks: dict[str, tuple[DesktopClient, asyncio.Task[None]]] = {}
        self._rung: dict[str, asyncio.Event] = {}
        """Offer -> whether a desktop has been told of it."""
        self._events = 0

    @property
    def now_ms(self) -> int:
        """What the clock shows."""
        return self._clock.time_ms

    # Agents --------------------------------------------------------------------------------------------------------

    async def put_agent(self, agent: str, record: AgentRecord) -> None:
        """Describe an agent over REST, and what REST has no word for in the store."""
        profile: dict[str, object] = {"name": agent, "skills": record.skills, "capacity": record.capacity}
        await self._rest("PUT", f"/v1/agents/{agent}", "supervisor", profile)
        if record.teams or record.can_interrupt:
            await self._run.store.agents.put_agent(agent, agent, record, record.capacity, "supervisor:scene")
        await self._settle()

    async def connect(self, who: str, role: str) -> None:
        """Open a desktop and wait until it is ready."""
        token = self._token("supervisor" if role == "supervisor" else "agent", who, who)
        replaced = self._desks.pop(who, None)
        client = DesktopClient(self._api, token, self._listen, random.Random(1))  # noqa: S311 # pauses, no secret
        self._desks[who] = client, asyncio.create_task(client.run(), name=f"desktop-{who}")
        async with asyncio.timeout(PATIENCE_S):
            await client.connected.wait()
        if replaced is not None:
            await _gone(replaced[1])
        await self._settle()

    async def disconnect(self, agent: str) -> None:
        """Their socket is gone."""
        await _gone(self._desks.pop(agent)[1])
        await self._settle()

    async def command(self, who: str, name: str, data: Mapping[str, object], role: str) -> None:
        """One command over the socket of who gives it.

        Raises:
            RefusedByRouter: it was answered with a problem.
        """
        del role
        if name == "offer.accept":
            await self._until_rung(str(data["offer_id"]))
        try:
            await self._desks[who][0].command(name, **data)
        except CommandRefused as refused:
            raise RefusedByRouter(refused.slug, refused.detail) from None
        finally:
            await self._settle()

    async def _until_rung(self, offer: str) -> None:
        """An offer that the journal knows must reach the desktop."""
        if not any(moved.id == offer for entry in self.seen for moved in entry.transitions):
            return
        async with asyncio.timeout(PATIENCE_S):
            await self._rung.setdefault(offer, asyncio.Event()).wait()

    def _listen(self, kind: str, data: bytes) -> None:
        if kind == "offer.issued":
            offer = msgspec.json.decode(data, type=_Rung).offer_id
            self._rung.setdefault(offer, asyncio.Event()).set()

    # Residents and units ---------------------------------------------------------------------------------------------

    async def receive(self, data: Mapping[str, object]) -> str:
        """A contact as its channel posts it."""
        return await self._post("contact.received", msgspec.convert(dict(data), InboundContact))

    async def leave(self, contact: str, reason: str) -> None:
        """The resident goes."""
        await self._post("contact.ended", msgspec.convert({"contact": contact, "reason": reason}, InboundEnd))

    async def write(self, contact: str, text: str) -> None:
        """The resident writes on."""
        await self._post("contact.message", InboundMessage(contact=contact, text=text))

    async def unit(self, step: str, handover: str, unit: str, reason: str) -> None:
        """A unit over REST, or a word of its case system."""
        if step == "progress":
            progress = InboundProgress(contact=handover.partition(".")[0], status="answered", note=reason)
            await self._post("case.updated", cast("InboundMessage", progress))
            return
        body = {"reason": reason} if step == "return" else None
        await self._rest("POST", f"/v1/handovers/{handover}/{step}", "department", body, unit=unit)
        await self._settle()

    async def _post(self, kind: str, data: InboundContact | InboundMessage | InboundEnd) -> str:
        self._events += 1
        token = self._token("integration", "scene")
        try:
            return await self._api.post_event(token, event(kind, SOURCE, f"e{self._events}", "", data))
        except Refused as refused:
            raise RefusedByRouter(refused.slug) from None
        finally:
            await self._settle()

    async def _rest(self, method: str, path: str, role: Role, body: object, *, unit: str = "") -> None:
        try:
            await self._api.send(method, path, self._token(role, unit or "scene", unit=unit), body)
        except Refused as refused:
            raise RefusedByRouter(refused.slug) from None

    def _token(self, role: Role, name: str, agent: str = "", *, unit: str = "") -> str:
        rights = ("backdate",) if role == "integration" else ()
        return self._run.tokens.create(Caller(role, name, agent if role == "agent" else "", unit, rights))

    # How things stand ------------------------------------------------------------------------------------------------

    async def contact(self, contact: str) -> Standing:
        """How a contact stands in the store."""
        found, _, draft = await self._run.store.contact_with_content(contact)
        return Standing(found.state, found.agent, found.queue, draft) if found else Standing("forgotten")

    async def agent(self, agent: str) -> Standing:
        """How an agent stands in the store."""
        found, work = await self._run.store.agent(agent), await self._run.store.work(agent)
        return Standing(found.presence if found else "unknown", work=len(work))

    # Time ----------------------------------------------------------------------------------------------------------

    async def advance(self, to_ms: int) -> None:
        """Let time pass up to then; what falls due on the way happens at its moment."""
        await steer(self, self._clock, to_ms)
        await self._settle()

    @property
    def floor(self) -> FloorState:
        """The floor as the dispatcher sees it."""
        return self._run.background.floor

    async def first_deadline(self) -> int | None:
        """When the first deadline is due."""
        store = self._run.store
        found = cast("list[bytes]", await store.runner.read("ZRANGE", store.keys.deadlines, 0, 0, "WITHSCORES"))
        return int(float(found[1])) if found else None

    async def turn(self) -> int:
        """One turn of the router's loops, with what follows from it."""
        before = await self._run.store.position()
        seen = await self._run.background.turn()
        for _ in range(ROUND_TURNS):
            await asyncio.sleep(0)
        if seen or self.floor.pending or await self._run.store.position() != before:
            await self._settle()
        return seen

    async def _settle(self) -> None:
        """Wait until the journal stands still and no offer is on its way."""
        quiet = 0
        while quiet < QUIET_POLLS:
            await asyncio.sleep(POLL_S)
            is_new = await self._read()
            quiet = 0 if is_new or self.floor.pending else quiet + 1

    async def _read(self) -> bool:
        store = self._run.store
        after = f"({self.seen[-1].n}-0" if self.seen else "-"
        found = cast(
            "list[tuple[bytes, list[bytes]]]", await store.runner.read("XRANGE", store.keys.journal, after, "+")
        )
        self.seen += [decode(fields[1]) for _, fields in found]
        return bool(found)

    async def close(self) -> None:
        """Everybody goes home."""
        for who in list(self._desks):
            await _gone(self._desks.pop(who)[1])


async def _gone(desktop: asyncio.Task[None]) -> None:
    desktop.cancel()
    await asyncio.gather(desktop, return_exceptions=True)


@asynccontextmanager
async def real_router(city: Path, data_dir: Path, start_ms: int) -> AsyncGenerator[RouterFloor]:
    """A router of one's own for these city files, from `start_ms` on."""
    clock = MovedClock(start_ms)
    config = Config(http=HttpConfig(port=0), store=StoreConfig(data_dir=str(data_dir)), city=CityConfig(path=str(city)))
    async with running(config, clock) as run, aiohttp.ClientSession() as http:
        floor = RouterFloor(run, clock, http)
        async with asyncio.timeout(PATIENCE_S * 2):
            while not run.background.is_leading:  # noqa: ASYNC110 # asked once at the start, of another's loop
                await asyncio.sleep(POLL_S)
        yield floor
        await floor.close()
