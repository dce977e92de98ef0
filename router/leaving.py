"""Somebody can't be served in their queue: they get a promise instead, a call, a written answer, a unit.

Called at the steps of a route, when nobody can ever take a contact, at closing time, and when a resident leaves a chat
with words and an address behind. Which way fits is decided by `router.exits`.
"""

from collections.abc import Iterable, Mapping

import msgspec

from channels.registry import CHANNELS
from router import duty_rounds, placing
from router.callbacks import Callbacks
from router.decisions import Decisions, said_of, standing
from router.exits import first_fitting
from router.fields_told import FieldsTold
from router.journal import EntryData
from router.model import OpenContact
from router.records import place_fields
from router.store.coalescer import Argument
from router.store.contact_commands import NOTHING
from router.store.redis_store import Store
from router.store.runner import Done
from rules.city import City
from rules.organisation import Exit
from rules.outcome import Decision

WRITTEN_BY = "email"
_encode = msgspec.json.Encoder().encode


class Leaving:
    """Takes a waiting contact out by the first way that fits."""

    def __init__(
        self, store: Store, city: City, callbacks: Callbacks, decisions: Decisions, fields_told: FieldsTold
    ) -> None:
        self._store = store
        self._city = city
        self._callbacks = callbacks
        self._decisions = decisions
        self._fields_told = fields_told

    async def leave(self, contact: OpenContact, exits: Iterable[Exit], why: str) -> str:
        """Take the first fitting way; returns it, or '' when the contact waits on for a person.

        No unit is handed what lacks a field that the strategy requires: somebody has to ask first.
        """
        ways = list(exits)
        if any(each.way == "unit" for each in ways) and await self._lacks_fields(contact):
            ways = [each for each in ways if each.way != "unit"]
        taken = first_fitting(ways, contact)
        if taken is None:
            return ""
        match taken.way:
            case "callback":
                await self._callbacks.promise_next(contact, why=why, actor="timer")
            case "written":
                await self.write(contact, why, actor="timer")
            case "unit":
                data = EntryData(contact=contact.id, actor="timer", reason=why)
                await self.hand_over(contact, taken.unit, data)
        return taken.way

    async def _lacks_fields(self, contact: OpenContact) -> bool:
        said = said_of(contact)
        if said is None or not said.require_fields:
            return False
        return bool(self._decisions.lacking(said, await self._fields_told.of(contact.id)))

    async def write(self, contact: OpenContact, why: str, *, actor: str, status: str = "") -> None:
        """It waits on as written work: answered by e-mail, due by the queue's target, received when it was."""
        decision = msgspec.structs.replace(standing(contact), kind="queue", queue=contact.queue, unit="")
        place = placing.place(self._city, CHANNELS[WRITTEN_BY], decision, contact.ready_at)
        # A step that its waiting has passed already is looked at now: a deadline never begins in the past.
        place = msgspec.structs.replace(place, wait_until=max(place.wait_until, self._store.clock.now_ms()))
        medium = CHANNELS[WRITTEN_BY].medium
        data = EntryData(
            contact=contact.id,
            agent=contact.agent,
            actor=actor,
            reason=why,
            status=status,
            queue=contact.queue,
            medium=medium,
            channel=WRITTEN_BY,
            to="written",
        )
        fields = {**place_fields(place), "channel": WRITTEN_BY, "medium": medium, "work": f"{WRITTEN_BY}:{medium}"}
        await self._store.queued.place_contact(
            contact.id, contact.agent, contact.bucket, contact.rev, place, data, fields
        )

    async def hand_over(
        self,
        contact: OpenContact,
        unit: str,
        data: EntryData,
        fields: Mapping[str, Argument] = NOTHING,
        *,
        decision: Decision | None = None,
    ) -> Done:
        """The unit is asked to take over, with its clock started; `data` says who wants it, and why.

        What a `decision` hands over in an emergency rings the duty chain that begins with the unit.

        Raises:
            UnknownUnit: the city has no such unit.
        """
        self._city.unit(unit)
        now = self._store.clock.now_ms()
        number = contact.handovers + 1
        agreed = placing.terms(self._city, unit, contact.topic, now, number)
        chain = duty_rounds.chain_for(self._city, decision) if decision else None
        rung = chain and duty_rounds.begin(self._city, chain, f"{contact.id}.h{number}", contact.topic, now, number)
        if rung:
            agreed, unit, fields = rung.terms, rung.terms.unit, {**fields, "duty": rung.duty.text}
            data = msgspec.structs.replace(data, duty=rung.duty.chain)
        return await self._store.handovers.hand_over_contact(
            contact.id,
            contact.agent,
            unit,
            agreed.accept_by,
            msgspec.structs.replace(data, terms=agreed, medium=contact.medium, queue=contact.queue, to=unit),
            expected=contact.rev,
            terms=_encode(agreed),
            bucket=contact.bucket,
            fields=fields,
        )
