"""The work in hand: hold, wrap-up, the outcome of each matter."""

from router.desk.commands import NEEDS_EVIDENCE, ExtendWrapUp, FinishWork, MatterOutcome, OnContact
from router.desk.ground import Changed, DeskGround, Handler, bound
from router.errors import UnknownOutcome, UnknownTopic
from router.floor_care import uncoded
from router.journal import EntryData, Outcome


class WorkDesk:
    """Legs and outcomes of the agent who has the contact."""

    def __init__(self, ground: DeskGround) -> None:
        self._ground = ground

    def handlers(self) -> dict[str, Handler]:
        """The commands of this theme."""
        return {
            "work.hold": bound(OnContact, self.hold_leg),
            "work.resume": bound(OnContact, self.resume_leg),
            "work.finish": bound(FinishWork, self.finish_work),
            "wrap_up.extend": bound(ExtendWrapUp, self.extend_wrap_up),
            "wrap_up.end": bound(OnContact, self.end_wrap_up),
        }

    async def hold_leg(self, agent: str, wanted: OnContact) -> Changed:
        """The resident waits on hold."""
        data = EntryData(contact=wanted.contact_id, agent=agent, actor=f"agent:{agent}")
        done = await self._ground.store.contacts.hold_leg(wanted.contact_id, agent, data)
        return Changed(wanted.contact_id, done.rev)

    async def resume_leg(self, agent: str, wanted: OnContact) -> Changed:
        """Go on."""
        data = EntryData(contact=wanted.contact_id, agent=agent, actor=f"agent:{agent}")
        done = await self._ground.store.contacts.resume_leg(wanted.contact_id, agent, data)
        return Changed(wanted.contact_id, done.rev)

    async def finish_work(self, agent: str, wanted: FinishWork) -> Changed:
        """End the work with an outcome for each matter."""
        own = (
            "" if all(each.topic for each in wanted.outcomes) else (await self._ground.contact(wanted.contact_id)).topic
        )
        outcomes = tuple(self._outcome(each, i, own) for i, each in enumerate(wanted.outcomes))
        data = EntryData(contact=wanted.contact_id, agent=agent, actor=f"agent:{agent}", outcomes=outcomes)
        done = await self._ground.store.contacts.finish_work(wanted.contact_id, agent, data, expected=wanted.rev)
        return Changed(wanted.contact_id, done.rev)

    def _outcome(self, given: MatterOutcome, index: int, own_topic: str) -> Outcome:
        where = f"$.data.outcomes[{index}]"
        if given.topic and self._ground.city.topics.get(given.topic) is None:
            raise UnknownTopic("not in the city's topics file", field=f"{where}.topic")
        if given.resolution == "unresolved" and not given.cause:
            raise UnknownOutcome("an unresolved matter needs a cause", field=f"{where}.cause")
        if given.resolution in NEEDS_EVIDENCE and not given.evidence:
            raise UnknownOutcome(f"needs {NEEDS_EVIDENCE[given.resolution]}", field=f"{where}.evidence")
        return Outcome(given.topic or own_topic, given.resolution, given.contact_reason, given.cause, given.evidence)

    async def extend_wrap_up(self, agent: str, wanted: ExtendWrapUp) -> Changed:
        """More time."""
        until = self._ground.now_ms + wanted.seconds * 1000
        data = EntryData(contact=wanted.contact_id, agent=agent, actor=f"agent:{agent}")
        done = await self._ground.store.contacts.extend_wrap_up(wanted.contact_id, agent, until, data)
        return Changed(wanted.contact_id, done.rev)

    async def end_wrap_up(self, agent: str, wanted: OnContact) -> Changed:
        """Leave the matter uncoded; it stands in the agent's list until the figure freezes."""
        contact = await self._ground.contact(wanted.contact_id)
        done = await self._ground.store.contacts.end_wrap_up(
            contact.id, agent, uncoded(contact, f"agent:{agent}"), is_forced=False
        )
        return Changed(contact.id, done.rev)
