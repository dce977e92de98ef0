"""A contact passed on: cold to a queue or an agent, warm to the agent who was consulted, out to a unit or a number."""

import msgspec

from router import placing, replacing
from router.desk.commands import TransferWork
from router.desk.ground import LEAST_WAIT_MS, Changed, DeskGround, Handler, bound
from router.desk.participants import Participants
from router.desk.words import WordDesk
from router.errors import Forbidden, NoCapacity, SchemaMismatch, TransitionRefused, UnknownQueue, UnknownUnit
from router.journal import LIVE, EntryData
from router.leg_care import LegCare
from router.model import OpenContact
from router.records import place_fields
from router.store.contact_commands import QueuePlace

LIVE_WAIT_MS = 60_000
"""How long somebody at the other end waits for one agent alone."""


class TransferDesk:
    """`work.transfer` by every way; whoever passes a contact on wraps up beside it."""

    def __init__(self, ground: DeskGround, words: WordDesk, participants: Participants) -> None:
        self._ground = ground
        self._words = words
        self._participants = participants
        self._care = LegCare(ground.store, ground.city, ground.config)

    def handlers(self) -> dict[str, Handler]:
        """The commands of this theme."""
        return {"work.transfer": bound(TransferWork, self.transfer_work)}

    async def transfer_work(self, agent: str, wanted: TransferWork) -> Changed:
        """Pass the contact on; everything is checked before the note is kept.

        Raises:
            SchemaMismatch: the target is none, or more than one, or can't be reached warm.
            TransitionRefused: nobody to talk to is left, or no consult is connected.
        """
        named = [name for name in ("agent", "queue", "unit", "number") if getattr(wanted.to, name)]
        if len(named) != 1:
            raise SchemaMismatch("name exactly one of agent, queue, unit and number", field="$.data.to")
        contact = await self._ground.own(agent, wanted.contact_id)
        if contact.state != "with_agent":
            raise TransitionRefused("the contact is not with you now", field="$.data.contact_id", state=contact.state)
        if contact.medium in LIVE and contact.leg_state == "wrapping_up":
            raise TransitionRefused("nobody to talk to is left", field="$.data.contact_id", state=contact.leg_state)
        if wanted.to.agent and wanted.kind == "warm":
            return await self._warm(agent, contact, wanted)
        if wanted.to.unit or wanted.to.number:
            return await self._out(agent, contact, wanted)
        if wanted.kind == "warm":
            raise SchemaMismatch("a queue can only be reached cold", field="$.data.kind")
        return await self._cold(agent, contact, wanted)

    async def _cold(self, agent: str, contact: OpenContact, wanted: TransferWork) -> Changed:
        """Queued at its kept place, in the queue or for the agent alone until a limit."""
        if wanted.to.agent:
            place, fields = await self._place_for(agent, contact, wanted.to.agent), {}
        else:
            place, decided = self._place_in(contact, wanted.to.queue)
            fields = {"decision": decided.decode()}
        await self._note(agent, wanted)
        data = self._data(agent, contact, wanted, queue=place.placed.asks.queue)
        done = await self._ground.store.legs.transfer_contact(
            contact.id,
            agent,
            place,
            data,
            wrap_until=self._wrap_until(contact),
            fields={**place_fields(place), **fields},
            expected=wanted.rev,
        )
        await self._end_beside(contact)
        return Changed(contact.id, done.rev, leg_id=contact.leg)

    def _place_in(self, contact: OpenContact, queue: str) -> tuple[QueuePlace, bytes]:
        """The place in another queue, since when it has waited; of its own skills only the kept ones still count."""
        city = self._ground.city
        if queue not in city.queues:
            raise UnknownQueue("not in the city's queues file", field="$.data.to.queue")
        if contact.restricted and not city.queue(queue).restricted:
            raise Forbidden("a restricted contact stays in a restricted queue", field="$.data.to.queue")
        kept = self._participants.kept(contact)
        record = self._participants.record_of(contact)
        decision = record.decision
        require = {skill: level for skill, level in decision.require.items() if skill in kept}
        decision = msgspec.structs.replace(decision, kind="queue", queue=queue, require=require, route=())
        place = placing.place(city, self._ground.channel(contact.channel), decision, contact.ready_at)
        wait_until = max(place.wait_until, self._ground.now_ms + LEAST_WAIT_MS)
        decided = msgspec.json.encode(msgspec.structs.replace(record, decision=decision))
        return msgspec.structs.replace(place, wait_until=wait_until), decided

    async def _place_for(self, agent: str, contact: OpenContact, to: str) -> QueuePlace:
        """The other agent's own place, for a minute live, 4 open hours written; then everybody's."""
        other = await self._participants.other(agent, contact, to, field="$.data.to.agent")
        if other.presence == "offline" or other.lease != "alive":
            raise NoCapacity("offline", field="$.data.to.agent")
        now = self._ground.now_ms
        until = now + LIVE_WAIT_MS
        if contact.medium not in LIVE:
            hours = self._ground.city.queue_calendar(contact.queue)
            until = hours.add_open_ms(now, int(self._ground.config.written_grace_s * 1000))
        placed = self._participants.placed(contact)
        return replacing.for_agent(placed, to, until, kept=self._participants.kept(contact))

    async def _warm(self, agent: str, contact: OpenContact, wanted: TransferWork) -> Changed:
        """The agent who is consulted has the contact at once."""
        await self._participants.other(agent, contact, wanted.to.agent, field="$.data.to.agent")
        sides = await self._ground.store.sides(contact.id)
        consult = next(
            (leg for leg, side in sides.items() if (side.agent, side.role) == (wanted.to.agent, "consult")), ""
        )
        if not consult or sides[consult].state != "connected":
            raise TransitionRefused("consult the agent first: a warm transfer needs them connected", field="$.data.to")
        await self._note(agent, wanted)
        data = msgspec.structs.replace(self._data(agent, contact, wanted), agent=wanted.to.agent, also=(agent,))
        done = await self._ground.store.legs.transfer_leg(
            contact.id,
            agent,
            wanted.to.agent,
            consult,
            data,
            wrap_until=self._wrap_until(contact),
            setup_until=self._ground.setup_of(contact),
            expected=wanted.rev,
        )
        return Changed(contact.id, done.rev, leg_id=contact.leg)

    async def _out(self, agent: str, contact: OpenContact, wanted: TransferWork) -> Changed:
        """The call goes on at a unit, or at a number of the phone book; the agent wraps the contact up."""
        to = self._outside(contact, wanted)
        await self._note(agent, wanted)
        data = self._data(agent, contact, wanted)
        done = await self._ground.store.legs.transfer_out(
            contact.id, agent, to, data, wrap_until=self._wrap_until(contact), expected=wanted.rev
        )
        await self._end_beside(contact)
        return Changed(contact.id, done.rev, leg_id=contact.leg)

    def _outside(self, contact: OpenContact, wanted: TransferWork) -> str:
        """The code of who takes the call: numbers themselves stay in the city's files."""
        city, unit, number = self._ground.city, wanted.to.unit, wanted.to.number
        if contact.medium != "voice":
            raise TransitionRefused("only a call can go on outside; hand over instead", field="$.data.to")
        if number:
            if number not in city.phone_book:
                known = ", ".join(sorted(city.phone_book))
                raise SchemaMismatch(f"not in the city's phone book; known: {known}", field="$.data.to.number")
            return number
        if unit not in city.units:
            raise UnknownUnit("not in the city's units file", field="$.data.to.unit")
        if not city.units[unit].phone:
            raise SchemaMismatch("the unit takes no calls; hand over instead", field="$.data.to.unit")
        return unit

    def _data(self, agent: str, contact: OpenContact, wanted: TransferWork, *, queue: str = "") -> EntryData:
        to = wanted.to
        return EntryData(
            contact=contact.id,
            agent=agent,
            actor=f"agent:{agent}",
            reason="transferred",
            status=f"{wanted.kind}_{'agent' if to.agent else 'queue' if to.queue else 'unit' if to.unit else 'number'}",
            medium=contact.medium,
            channel=contact.channel,
            queue=queue,
            to=to.agent or to.queue or to.unit or to.number,
        )

    def _wrap_until(self, contact: OpenContact) -> int:
        return self._ground.now_ms + self._ground.city.queue(contact.queue).wrap_up_s * 1000

    async def _note(self, agent: str, wanted: TransferWork) -> None:
        if wanted.note:
            await self._words.write("add_note", agent, wanted.contact_id, {"note": wanted.note})

    async def _end_beside(self, contact: OpenContact) -> None:
        if contact.legs > 1:
            await self._care.end_beside(contact.id, "contact_left")
