"""Callbacks from the desktop: promised by the agent who has the contact, tried, answered or not."""

from router.desk.commands import ReportCallback, ScheduleCallback
from router.desk.ground import Changed, DeskGround, Handler, bound
from router.desk.words import WordDesk
from router.errors import SchemaMismatch


class CallbackDesk:
    """Schedule and result."""

    def __init__(self, ground: DeskGround, words: WordDesk) -> None:
        self._ground = ground
        self._callbacks = ground.callbacks
        self._words = words

    def handlers(self) -> dict[str, Handler]:
        """The commands of this theme."""
        return {
            "callback.schedule": bound(ScheduleCallback, self.schedule),
            "callback.result": bound(ReportCallback, self.report),
        }

    async def schedule(self, agent: str, wanted: ScheduleCallback) -> Changed:
        """Promise a call at a time, or as soon as it is their turn; by this agent or by whoever is free."""
        if (wanted.at is None) == (not wanted.keep_place):
            raise SchemaMismatch("expected either a time or keep_place", field="$.data.at")
        contact = await self._ground.own(agent, wanted.contact_id)
        if wanted.note:
            await self._words.write("add_note", agent, contact.id, {"note": wanted.note})
            contact = await self._ground.own(agent, wanted.contact_id)
        slot_at = int(wanted.at.timestamp() * 1000) if wanted.at is not None else 0
        done = await self._callbacks.promise(
            contact,
            slot_at=slot_at,
            why="agent",
            actor=f"agent:{agent}",
            by=agent if wanted.by == "me" else "",
            expected=wanted.rev,
        )
        return Changed(contact.id, done.rev)

    async def report(self, agent: str, wanted: ReportCallback) -> Changed:
        """What came of the call: a conversation, or another attempt, or the end."""
        contact = await self._ground.own(agent, wanted.contact_id)
        if wanted.result == "connected":
            done = await self._callbacks.connect(contact, agent)
        else:
            done = await self._callbacks.miss(contact, agent, wanted.result)
        return Changed(contact.id, done.rev)
