"""Words between resident and service: read from content records for channels, and made into records. Shows no note.

Content records: 1 is the contact as it came; after it `message` (a resident's body, or an agent's words), `note`,
`person`, and `outgoing`, the service's own words.
"""

from collections.abc import Iterator, Mapping
from typing import cast

import msgspec

from channels.base import Outgoing, Said
from channels.inbound import Attachment, InboundContact, InboundMessage
from router.cards import Cards
from router.long_content import BlobStore, by_reference
from router.model import OpenContact
from router.store.keys import contact_of
from router.store.redis_store import Store

_encode = msgspec.json.Encoder().encode
BY_NUMBER = frozenset({"sms"})
"""Written channels whose words go to a number."""


class WrittenWords:
    """Reads and makes content records."""

    def __init__(self, store: Store, cards: Cards, blobs: BlobStore) -> None:
        self._store = store
        self._cards = cards
        self._blobs = blobs

    async def record_of(self, message: Outgoing) -> bytes:
        """The service's own words as a record; long ones by reference."""
        record = {"outgoing": msgspec.structs.replace(message, number=0), "at": self._store.clock.now_ms()}
        return await by_reference(_encode(record), self._blobs)

    async def said(self, contact: str, after: int = 0) -> tuple[Said, ...]:
        """What the resident may read again, in order."""
        records = await self._records(contact)
        if 1 in records and after < 1:
            (found,) = await self._store.read_fields([contact], "received_at")
            records[1] = {**records[1], "at": int(found[0] or 0)}
        return tuple(said for number, record in records.items() if number > after for said in _said(number, record))

    async def outgoing(self, contact: OpenContact, number: int) -> Outgoing | None:
        """Words under a number as the channel sends them; None when there are none for the resident."""
        records = await self._records(contact.id)
        record = records.get(number, {})
        if "outgoing" in record:
            message = msgspec.convert(record["outgoing"], Outgoing)
        elif isinstance(record.get("message"), str):
            message = Outgoing(contact.id, number, cast("str", record["message"]), attachments=files_in(record))
        else:
            return None
        first = _first(records)
        is_mailed = contact.medium == "written" and contact.channel not in BY_NUMBER
        address = first.person.email if is_mailed else first.person.phone
        return msgspec.structs.replace(
            message,
            number=number,
            subject=message.subject or first.subject,
            to=message.to or address,
            source=contact.source,
            thread=message.thread or tuple(_thread(records)),
        )

    async def phone(self, contact: OpenContact) -> str:
        """The resident's number: as an agent was told it last, else as it came; empty when none did."""
        records = await self._records(contact.id)
        told = (cast("Mapping[str, object]", each["person"]) for each in reversed(records.values()) if "person" in each)
        numbers = (str(person["phone"]) for person in told if person.get("phone"))
        return next(numbers, "") or _first(records).person.phone

    async def _records(self, contact: str) -> dict[int, Mapping[str, object]]:
        found = await self._store.content(contact)
        return {number: await self._cards.unfold(record) for number, record in sorted(found.items())}


def _first(records: Mapping[int, Mapping[str, object]]) -> InboundContact:
    """The contact as it came; one of an older version that can't be read any more says nothing."""
    try:
        return msgspec.convert(records.get(1, {}), InboundContact)
    except msgspec.ValidationError:
        return InboundContact("email")


def files_in(record: Mapping[str, object]) -> tuple[Attachment, ...]:
    """The files of an agent's words."""
    return msgspec.convert(record.get("attachments", ()), tuple[Attachment, ...])


def _thread(records: Mapping[int, Mapping[str, object]]) -> Iterator[str]:
    """The resident's own message ids, oldest first."""
    for number, record in records.items():
        body = record if number == 1 else record.get("message")
        if isinstance(body, Mapping) and (name := cast("Mapping[str, object]", body).get("thread")):
            yield str(name)


def _said(number: int, record: Mapping[str, object]) -> Iterator[Said]:
    at = cast("int", record.get("at", 0))  # records of earlier versions have none
    if number == 1:
        first = _first({1: {name: value for name, value in record.items() if name != "at"}})
        yield Said(1, "resident", first.text, at, first.attachments, first.thread)
    elif "outgoing" in record:
        message = msgspec.convert(record["outgoing"], Outgoing)
        if message.kind != "transcript":
            yield Said(number, "service", message.text, at)
    elif isinstance(words := record.get("message"), str):
        yield Said(number, "agent", words, at, files_in(record))
    elif isinstance(words, Mapping):
        message = msgspec.convert(words, InboundMessage)
        yield Said(number, "resident", message.text, at, message.attachments, message.thread)


async def open_by_integration(store: Store, integration: str) -> list[OpenContact]:
    """Every contact of an integration that waits or is with an agent: the floor's buckets and the agents' work."""
    asks = await store.runner.read_hash(store.keys.buckets)
    waiting = await store.waiting_in([bucket.decode() for bucket in asks])
    agents = await store.agents_all()
    works = await store.read_works([agent.id for agent in agents])
    ids = {contact for _, contact, _ in waiting} | {contact_of(thing) for work in works for thing in work}
    named = sorted(ids)
    rows = await store.read_fields(named, "integration")
    ours = [each for each, (name,) in zip(named, rows, strict=True) if name == integration.encode()]
    hashes = await store.read_hashes([store.keys.contact(each) for each in ours])
    found = (OpenContact.from_hash(each, row) for each, row in zip(ours, hashes, strict=True))
    return [contact for contact in found if contact is not None]
