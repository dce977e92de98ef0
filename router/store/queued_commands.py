"""One method for each Lua command on those who wait: exits, pulling, attaching, new decisions."""

from typing import cast

from router.journal import EntryData, encode_data
from router.store.contact_commands import NOTHING, Fields, QueuePlace
from router.store.runner import Done, Runner


class QueuedCommands:
    """Commands on those who wait: exits, pulling, attaching, new decisions."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._keys = runner.keys

    async def place_contact(
        self,
        contact: str,
        agent: str,
        bucket: str,
        expected: int,
        place: QueuePlace,
        data: EntryData,
        fields: Fields = NOTHING,
    ) -> Done:
        """Take a contact from whoever has it (`agent`, or '') and let it wait at `place`; a supervisor's word.

        `data.cool_down` of the contact is kept with it.
        """
        keys, placed = self._keys, place.placed
        return await self._runner.on_contact(
            "place_contact",
            (
                keys.contact(contact),
                keys.agent(agent or "none"),
                keys.work(agent or "none"),
                keys.bucket(bucket),
                keys.bucket(placed.bucket),
                keys.buckets,
                keys.deadlines,
                keys.seq,
                keys.journal,
            ),
            (
                contact,
                agent,
                expected,
                placed.bucket,
                place.asks_json,
                placed.score,
                place.wait_until,
                data.asked_again_at,
                encode_data(data),
                place.placed_json,
            ),
            [part for pair in fields.items() for part in pair],
        )

    async def decide_contact(self, contact: str, expected: int, data: EntryData, fields: Fields) -> Done:
        """Keep a new decision without moving the contact."""
        keys = self._keys
        return await self._runner.on_contact(
            "decide_contact",
            (keys.contact(contact), keys.seq, keys.journal),
            (contact, expected, encode_data(data)),
            [part for pair in fields.items() for part in pair],
        )

    async def no_one_possible(
        self, contact: str, bucket: str, expected: int, data: EntryData, *, since: int = 0
    ) -> Done:
        """Nobody can ever take it; said once, and again when it was possible at `since` (epoch ms)."""
        keys = self._keys
        return await self._runner.on_contact(
            "no_one_possible",
            (keys.contact(contact), keys.bucket(bucket), keys.seq, keys.journal),
            (contact, expected, since, encode_data(data)),
        )

    async def look_again(self, contact: str, at: int) -> bool:
        """When a sweep looks at a waiting contact the next time (epoch ms); False when it waits no more."""
        reply = await self._runner.run("look_again", (self._keys.contact(contact), self._keys.deadlines), (contact, at))
        return cast("int", reply[0]) == 1

    async def forget_bucket(self, bucket: str, seen: int) -> bool | None:
        """Forget what an empty bucket asked for, if no entry came after the one that was `seen`; None if one did."""
        keys = self._keys
        reply = await self._runner.run("forget_bucket", (keys.bucket(bucket), keys.buckets, keys.seq), (bucket, seen))
        return None if reply[0] == -1 else reply[0] == 1
