"""Plays a scene on a floor: each event at its moment, and everything that happens noted in plain words. Judges nothing.

The floor may be the service in memory (`service`) or a real router (`router_floor`); both are spoken to in the same
commands, and what happened is read from the journal in both.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol, cast

import msgspec

from channels.registry import DEFAULT_CAPACITY
from router.errors import ServicecenterError
from router.journal import AgentRecord, Entry
from router.simulation.happenings import Happening, happenings
from router.simulation.moments import Clocks
from router.simulation.scene import ZONE, AgentTable, Event, Scene
from router.simulation.scene_city import topic_code
from router.simulation.verbs import REFUSED

FICTIONAL = [*(f"+4670174{number:04d}" for number in range(605, 700)), *(f"+46846500{n:03d}" for n in range(400, 500))]
"""Phone numbers that nobody has: the series set aside for films and books."""
REACHED_BY: Mapping[str, tuple[str, ...]] = {"phone": ("phone",), "email": ("email",)}
Data = Mapping[str, object]


class Standing(msgspec.Struct, frozen=True):
    """How a contact or an agent stands in the end."""

    state: str
    """A contact's state, an agent's presence."""
    held_by: str = ""
    queue: str = ""
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


class _Known(msgspec.Struct):
    """What the journal has told of a contact, as far as commands name it."""

    rev: int = 0
    offers: dict[str, str] = {}
    """Agent -> the last offer to them."""
    last_offer: str = ""
    handover: str = ""
    sides: dict[str, str] = {}
    """Agent -> leg beside the owner's."""


class Player:
    """One playing of one scene."""

    def __init__(self, scene: Scene, floor: Floor) -> None:
        self._scene = scene
        self._floor = floor
        self._clocks = Clocks(ZONE)
        self._ids: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._known: dict[str, _Known] = {}
        self._persons: dict[str, str] = {}
        self._read = 0
        self._supervisors: set[str] = set()
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
        contacts = {name: await self._floor.contact(contact) for name, contact in self._ids.items()}
        agents = {agent.name: await self._floor.agent(agent.name) for agent in self._scene.agents}
        return Played(tuple(self._seen), tuple(self._problems), contacts, agents)

    async def _begin(self, agent: AgentTable) -> None:
        capacity = dict(agent.channels or DEFAULT_CAPACITY)
        record = AgentRecord(dict(sorted(agent.skills.items())), capacity, agent.teams, agent.can_interrupt)
        await self._floor.put_agent(agent.name, record)
        if agent.presence != "offline":
            await self._floor.connect(agent.name, "agent")
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
            if error.slug != expected:
                self._problems.append(f"{self._told(event)}: refused, {error.slug}: {error.detail or error.title()}")
        else:
            if expected:
                self._problems.append(f"{self._told(event)}: expected to be refused ({expected}), but it was done")

    def _told(self, event: Event) -> str:
        return f"{event.place}, {self._clocks.text(event.at_ms)}: {event.who} {event.verb} {event.what}"

    async def _carry_out(self, event: Event) -> None:
        if event.subject == "contact":
            await self._resident(event)
        elif event.subject == "unit":
            handover = self._of(event).handover
            reason = str(event.cells.get("reason", "scene"))
            await self._floor.unit(event.command, handover or self._id(event), event.who, reason)
        elif event.command in {"connect", "disconnect"}:
            await self._come_or_go(event)
        else:
            await self._command(event)

    async def _resident(self, event: Event) -> None:
        match event.command:
            case "receive":
                contact = await self._floor.receive(self._inbound(event))
                self._ids[event.who], self._names[contact] = contact, event.who
            case "leave":
                await self._floor.leave(self._ids[event.who], str(event.cells.get("reason", "hung_up")))
            case _:
                await self._floor.write(self._ids[event.who], str(event.what))

    async def _come_or_go(self, event: Event) -> None:
        if event.command == "disconnect":
            await self._floor.disconnect(event.who)
            return
        await self._floor.connect(event.who, "agent")
        if event.verb == "comes_to_work":
            await self._floor.command(event.who, "presence.set", {"state": "available"}, "agent")

    async def _command(self, event: Event) -> None:
        role = "supervisor" if event.subject == "supervisor" else "agent"
        if role == "supervisor" and event.who not in self._supervisors:
            self._supervisors.add(event.who)
            await self._floor.connect(event.who, role)
        await self._floor.command(event.who, event.command, self._data(event), role)

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
        if reach:
            data["person"] = {key: given[key] for key in reach if key in given}
        if "text" in cells:
            data["text"] = cells["text"]
        if "received" in cells:
            data["received_at"] = self._clocks.instant(cast("int", cells["received"]))
        return data

    # Commands --------------------------------------------------------------------------------------------------------

    def _data(self, event: Event) -> Data:
        """What the command holds: the contact as the journal last told of it, and the event's other cells."""
        cells, name = event.cells, event.command
        data: dict[str, object] = {key: value for key, value in cells.items() if key in _AS_THEY_ARE}
        if event.subject == "supervisor":
            data.setdefault("reason", "scene")
        made = getattr(self, "_data_" + name.replace(".", "_"), None)
        if made is not None:
            return {**data, **made(event)}
        return {**data, **self._plainly(event)}

    def _plainly(self, event: Event) -> Data:
        if event.command in _NAMES_CONTACT:
            return {"contact_id": self._id(event)}
        if event.command in _NAMES_CONTACT_AND_REV:
            return {"contact_id": self._id(event), "rev": self._of(event).rev, **self._to(event)}
        if event.command in _NAMES_LEG:
            return {"leg_id": self._leg_of(event)}
        return {}

    def _to(self, event: Event) -> Data:
        cells = event.cells
        found: dict[str, object] = {}
        if event.command == "contact.assign":
            found["agent_id"] = cells["to_agent"]
            if "wait" in cells:
                found["wait_s"] = cast("int", cells["wait"]) // 1000
        elif event.command == "contact.move":
            found["queue"] = cells["to_queue"]
        elif event.command == "contact.priority":
            found["head_start_s"] = cast("int", cells["length"]) // 1000
        return found

    def _data_offer_accept(self, event: Event) -> Data:
        known = self._of(event)
        return {"offer_id": known.offers.get(event.who, f"{self._id(event)}.o0"), "rev": known.rev}

    def _data_offer_decline(self, event: Event) -> Data:
        return {"reason": "knowledge", **self._data_offer_accept(event), **_only(event, "reason")}

    def _data_offer_revoke(self, event: Event) -> Data:
        return {"offer_id": self._of(event).last_offer or "none", "reason": "scene", **_only(event, "reason")}

    def _data_work_finish(self, event: Event) -> Data:
        outcome = {"resolution": event.cells.get("how", "answered"), **_only(event, "cause", "evidence")}
        return {"contact_id": self._id(event), "outcomes": [outcome]}

    def _data_work_park(self, event: Event) -> Data:
        until = event.cells.get("until")
        when = {"until": self._clocks.instant(cast("int", until))} if until is not None else {}
        return {"contact_id": self._id(event), **_only(event, "reply", "unit"), **when}

    def _data_work_transfer(self, event: Event) -> Data:
        keys = ("to_agent", "to_queue", "to_unit", "to_number")
        to = {key.removeprefix("to_"): event.cells[key] for key in keys if key in event.cells}
        return {"contact_id": self._id(event), "to": to, "kind": event.cells.get("how", "cold")}

    def _data_consult_start(self, event: Event) -> Data:
        return {"contact_id": self._id(event), "to": {"agent": event.cells["to_agent"]}}

    def _data_consult_decline(self, event: Event) -> Data:
        return {"leg_id": self._leg_of(event), "reason": "busy", **_only(event, "reason")}

    def _data_handover_create(self, event: Event) -> Data:
        return {"contact_id": self._id(event), "unit": event.cells["to_unit"]}

    def _data_callback_schedule(self, event: Event) -> Data:
        at = event.cells.get("call_at")
        when = {"keep_place": True} if at is None else {"at": self._clocks.instant(cast("int", at))}
        return {"contact_id": self._id(event), **when, **_only(event, "by")}

    def _data_work_pull(self, event: Event) -> Data:
        return {"queue": event.what} if event.verb == "pulls_from" else {"contact_id": self._id(event)}

    def _data_contact_attach(self, event: Event) -> Data:
        return {"contact_id": self._id(event), "to": self._ids[str(event.cells["to_contact"])]}

    def _data_message_send(self, event: Event) -> Data:
        return {"contact_id": self._id(event), "text": event.cells.get("text", "Hej!")}

    def _data_topic_set(self, event: Event) -> Data:
        return {"contact_id": self._id(event), "topic": topic_code(self._scene, str(event.cells["topic"]))}

    def _data_wrap_up_extend(self, event: Event) -> Data:
        seconds = {"seconds": cast("int", event.cells["length"]) // 1000} if "length" in event.cells else {}
        return {"contact_id": self._id(event), **self._side_or_none(event), **seconds}

    def _data_wrap_up_end(self, event: Event) -> Data:
        return {"contact_id": self._id(event), **self._side_or_none(event)}

    def _data_suggestion_answer(self, event: Event) -> Data:
        return {"contact_id": self._id(event), "generation": self._generation(event)} | {
            "consent": event.cells.get("consent", True)
        }

    def _data_presence_set(self, event: Event) -> Data:
        return {"state": event.what, **_only(event, "reason", "when")}

    def _data_presence_form(self, event: Event) -> Data:
        return {"form": event.what}

    def _data_agent_presence_set(self, event: Event) -> Data:
        return {"agent_id": event.what, "state": event.cells["to"], **_only(event, "when")}

    def _data_agent_skills_set(self, event: Event) -> Data:
        return {"agent_id": event.what, "skills": event.cells["skills"]}

    def _data_queue_open(self, event: Event) -> Data:
        return {"queue": event.what, **self._until(event)}

    _data_queue_close = _data_queue_open

    def _data_queue_divert(self, event: Event) -> Data:
        return {"queue": event.what, "to": event.cells["to_queue"], **self._until(event)}

    def _data_hours_exception(self, event: Event) -> Data:
        date = str(event.cells["date"])
        hours = cast("tuple[str, ...]", event.cells.get("hours", ()))
        return {"queue": event.what, "date": date, "open": list(hours), "name": str(event.cells.get("reason", "scene"))}

    def _data_crisis_on(self, event: Event) -> Data:
        return {"until": self._clocks.instant(cast("int", event.what))}

    def _data_leg_join(self, event: Event) -> Data:
        mode = "listen" if event.verb == "listens_to" else "speak"
        return {"contact_id": self._id(event), "mode": mode}

    def _until(self, event: Event) -> Data:
        until = event.cells.get("until")
        return {} if until is None else {"until": self._clocks.instant(cast("int", until))}

    # What the journal told -------------------------------------------------------------------------------------------

    def _id(self, event: Event) -> str:
        """The id of the contact that the event names; one that has not arrived has none that anybody knows."""
        return self._ids.get(str(event.what), "c-not-arrived")

    def _of(self, event: Event) -> _Known:
        return self._known.setdefault(self._id(event), _new())

    def _leg_of(self, event: Event) -> str:
        return self._of(event).sides.get(event.who) or next(iter(self._of(event).sides.values()), "no-leg")

    def _side_or_none(self, event: Event) -> Data:
        leg = self._of(event).sides.get(event.who)
        return {"leg_id": leg} if leg else {}

    def _generation(self, event: Event) -> int:
        entries = [each for each in self._floor.seen if each.data.contact == self._id(event)]
        return max((each.data.generation for each in entries), default=1)

    def _listen(self) -> None:
        """Take in what has happened since the last time."""
        fresh: Sequence[Entry] = self._floor.seen[self._read :]
        self._read += len(fresh)
        for entry in fresh:
            self._note(entry)
            self._seen += happenings(entry, lambda contact: self._names.get(contact, contact), self._clocks)

    def _note(self, entry: Entry) -> None:
        data = entry.data
        for moved in entry.transitions:
            if moved.machine == "contact":
                self._known.setdefault(moved.id, _new()).rev = moved.rev
            elif moved.machine == "offer" and moved.event == "issue":
                known = self._known.setdefault(data.contact, _new())
                known.offers[data.agent] = known.last_offer = moved.id
            elif moved.machine == "handover" and moved.event == "offer":
                self._known.setdefault(data.contact, _new()).handover = moved.id
        if data.side is not None:
            sides = self._known.setdefault(data.contact, _new()).sides
            is_over = any(moved.id == data.side.leg and moved.after == "ended" for moved in entry.transitions)
            if is_over:
                sides.pop(data.side.agent, None)
            else:
                sides[data.side.agent] = data.side.leg


def _new() -> _Known:
    return _Known(offers={}, sides={})


_AS_THEY_ARE = frozenset({"reason", "result"})
_NAMES_CONTACT = frozenset({"work.hold", "work.resume", "work.undo", "callback.result"})
_NAMES_CONTACT_AND_REV = frozenset(
    {"contact.assign", "contact.requeue", "contact.move", "contact.priority", "contact.cancel"}
)
_NAMES_LEG = frozenset({"consult.answer", "consult.end", "leg.leave"})


def _only(event: Event, *keys: str) -> Data:
    return {key: event.cells[key] for key in keys if key in event.cells}
