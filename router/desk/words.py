"""What is said of a contact and to the resident."""

from collections.abc import Mapping, Sequence

import msgspec

from channels.base import FileLimits
from channels.inbound import Attachment
from router.capturing import check_capture
from router.decisions import said_of
from router.desk.commands import SendMessage, SetTopic, WriteText
from router.desk.ground import Changed, DeskGround, Handler, bound
from router.errors import FilesNotCarried, Forbidden, NotFound, SchemaMismatch, TooLarge, UnknownTopic
from router.journal import EntryData
from router.records import content_ref
from router.store.fault_index import point_text
from router.store.fresh import on_fresh

_encode = msgspec.json.Encoder().encode
_upload = msgspec.json.Decoder(Attachment)
ATTACHMENTS = "$.data.attachments"


class WordDesk:
    """Notes, messages, the topic."""

    def __init__(self, ground: DeskGround) -> None:
        self._ground = ground

    def handlers(self) -> dict[str, Handler]:
        """The commands of this theme."""
        return {
            "note.add": bound(WriteText, self.add_note),
            "message.send": bound(SendMessage, self.send_message),
            "topic.set": bound(SetTopic, self.set_topic),
        }

    async def add_note(self, agent: str, wanted: WriteText) -> Changed:
        """Keep a note.

        Raises:
            CaptureForbidden: the strategy forbids notes about this contact.
        """
        return await self.write("add_note", agent, wanted.contact_id, {"note": wanted.text})

    async def send_message(self, agent: str, wanted: SendMessage) -> Changed:
        """Write to the resident.

        Raises:
            CaptureForbidden: the strategy forbids to write down what is said in this contact.
            FilesNotCarried: its channel sends words only.
        """
        if not wanted.attachments:
            if not wanted.text:
                raise SchemaMismatch("expected words or files", field="$.data.text")
            return await self.write("send_message", agent, wanted.contact_id, {"message": wanted.text})
        words = {"message": wanted.text, "attachments": await self._files(wanted)}
        return await self.write("send_message", agent, wanted.contact_id, words)

    async def _files(self, wanted: SendMessage) -> tuple[Attachment, ...]:
        """The files that were uploaded for this contact under these names, if its channel carries them."""
        contact = await self._ground.contact(wanted.contact_id)
        limits = self._ground.ways.file_limits(contact.integration)
        if not limits.most:
            raise FilesNotCarried(field=ATTACHMENTS)
        check_capture(said_of(contact), "attachments", ATTACHMENTS)
        files: list[Attachment] = []
        for i, blob in enumerate(dict.fromkeys(wanted.attachments)):
            kept = await self._ground.store.sendings.upload(contact.id, blob)
            if not kept:
                raise NotFound("upload it first, for this contact", field=f"{ATTACHMENTS}[{i}]")
            files.append(_upload.decode(kept))
        _check_size(files, limits)
        return tuple(files)

    async def set_topic(self, agent: str, wanted: SetTopic) -> Changed:
        """Name the topic; the strategy is asked again, and what it says now is done or suggested.

        What is known around the contact's place is looked for anew, and a fault is found by who reports it next.
        """
        if self._ground.city.topics.get(wanted.topic) is None:
            raise UnknownTopic("not in the city's topics file", field="$.data.topic")
        data = EntryData(contact=wanted.contact_id, agent=agent, topic=wanted.topic, actor=f"agent:{agent}")
        contact = await self._ground.contact(wanted.contact_id)
        around = await self._ground.intake.around_again(contact, wanted.topic)
        point = around.point if contact.protection == "none" else None
        fields = {"topic": wanted.topic, "point": point_text(point) if point else ""}
        store = self._ground.store
        done = await store.contacts.annotate("set_topic", wanted.contact_id, agent, data, fields=fields)
        if point is not None:
            await store.faults.put(contact.id, point)
        rev = await self._ground.decide_again("topic_set", wanted.contact_id, around.of_topic())
        return Changed(wanted.contact_id, rev or done.rev)

    async def write(self, name: str, agent: str, contact_id: str, words: Mapping[str, object]) -> Changed:
        """Keep a content record under the command's name.

        Raises:
            CaptureForbidden: the strategy forbids to write this down.
        """
        return await on_fresh(lambda: self._write_once(name, agent, contact_id, words))

    async def _write_once(self, name: str, agent: str, contact_id: str, words: Mapping[str, object]) -> Changed:
        contact = await self._ground.contact(contact_id)
        if name == "add_note":
            check_capture(said_of(contact), "notes", "$.data.text" if len(words) == 1 else "$.data.note")
        else:
            check_capture(said_of(contact), "text", "$.data.text")
        record = _encode({**words, "at": self._ground.now_ms})
        number = contact.contents + 1
        data = EntryData(
            contact=contact_id, agent=agent, actor=f"agent:{agent}", content=(content_ref(number, record),)
        )
        if name == "send_message":
            is_owed = self._ground.ways.owes(contact.integration)
            sent = await self._ground.store.sendings.send_message(
                contact_id, agent, number, record, data, is_owed=is_owed
            )
            return Changed(contact_id, sent.rev)
        writer = agent if name != "add_note" or contact.agent == agent else await self._owner(agent, contact_id)
        done = await self._ground.store.contacts.annotate(name, contact_id, writer, data, number=number, record=record)
        return Changed(contact_id, done.rev)

    async def _owner(self, agent: str, contact_id: str) -> str:
        """In whose name somebody who takes part beside the owner writes a note; their own when they do not."""
        try:
            return (await self._ground.taking_part(agent, contact_id)).agent
        except Forbidden:
            return agent


def _check_size(files: Sequence[Attachment], limits: FileLimits) -> None:
    """Whether the channel carries them together.

    Raises:
        TooLarge: they are too many, or too much.
    """
    if len(files) > limits.most:
        raise TooLarge(f"at most {limits.most} files", field=ATTACHMENTS, most=limits.most)
    if sum(each.size_bytes for each in files) > limits.bytes_together:
        raise TooLarge(f"at most {limits.bytes_together} bytes together", field=ATTACHMENTS, most=limits.bytes_together)
