"""Who may take part in a contact or take it over: known, somebody else, and not kept out by what is restricted."""

from collections.abc import Mapping

import msgspec

from router import replacing
from router.desk.ground import DeskGround
from router.eligibility import can_ever
from router.errors import Forbidden, NotFound, SchemaMismatch
from router.journal import Placement
from router.model import Agent, OpenContact
from router.records import DecisionRecord
from rules.organisation import Skill

_placement = msgspec.json.Decoder(Placement)
_record = msgspec.json.Decoder(DecisionRecord)


class Participants:
    """Answers for one contact and one other agent."""

    def __init__(self, ground: DeskGround) -> None:
        self._ground = ground

    def placed(self, contact: OpenContact) -> Placement:
        """Where the contact last waited."""
        return _placement.decode(contact.placed)

    def record_of(self, contact: OpenContact) -> DecisionRecord:
        """The decision about the contact, with its facts."""
        return _record.decode(contact.decision.encode())

    def kept(self, contact: OpenContact) -> frozenset[str]:
        """The skills that whoever gets it must have: those to be kept, and those that open what is restricted."""
        decision = self.record_of(contact).decision
        return frozenset(decision.keep) | _restricted(decision.require, self._ground.city.skills)

    async def other(self, agent: str, contact: OpenContact, to: str, *, field: str) -> Agent:
        """The agent asked for.

        Raises:
            NotFound: nobody has this id.
            SchemaMismatch: it is the agent who asks.
            Forbidden: they lack a skill or team that the contact keeps, or take nothing of its channel.
        """
        if to == agent:
            raise SchemaMismatch("expected another agent", field=field)
        other = await self._ground.store.agent(to)
        if other is None:
            raise NotFound(to, field=field)
        placed = self.placed(contact)
        asks = replacing.for_agent(placed, to, 0, kept=self.kept(contact)).placed.asks
        record = other.record()
        is_outside = placed.asks.is_restricted and placed.asks.teams and not {*placed.asks.teams} & {*record.teams}
        if is_outside or not can_ever(asks, record):
            raise Forbidden("the agent lacks a skill, team or channel that this contact needs", field=field)
        return other


def _restricted(require: Mapping[str, int], skills: Mapping[str, Skill]) -> frozenset[str]:
    return frozenset(skill for skill in require if skill in skills and skills[skill].restricted)
