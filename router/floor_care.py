"""What a sweep does when time is up: offers expire, waiting widens, wrap-up ends, orphans return, units are late."""

import contextlib

import msgspec
import structlog

from router import duty_rounds, placing
from router.config import FloorConfig
from router.duty_rounds import Duty
from router.errors import NotFound, StateError, TransitionRefused
from router.escalations import late_by_rules
from router.journal import CoolDown, EntryData, HandoverTerms, Outcome, Placement
from router.lifecycle import is_final
from router.model import OpenContact
from router.records import DecisionRecord
from router.store.keys import number_of
from router.store.redis_store import Store
from router.store.runner import Done
from router.strategies import Strategies
from rules.city import City
from rules.outcome import Decision

_placement = msgspec.json.Decoder(Placement)
_record = msgspec.json.Decoder(DecisionRecord)
_terms = msgspec.json.Decoder(HandoverTerms)
_encode = msgspec.json.Encoder().encode
AGENT_UNREACHABLE = "agent_unreachable"
RECALL_MS = 60_000
"""So long may it take to ring whoever passed a contact on."""
EXHAUSTED, EXHAUSTED_MS = "duty_exhausted", 600_000
"""A chain whose every link was asked in vain is said aloud again after this."""
_log = structlog.get_logger(__name__)
REMIND_MS = 86_400_000
"""A handover that stays overdue is marked again after a day."""


class FloorCare:
    """One method for each kind of deadline, by the id the deadline names."""

    def __init__(self, store: Store, city: City, config: FloorConfig, strategies: Strategies) -> None:
        self._store = store
        self._city = city
        self._strategies = strategies
        self._config = config

    async def expire_offer(self, contact_id: str) -> None:
        """Nobody answered, or the agent is gone: the contact returns to its place."""
        contact = await self._contact(contact_id)
        if contact.state != "offered":
            raise StateError
        now = self._store.clock.now_ms()
        data = EntryData(
            contact=contact.id, agent=contact.agent, offer=contact.offer, medium=contact.medium, actor="timer"
        )
        if contact.expires_at > now:
            await self.revoke_offer(contact, "socket_lost")
            return
        until = now + int(self._config.decline_cool_down_s * 1000)
        data = msgspec.structs.replace(data, reason="not_responding")
        if contact.medium == "written":
            data = msgspec.structs.replace(data, cool_down=CoolDown(contact.agent, until, medium="written"))
        await self._store.contacts.expire_offer(
            contact.id, contact.agent, contact.offer, contact.bucket, data, medium=contact.medium, cool_until=until
        )

    async def revoke_offer(
        self, contact: OpenContact, reason: str, *, actor: str = "timer", cool_down: CoolDown | None = None
    ) -> Done:
        """Take an offer back without blame; `cool_down` keeps the agent from getting it again at once."""
        data = EntryData(
            contact=contact.id,
            agent=contact.agent,
            offer=contact.offer,
            medium=contact.medium,
            reason=reason,
            actor=actor,
            cool_down=cool_down,
        )
        return await self._store.contacts.revoke_offer(contact.id, contact.agent, contact.offer, contact.bucket, data)

    async def end_wrap_up(self, contact_id: str) -> None:
        """The limit of wrap-up: the work ends by itself, its matter stays uncoded."""
        contact = await self._contact(contact_id)
        await self._store.contacts.end_wrap_up(contact.id, contact.agent, uncoded(contact, "timer"), is_forced=True)

    async def release_orphan(self, contact_id: str) -> None:
        """The agent did not come back for it: the contact returns to its place, a wrap-up just ends."""
        contact = await self._contact(contact_id)
        if contact.state != "with_agent":
            raise StateError
        if contact.leg_state == "wrapping_up":
            await self._store.contacts.end_wrap_up(
                contact.id, contact.agent, uncoded(contact, "timer"), is_forced=False
            )
            return
        await self._release(contact, "agent_lost", "timer")

    async def _release(self, contact: OpenContact, reason: str, actor: str) -> None:
        data = EntryData(contact=contact.id, agent=contact.agent, reason=reason, actor=actor)
        decision = msgspec.structs.replace(self.decision_of(contact), kind="queue", queue=contact.queue)
        placed, now = _placement.decode(contact.placed), self._store.clock.now_ms()
        wait_until = placing.next_wait(self._city, decision, contact.medium, placed, now)
        await self._store.contacts.release_contact(contact.id, contact.agent, contact.bucket, wait_until, data)

    async def fail_setup(self, contact: OpenContact, reason: str, actor: str) -> None:
        """Resident and agent could not be brought together, or not again: whoever can't be reached is away.

        The contact goes back to its place, or to whoever has just passed it on.
        """
        if reason == AGENT_UNREACHABLE:
            # First: whoever is still available when the contact is queued would be offered it again at once.
            await self.set_away(contact.agent, actor)
        if contact.leg_offer or not await self._recall(contact, reason, actor):
            await self._release(contact, reason, actor)

    async def fail_transfer(self, contact: OpenContact, reason: str, actor: str) -> None:
        """Nobody answered where a call was sent on to: back to who sent it, while they wrap up; else to its place.

        Raises:
            TransitionRefused: it was not sent on, or is over by now.
        """
        if contact.state != "with_agent" or contact.leg_state != "wrapping_up" or not contact.transferred_to:
            raise TransitionRefused(machine="contact", state=contact.state, event="recall")
        if not await self._recall(contact, reason, actor):
            await self._release(contact, reason, actor)

    async def set_away(self, agent: str, actor: str) -> None:
        """Their phone was not answered: nothing more is offered until they are back. Who drains leaves anyway."""
        known = await self._store.agent(agent)
        if known is not None and known.presence == "available":
            with contextlib.suppress(StateError):
                await self._store.agents.set_presence(agent, "go_away", reason="not_responding", actor=actor)

    async def _recall(self, contact: OpenContact, reason: str, actor: str) -> bool:
        """Give the contact back to the agent who passed it on and still wraps up; False when nobody does."""
        wrap_leg, agent = "", contact.agent
        if contact.leg_state == "connecting":
            sides = await self._store.sides(contact.id)
            wraps = [(number_of(leg), leg) for leg, side in sides.items() if side.role == "wrap"]
            if not wraps:
                return False
            wrap_leg = max(wraps)[1]
            agent = sides[wrap_leg].agent
        elif not contact.transferred_to:
            return False
        data = EntryData(
            contact=contact.id,
            agent=agent,
            also=(contact.agent,) if agent != contact.agent else (),
            actor=actor,
            reason=reason,
            status="recall",
            to=agent,
            medium=contact.medium,
            channel=contact.channel,
        )
        setup_until = self._store.clock.now_ms() + RECALL_MS
        with contextlib.suppress(StateError, NotFound):
            await self._store.legs.recall_contact(
                contact.id, contact.agent, agent, data, wrap_leg=wrap_leg, setup_until=setup_until
            )
            return True
        return False

    async def end_setup(self, contact_id: str) -> None:
        """The channel has not brought them together in time."""
        contact = await self._contact(contact_id)
        if contact.state != "with_agent" or contact.leg_state != "connecting":
            raise NotFound(contact_id)
        await self.fail_setup(contact, "setup_timeout", "timer")

    async def mark_overdue(self, contact_id: str) -> None:
        """The unit is late: flag it, escalate as the strategy says, come back tomorrow or at the next promise."""
        contact = await self._contact(contact_id)
        now = self._store.clock.now_ms()
        agreed = _terms.decode(contact.terms)
        duty = duty_rounds.standing(contact)
        if duty is not None:
            await self._ring(contact, duty, agreed.generation, now)
            return
        coming = [at for at in (agreed.contact_by, agreed.finish_by) if at > now]
        data = EntryData(contact=contact.id, handover=contact.handover, actor="timer", reason=contact.handover_state)
        late = late_by_rules(self._strategies, contact.handover_overdue + 1, agreed, now)
        if late is not None:
            data = msgspec.structs.replace(
                data, to=late.escalate, status=",".join(filter(None, (*late.alarms, late.priority))), late=late
            )
        await self._store.handovers.mark_handover_overdue(contact.handover, min(coming, default=now + REMIND_MS), data)

    async def _ring(self, contact: OpenContact, duty: Duty, generation: int, now: int) -> None:
        """Ask the next of the chain; when everybody has been asked, say so aloud, and again until somebody takes it."""
        rung = duty_rounds.following(self._city, contact, duty, generation, now)
        data = EntryData(contact=contact.id, handover=contact.handover, actor="timer", duty=duty.chain)
        if rung is None:
            _log.warning("duty_exhausted", contact=contact.id, chain=duty.chain)
            data = msgspec.structs.replace(data, reason=EXHAUSTED, to=contact.unit)
            await self._store.handovers.mark_handover_overdue(contact.handover, now + EXHAUSTED_MS, data)
            return
        data = msgspec.structs.replace(data, reason="not_accepted", to=rung.to, terms=rung.terms)
        await self._store.handovers.ring_duty(
            contact.handover,
            rung.terms.unit,
            rung.terms.accept_by,
            data,
            terms=_encode(rung.terms),
            duty=rung.duty.text,
        )

    async def drop_if_settled(self, kind: str, contact_id: str) -> None:
        """A deadline that no command wanted is dropped once its thing has nothing left to wait for."""
        contact = await self._store.contact(contact_id)
        if contact is None or _is_settled(kind, contact):
            await self._store.drop_deadline(f"{kind}:{contact_id}")

    def decision_of(self, contact: OpenContact) -> Decision:
        """The decision that put the contact where it is."""
        return _record.decode(contact.decision.encode()).decision

    async def _contact(self, contact_id: str) -> OpenContact:
        contact = await self._store.contact(contact_id)
        if contact is None:
            raise NotFound(contact_id)
        return contact


def uncoded(contact: OpenContact, actor: str) -> EntryData:
    """Journal data of work that ended without an outcome."""
    outcome = Outcome(topic=contact.topic, resolution="transferred" if contact.transferred_to else "uncoded")
    return EntryData(contact=contact.id, agent=contact.agent, actor=actor, outcomes=(outcome,), medium=contact.medium)


def _is_settled(kind: str, contact: OpenContact) -> bool:
    """Whether a deadline of this kind has no business with a contact in this state."""
    if kind == "contact" and contact.state == "answered":
        return False
    wanted = {
        "offer": "offered",
        "contact": "queued",
        "leg": "with_agent",
        "orphan": "with_agent",
        "parked": "parked",
        "handover": "handed_over",
        "callback": "callback",
    }
    return is_final("contact", contact.state) or contact.state != wanted.get(kind, contact.state)
