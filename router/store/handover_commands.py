"""One method for each Lua command on a handover and its case."""

from typing import cast

from router.journal import EntryData, encode_data
from router.store.contact_commands import NOTHING, Fields, QueuePlace
from router.store.keys import contact_of
from router.store.runner import Done, Runner

SCAN = 500
"""Deadlines that are looked through at a time."""


class HandoverCommands:
    """The contract between servicecenter and unit: offered, accepted, returned, done."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._keys = runner.keys

    async def hand_over_contact(
        self,
        contact: str,
        agent: str,
        unit: str,
        accept_by: int,
        data: EntryData,
        *,
        expected: int,
        terms: bytes,
        bucket: str = "",
        fields: Fields = NOTHING,
    ) -> Done:
        """The contact is handed over to a unit by its agent, or, from its `bucket`, by nobody's hand (`agent` '').

        `fields` are what a new decision sets on it.
        """
        keys = self._keys
        return await self._runner.on_contact(
            "hand_over_contact",
            (
                keys.contact(contact),
                keys.agent(agent or "none"),
                keys.work(agent or "none"),
                keys.bucket(bucket or "none"),
                *self._tail(),
            ),
            (contact, agent, expected, unit, accept_by, terms, encode_data(data)),
            [part for pair in fields.items() for part in pair],
        )

    async def accept_handover(self, handover: str, finish_by: int, data: EntryData) -> Done:
        """The unit takes it."""
        return await self._step("accept_handover", handover, finish_by, data)

    async def mark_handover_overdue(self, handover: str, next_at: int, data: EntryData) -> Done:
        """The unit's time has passed."""
        return await self._step("mark_handover_overdue", handover, next_at, data)

    async def ring_duty(
        self, handover: str, unit: str, accept_by: int, data: EntryData, *, terms: bytes, duty: str
    ) -> Done:
        """The next of its duty chain is asked to take it."""
        contact = contact_of(handover)
        return await self._runner.on_contact(
            "ring_duty",
            (self._keys.contact(contact), *self._tail()),
            (contact, handover, unit, accept_by, terms, duty, encode_data(data)),
        )

    async def finish_handover(self, handover: str, data: EntryData) -> Done:
        """The unit is done."""
        contact = contact_of(handover)
        return await self._runner.on_contact(
            "finish_handover",
            (self._keys.contact(contact), *self._tail()),
            (contact, handover, encode_data(data)),
        )

    async def return_handover(self, handover: str, place: QueuePlace, data: EntryData, fields: Fields) -> Done:
        """The unit sends it back; the contact is queued again."""
        keys, contact = self._keys, contact_of(handover)
        return await self._runner.on_contact(
            "return_handover",
            (keys.contact(contact), keys.bucket(place.placed.bucket), keys.buckets, *self._tail()),
            (
                contact,
                handover,
                place.placed.bucket,
                place.asks_json,
                place.placed.score,
                place.wait_until,
                encode_data(data),
                place.placed_json,
            ),
            [part for pair in fields.items() for part in pair],
        )

    async def with_deadlines(self) -> list[str]:
        """Contacts whose handover waits for a unit's step, or is late; read in parts that leave room for others."""
        found, cursor = set[str](), b"0"
        while True:
            cursor, pairs = cast(
                "tuple[bytes, list[bytes]]",
                await self._runner.read("ZSCAN", self._keys.deadlines, cursor, "MATCH", "handover:*", "COUNT", SCAN),
            )
            found.update(member.decode().partition(":")[2] for member in pairs[::2])
            if cursor == b"0":
                return sorted(found)

    async def _step(self, name: str, handover: str, at_ms: int, data: EntryData) -> Done:
        contact = contact_of(handover)
        return await self._runner.on_contact(
            name, (self._keys.contact(contact), *self._tail()), (contact, handover, at_ms, encode_data(data))
        )

    def _tail(self) -> tuple[str, str, str]:
        return self._keys.deadlines, self._keys.seq, self._keys.journal
