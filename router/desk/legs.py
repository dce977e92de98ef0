"""Legs beside the owner's: another agent consulted, a supervisor who listens or speaks."""

from collections.abc import Mapping

from router.desk.commands import DeclineConsult, OnLeg, StartConsult
from router.desk.ground import Changed, DeskGround, Handler, bound
from router.desk.participants import Participants
from router.desk.supervisor_commands import JoinLeg, LeaveLeg
from router.errors import NotFound, NotYours, TransitionRefused
from router.journal import EntryData
from router.leg_care import LegCare
from router.model import OpenContact, SideLeg
from router.store.keys import contact_of
from router.store.leg_commands import SideTimes
from rules.organisation import OFFER_TIMEOUT_S


class LegDesk:
    """Consults and supervisors; each is told to everybody who takes part."""

    def __init__(self, ground: DeskGround, participants: Participants) -> None:
        self._ground = ground
        self._participants = participants
        self._care = LegCare(ground.store, ground.city, ground.config)

    def handlers(self) -> dict[str, Handler]:
        """The commands of this theme."""
        return {
            "consult.start": bound(StartConsult, self.start_consult),
            "consult.answer": bound(OnLeg, self.answer_consult),
            "consult.decline": bound(DeclineConsult, self.decline_consult),
            "consult.end": bound(OnLeg, self.end_consult),
            "leg.join": bound(JoinLeg, self.join_leg),
            "leg.leave": bound(LeaveLeg, self.leave_leg),
        }

    async def start_consult(self, agent: str, wanted: StartConsult) -> Changed:
        """Ask another agent to take part: it rings with them as long as an offer would.

        Raises:
            NoCapacity: they are not available, or have no room.
            Forbidden: they may not see this contact.
        """
        contact = await self._ground.own(agent, wanted.contact_id)
        to = wanted.to.agent
        await self._participants.other(agent, contact, to, field="$.data.to.agent")
        timeouts: Mapping[str, int] = {**OFFER_TIMEOUT_S, **self._ground.city.queue(contact.queue).offer_timeout_s}
        until = self._ground.now_ms + timeouts[contact.medium] * 1000
        data = self._data(contact, to, actor=f"agent:{agent}", expires_at=until)
        done = await self._ground.store.legs.begin_side_leg(
            contact.id, to, agent, "consult", SideTimes(until, until), data
        )
        return Changed(contact.id, done.rev, leg_id=f"{contact.id}.l{done.number}")

    async def answer_consult(self, agent: str, wanted: OnLeg) -> Changed:
        """Take part: the contact's card and its events are seen from now on."""
        contact, _ = await self._side(wanted.leg_id, "consult")
        data = self._data(contact, agent, actor=f"agent:{agent}")
        done = await self._ground.store.legs.connect_side_leg(wanted.leg_id, agent, self._care.lasting(), data)
        return Changed(contact.id, done.rev, leg_id=wanted.leg_id)

    async def decline_consult(self, agent: str, wanted: DeclineConsult) -> Changed:
        """Say no; the one who asked hears why."""
        contact, side = await self._side(wanted.leg_id, "consult")
        if side.state != "connecting":
            raise TransitionRefused("the consult is answered already", field="$.data.leg_id", state=side.state)
        return await self._end(contact, wanted.leg_id, agent, agent, wanted.reason)

    async def end_consult(self, agent: str, wanted: OnLeg) -> Changed:
        """End it, by either of the two."""
        contact, side = await self._side(wanted.leg_id, "consult")
        if agent not in {side.agent, contact.agent}:
            raise NotYours(wanted.leg_id, field="$.data.leg_id")
        return await self._end(contact, wanted.leg_id, side.agent, agent, "")

    async def join_leg(self, supervisor: str, wanted: JoinLeg) -> Changed:
        """Listen or speak in a contact that is with an agent, who is told; again with another mode to change it."""
        contact = await self._ground.contact(wanted.contact_id)
        if contact.state != "with_agent":
            raise TransitionRefused("nobody has the contact now", field="$.data.contact_id", state=contact.state)
        data = self._data(
            contact, supervisor, actor=f"supervisor:{supervisor}", reason=wanted.reason, status=wanted.mode
        )
        sides = (await self._ground.store.sides(contact.id)).items() if contact.legs > 1 else ()
        for leg, side in sides:
            if (side.agent, side.role) == (supervisor, "supervisor"):
                changed = await self._ground.store.legs.set_leg_mode(leg, supervisor, data)
                return Changed(contact.id, changed.rev, leg_id=leg)
        done = await self._ground.store.legs.begin_side_leg(
            contact.id, supervisor, contact.agent, "supervisor", self._care.lasting(), data
        )
        await self._ground.store.agents.record_access(f"supervisor:{supervisor}", contact.id, "leg.join")
        return Changed(contact.id, done.rev, leg_id=f"{contact.id}.l{done.number}")

    async def leave_leg(self, supervisor: str, wanted: LeaveLeg) -> Changed:
        """Take part no more."""
        contact, _ = await self._side(wanted.leg_id, "supervisor")
        data = self._data(contact, supervisor, actor=f"supervisor:{supervisor}", reason="left")
        done = await self._ground.store.legs.end_side_leg(wanted.leg_id, supervisor, data)
        return Changed(contact.id, done.rev, leg_id=wanted.leg_id)

    async def _end(self, contact: OpenContact, leg_id: str, side_agent: str, by: str, reason: str) -> Changed:
        data = self._data(contact, side_agent, actor=f"agent:{by}", reason=reason)
        done = await self._ground.store.legs.end_side_leg(leg_id, side_agent, data)
        return Changed(contact.id, done.rev, leg_id=leg_id)

    async def _side(self, leg_id: str, role: str) -> tuple[OpenContact, SideLeg]:
        """The contact and its leg beside the owner's.

        Raises:
            NotFound: it has ended, or never was.
        """
        contact = await self._ground.store.contact(contact_of(leg_id))
        side = (await self._ground.store.sides(contact_of(leg_id))).get(leg_id)
        if contact is None or side is None or side.role != role:
            raise NotFound(leg_id, field="$.data.leg_id")
        return contact, side

    @staticmethod
    def _data(
        contact: OpenContact, side_agent: str, *, actor: str, reason: str = "", status: str = "", expires_at: int = 0
    ) -> EntryData:
        """What the entry says: it is told to the owner and to whoever takes part."""
        return EntryData(
            contact=contact.id,
            agent=contact.agent,
            also=(side_agent,),
            actor=actor,
            reason=reason,
            status=status,
            medium=contact.medium,
            channel=contact.channel,
            expires_at=expires_at,
        )
