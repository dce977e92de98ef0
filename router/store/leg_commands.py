"""One method for each Lua command on legs beside the owner's, transfers, parking, interruption, undoing, pulling."""

from typing import NamedTuple, cast

from router.journal import EntryData, encode_data
from router.store.coalescer import Argument
from router.store.contact_commands import ANYONE, Fields, QueuePlace
from router.store.keys import contact_of
from router.store.runner import Done, Runner


class SideTimes(NamedTuple):
    """Until when a leg beside the owner's lasts at most, and when a sweep looks at it (epoch ms)."""

    ends_at: int
    look_at: int


class LegCommands:
    """Everything that can happen to a leg beside the owner's, and to the owner's when the work changes hands."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._keys = runner.keys

    # Standing still ----------------------------------------------------------------------------------------------

    async def interrupt_leg(self, contact: str, agent: str, data: EntryData) -> Done:
        """Written work stands still for live work; `contacts.resume_leg` takes it up again."""
        keys = self._keys
        return await self._runner.on_contact(
            "interrupt_leg",
            (keys.contact(contact), keys.work(agent), keys.seq, keys.journal),
            (contact, agent, encode_data(data)),
        )

    async def park_contact(
        self, contact: str, agent: str, return_at: int, data: EntryData, *, fields: Fields, expected: int = ANYONE
    ) -> Done:
        """The agent puts the work aside, at the latest until `return_at` (epoch ms)."""
        return await self._runner.on_contact(
            "park_contact",
            (*self._of_agent(contact, agent), *self._tail()),
            (contact, agent, expected, return_at, encode_data(data)),
            _flat(fields),
        )

    async def resume_contact(self, contact: str, agent: str, data: EntryData) -> Done:
        """The agent takes parked work up again."""
        return await self._runner.on_contact(
            "resume_contact",
            (*self._of_agent(contact, agent), *self._tail()),
            (contact, agent, encode_data(data)),
        )

    async def release_parked(
        self, contact: str, agent: str, place: QueuePlace, data: EntryData, *, fields: Fields, expected: int = ANYONE
    ) -> Done:
        """Parked work waits in a queue again."""
        keys, placed = self._keys, place.placed
        return await self._runner.on_contact(
            "release_parked",
            (keys.contact(contact), keys.work(agent), keys.bucket(placed.bucket), keys.buckets, *self._tail()),
            (contact, agent, expected, *_where(place), encode_data(data), place.placed_json),
            _flat(fields),
        )

    # Changing hands ------------------------------------------------------------------------------------------------

    async def transfer_contact(
        self,
        contact: str,
        agent: str,
        place: QueuePlace,
        data: EntryData,
        *,
        wrap_until: int,
        fields: Fields,
        expected: int = ANYONE,
    ) -> Done:
        """Cold transfer: queued at its kept place, the agent wraps up beside it."""
        keys = self._keys
        return await self._runner.on_contact(
            "transfer_contact",
            (
                keys.contact(contact),
                keys.work(agent),
                keys.bucket(place.placed.bucket),
                keys.buckets,
                keys.sides(contact),
                *self._tail(),
            ),
            (contact, agent, expected, wrap_until, *_where(place), encode_data(data), place.placed_json),
            _flat(fields),
        )

    async def transfer_leg(
        self,
        contact: str,
        agent: str,
        to_agent: str,
        side_leg: str,
        data: EntryData,
        *,
        wrap_until: int,
        setup_until: int = 0,
        expected: int = ANYONE,
    ) -> Done:
        """Warm transfer: the agent who was consulted in `side_leg` owns the contact, the other wraps up beside it.

        With `setup_until` (epoch ms) the channel brings the new owner and the resident together until then.
        """
        keys = self._keys
        return await self._runner.on_contact(
            "transfer_leg",
            (keys.contact(contact), keys.work(agent), keys.work(to_agent), keys.sides(contact), *self._tail()),
            (contact, agent, to_agent, expected, side_leg, wrap_until, setup_until, encode_data(data)),
        )

    async def recall_contact(
        self,
        contact: str,
        agent: str,
        to_agent: str,
        data: EntryData,
        *,
        wrap_leg: str,
        setup_until: int,
        expected: int = ANYONE,
    ) -> Done:
        """A transfer has failed: the agent who passed the contact on has it again, if they still wrap up and are there.

        `wrap_leg` is their wrap-up beside; empty when the call was sent on outside: then it is the owner's own.
        """
        keys = self._keys
        return await self._runner.on_contact(
            "recall_contact",
            (
                *self._of_agent(contact, agent),
                keys.agent(to_agent),
                keys.work(to_agent),
                keys.sides(contact),
                *self._tail(),
            ),
            (contact, agent, to_agent, expected, wrap_leg, setup_until, encode_data(data)),
        )

    async def transfer_out(
        self, contact: str, agent: str, to: str, data: EntryData, *, wrap_until: int, expected: int = ANYONE
    ) -> Done:
        """The call goes on with `to`, outside; the agent wraps the contact up."""
        keys = self._keys
        return await self._runner.on_contact(
            "transfer_out",
            (keys.contact(contact), keys.work(agent), *self._tail()),
            (contact, agent, expected, wrap_until, to, encode_data(data)),
        )

    async def pull_contact(
        self, contact: str, agent: str, bucket: str, data: EntryData, *, setup_until: int = 0, expected: int = ANYONE
    ) -> Done:
        """The agent takes a queued contact that nobody offered; with `setup_until` their phone is rung until then."""
        return await self._runner.on_contact(
            "pull_contact",
            (*self._of_agent(contact, agent), self._keys.bucket(bucket), *self._tail()),
            (contact, agent, expected, setup_until, encode_data(data)),
        )

    async def undo_work(
        self, contact: str, agent: str, bucket: str, since: int, data: EntryData, *, setup_until: int = 0
    ) -> Done:
        """Take back what the agent did with the contact at or after `since` (epoch ms)."""
        keys = self._keys
        return await self._runner.on_contact(
            "undo_work",
            (
                *self._of_agent(contact, agent),
                keys.bucket(bucket or "none"),
                keys.sides(contact),
                *self._tail(),
            ),
            (contact, agent, since, setup_until, encode_data(data)),
        )

    # Beside the owner ----------------------------------------------------------------------------------------------

    async def begin_side_leg(
        self, contact: str, agent: str, owner: str, role: str, times: SideTimes, data: EntryData
    ) -> Done:
        """`agent` takes part in what `owner` has: a consult rings, a supervisor is in at once."""
        return await self._runner.on_contact(
            "begin_side_leg",
            (*self._of_agent(contact, agent), self._keys.sides(contact), *self._tail()),
            (contact, agent, owner, role, *times, encode_data(data)),
        )

    async def connect_side_leg(self, leg: str, agent: str, times: SideTimes, data: EntryData) -> Done:
        """The agent who was asked takes part."""
        contact = contact_of(leg)
        return await self._runner.on_contact(
            "connect_side_leg",
            (self._keys.contact(contact), self._keys.sides(contact), *self._tail()),
            (contact, agent, leg, *times, encode_data(data)),
        )

    async def end_side_leg(self, leg: str, agent: str, data: EntryData, *, only_after: bool = False) -> Done:
        """The leg of `agent` is over; `only_after`: refused before its limit."""
        contact = contact_of(leg)
        return await self._runner.on_contact(
            "end_side_leg",
            (*self._of_agent(contact, agent), self._keys.sides(contact), *self._tail()),
            (contact, agent, leg, int(only_after), encode_data(data)),
        )

    async def set_leg_mode(self, leg: str, agent: str, data: EntryData) -> Done:
        """A supervisor who takes part listens, or speaks as well, as `data.status` says."""
        contact = contact_of(leg)
        return await self._runner.on_contact(
            "set_leg_mode",
            (self._keys.contact(contact), self._keys.sides(contact), self._keys.seq, self._keys.journal),
            (contact, agent, leg, encode_data(data)),
        )

    async def extend_side_leg(self, leg: str, agent: str, ends_at: int, data: EntryData) -> Done:
        """More time for a wrap-up beside."""
        contact = contact_of(leg)
        return await self._runner.on_contact(
            "extend_side_leg",
            (self._keys.contact(contact), self._keys.sides(contact), *self._tail()),
            (contact, agent, leg, ends_at, encode_data(data)),
        )

    async def wraps_since(self, leg: str) -> int:
        """Since when the owner of a leg wraps up (epoch ms), also beside a contact passed on; 0 when they do not."""
        key = self._keys.contact(contact_of(leg))
        return int(cast("bytes | None", await self._runner.read("HGET", key, f"wrapped:{leg}")) or 0)

    async def look_again(self, leg: str, at: int) -> None:
        """When a sweep looks at a leg beside the next time; one that has ended meanwhile gets no new deadline."""
        await self._runner.write("ZADD", self._keys.deadlines, "XX", at, f"side:{leg}")

    # Words not sent yet --------------------------------------------------------------------------------------------

    async def save_draft(self, contact: str, agent: str, draft: str) -> bool:
        """Keep words beside the content, outside the journal; none drop the draft."""
        reply = await self._runner.run(
            "save_draft", (self._keys.contact(contact), self._keys.content(contact)), (contact, agent, draft)
        )
        return cast("int", reply[0]) == 1

    async def drop_draft(self, contact: str) -> None:
        """The work is finished: what was not sent is not kept."""
        await self._runner.write("HDEL", self._keys.content(contact), "draft")

    def _of_agent(self, contact: str, agent: str) -> tuple[str, str, str]:
        return self._keys.contact(contact), self._keys.agent(agent), self._keys.work(agent)

    def _tail(self) -> tuple[str, str, str]:
        return self._keys.deadlines, self._keys.seq, self._keys.journal


def _where(place: QueuePlace) -> tuple[str, str, int, int]:
    placed = place.placed
    return placed.bucket, place.asks_json, placed.score, place.wait_until


def _flat(fields: Fields) -> list[Argument]:
    return [part for pair in fields.items() for part in pair]
