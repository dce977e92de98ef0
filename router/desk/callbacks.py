"""Callbacks from the desktop: promised by the agent who has the contact, tried, answered or not."""

from router.desk.commands import ReportCallback, ScheduleCallback
from router.desk.ground import Changed, DeskGround, Handler, bound
from router.desk.words import WordDesk
from router.errors import SchemaMismatch, TransitionRefused
from router.leg_care import LegCare


class CallbackDesk:
    """Schedule and result."""

    def __init__(self, ground: DeskGround, words: WordDesk) -> None:
        self._ground = ground
        self._callbacks = ground.callbacks
        self._words = words
        self._legs = LegCare(ground.store, ground.city, ground.config)

    def handlers(self) -> dict[str, Handler]:
        """The commands of this theme."""
        return {
            "callback.schedule": bound(ScheduleCallback, self.schedule),
            "callback.result": bound(ReportCallback, self.report),
        }

    async def schedule(self, agent: str, wanted: ScheduleCallback) -> Changed:
        """Promise a call at a time, or as soon as it is their turn; by this agent or by whoever is free.

        Raises:
            SchemaMismatch: nobody calls at that time, or no number is known.
            TransitionRefused: the agent does not have the contact in hand.
        """
        if (wanted.at is None) == (not wanted.keep_place):
            raise SchemaMismatch("expected either a time or keep_place", field="$.data.at")
        contact = await self._ground.own(agent, wanted.contact_id)
        if contact.state != "with_agent":
            raise TransitionRefused(machine="contact", state=contact.state, event="call_back")
        slot_at = round(wanted.at.timestamp() * 1000) if wanted.at is not None else 0
        self._callbacks.check(contact, slot_at)
        if wanted.note:
            await self._words.write("add_note", agent, contact.id, {"note": wanted.note})
            contact = await self._ground.own(agent, wanted.contact_id)
        done = await self._callbacks.promise(
            contact,
            slot_at=slot_at,
            why="agent",
            actor=f"agent:{agent}",
            by=agent if wanted.by == "me" else "",
            expected=wanted.rev,
        )
        if contact.legs > 1:
            await self._legs.end_beside(contact.id, "contact_left")
        return Changed(contact.id, done.rev)

    async def report(self, agent: str, wanted: ReportCallback) -> Changed:
        """What came of the call: a conversation, or another attempt, or the end."""
        contact = await self._ground.own(agent, wanted.contact_id)
        if wanted.result == "connected":
            done = await self._callbacks.connect(contact, agent)
        else:
            done = await self._callbacks.miss(contact, agent, wanted.result)
        return Changed(contact.id, done.rev)
