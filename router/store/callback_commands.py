"""One method for each Lua command on callbacks, and on contacts that end in another way than by an agent's work."""

from router.journal import EntryData, encode_data
from router.store.contact_commands import Fields, QueuePlace
from router.store.runner import Done, Runner


class CallbackCommands:
    """Callbacks promised, due, answered, missed; contacts attached and cancelled."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._keys = runner.keys

    async def promise_callback(
        self,
        contact: str,
        agent: str,
        bucket: str,
        expected: int,
        place: QueuePlace,
        data: EntryData,
        *,
        slot_at: int,
        notice_kind: str,
        fields: Fields,
    ) -> Done:
        """Promise to call at `slot_at` (epoch ms; 0: when it is their turn, at `place`); `notice_kind` is owed."""
        keys, placed = self._keys, place.placed
        return await self._runner.on_contact(
            "promise_callback",
            (
                keys.contact(contact),
                keys.agent(agent or "none"),
                keys.work(agent or "none"),
                keys.bucket(bucket or "none"),
                keys.bucket(placed.bucket),
                keys.buckets,
                *self._tail(),
            ),
            (
                contact,
                agent,
                expected,
                slot_at,
                placed.bucket,
                place.asks_json,
                placed.score,
                place.wait_until,
                notice_kind,
                encode_data(data),
                place.placed_json,
            ),
            [part for pair in fields.items() for part in pair],
        )

    async def fall_due_callback(
        self, contact: str, expected: int, place: QueuePlace, data: EntryData, *, fields: Fields
    ) -> Done:
        """The time has come: the contact waits at `place` for an agent who calls."""
        keys, placed = self._keys, place.placed
        return await self._runner.on_contact(
            "fall_due_callback",
            (keys.contact(contact), keys.bucket(placed.bucket), keys.buckets, *self._tail()),
            (
                contact,
                expected,
                placed.bucket,
                place.asks_json,
                placed.score,
                place.wait_until,
                encode_data(data),
                place.placed_json,
            ),
            [part for pair in fields.items() for part in pair],
        )

    async def move_callback(
        self, contact: str, expected: int, data: EntryData, *, slot_at: int, notice_kind: str
    ) -> Done:
        """Nobody calls at the promised time: promised anew for `slot_at` (epoch ms); `notice_kind` is owed."""
        return await self._runner.on_contact(
            "move_callback",
            (self._keys.contact(contact), *self._tail()),
            (contact, expected, slot_at, notice_kind, encode_data(data)),
        )

    async def connect_callback(self, contact: str, agent: str, expected: int, data: EntryData) -> Done:
        """The resident has answered."""
        keys = self._keys
        return await self._runner.on_contact(
            "connect_callback",
            (keys.contact(contact), keys.seq, keys.journal),
            (contact, agent, expected, encode_data(data)),
        )

    async def miss_callback(
        self, contact: str, agent: str, expected: int, data: EntryData, *, next_at: int, notice_kind: str
    ) -> Done:
        """The resident did not answer: again at `next_at` (epoch ms; 0: given up); `notice_kind` is owed, or ''."""
        keys = self._keys
        return await self._runner.on_contact(
            "miss_callback",
            (keys.contact(contact), keys.agent(agent), keys.work(agent), *self._tail()),
            (contact, agent, expected, next_at, notice_kind, encode_data(data)),
        )

    async def attach_contact(
        self,
        contact: str,
        agent: str,
        bucket: str,
        expected: int,
        to_contact: str,
        data: EntryData,
        *,
        shows_words: bool = False,
    ) -> Done:
        """Close a waiting contact as one with another, whose agent may read its words; `agent` has it parked, or ''."""
        keys = self._keys
        return await self._runner.on_contact(
            "attach_contact",
            (
                keys.contact(contact),
                keys.content(contact),
                keys.work(agent or "none"),
                keys.contact(to_contact),
                keys.content(to_contact),
                keys.bucket(bucket or "none"),
                *self._tail(),
            ),
            (contact, agent, expected, to_contact, int(shows_words), encode_data(data)),
        )

    async def cancel_contact(self, contact: str, agent: str, bucket: str, expected: int, data: EntryData) -> Done:
        """Nobody needs an answer any more; `agent` has it on offer, or ''."""
        keys = self._keys
        return await self._runner.on_contact(
            "cancel_contact",
            (
                keys.contact(contact),
                keys.agent(agent or "none"),
                keys.work(agent or "none"),
                keys.bucket(bucket or "none"),
                *self._tail(),
            ),
            (contact, agent, expected, encode_data(data)),
        )

    def _tail(self) -> tuple[str, str, str]:
        return self._keys.deadlines, self._keys.seq, self._keys.journal
