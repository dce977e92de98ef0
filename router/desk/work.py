"""The work in hand: hold, wrap-up, the outcome of each matter."""

import msgspec

from router.desk.commands import EndWrapUp, ExtendWrapUp, FinishWork, OnContact
from router.desk.ground import Changed, DeskGround, Handler, bound
from router.desk.matters import outcome_of
from router.errors import SchemaMismatch
from router.floor_care import uncoded
from router.journal import EntryData, Outcome
from router.leg_care import LegCare
from router.model import OpenContact
from router.store.keys import contact_of


class WorkDesk:
    """Legs and outcomes of the agent who has the contact, and the wrap-up of one who has passed it on."""

    def __init__(self, ground: DeskGround) -> None:
        self._ground = ground
        self._care = LegCare(ground.store, ground.city, ground.config)

    def handlers(self) -> dict[str, Handler]:
        """The commands of this theme."""
        return {
            "work.hold": bound(OnContact, self.hold_leg),
            "work.resume": bound(OnContact, self.resume_work),
            "work.finish": bound(FinishWork, self.finish_work),
            "wrap_up.extend": bound(ExtendWrapUp, self.extend_wrap_up),
            "wrap_up.end": bound(EndWrapUp, self.end_wrap_up),
        }

    async def hold_leg(self, agent: str, wanted: OnContact) -> Changed:
        """The resident waits on hold."""
        data = EntryData(contact=wanted.contact_id, agent=agent, actor=f"agent:{agent}")
        done = await self._ground.store.contacts.hold_leg(wanted.contact_id, agent, data)
        return Changed(wanted.contact_id, done.rev)

    async def resume_work(self, agent: str, wanted: OnContact) -> Changed:
        """Go on: after a hold, after an interruption, or with what was parked."""
        contact = await self._ground.contact(wanted.contact_id)
        data = EntryData(contact=contact.id, agent=agent, actor=f"agent:{agent}")
        if contact.state != "parked":
            done = await self._ground.store.contacts.resume_leg(contact.id, agent, data)
            return Changed(contact.id, done.rev)
        data = msgspec.structs.replace(data, medium=contact.medium, channel=contact.channel)
        done = await self._ground.store.legs.resume_contact(contact.id, agent, data)
        return Changed(contact.id, done.rev, leg_id=f"{contact.id}.l{done.number}")

    async def finish_work(self, agent: str, wanted: FinishWork) -> Changed:
        """End the work with an outcome for each matter; a call that went on outside also counts as transferred."""
        contact = await self._ground.contact(wanted.contact_id)
        outcomes = tuple(
            outcome_of(self._ground.city, each, i, contact.topic) for i, each in enumerate(wanted.outcomes)
        )
        if contact.transferred_to:
            outcomes += (Outcome(contact.topic, "transferred"),)
        data = EntryData(contact=contact.id, agent=agent, actor=f"agent:{agent}", outcomes=outcomes)
        done = await self._ground.store.contacts.finish_work(contact.id, agent, data, expected=wanted.rev)
        if contact.medium != "voice":
            await self._ground.store.legs.drop_draft(contact.id)
        if contact.legs > 1:
            await self._care.end_beside(contact.id, "contact_left")
        return Changed(contact.id, done.rev)

    async def extend_wrap_up(self, agent: str, wanted: ExtendWrapUp) -> Changed:
        """More time, up to the queue's longest wrap-up.

        Raises:
            SchemaMismatch: all in all it would be longer; `possible_s` is what is left from now on.
        """
        contact = await self._ground.contact(named_contact(wanted.contact_id, wanted.leg_id))
        contact_id, until = contact.id, self._ground.now_ms + wanted.seconds * 1000
        await self._check_longest(contact, wanted.leg_id or contact.leg, wanted.seconds)
        data = EntryData(contact=contact_id, agent=agent, actor=f"agent:{agent}")
        store = self._ground.store
        if wanted.leg_id in await self._beside(wanted.leg_id):
            done = await store.legs.extend_side_leg(wanted.leg_id, agent, until, data)
        else:
            done = await store.contacts.extend_wrap_up(contact_id, agent, until, data)
        return Changed(contact_id, done.rev, leg_id=wanted.leg_id)

    async def _check_longest(self, contact: OpenContact, leg: str, wanted_s: int) -> None:
        """Refuse what would make the whole wrap-up too long; a leg that does not wrap up is the store's to refuse."""
        began_at = await self._ground.store.legs.wraps_since(leg) if leg else 0
        if not began_at or not contact.queue:
            return
        longest_s = self._ground.city.queue(contact.queue).wrap_up_max_s
        left_s = max(0, longest_s - (self._ground.now_ms - began_at) // 1000)
        if wanted_s > left_s:
            problem = f"a wrap-up lasts at most {longest_s} seconds; {left_s} are left"
            raise SchemaMismatch(problem, field="$.data.seconds", possible_s=left_s)

    async def end_wrap_up(self, agent: str, wanted: EndWrapUp) -> Changed:
        """Leave the matter uncoded; it stands in the agent's list until the figure freezes.

        The wrap-up of a contact that was passed on just ends: its matters are for whoever has it now.
        """
        contact = await self._ground.contact(named_contact(wanted.contact_id, wanted.leg_id))
        store = self._ground.store
        if wanted.leg_id in await self._beside(wanted.leg_id):
            data = EntryData(contact=contact.id, agent=agent, actor=f"agent:{agent}", medium=contact.medium)
            done = await store.legs.end_side_leg(wanted.leg_id, agent, data)
        else:
            data = uncoded(contact, f"agent:{agent}")
            done = await store.contacts.end_wrap_up(contact.id, agent, data, is_forced=False)
        return Changed(contact.id, done.rev, leg_id=wanted.leg_id)

    async def _beside(self, leg_id: str) -> frozenset[str]:
        """The legs beside the owner's of the contact that a leg belongs to."""
        return frozenset(await self._ground.store.sides(contact_of(leg_id)) if leg_id else ())


def named_contact(contact_id: str, leg_id: str) -> str:
    """The contact that a command on a wrap-up names, itself or by a leg.

    Raises:
        SchemaMismatch: it names none, or two different ones.
    """
    if not contact_id and not leg_id:
        raise SchemaMismatch("name a contact or a leg", field="$.data.contact_id")
    if contact_id and leg_id and contact_of(leg_id) != contact_id:
        raise SchemaMismatch("the leg is another contact's", field="$.data.leg_id")
    return contact_id or contact_of(leg_id)
