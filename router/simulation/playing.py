"""Plays a scene on a floor: each event at its moment, and everything that happens noted in plain words. Judges nothing.

The floor may be the service in memory (`service`) or a real router (`router_floor`); both are spoken to in the same
commands, and what happened is read from the journal in both.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol, cast

import msgspec

from channels.registry import DEFAULT_CAPACITY
from router.errors import NotFound, ServicecenterError
from router.journal import AgentRecord, Entry
from router.simulation.commanding import Commanding, Data, Told
from router.simulation.happenings import Happening, happenings
from router.simulation.moments import Clocks
from router.simulation.scene import ZONE, AgentTable, Event, Scene
from router.simulation.scene_city import topic_code
from router.simulation.verbs import ANY, REFUSED

FICTIONAL = [*(f"+4670174{number:04d}" for number in range(605, 700)), *(f"+46846500{n:03d}" for n in range(400, 500))]
"""Phone numbers that nobody has: the series set aside for films and books."""
REACHED_BY: Mapping[str, tuple[str, ...]] = {"phone": ("phone",), "email": ("email",)}


class DesktopClosed(ServicecenterError):
    """Whoever should do this has no desktop open."""

    slug = "desktop-closed"


class Standing(msgspec.Struct, frozen=True):
    """How a contact or an agent stands in the end."""

    state: str
    """A contact's state, an agent's presence."""
    held_by: str = ""
    queue: str = ""
    draft: str = ""
    work: int = 0


class Floor(Protocol):
    """What a scene is played on; every call returns when everything that follows from it has happened."""

    seen: list[Entry]
    """Every journal entry so far."""

    @property
    def now_ms(self) -> int:
        """What its clock shows."""
        ...

    async def put_agent(self, agent: str, record: AgentRecord) -> None:
        """Describe an agent."""
        ...

    async def connect(self, who: str, role: str) -> None:
        """Open a desktop."""
        ...

    async def disconnect(self, agent: str) -> None:
        """Pull the cable."""
        ...

    async def command(self, who: str, name: str, data: Data, role: str) -> None:
        """One command of a desktop."""
        ...

    async def receive(self, data: Data) -> str:
        """A contact as its channel hands it in; its id."""
        ...

    async def leave(self, contact: str, reason: str) -> None:
        """The resident goes."""
        ...

    async def write(self, contact: str, text: str) -> None:
        """The resident writes on."""
        ...

    async def unit(self, step: str, handover: str, unit: str, reason: str) -> None:
        """A unit accepts, returns, finishes, or says a word about a case."""
        ...

    async def advance(self, to_ms: int) -> None:
        """Let time pass up to then."""
        ...

    async def contact(self, contact: str) -> Standing:
        """How a contact stands."""
        ...

    async def agent(self, agent: str) -> Standing:
        """How an agent stands."""
        ...


class Played(msgspec.Struct, frozen=True):
    """What came of a scene."""

    happenings: tuple[Happening, ...]
    problems: tuple[str, ...]
    """Commands that were refused, or were not though they should have been."""
    contacts: Mapping[str, Standing]
    agents: Mapping[str, Standing]


class Player:
    """One playing of one scene."""

    def __init__(self, scene: Scene, floor: Floor) -> None:
        self._scene = scene
        self._floor = floor
        self._clocks = Clocks(ZONE)
        self._told = Told()
        self._commanding = Commanding(scene, self._clocks, self._told)
        self._persons: dict[str, str] = {}
        self._read = 0
        self._present: set[str] = set()
        """Whose desktop is open."""
        self._seen: list[Happening] = []
        self._problems: list[str] = []

    async def play(self) -> Played:
        """Everybody comes to work, then the events, then time runs on to the scene's end."""
        for agent in self._scene.agents:
            await self._begin(agent)
        self._seen.clear()
        for event in sorted(self._scene.events, key=lambda each: each.at_ms):
            await self._floor.advance(event.at_ms)
            self._listen()
            await self._do(event)
            self._listen()
        await self._floor.advance(self._scene.ends_ms)
        self._listen()
        contacts = {name: await self._floor.contact(contact) for name, contact in self._told.ids.items()}
        agents = {agent.name: await self._floor.agent(agent.name) for agent in self._scene.agents}
        return Played(tuple(self._seen), tuple(self._problems), contacts, agents)

    async def _begin(self, agent: AgentTable) -> None:
        capacity = dict(agent.channels or DEFAULT_CAPACITY)
        record = AgentRecord(dict(sorted(agent.skills.items())), capacity, agent.teams, agent.can_interrupt)
        await self._floor.put_agent(agent.name, record)
        if agent.presence != "offline":
            await self._connect(agent.name, "agent")
            if agent.form != "both":
                await self._floor.command(agent.name, "presence.form", {"form": agent.form}, "agent")
            await self._floor.command(agent.name, "presence.set", {"state": agent.presence}, "agent")
        self._listen()

    # Events --------------------------------------------------------------------------------------------------------

    async def _do(self, event: Event) -> None:
        expected = str(event.cells.get(REFUSED, ""))
        try:
            await self._carry_out(event)
        except ServicecenterError as error:
            if expected not in {error.slug, ANY}:
                self._problems.append(
                    f"{self._sentence(event)}: refused, {error.slug}: {error.detail or error.title()}"
                )
        else:
            if expected:
                self._problems.append(f"{self._sentence(event)}: expected to be refused ({expected}), but it was done")

    def _sentence(self, event: Event) -> str:
        return f"{event.place}, {self._clocks.text(event.at_ms)}: {event.who} {event.verb} {event.what}"

    async def _carry_out(self, event: Event) -> None:
        if event.subject == "contact":
            await self._resident(event)
        elif event.subject == "unit":
            contact = self._told.id_of(event)
            handover = self._told.of(contact).handover or f"{contact}.h0"
            await self._floor.unit(event.command, handover, event.who, str(event.cells.get("reason", "scene")))
        elif event.command in {"connect", "disconnect"}:
            await self._come_or_go(event)
        else:
            await self._command(event)

    async def _resident(self, event: Event) -> None:
        if event.command != "receive" and event.who not in self._told.ids:
            raise NotFound(f"{event.who} has not arrived yet")
        match event.command:
            case "receive":
                contact = await self._floor.receive(self._inbound(event))
                self._told.arrive(event.who, contact)
            case "leave":
                await self._floor.leave(self._told.id_named(event.who), str(event.cells.get("reason", "hung_up")))
            case _:
                await self._floor.write(self._told.id_named(event.who), str(event.what))

    async def _come_or_go(self, event: Event) -> None:
        if event.command == "disconnect":
            self._check_present(event.who)
            self._present.discard(event.who)
            await self._floor.disconnect(event.who)
            return
        await self._connect(event.who, "agent")
        if event.verb == "comes_to_work":
            await self._floor.command(event.who, "presence.set", {"state": "available"}, "agent")

    async def _command(self, event: Event) -> None:
        role = "supervisor" if event.subject == "supervisor" else "agent"
        if role == "supervisor" and event.who not in self._present:
            await self._connect(event.who, role)
        self._check_present(event.who)
        await self._floor.command(event.who, event.command, self._commanding.data(event), role)

    async def _connect(self, who: str, role: str) -> None:
        await self._floor.connect(who, role)
        self._present.add(who)

    def _check_present(self, who: str) -> None:
        if who not in self._present:
            raise DesktopClosed(f"{who} has no desktop open: say `comes_to_work` or `reconnects` first")

    # A contact that arrives ------------------------------------------------------------------------------------------

    def _inbound(self, event: Event) -> Data:
        cells = event.cells
        channel = str(event.what)
        topic = str(cells.get("topic", event.who))
        data: dict[str, object] = {"channel": channel, "topic": topic_code(self._scene, topic)}
        reach = cast("tuple[str, ...]", cells.get("reach", REACHED_BY.get(channel, ())))
        who = str(cells.get("person", event.who))
        number = self._persons.setdefault(who, FICTIONAL[len(self._persons) % len(FICTIONAL)])
        given = {"phone": number, "email": f"{who}@example.org"}
        known = {key: given[key] for key in reach if key in given}
        if "person" in cells:
            known["party_id"] = f"scene-{who}"
        if known:
            data["person"] = known
        if "text" in cells:
            data["text"] = cells["text"]
        if "received" in cells:
            data["received_at"] = self._clocks.instant(cast("int", cells["received"]))
        return data

    def _listen(self) -> None:
        """Take in what has happened since the last time."""
        fresh: Sequence[Entry] = self._floor.seen[self._read :]
        self._read += len(fresh)
        for entry in fresh:
            self._told.note(entry)
            self._seen += happenings(entry, lambda contact: self._told.names.get(contact, contact), self._clocks)
