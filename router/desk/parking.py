"""Work put aside and taken back: parking, drafts, undoing what was done a moment ago."""

from datetime import datetime

from router.desk.commands import OnContact, ParkWork, SaveDraft
from router.desk.ground import Changed, DeskGround, Handler, bound
from router.desk.presence import PresenceDesk
from router.desk.words import WordDesk
from router.errors import Forbidden, SchemaMismatch, TransitionRefused, UnknownUnit
from router.journal import EntryData
from router.leg_care import LegCare

DAY_MS = 86_400_000
PARK_DAYS = 14
"""Parked without a time, work returns after this many days at the latest."""
PARK_MOST_DAYS = 90
UNDO_MS = 10_000


class ParkingDesk:
    """Parking, drafts and undo, of the agent whose work it is."""

    def __init__(self, ground: DeskGround, words: WordDesk, presence: PresenceDesk) -> None:
        self._ground = ground
        self._words = words
        self._presence = presence
        self._care = LegCare(ground.store, ground.city, ground.config)

    def handlers(self) -> dict[str, Handler]:
        """The commands of this theme."""
        return {
            "work.park": bound(ParkWork, self.park_contact),
            "work.undo": bound(OnContact, self.undo_work),
            "draft.save": bound(SaveDraft, self.save_draft),
            "typing": bound(OnContact, self.tell_typing),
        }

    async def park_contact(self, agent: str, wanted: ParkWork) -> Changed:
        """Put it aside: it stays with the agent, takes no room, and returns by itself.

        Raises:
            SchemaMismatch: it waits for nothing, or for a time that is past or too far ahead.
            UnknownUnit: it waits for a unit that is not in the city's file.
            Forbidden: it turned out, when the resident had gone, to be for others: who may not have it can't keep it.
        """
        return_at = self._return_at(wanted)
        contact = await self._ground.own(agent, wanted.contact_id)
        if contact.leg_state == "wrapping_up" and not await self._ground.may_open(agent, contact):
            raise Forbidden("finish it, or pass it on to who may have it", field="$.data.contact_id")
        if wanted.note:
            await self._words.write("add_note", agent, contact.id, {"note": wanted.note})
        waits_for = [name for name in ("until", "reply", "unit") if getattr(wanted, name)]
        data = EntryData(
            contact=contact.id,
            agent=agent,
            actor=f"agent:{agent}",
            reason=",".join(waits_for),
            medium=contact.medium,
            channel=contact.channel,
            until=return_at,
            to=wanted.unit,
        )
        done = await self._ground.store.legs.park_contact(
            contact.id,
            agent,
            return_at,
            data,
            fields={"parked_reply": int(wanted.reply), "parked_unit": wanted.unit},
            expected=wanted.rev,
        )
        if contact.legs > 1:
            await self._care.end_beside(contact.id, "contact_left")
        return Changed(contact.id, done.rev)

    def _return_at(self, wanted: ParkWork) -> int:
        if not (wanted.until or wanted.reply or wanted.unit):
            raise SchemaMismatch("name at least one of until, reply and unit", field="$.data")
        if wanted.unit and wanted.unit not in self._ground.city.units:
            raise UnknownUnit("not in the city's units file", field="$.data.unit")
        now = self._ground.now_ms
        if wanted.until is None:
            return now + PARK_DAYS * DAY_MS
        until = _epoch_ms(wanted.until)
        if not now < until <= now + PARK_MOST_DAYS * DAY_MS:
            raise SchemaMismatch(f"expected a time from now to {PARK_MOST_DAYS} days ahead", field="$.data.until")
        return until

    async def undo_work(self, agent: str, wanted: OnContact) -> Changed:
        """Have the contact back that the agent finished, handed over, parked or passed on within the last 10 seconds.

        Offers that came meanwhile return without blame: the agent goes on where they were.
        """
        contact = await self._ground.contact(wanted.contact_id)
        since = self._ground.now_ms - UNDO_MS
        state, at, by = [*contact.undo.split(" ", 2), "", ""][:3] if contact.undo else ("", "0", "")
        if state != contact.state or by != agent or int(at) < since:
            raise TransitionRefused(
                "nothing of yours to undo within the last 10 seconds", field="$.data.contact_id", state=contact.state
            )
        await self._presence.return_offers(agent, "undone")
        data = EntryData(
            contact=contact.id,
            agent=agent,
            actor=f"agent:{agent}",
            reason=contact.state,
            medium=contact.medium,
            channel=contact.channel,
        )
        # Whoever waits in a queue is on the line: the agent's phone rings once more.
        setup_until = self._ground.setup_of(contact) if contact.state == "queued" else 0
        done = await self._ground.store.legs.undo_work(
            contact.id, agent, contact.bucket, since, data, setup_until=setup_until
        )
        return Changed(contact.id, done.rev, leg_id=f"{contact.id}.l{done.number}")

    async def save_draft(self, agent: str, wanted: SaveDraft) -> object:
        """Keep words that are not sent yet: they follow the work, outside the journal."""
        await self._ground.store.legs.save_draft(wanted.contact_id, agent, wanted.text)
        return {"contact_id": wanted.contact_id}

    async def tell_typing(self, agent: str, wanted: OnContact) -> object:
        """Show the resident that the agent writes, where the channel can; nothing is journaled."""
        contact = await self._ground.own(agent, wanted.contact_id)
        if contact.medium != "messaging" or contact.state != "with_agent":
            raise TransitionRefused("only a conversation in writing shows typing", field="$.data.contact_id")
        self._ground.ways.tell_typing(contact.integration, contact.id)
        return {"contact_id": contact.id}


def _epoch_ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)
