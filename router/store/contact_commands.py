"""One method for each Lua command on a contact: typed arguments in, result or error out."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple, cast

import msgspec

from router.journal import EntryData, Placement, encode_data
from router.store.coalescer import Argument
from router.store.keys import EVENT_TTL_MS, PERSON_TTL_MS, TOMBSTONE_TTL_MS
from router.store.runner import Done, Runner, new_command_id

ANYONE = -1
"""The revision of a caller who can't know one."""
ANY_PROFILE = -1
"""The profile of a caller who planned with none in particular."""


class EventName(msgspec.Struct, frozen=True):
    """How the sender names an event and its contact, and the hash of what it sent."""

    integration: str
    source: str
    id: str
    body_sha: str
    subject: str = ""


class QueuePlace(msgspec.Struct, frozen=True):
    """A place in a queue with the JSON forms that the store keeps."""

    placed: Placement
    asks_json: str
    placed_json: str
    wait_until: int


Fields = Mapping[str, Argument]
NOTHING: Fields = MappingProxyType({})


class _Where(NamedTuple):
    """A place as a command takes it, one argument after the other; empty when there is none."""

    bucket: str = "none"
    asks: str = ""
    score: int = 0
    wait_until: int = 0
    placed: str = ""


def _where(place: QueuePlace | None, due_by: int = 0) -> _Where:
    if place is None:
        return _Where(wait_until=due_by)
    placed = place.placed
    return _Where(placed.bucket, place.asks_json, placed.score, place.wait_until, place.placed_json)


def _flat(fields: Fields) -> list[Argument]:
    return [part for pair in fields.items() for part in pair]


class ContactCommands:
    """Everything that can happen to an open contact."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._keys = runner.keys

    def _event_keys(self, event: EventName) -> tuple[str, str, str]:
        """Where the event, its contact's own name and an end that came early are kept."""
        keys, named = self._keys, (event.integration, event.source)
        return keys.event(*named, event.id), keys.subject(*named, event.subject), keys.tombstone(*named, event.subject)

    def _tail(self) -> tuple[str, str, str]:
        return self._keys.deadlines, self._keys.seq, self._keys.journal

    async def receive_contact(
        self,
        contact: str,
        event: EventName,
        path: str,
        data: EntryData,
        *,
        place: QueuePlace | None = None,
        due_by: int = 0,
        contents: Sequence[tuple[int, bytes]] = (),
        fields: Fields = NOTHING,
        person: str = "",
        cell: str = "",
    ) -> tuple[int, str]:
        """Take a contact in, in a `cell` of the map if it reports a fault.

        Returns the entry's number (0: was here already) and the contact's id.
        """
        keys, where = self._keys, _where(place, due_by)
        named = (keys.contact(contact), keys.content(contact), *self._event_keys(event))
        found_by = (keys.bucket(where.bucket), keys.buckets, keys.person(person or "none"), keys.faults)
        reply = await self._runner.run(
            "receive_contact",
            (*named, *found_by, *self._tail()),
            (
                contact,
                event.body_sha,
                EVENT_TTL_MS,
                int(bool(event.subject)),
                path,
                *where[:-1],
                encode_data(data),
                where.placed,
                len(contents),
                PERSON_TTL_MS if person else 0,
                cell,
            ),
            [*(part for pair in contents for part in pair), *_flat(fields)],
        )
        return int(cast("int", reply[0])), cast("bytes", reply[1]).decode()

    async def issue_offer(
        self,
        contact: str,
        agent: str,
        bucket: str,
        expected: int,
        *,
        expires_at: int,
        channel: str,
        medium: str,
        data: EntryData,
        profile_n: int = ANY_PROFILE,
    ) -> Done:
        """Offer a queued contact to an agent whose profile is still the one that entry `profile_n` wrote."""
        keys = self._keys
        return await self._runner.on_contact(
            "issue_offer",
            (keys.contact(contact), keys.agent(agent), keys.work(agent), keys.bucket(bucket), *self._tail()),
            (contact, agent, expected, profile_n, expires_at, channel, medium, encode_data(data)),
        )

    async def accept_offer(
        self, contact: str, agent: str, offer: str, expected: int, data: EntryData, *, setup_until: int = 0
    ) -> Done:
        """The agent takes the offer; with `setup_until` (epoch ms) the channel brings them together until then."""
        keys = self._keys
        return await self._runner.on_contact(
            "accept_offer",
            (keys.contact(contact), keys.agent(agent), keys.work(agent), *self._tail()),
            (contact, agent, offer, expected, setup_until, encode_data(data)),
        )

    async def decline_offer(
        self, contact: str, agent: str, offer: str, bucket: str, expected: int, data: EntryData, *, max_declines: int
    ) -> Done:
        """The agent says no; `data.cool_down` of the contact is kept with it, for a leader to come."""
        return await self._runner.on_contact(
            "decline_offer",
            self._offer_keys(contact, agent, bucket),
            (contact, agent, offer, expected, max_declines, data.asked_again_at, encode_data(data)),
        )

    async def expire_offer(
        self, contact: str, agent: str, offer: str, bucket: str, data: EntryData, *, medium: str, cool_until: int
    ) -> Done:
        """Nobody answered in time."""
        return await self._runner.on_contact(
            "expire_offer",
            self._offer_keys(contact, agent, bucket),
            (contact, agent, offer, medium, cool_until, encode_data(data)),
        )

    async def revoke_offer(self, contact: str, agent: str, offer: str, bucket: str, data: EntryData) -> Done:
        """Take an offer back without blame; `data.cool_down` of the contact is kept with it."""
        return await self._runner.on_contact(
            "revoke_offer",
            self._offer_keys(contact, agent, bucket),
            (contact, agent, offer, data.asked_again_at, encode_data(data)),
        )

    async def hold_leg(self, contact: str, agent: str, data: EntryData) -> Done:
        """The resident waits on hold."""
        return await self._on_leg("hold_leg", contact, agent, data)

    async def resume_leg(self, contact: str, agent: str, data: EntryData) -> Done:
        """The conversation goes on, after a hold or an interruption."""
        keys = self._keys
        return await self._runner.on_contact(
            "resume_leg",
            (keys.contact(contact), keys.work(agent), keys.seq, keys.journal),
            (contact, agent, encode_data(data)),
        )

    async def connect_leg(self, contact: str, agent: str, data: EntryData) -> Done:
        """The channel has set the conversation up."""
        return await self._runner.on_contact(
            "connect_leg", (self._keys.contact(contact), *self._tail()), (contact, agent, encode_data(data))
        )

    async def end_contact(
        self, contact: str, agent: str, bucket: str, expected: int, data: EntryData, *, wrap_until: int
    ) -> Done:
        """The resident has gone."""
        return await self._runner.on_contact(
            "end_contact",
            self._offer_keys(contact, agent or "none", bucket or "none"),
            (contact, agent, expected, wrap_until, encode_data(data)),
        )

    async def finish_work(self, contact: str, agent: str, data: EntryData, *, expected: int = ANYONE) -> Done:
        """The agent ends the work with outcomes."""
        keys = self._keys
        return await self._runner.on_contact(
            "finish_work",
            (keys.contact(contact), keys.agent(agent), keys.work(agent), *self._tail()),
            (contact, agent, expected, encode_data(data)),
        )

    async def end_wrap_up(self, contact: str, agent: str, data: EntryData, *, is_forced: bool) -> Done:
        """Wrap-up is over without outcomes."""
        keys = self._keys
        return await self._runner.on_contact(
            "end_wrap_up",
            (keys.contact(contact), keys.agent(agent), keys.work(agent), *self._tail()),
            (contact, agent, int(is_forced), encode_data(data)),
        )

    async def close_contact(self, contact: str, data: EntryData) -> Done:
        """An answered contact that nobody came back to is over."""
        return await self._runner.on_contact(
            "close_contact", (self._keys.contact(contact), *self._tail()), (contact, encode_data(data))
        )

    async def extend_wrap_up(self, contact: str, agent: str, wrap_until: int, data: EntryData) -> Done:
        """More time for wrap-up."""
        return await self._runner.on_contact(
            "extend_wrap_up",
            (self._keys.contact(contact), *self._tail()),
            (contact, agent, wrap_until, encode_data(data)),
        )

    async def release_contact(self, contact: str, agent: str, bucket: str, wait_until: int, data: EntryData) -> Done:
        """Return a contact to its place from an agent who can't go on."""
        return await self._runner.on_contact(
            "release_contact", self._offer_keys(contact, agent, bucket), (contact, agent, wait_until, encode_data(data))
        )

    async def requeue_contact(
        self, contact: str, bucket: str, expected: int, place: QueuePlace, step: int, data: EntryData
    ) -> Done:
        """Move a queued contact to a wider bucket at the same place."""
        keys = self._keys
        return await self._runner.on_contact(
            "requeue_contact",
            (keys.contact(contact), keys.bucket(bucket), keys.bucket(place.placed.bucket), keys.buckets, *self._tail()),
            (
                contact,
                expected,
                place.placed.bucket,
                place.asks_json,
                place.wait_until,
                step,
                encode_data(data),
                place.placed_json,
            ),
        )

    async def record_message(
        self,
        contact: str,
        event: EventName,
        number: int,
        record: bytes,
        data: EntryData,
        *,
        place: QueuePlace | None = None,
        fields: Fields = NOTHING,
    ) -> tuple[int, str]:
        """Keep a resident's further message; with `place` an answered contact is queued again."""
        keys, where = self._keys, _where(place)
        reply = await self._runner.run(
            "record_message",
            (
                keys.contact(contact),
                keys.content(contact),
                keys.event(event.integration, event.source, event.id),
                keys.bucket(where.bucket),
                keys.buckets,
                *self._tail(),
            ),
            (
                new_command_id(),
                contact,
                event.body_sha,
                EVENT_TTL_MS,
                number,
                record,
                "reopen" if place else "record",
                *where[:-1],
                encode_data(data),
                where.placed,
            ),
            _flat(fields),
        )
        return int(cast("int", reply[0])), cast("bytes", reply[1]).decode()

    async def record_progress(
        self, contact: str, event: EventName, number: int, record: bytes, data: EntryData
    ) -> tuple[int, str]:
        """Keep what a department or a message provider reports."""
        keys = self._keys
        reply = await self._runner.run(
            "record_progress",
            (
                keys.contact(contact),
                keys.content(contact),
                keys.event(event.integration, event.source, event.id),
                keys.seq,
                keys.journal,
            ),
            (new_command_id(), contact, event.body_sha, EVENT_TTL_MS, number, record, encode_data(data)),
        )
        return int(cast("int", reply[0])), cast("bytes", reply[1]).decode()

    async def annotate(
        self,
        name: str,
        contact: str,
        agent: str,
        data: EntryData,
        *,
        number: int = 0,
        record: bytes = b"",
        fields: Fields = NOTHING,
    ) -> Done:
        """Run `add_note`, `set_topic` or `identify_person`: no state changes, a record may be kept."""
        keys = self._keys
        return await self._runner.on_contact(
            name,
            (keys.contact(contact), keys.content(contact), keys.seq, keys.journal),
            (contact, agent, number, record, encode_data(data)),
            _flat(fields),
        )

    async def bury_event(self, event: EventName, what: str) -> None:
        """Keep an event that came before its contact.

        Raises:
            StaleRevision: the contact has come meanwhile; look it up again.
        """
        keys = self._keys
        await self._runner.run(
            "bury_event",
            (
                keys.event(event.integration, event.source, event.id),
                keys.subject(event.integration, event.source, event.subject),
                keys.tombstone(event.integration, event.source, event.subject),
            ),
            (what, event.body_sha, EVENT_TTL_MS, TOMBSTONE_TTL_MS),
        )

    async def forget_contact(self, contact: str) -> bool:
        """Drop a contact that is over and stored in every register; not while it may still be undone."""
        keys = self._keys
        reply = await self._runner.run(
            "forget_contact",
            (keys.contact(contact), keys.content(contact), keys.sides(contact), keys.faults),
            (contact,),
        )
        return reply[0] == 1

    def _offer_keys(self, contact: str, agent: str, bucket: str) -> tuple[str, ...]:
        keys = self._keys
        return (keys.contact(contact), keys.agent(agent), keys.work(agent), keys.bucket(bucket), *self._tail())

    async def _on_leg(self, name: str, contact: str, agent: str, data: EntryData) -> Done:
        keys = self._keys
        return await self._runner.on_contact(
            name, (keys.contact(contact), keys.seq, keys.journal), (contact, agent, encode_data(data))
        )
