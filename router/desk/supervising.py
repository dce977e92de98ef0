"""What supervisors do about single contacts and agents: each with a reason, told to whom it concerns, journaled.

Every command on a contact names the revision that was seen, so that the second of two supervisors hears of the first.
"""

from collections.abc import AsyncGenerator, Mapping

import msgspec

from router import placing, replacing
from router.desk.ground import LEAST_WAIT_MS, Changed, DeskGround, Handler, bound
from router.desk.presence import PresenceDesk
from router.desk.skill_levels import check_levels
from router.desk.supervisor_commands import (
    AssignContact,
    CancelContact,
    MoveContact,
    PrioritiseContact,
    RequeueContact,
    RevokeOffer,
    SetAgentPresence,
    SetAgentSkills,
)
from router.eligibility import ring_of, rings_open
from router.errors import Forbidden, NotFound, OfferGone, TransitionRefused, UnknownQueue, UnknownSkill
from router.journal import LIVE, AgentRecord, CoolDown, EntryData, Placement
from router.matching import can_ever
from router.model import Agent, OpenContact
from router.store.contact_commands import Fields, QueuePlace
from router.store.keys import contact_of
from rules.organisation import Skill

_placement = msgspec.json.Decoder(Placement)
_PLACEABLE = frozenset({"queued", "offered", "with_agent", "parked"})


class SupervisorDesk:
    """Contacts taken, given, moved and advanced; agents set away or given other skills."""

    def __init__(self, ground: DeskGround, presence: PresenceDesk) -> None:
        self._ground = ground
        self._presence = presence

    def handlers(self) -> dict[str, Handler]:
        """The commands of this theme."""
        return {
            "contact.assign": bound(AssignContact, self.assign_contact),
            "contact.requeue": bound(RequeueContact, self.requeue_contact),
            "contact.move": bound(MoveContact, self.move_contact),
            "contact.priority": bound(PrioritiseContact, self.prioritise_contact),
            "contact.cancel": bound(CancelContact, self.cancel_contact),
            "offer.revoke": bound(RevokeOffer, self.revoke_offer),
            "agent.presence.set": bound(SetAgentPresence, self.set_agent_presence),
            "agent.skills.set": self._set_levels,
        }

    # Contacts --------------------------------------------------------------------------------------------------

    async def assign_contact(self, supervisor: str, wanted: AssignContact) -> Changed:
        """Let it wait for one agent alone: at once, at its place; after `wait_s` it waits for everybody.

        Raises:
            Forbidden: the agent lacks a skill that opens restricted content.
        """
        contact = await self._placeable(wanted.contact_id)
        agent = await self._agent(wanted.agent_id)
        placed = _placement.decode(contact.placed)
        kept = restricted_skills(placed, self._ground.city.skills)
        until = self._ground.now_ms + wanted.wait_s * 1000
        place = replacing.for_agent(placed, agent.id, until, kept=kept)
        if not can_ever(place.placed.asks, agent.record()):
            raise Forbidden("no capacity for the channel, or a restricted skill is missing", field="$.data.agent_id")
        return await self._place(supervisor, contact, place, wanted.rev, wanted.reason, to=agent.id)

    async def requeue_contact(self, supervisor: str, wanted: RequeueContact) -> Changed:
        """Take it back: it waits for everybody at its place."""
        contact = await self._placeable(wanted.contact_id)
        place = self._general(contact, contact.queue)
        return await self._place(supervisor, contact, place, wanted.rev, wanted.reason, to=contact.queue)

    async def move_contact(self, supervisor: str, wanted: MoveContact) -> Changed:
        """Let it wait in another queue, since when it has waited.

        Raises:
            UnknownQueue: the city has no such queue.
            Forbidden: a restricted contact stays in a restricted queue.
        """
        contact = await self._placeable(wanted.contact_id)
        queue = self._ground.city.queues.get(wanted.queue)
        if queue is None:
            raise UnknownQueue(f"known: {', '.join(sorted(self._ground.city.queues))}", field="$.data.queue")
        if contact.restricted and not queue.restricted:
            raise Forbidden("a restricted contact stays in a restricted queue", field="$.data.queue")
        place = self._general(contact, wanted.queue)
        fields = {"queue": wanted.queue, "due_at": place.placed.due_at}
        return await self._place(supervisor, contact, place, wanted.rev, wanted.reason, to=wanted.queue, fields=fields)

    async def prioritise_contact(self, supervisor: str, wanted: PrioritiseContact) -> Changed:
        """Let it go ahead of others by so many seconds; only who waits can be put ahead."""
        contact = await self._placeable(wanted.contact_id)
        if contact.state != "queued":
            raise TransitionRefused("only who waits can be put ahead", field="$.data.contact_id", state=contact.state)
        place = replacing.ahead(_placement.decode(contact.placed), wanted.head_start_s, contact.wait_until)
        return await self._place(supervisor, contact, place, wanted.rev, wanted.reason)

    async def cancel_contact(self, supervisor: str, wanted: CancelContact) -> Changed:
        """Take a contact out of waiting: nobody needs an answer any more."""
        contact = await self._ground.contact(wanted.contact_id)
        data = EntryData(
            contact=contact.id,
            agent=contact.agent,
            actor=f"supervisor:{supervisor}",
            also=(supervisor,),
            reason=wanted.reason,
            medium=contact.medium,
            channel=contact.channel,
            queue=contact.queue,
        )
        done = await self._ground.store.callbacks.cancel_contact(
            contact.id, contact.agent, contact.bucket, wanted.rev, data
        )
        return Changed(contact.id, done.rev)

    async def revoke_offer(self, supervisor: str, wanted: RevokeOffer) -> Changed:
        """Take an offer back without blame: it is planned anew, for others first."""
        contact = await self._ground.store.contact(contact_of(wanted.offer_id))
        if contact is None or contact.offer != wanted.offer_id or contact.state != "offered":
            raise OfferGone(wanted.offer_id, field="$.data.offer_id")
        done = await self._ground.care.revoke_offer(
            contact, wanted.reason, actor=f"supervisor:{supervisor}", cool_down=self._cool_down(contact)
        )
        return Changed(contact.id, done.rev)

    def _cool_down(self, contact: OpenContact) -> CoolDown | None:
        """Whoever it is taken from is asked again only after a while, unless nobody else exists."""
        if not contact.agent or not contact.queue:
            return None
        cools_s = self._ground.city.queue(contact.queue).decline_cool_down_s
        return CoolDown(contact.agent, self._ground.now_ms + cools_s * 1000, contact=contact.id)

    async def _placeable(self, contact_id: str) -> OpenContact:
        """The contact, where its state and its conversation let it be placed anew."""
        contact = await self._ground.contact(contact_id)
        is_gone = contact.state == "with_agent" and contact.leg_state == "wrapping_up" and contact.medium in LIVE
        if contact.state not in _PLACEABLE or is_gone:
            raise TransitionRefused("it can't be placed anew now", field="$.data.contact_id", state=contact.state)
        return contact

    def _general(self, contact: OpenContact, queue: str) -> QueuePlace:
        """The place in a queue that everybody serves who meets the decision's rings."""
        decision = msgspec.structs.replace(self._ground.care.decision_of(contact), kind="queue", queue=queue)
        channel = self._ground.channel(contact.channel)
        place = placing.place(self._ground.city, channel, decision, contact.ready_at)
        return msgspec.structs.replace(place, wait_until=max(place.wait_until, self._ground.now_ms + LEAST_WAIT_MS))

    async def _place(
        self,
        supervisor: str,
        contact: OpenContact,
        place: QueuePlace,
        rev: int,
        reason: str,
        *,
        to: str = "",
        fields: Fields | None = None,
    ) -> Changed:
        data = EntryData(
            contact=contact.id,
            agent=contact.agent,
            actor=f"supervisor:{supervisor}",
            also=(supervisor, *([place.placed.asks.agent] if place.placed.asks.agent else [])),
            reason=reason,
            medium=contact.medium,
            channel=contact.channel,
            queue=place.placed.asks.queue,
            to=to,
            cool_down=None if place.placed.asks.agent else self._cool_down(contact),
        )
        done = await self._ground.store.queued.place_contact(
            contact.id, contact.agent, contact.bucket, rev, place, data, fields or {}
        )
        return Changed(contact.id, done.rev)

    # Agents ----------------------------------------------------------------------------------------------------

    async def set_agent_presence(self, supervisor: str, wanted: SetAgentPresence) -> object:
        """Set somebody's presence; their offers return without blame, they are told who did it and why."""
        await self._agent(wanted.agent_id)
        presence = await self._presence.change(
            wanted.agent_id, wanted.state, wanted.reason, wanted.when, actor=f"supervisor:{supervisor}"
        )
        return {"agent_id": wanted.agent_id, "presence": presence}

    async def _set_levels(self, supervisor: str, data: object) -> object:
        check_levels(data)
        return await self.set_agent_skills(supervisor, msgspec.convert(data, SetAgentSkills))

    async def set_agent_skills(self, supervisor: str, wanted: SetAgentSkills) -> object:
        """Give the agent these skills; offers that need one they lose are revoked, work in hand stays."""
        for skill in wanted.skills:
            if skill not in self._ground.city.skills:
                known = ", ".join(sorted(self._ground.city.skills))
                raise UnknownSkill(f"known: {known}", field=f"$.data.skills.{skill}")
        agent = await self._agent(wanted.agent_id)
        record = msgspec.structs.replace(agent.record(), skills=dict(sorted(wanted.skills.items())))
        actor = f"supervisor:{supervisor}"
        await self._ground.store.agents.put_agent(
            agent.id, agent.name, record, record.capacity, actor, reason=wanted.reason
        )
        revoked = [offer async for offer in self._revoke_unmet(agent.id, record, actor)]
        return {"agent_id": agent.id, "skills": record.skills, "revoked": revoked}

    async def _revoke_unmet(self, agent: str, record: AgentRecord, actor: str) -> AsyncGenerator[str]:
        """Take back the offers whose contacts the agent can't take any more."""
        for contact_id, (_, _, kind) in (await self._ground.store.work(agent)).items():
            contact = await self._ground.store.contact(contact_id) if kind == "offer" else None
            if contact is None or contact.state != "offered" or contact.agent != agent:
                continue
            if not meets_now(_placement.decode(contact.placed), record, self._ground.now_ms):
                await self._ground.care.revoke_offer(contact, "skill_removed", actor=actor)
                yield contact.offer

    async def _agent(self, agent_id: str) -> Agent:
        agent = await self._ground.store.agent(agent_id)
        if agent is None:
            raise NotFound(agent_id, field="$.data.agent_id")
        return agent


def meets_now(placed: Placement, record: AgentRecord, now_ms: int) -> bool:
    """Whether an agent meets a ring that is open by now: what a wider one would forgive later counts as missing."""
    ring = ring_of(placed.asks, record)
    waited_ms = now_ms - (placed.waits_from or placed.ready_at)
    return ring is not None and ring <= rings_open(placed.asks, waited_ms)


def restricted_skills(placed: Placement, skills: Mapping[str, Skill]) -> frozenset[str]:
    """The required skills that open restricted content: nobody is assigned past them."""
    return frozenset(skill for skill, _ in placed.asks.require if skill in skills and skills[skill].restricted)
