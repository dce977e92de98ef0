"""What time does to legs beside the owner's and to parked work: wrap-ups and consults end, parked work returns.

Every leg beside has a deadline at which a sweep looks at it: so none outlives its contact, its agent's lease or its
limit for longer than WATCH_MS. Never decides who may take part; that is the desk's.
"""

import contextlib

import msgspec

from channels.registry import CHANNELS
from router import placing, replacing
from router.config import FloorConfig
from router.errors import NotFound, StateError
from router.journal import EntryData
from router.model import OpenContact, SideLeg
from router.records import DecisionRecord, place_fields
from router.store.contact_commands import QueuePlace
from router.store.keys import contact_of
from router.store.leg_commands import SideTimes
from router.store.redis_store import Store
from rules.city import City

_record = msgspec.json.Decoder(DecisionRecord)
WATCH_MS = 30_000
"""How often a sweep looks whether a leg beside the owner's still has anything to be beside of."""
SIDE_LIMIT_MS = 4 * 3_600_000
"""The longest that a consult or a supervisor takes part."""
WAITS_FOR = {"reply": "parked_reply", "unit": "parked_unit"}
"""What parked work may wait for besides its time -> the contact's field that says so."""


class LegCare:
    """The sweeps of `side:` and `parked:`, and what ends when a contact leaves its agent."""

    def __init__(self, store: Store, city: City, config: FloorConfig) -> None:
        self._store = store
        self._city = city
        self._config = config

    def lasting(self) -> SideTimes:
        """The times of a leg beside that begins now and lasts while the contact is with its owner."""
        now = self._store.clock.now_ms()
        return SideTimes(now + SIDE_LIMIT_MS, now + WATCH_MS)

    # Parked work ---------------------------------------------------------------------------------------------------

    async def return_due(self, contact_id: str) -> None:
        """The time is over until which the work was parked."""
        contact = await self._contact(contact_id)
        if contact.state != "parked" or contact.parked_until > self._store.clock.now_ms():
            raise StateError
        await self._return(contact, "until", "timer")

    async def return_parked(self, contact_id: str, why: str, *, actor: str = "timer") -> bool:
        """Queue parked work again because of a `reply`, a `unit`'s word, or an agent who is lost (`agent_lost`).

        False when it is not parked or does not wait for that. Safe to call for any contact.
        """
        contact = await self._store.contact(contact_id)
        if contact is None or contact.state != "parked":
            return False
        if why in WAITS_FOR and not getattr(contact, WAITS_FOR[why]):
            return False
        with contextlib.suppress(StateError):
            await self._return(contact, why, actor)
            return True
        return False

    async def _return(self, contact: OpenContact, why: str, actor: str) -> None:
        place = self._place(contact, is_agent_lost=why == "agent_lost")
        data = EntryData(
            contact=contact.id,
            agent=contact.agent,
            actor=actor,
            reason=why,
            medium=contact.medium,
            channel=contact.channel,
            queue=place.placed.asks.queue,
        )
        await self._store.legs.release_parked(
            contact.id, contact.agent, place, data, fields=place_fields(place), expected=contact.rev
        )

    def _place(self, contact: OpenContact, *, is_agent_lost: bool) -> QueuePlace:
        """Ready from now on: for its agent alone during the grace of written work, then for everybody."""
        now, decision = self._store.clock.now_ms(), _record.decode(contact.decision.encode()).decision
        place = placing.place(self._city, CHANNELS[contact.channel], decision, now)
        if is_agent_lost:
            return place
        hours = self._city.queue_calendar(place.placed.asks.queue)
        until = hours.add_open_ms(now, int(self._config.written_grace_s * 1000))
        return replacing.for_agent(place.placed, contact.agent, until, kept=frozenset(decision.keep))

    # Legs beside ---------------------------------------------------------------------------------------------------

    async def watch_side(self, leg_id: str) -> None:
        """End a leg beside the owner's that has nothing to be beside of, or whose time is over; else look again."""
        contact_id = contact_of(leg_id)
        side = (await self._store.sides(contact_id)).get(leg_id)
        contact = await self._contact(contact_id)
        if side is None:
            raise NotFound(leg_id)
        reason = await self._why_over(contact, side)
        if reason:
            await self.end_side(contact, leg_id, side, reason, only_after=reason in {"limit", "not_responding"})
            return
        is_watched = side.state == "connected"
        at = min(side.until, self._store.clock.now_ms() + WATCH_MS) if is_watched else side.until
        await self._store.legs.look_again(leg_id, at)

    async def _why_over(self, contact: OpenContact, side: SideLeg) -> str:
        if side.until <= self._store.clock.now_ms():
            return "not_responding" if side.state == "connecting" else "limit"
        if side.role == "wrap":
            return ""
        if contact.state != "with_agent":
            return "contact_left"
        agent = await self._store.agent(side.agent)
        return "" if agent is not None and agent.lease == "alive" else "agent_lost"

    async def end_side(
        self,
        contact: OpenContact,
        leg_id: str,
        side: SideLeg,
        reason: str,
        *,
        actor: str = "timer",
        only_after: bool = False,
    ) -> None:
        """End one leg; that somebody was quicker is no error, its deadline stays for the next sweep."""
        data = EntryData(
            contact=contact.id,
            agent=contact.agent,
            also=(side.agent,),
            actor=actor,
            reason=reason,
            medium=contact.medium,
            channel=contact.channel,
        )
        with contextlib.suppress(StateError):
            await self._store.legs.end_side_leg(leg_id, side.agent, data, only_after=only_after)

    async def end_beside(self, contact_id: str, reason: str) -> None:
        """The contact has left its owner: nobody consults or listens any more. Wrap-ups go on."""
        sides = await self._store.sides(contact_id)
        contact = await self._store.contact(contact_id) if sides else None
        if contact is None:
            return
        for leg_id, side in sides.items():
            if side.role != "wrap":
                with contextlib.suppress(NotFound):
                    await self.end_side(contact, leg_id, side, reason)

    async def _contact(self, contact_id: str) -> OpenContact:
        contact = await self._store.contact(contact_id)
        if contact is None:
            raise NotFound(contact_id)
        return contact
