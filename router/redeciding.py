"""What a new decision about an open contact does.

It places anew who waits, masks and takes where the law says so, and otherwise only suggests to the agent who has it.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec

from channels.registry import CHANNELS
from router import placing
from router.decisions import Decisions, Fact, standing, with_decision
from router.exits import changes_place
from router.journal import EntryData
from router.leaving import Leaving
from router.matching import can_ever
from router.model import OpenContact
from router.records import Decided, place_fields
from router.store.coalescer import Argument
from router.store.redis_store import Store
from rules.city import City
from rules.outcome import Decision

Effect = Literal["same", "law", "placed", "suggested"]


class Suggestion(msgspec.Struct, frozen=True, omit_defaults=True):
    """A decision that waits for the agent's word."""

    generation: int
    kind: str
    """queue or hand_over."""
    queue: str = ""
    unit: str = ""
    rules: tuple[str, ...] = ()
    """The rules that say so and did not before."""


def effect_of(old: Decision, new: Decision, new_law: frozenset[str], *, has_agent: bool) -> Effect:
    """What follows from deciding again: law stands above consent, consent above everything else."""
    is_stricter = (new.mask and not old.mask) or (new.restricted and not old.restricted)
    if is_stricter or (new_law and changes_place(old, new)):
        return "law"
    if not changes_place(old, new):
        return "same"
    if not has_agent:
        return "placed"
    moves = (old.kind, old.queue, old.unit) != (new.kind, new.queue, new.unit)
    return "suggested" if moves and new.kind in {"queue", "hand_over"} else "same"


def _for_here(decided: Decided, contact: OpenContact) -> Decided:
    """A decision that would answer by itself, or ask a unit again that has sent it back, is one for a person here."""
    new = decided.decision
    if new.kind == "queue" or (new.kind == "hand_over" and not contact.handovers):
        return decided
    here = msgspec.structs.replace(new, kind="queue", queue=contact.queue, unit="", reason=standing(contact).reason)
    return msgspec.structs.replace(decided, decision=here, record=with_decision(decided.record, here))


class Redeciding:
    """Carries out what a later decision says."""

    def __init__(self, store: Store, city: City, decisions: Decisions, leaving: Leaving) -> None:
        self._store = store
        self._city = city
        self._decisions = decisions
        self._leaving = leaving

    async def at(self, point: str, contact: OpenContact, changes: Mapping[str, Fact] | None = None) -> Effect:
        """Decide at a named point and do what follows; unchanged decisions leave no trace."""
        decided = _for_here(self._decisions.again(contact, point, changes), contact)
        old, new = standing(contact), decided.decision
        new_law = self._decisions.law_of(new) - self._decisions.law_of(old)
        effect = effect_of(old, new, new_law, has_agent=contact.state in {"with_agent", "parked"})
        if contact.state == "queued" and effect != "same":
            await self._place(contact, decided, point)
        elif effect == "law":
            await self._by_law(contact, decided, point)
        elif effect == "suggested":
            await self._suggest(contact, decided, point, sorted(set(new.trace.hits) - set(old.trace.hits)))
        return effect

    async def _place(self, contact: OpenContact, decided: Decided, point: str) -> None:
        """Who waits, waits where the new decision says, since when they have waited."""
        decision = decided.decision
        if decision.kind == "hand_over":
            await self._keep(contact, decided, point, {})
            fresh = await self._store.contact(contact.id)
            if fresh is not None:
                await self._leaving.hand_over(fresh, decision.unit, decision.reason or point, actor="strategy")
            return
        queue = decision.queue if decision.kind == "queue" else contact.queue
        decision = msgspec.structs.replace(decision, kind="queue", queue=queue)
        place = placing.place(self._city, CHANNELS[contact.channel], decision, contact.ready_at)
        fields = {**place_fields(place), **self._fields(contact, decided)}
        await self._store.queued.place_contact(
            contact.id,
            contact.agent,
            contact.bucket,
            contact.rev,
            place,
            self._data(contact, decided, point, queue=queue),
            fields,
        )

    async def _by_law(self, contact: OpenContact, decided: Decided, point: str) -> None:
        """Masked at once; taken from an agent who may not have it."""
        decision = decided.decision
        if decision.kind == "queue" and contact.state == "with_agent" and contact.leg_state != "wrapping_up":
            place = placing.place(self._city, CHANNELS[contact.channel], decision, contact.ready_at)
            agent = await self._store.agent(contact.agent)
            if agent is None or not can_ever(place.placed.asks, agent.record()):
                await self._place(contact, decided, "law")
                return
        more: dict[str, Argument] = {}
        if decision.kind == "hand_over" and contact.state in {"with_agent", "parked"}:
            # Nobody is cut off in the middle of a sentence: the agent is told where the law wants it to go.
            suggestion = Suggestion(contact.generation + 1, "hand_over", unit=decision.unit, rules=decision.trace.hits)
            more["suggested"] = msgspec.json.encode(suggestion)
        await self._keep(contact, decided, point, more)

    async def _suggest(self, contact: OpenContact, decided: Decided, point: str, rules: list[str]) -> None:
        new = decided.decision
        suggestion = Suggestion(contact.generation + 1, new.kind, new.queue, new.unit, tuple(rules))
        data = self._data(contact, decided, point)
        data = msgspec.structs.replace(data, status="suggested", to=new.unit or new.queue)
        fields: dict[str, Argument] = {
            "generation": contact.generation + 1,
            "suggested": msgspec.json.encode(suggestion),
        }
        await self._store.queued.decide_contact(contact.id, contact.rev, data, fields)

    async def _keep(self, contact: OpenContact, decided: Decided, point: str, more: Mapping[str, Argument]) -> None:
        await self._store.queued.decide_contact(
            contact.id, contact.rev, self._data(contact, decided, point), {**self._fields(contact, decided), **more}
        )

    def _fields(self, contact: OpenContact, decided: Decided) -> dict[str, Argument]:
        return {
            "generation": contact.generation + 1,
            "decision": decided.record.decode(),
            "restricted": int(decided.decision.restricted),
            "suggested": "",
        }

    def _data(self, contact: OpenContact, decided: Decided, point: str, *, queue: str = "") -> EntryData:
        return EntryData(
            contact=contact.id,
            agent=contact.agent,
            actor="strategy",
            reason=point,
            decision=msgspec.Raw(decided.record),
            generation=contact.generation + 1,
            medium=contact.medium,
            channel=contact.channel,
            queue=queue,
        )
