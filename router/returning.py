"""Somebody who has something open gets in touch again: whom they should meet, and which promise this makes needless.

Reads the person index, a hint: what it names is looked up before it is believed. Only persons who are surely or likely
known are looked up; a shared number is nobody's.
"""

import asyncio
import contextlib

import msgspec

from router import replacing
from router.config import FloorConfig
from router.eligibility import can_ever, has_room
from router.errors import ServicecenterError, StateError
from router.identity import Identity
from router.journal import LIVE, Asks, EntryData
from router.model import EMERGENCY, Agent, OpenContact
from router.store.contact_commands import QueuePlace
from router.store.redis_store import Store
from rules.city import City
from rules.outcome import Decision

KNOWN = frozenset({"likely", "verified"})
PENDING = frozenset({"promised", "due", "no_answer"})
"""Callback states in which the resident still waits for the call."""
PREFER_LIVE_S = 30
"""How long somebody on the line waits for the agent who knows their matter and is free, unless the strategy says."""


class Open(msgspec.Struct, frozen=True):
    """What somebody has open when they get in touch."""

    contacts: tuple[OpenContact, ...] = ()

    def superseded(self, medium: str) -> OpenContact | None:
        """The callback that they do not need any more, now that they are here themselves."""
        if medium not in LIVE:
            return None
        waiting = (
            c for c in self.contacts if c.callback_state in PENDING and c.state in {"callback", "queued", "offered"}
        )
        return min(waiting, key=lambda contact: contact.ready_at, default=None)

    def agent(self) -> str:
        """Who has something of theirs in hand or put aside, the latest first."""
        held = [contact for contact in self.contacts if contact.agent and contact.state in {"with_agent", "parked"}]
        return max(held, key=lambda contact: contact.received_at).agent if held else ""


NOTHING_OPEN = Open()


class Returning:
    """Looks up what a person has open."""

    def __init__(self, store: Store, city: City, config: FloorConfig) -> None:
        self._store = store
        self._city = city
        self._config = config

    async def look(self, identity: Identity) -> Open:
        """What this person has open; nothing when the store does not say so in time."""
        if identity.strength not in KNOWN or not identity.person:
            return NOTHING_OPEN
        try:
            async with asyncio.timeout(self._config.facts_timeout_s * 10):
                return Open(tuple(await self._store.open_contacts_of(identity.person)))
        except (TimeoutError, ServicecenterError):
            return NOTHING_OPEN

    async def preferred(self, found: Open, decision: Decision, place: QueuePlace, now: int) -> QueuePlace:
        """The place with the agent who knows their matter, for a while; the general one when they can't have it."""
        agent_id = found.agent()
        if not agent_id or place.placed.asks.order_class == EMERGENCY:
            return place
        agent = await self._store.agent(agent_id)
        if agent is None or agent.lease != "alive" or agent.presence == "offline":
            return place
        if not can_ever(place.placed.asks, agent.record()):
            return place
        is_waited_for = bool(decision.prefer_last_s) and agent.presence == "available"
        if not is_waited_for and not await self._is_free(agent, place.placed.asks):
            return place
        return replacing.for_agent(
            place.placed, agent_id, self._limit(decision, place, now), kept=frozenset(decision.keep)
        )

    async def _is_free(self, agent: Agent, asks: Asks) -> bool:
        """Whether the agent could take it: nobody on the line waits for one who is busy; a letter can wait."""
        if not asks.is_live:
            return True
        load = (await self._store.work(agent.id)).values()
        record = agent.record()
        has = record.capacity.get(asks.channel, 0)
        return agent.presence == "available" and has_room(
            agent.form, has, asks.channel, asks.medium, load, can_interrupt=record.can_interrupt
        )

    def _limit(self, decision: Decision, place: QueuePlace, now: int) -> int:
        if decision.prefer_last_s:
            return now + decision.prefer_last_s * 1000
        asks = place.placed.asks
        if asks.is_live:
            return now + PREFER_LIVE_S * 1000
        return self._city.queue_calendar(asks.queue).add_open_ms(now, int(self._config.written_grace_s * 1000))

    async def supersede(self, contact: OpenContact, by_contact: str) -> None:
        """The new contact has the callback's place: nobody calls any more. Somebody who dials already goes on."""
        with contextlib.suppress(StateError):
            if contact.state == "offered":
                contact = await self._withdrawn(contact)
            await self._close(contact, by_contact)

    async def _withdrawn(self, contact: OpenContact) -> OpenContact:
        """Nobody needs to answer the offer of this call any more."""
        data = EntryData(
            contact=contact.id,
            agent=contact.agent,
            offer=contact.offer,
            medium=contact.medium,
            reason="superseded",
            actor="strategy",
        )
        await self._store.contacts.revoke_offer(contact.id, contact.agent, contact.offer, contact.bucket, data)
        fresh = await self._store.contact(contact.id)
        if fresh is None or fresh.state != "queued":
            raise StateError
        return fresh

    async def _close(self, contact: OpenContact, by_contact: str) -> None:
        is_for_all = not contact.restricted and contact.protection == "none"
        data = EntryData(
            contact=contact.id,
            actor="strategy",
            reason="superseded",
            to_contact=by_contact,
            queue=contact.queue,
            medium=contact.medium,
            channel=contact.channel,
        )
        await self._store.callbacks.attach_contact(
            contact.id, "", contact.bucket, contact.rev, by_contact, data, shows_words=is_for_all
        )
