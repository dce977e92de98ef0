"""Outcomes said anew: by whoever had the contact, or by a supervisor with a reason, until the month's figure freezes.

The contact may have left the store; whose it was is then read from the register. The store has the last word.
"""

import msgspec

from router.desk.commands import AmendOutcome, ListUncoded
from router.desk.ground import DeskGround, Handler, bound
from router.desk.matters import outcome_of
from router.errors import (
    NotFound,
    NotYours,
    OutcomeFrozen,
    RegisterUnavailable,
    SchemaMismatch,
    StaleRevision,
    TransitionRefused,
)
from router.journal import EntryData
from router.lifecycle import is_final
from router.measures.freeze import amendable_from, freezes_at
from router.register.amendable import Finished
from router.store.runner import Done

AMENDABLE = frozenset({"closed", "handed_over"})
"""States in which the agent's part of a contact is over."""


class Amended(msgspec.Struct, frozen=True):
    """Answer to an amendment."""

    contact_id: str
    amendments: int
    """How often the contact's outcomes have been amended; the next one may name it."""
    freezes_at: int
    """Until when they may be amended again (epoch ms)."""


class UncodedContact(msgspec.Struct, frozen=True):
    """A matter that ended without an outcome, without content."""

    contact_id: str
    topic: str
    channel: str
    received_at: int
    """Epoch ms."""
    at: int
    """When it was left uncoded (epoch ms)."""
    amendments: int
    freezes_at: int
    """Until when `outcome.amend` is taken (epoch ms)."""


class UncodedList(msgspec.Struct, frozen=True):
    """What counts as uncoded of an agent's work, and how many there are."""

    total: int
    contacts: list[UncodedContact]


class AmendingDesk:
    """Outcomes of contacts that are over."""

    def __init__(self, ground: DeskGround) -> None:
        self._ground = ground
        self._tz = ground.city.info.tz
        self._days = ground.measures.freeze_days

    def handlers(self) -> dict[str, Handler]:
        """The commands of this theme."""
        return {
            "outcome.amend": bound(AmendOutcome, self.amend_outcome),
            "outcome.list": bound(ListUncoded, self.list_uncoded),
        }

    def supervisor_handlers(self) -> dict[str, Handler]:
        """The same names from a supervisor's socket, where they do more."""
        return {"outcome.amend": bound(AmendOutcome, self.amend_for)}

    async def amend_outcome(self, agent: str, wanted: AmendOutcome) -> Amended:
        """An agent says anew how their own contact ended.

        Raises:
            NotYours: another agent had it last.
        """
        contact = await self._finished(wanted.contact_id)
        if contact.agent != agent:
            raise NotYours("another agent had it last", field="$.data.contact_id")
        return await self._amend(contact, wanted, EntryData(contact=contact.id, agent=agent, actor=f"agent:{agent}"))

    async def amend_for(self, supervisor: str, wanted: AmendOutcome) -> Amended:
        """A supervisor says anew how somebody's contact ended, and why; the agent is told.

        Raises:
            SchemaMismatch: the contact is somebody else's, and no reason is given.
            TransitionRefused: no agent ever had it.
        """
        contact = await self._finished(wanted.contact_id)
        if contact.agent == supervisor:
            return await self.amend_outcome(supervisor, wanted)
        if not contact.agent:
            raise TransitionRefused("no agent had it last", field="$.data.contact_id", state=contact.state)
        if not wanted.reason.strip():
            raise SchemaMismatch("another agent's contact needs a reason", field="$.data.reason")
        actor = f"supervisor:{supervisor}"
        data = EntryData(contact=contact.id, agent=contact.agent, actor=actor, also=(supervisor,))
        return await self._amend(contact, wanted, data)

    async def list_uncoded(self, agent: str, wanted: ListUncoded) -> UncodedList:
        """What is uncoded of the agent's work and not frozen; what was amended a moment ago is left out already."""
        ground = self._ground
        found = await ground.matters.uncoded(agent, amendable_from(ground.now_ms, self._tz, self._days))
        amended = await ground.store.outcomes.amended([matter.contact for matter in found.matters])
        rows = [
            UncodedContact(
                matter.contact, matter.topic, matter.channel, matter.received_at, matter.at, done.times,
                freezes_at(matter.received_at, self._tz, self._days),
            )
            for matter, done in zip(found.matters, amended, strict=True)
            if done.n <= found.derived_n
        ]  # fmt: skip
        return UncodedList(found.total - len(found.matters) + len(rows), rows[: wanted.limit])

    async def _amend(self, contact: Finished, wanted: AmendOutcome, data: EntryData) -> Amended:
        city, until = self._ground.city, freezes_at(contact.received_at, self._tz, self._days)
        outcomes = tuple(outcome_of(city, each, i, contact.topic) for i, each in enumerate(wanted.outcomes))
        data = msgspec.structs.replace(data, outcomes=outcomes, reason=wanted.reason)
        done = await self._commit(contact, wanted.amendments, until, data)
        return Amended(contact.id, done.rev, until)

    async def _commit(self, contact: Finished, expected: int, until: int, data: EntryData) -> Done:
        outcomes = self._ground.store.outcomes
        try:
            return await outcomes.amend_outcome(contact.id, contact.agent, until, data, expected=expected)
        except StaleRevision as stale:
            problem = "it has been amended by somebody else: look at it again and name this number"
            raise StaleRevision(problem, field="$.data.amendments", amendments=int(stale.detail)) from None
        except OutcomeFrozen:
            problem = f"the figure was frozen {self._days} days after the end of the month the contact came in"
            raise OutcomeFrozen(problem, field="$.data.contact_id", frozen_at=until) from None

    async def _finished(self, contact_id: str) -> Finished:
        """The contact, its agent's part of which is over.

        Raises:
            NotFound: there is no such contact.
            TransitionRefused: it is still somebody's, or was over before anybody had it.
            RegisterUnavailable: it has left the store, and the register does not (yet) know how.
        """
        held = await self._ground.store.contact(contact_id)
        if held is not None and held.state == "closed" and held.agent:
            return Finished(held.id, held.state, held.agent, held.topic, held.received_at)
        if held is not None and held.state not in AMENDABLE:
            raise TransitionRefused("it is not finished", field="$.data.contact_id", state=held.state)
        known = await self._ground.matters.finished(contact_id)
        if known is None and held is None:
            raise NotFound(contact_id, field="$.data.contact_id")
        if held is None and known is not None and is_final("contact", known.state) and known.state not in AMENDABLE:
            raise TransitionRefused("nobody worked with it", field="$.data.contact_id", state=known.state)
        if known is None or (held is None and known.state not in AMENDABLE):
            raise RegisterUnavailable("the register has not read so far yet; try again", field="$.data.contact_id")
        return known
