"""Sets a scene on a real store in few words: agents at their desks, contacts at any point of their way."""

import itertools

import msgspec

from router.activations import Activation, Scope
from router.journal import AgentRecord, Asks, Entry, EntryData, HandoverTerms, Outcome, Placement, decode
from router.model import Agent, OpenContact, bucket_of, order_class, requirements
from router.store.agent_commands import Grace
from router.store.contact_commands import ANY_PROFILE, EventName, QueuePlace
from router.store.redis_store import Store
from router.tail import _entries
from tests.manual_clock import ManualClock

CAPACITY = {"phone": 1, "chat": 2, "email": 1, "web": 1}
MEDIA = {"phone": "voice", "chat": "messaging", "email": "written", "web": "written"}
ROUTER = "router-1"
MINUTE_MS = 60_000


def asks_of(channel: str = "phone", *, queue: str = "centre", require: dict[str, int] | None = None) -> Asks:
    """What a contact of a channel asks for."""
    medium = MEDIA[channel]
    return Asks(queue, channel, medium, order_class(medium, is_emergency=False), requirements(require or {}))


def place_of(asks: Asks, score: int, wait_until: int) -> QueuePlace:
    """A place in the bucket of these asks."""
    bucket, text = bucket_of(asks)
    placed = Placement(bucket, asks, score, score, score)
    return QueuePlace(placed, text, msgspec.json.encode(placed).decode(), wait_until)


def place_fields(place: QueuePlace) -> dict[str, str | int]:
    """The place as the contact's hash keeps it."""
    placed = place.placed
    return {
        "queue": placed.asks.queue,
        "bucket": placed.bucket,
        "score": placed.score,
        "ready_at": placed.ready_at,
        "due_at": placed.due_at,
        "wait_until": place.wait_until,
        "placed": place.placed_json,
        "step": 0,
    }


class Scene:
    """One tenant's floor; every method leaves one more fact on it."""

    def __init__(self, store: Store, clock: ManualClock) -> None:
        self.store = store
        self.clock = clock
        self._numbers = itertools.count(1)
        self.received: list[str] = []

    @property
    def now(self) -> int:
        """The time on the scene's clock."""
        return self.clock.now_ms()

    # Agents ----------------------------------------------------------------------------------------------------

    async def desk(
        self, agent: str = "anna", *, skills: dict[str, int] | None = None, presence: str = "go_available"
    ) -> str:
        """An agent with a profile, a socket and, unless `presence` is '', an availability."""
        record = AgentRecord(skills=skills or {}, capacity=CAPACITY)
        await self.store.agents.put_agent(agent, agent.title(), record, CAPACITY, "cli")
        await self.store.agents.open_session(agent, ROUTER, f"{ROUTER}/{agent}")
        if presence:
            await self.store.agents.set_presence(agent, presence)
        return agent

    async def lose(self, agent: str = "anna") -> None:
        """The agent's socket and then the lease are gone."""
        await self.store.agents.close_session(agent, ROUTER, f"{ROUTER}/{agent}", self.now, "gone")
        await self.store.agents.lose_lease(agent, "", self.grace(), "gone")

    def grace(self) -> Grace:
        """Two minutes for a chat, an hour for the written, ten minutes for a call."""
        return Grace(self.now + 2 * MINUTE_MS, self.now + 60 * MINUTE_MS, self.now + 10 * MINUTE_MS)

    async def agent(self, agent: str = "anna") -> Agent:
        """The agent as the store holds them."""
        found = await self.store.agent(agent)
        assert found
        return found

    # Contacts --------------------------------------------------------------------------------------------------

    def next_id(self) -> str:
        """A contact id that sorts by age."""
        return f"c{next(self._numbers):020d}"

    def event(self, name: str, body: str = "same", subject: str = "") -> EventName:
        """An event as an integration names it."""
        return EventName("switch", "sip", name, body, subject)

    async def receive(
        self, contact: str = "", *, channel: str = "phone", subject: str = "", queue: str = "centre"
    ) -> str:
        """A contact that waits in its bucket."""
        contact = contact or self.next_id()
        place = place_of(asks_of(channel, queue=queue), self.now, self.now + MINUTE_MS)
        fields: dict[str, str | int] = {
            "channel": channel,
            "medium": MEDIA[channel],
            "work": f"{channel}:{MEDIA[channel]}",
            "received_at": self.now,
            "contents": 1,
            **place_fields(place),
        }
        _, accepted = await self.store.contacts.receive_contact(
            contact,
            self.event(contact, subject=subject),
            "queue",
            EntryData(contact=contact),
            place=place,
            contents=[(1, b'{"text":"hello"}')],
            fields=fields,
        )
        self.received.append(accepted)
        return accepted

    async def receive_handed_over(self) -> str:
        """A contact that the decision gives to a unit at once."""
        contact = self.next_id()
        fields: dict[str, str | int] = {
            "channel": "email",
            "medium": "written",
            "received_at": self.now,
            "unit": "roads",
        }
        fields |= {"handover": f"{contact}.h1", "handovers": 1, "handover_state": "offered", "handover_rev": 1}
        fields |= {"case": f"{contact}.k1", "case_state": "new_case", "case_rev": 1}
        data = EntryData(contact=contact, handover=f"{contact}.h1", case=f"{contact}.k1")
        await self.store.contacts.receive_contact(
            contact, self.event(contact), "hand_over", data, due_by=self.now + MINUTE_MS, fields=fields
        )
        return contact

    async def receive_answered(self) -> str:
        """A contact that needs nobody: an answer went out by itself."""
        contact = self.next_id()
        fields: dict[str, str | int] = {"channel": "email", "medium": "written", "received_at": self.now, "contents": 1}
        await self.store.contacts.receive_contact(
            contact,
            self.event(contact),
            "answer",
            EntryData(contact=contact),
            due_by=self.now + MINUTE_MS,
            fields=fields,
        )
        return contact

    async def contact(self, contact: str) -> OpenContact:
        """The contact as the store holds it."""
        found = await self.store.contact(contact)
        assert found
        return found

    async def offer(
        self, contact: str, agent: str = "anna", *, expected: int = -1, profile_n: int = ANY_PROFILE
    ) -> None:
        """Offer a queued contact for twenty seconds."""
        seen = await self.contact(contact)
        await self.store.contacts.issue_offer(
            contact,
            agent,
            seen.bucket,
            expected,
            expires_at=self.now + 20_000,
            channel=seen.channel,
            medium=seen.medium,
            data=EntryData(contact=contact, agent=agent, channel=seen.channel, medium=seen.medium),
            profile_n=profile_n,
        )

    async def accept(self, contact: str, agent: str = "anna", *, needs_setup: bool = False) -> None:
        """The agent takes the offer."""
        seen = await self.contact(contact)
        data = EntryData(contact=contact, agent=agent)
        until = self.now + 60_000 if needs_setup else 0
        await self.store.contacts.accept_offer(contact, agent, seen.offer, seen.rev, data, setup_until=until)

    async def offered(self, agent: str = "anna", *, channel: str = "phone") -> str:
        """A contact that is offered to the agent."""
        contact = await self.receive(channel=channel)
        await self.offer(contact, agent)
        return contact

    async def taken(self, agent: str = "anna", *, channel: str = "phone", needs_setup: bool = False) -> str:
        """A contact that is with the agent."""
        contact = await self.offered(agent, channel=channel)
        await self.accept(contact, agent, needs_setup=needs_setup)
        return contact

    async def wrapped(self, agent: str = "anna", *, channel: str = "phone") -> str:
        """A contact whose resident has gone, in wrap-up."""
        contact = await self.taken(agent, channel=channel)
        seen = await self.contact(contact)
        data = EntryData(contact=contact, agent=agent)
        await self.store.contacts.end_contact(
            contact, agent, seen.bucket, seen.rev, data, wrap_until=self.now + MINUTE_MS
        )
        return contact

    async def handed_over(self, agent: str = "anna") -> str:
        """A contact that the agent has handed over to the roads unit; returns the contact's id."""
        contact = await self.taken(agent)
        seen = await self.contact(contact)
        terms = HandoverTerms(unit="roads", accept_by=self.now + MINUTE_MS)
        await self.store.handovers.hand_over_contact(
            contact,
            agent,
            "roads",
            self.now + MINUTE_MS,
            EntryData(contact=contact, agent=agent, terms=terms),
            expected=seen.rev,
            terms=msgspec.json.encode(terms),
        )
        return contact

    async def finish(self, contact: str, agent: str = "anna") -> None:
        """The agent ends the work with one outcome."""
        data = EntryData(contact=contact, agent=agent, outcomes=(Outcome("waste", "answered"),))
        await self.store.contacts.finish_work(contact, agent, data)

    # Strategies ------------------------------------------------------------------------------------------------

    async def activate(self, version: str, *, scope: Scope | None = None, until: int = 0, begins_at: int = 0) -> int:
        """Bring a strategy version into service; its hash is `hash-<version>`."""
        found = await self.store.activations.all()
        wanted = Activation(
            version,
            f"hash-{version}",
            scope=scope or Scope(),
            begins_at=begins_at or self.now,
            until=until,
            actor="strategy_owner:olle",
            at=self.now,
        )
        return await self.store.activations.activate_strategy(found.activated(wanted), found.number)

    # Journal ---------------------------------------------------------------------------------------------------

    async def journal(self, after: int = 0) -> list[Entry]:
        """Entries of the journal behind a position."""
        reply = await self.store.runner.read("XRANGE", self.store.keys.journal, f"({after}-0" if after else "-", "+")
        return [decode(raw) for raw in _entries([[b"journal", reply]])]
