"""`/v1/contacts/{id}/attachments`, for the agent who has the contact: what came is given, what is to go is taken.

Knows no channel but by what it says it carries. Every read leaves an access record.
"""

from collections.abc import Iterator, Mapping
from typing import cast
from urllib.parse import quote

import msgspec
from aiohttp import web

from channels.base import FileLimits
from channels.door import Bodies
from channels.file_kinds import safe_name, sniffed
from channels.form_body import MULTIPART, File, parameters_of, parse
from channels.inbound import Attachment
from router.capturing import check_capture
from router.cards import Card, Cards
from router.decisions import said_of
from router.desk.ground import Ways
from router.errors import FilesNotCarried, Forbidden, NotFound, SchemaMismatch, TooLarge, UnsupportedMediaType
from router.http.auth import Tokens, caller_of
from router.long_content import BlobStore
from router.model import OpenContact
from router.scanning import Scanning, refuse_unless_clean
from router.store.redis_store import Store
from router.written_words import files_in

SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, no-store",
}
"""No browser runs anything of what a resident has sent."""
FORM_BYTES = 64 * 1024
"""What a form takes beside its file."""
KINDS = (
    "image/jpeg",
    "image/png",
    "image/gif",
    "image/webp",
    "image/heic",
    "image/tiff",
    "application/pdf",
    "text/plain",
)
OFFICE = ("application/vnd.openxmlformats-officedocument.", "application/vnd.oasis.opendocument.", "text/calendar")
"""What people read, nothing that runs where it is opened."""
_encode = msgspec.json.Encoder().encode


class Uploaded(msgspec.Struct, frozen=True):
    """A file that may be sent with `message.send` of this contact, for twelve hours."""

    blob: str
    """Names it in `attachments` of `message.send`."""
    name: str
    """As the resident will see it."""
    media_type: str
    """What its bytes are, whatever it was called."""
    size_bytes: int


class AttachmentPages:
    """Hands kept bytes out, and takes an agent's in."""

    def __init__(
        self,
        store: Store,
        cards: Cards,
        blobs: BlobStore,
        scanning: Scanning,
        ways: Ways,
        tokens: Tokens,
        *,
        max_bytes: int,
    ) -> None:
        self._store = store
        self._cards = cards
        self._blobs = blobs
        self._scanning = scanning
        self._ways = ways
        self._tokens = tokens
        self._max_bytes = max_bytes
        self._bodies = Bodies(max_bytes + FORM_BYTES)

    async def attachment(self, request: web.Request) -> web.Response:
        """The file, as it was sent; never an infected one, and one that nobody has scanned yet is scanned first."""
        caller = caller_of(request, self._tokens, "agent", "supervisor")
        contact_id, blob = request.match_info["id"], request.match_info["blob"]
        card = await self._cards.card(contact_id)
        if card is None:
            raise NotFound("no open contact has this name", field="id")
        if not await self._takes_part(caller.agent, contact_id):
            raise Forbidden("the contact is not with you")
        found = next((each for each in attachments_of(card) if each.blob == blob), None)
        if found is None:
            raise NotFound("the contact has no such attachment", field="blob")
        body = await self._blobs.get(blob)
        await self._scanning.let_out(body, found.scan, "blob")
        await self._store.agents.record_access(f"agent:{caller.agent}", contact_id, "attachment.read")
        name = quote(found.name or "bilaga")
        headers = {**SAFE, "Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
        return web.Response(body=body, content_type="application/octet-stream", headers=headers)

    async def _takes_part(self, agent: str, contact_id: str) -> bool:
        contact = await self._store.contact(contact_id)
        if contact is None or not agent:
            return False
        sides = await self._store.sides(contact_id) if contact.legs > 1 else {}
        return contact.agent == agent or any(
            side.agent == agent and side.state == "connected" for side in sides.values()
        )

    # What is to go --------------------------------------------------------------------------------------------------

    async def add(self, request: web.Request) -> web.Response:
        """Take a file to send. Whether it may go at all is asked before a byte of it is read."""
        caller = caller_of(request, self._tokens, "agent", "supervisor")
        contact, limits = await self._carried(request.match_info["id"], caller.agent)
        async with self._bodies.read(request) as body:
            file = _only_file(request.headers.get("Content-Type", ""), body)
            upload = await self._kept(file, min(limits.bytes_each, self._max_bytes))
        await self._store.sendings.put_upload(contact.id, upload.blob, _encode(upload))
        answer = Uploaded(upload.blob, upload.name, upload.media_type, upload.size_bytes)
        return web.Response(status=201, body=_encode(answer), content_type="application/json")

    async def _carried(self, contact_id: str, agent: str) -> tuple[OpenContact, FileLimits]:
        """The contact, if this agent has it and its channel carries files to the resident."""
        contact = await self._store.contact(contact_id)
        if contact is None:
            raise NotFound("no open contact has this name", field="id")
        if not agent or contact.agent != agent or contact.state not in {"with_agent", "parked"}:
            raise Forbidden("the contact is not with you", field="id")
        limits = self._ways.file_limits(contact.integration)
        if not limits.most:
            raise FilesNotCarried(field="file")
        check_capture(said_of(contact), "attachments", "file")
        return contact, limits

    async def _kept(self, file: File, most: int) -> Attachment:
        """On disk and found clean; nothing leaves here that nobody has looked at.

        Raises:
            TooLarge: larger than the channel carries.
            UnsupportedMediaType: nothing that people read.
            InfectedFile: a scanner found it so.
            ScannerUnavailable: the scanner does not answer.
        """
        if len(file.body) > most:
            raise TooLarge(f"at most {most} bytes", field="file", most=most)
        media_type = sniffed(file.body)
        if media_type not in KINDS and not media_type.startswith(OFFICE):
            raise UnsupportedMediaType("pictures, PDF, text and office documents are sent", field="file")
        scan = await self._scanning.scan(file.body)
        refuse_unless_clean(scan, "file")
        blob = await self._blobs.put(file.body)
        return Attachment(safe_name(file.name, 1), media_type, len(file.body), blob=blob, scan=scan)


def _only_file(content_type: str, body: bytes) -> File:
    """The one file of a form.

    Raises:
        UnsupportedMediaType: not a multipart form.
        SchemaMismatch: anything but one file in the field `file`.
    """
    if parameters_of(content_type)[0] != MULTIPART:
        raise UnsupportedMediaType(f"expected {MULTIPART}", field="Content-Type")
    form = parse(content_type, body)
    if form.fields or [each.field for each in form.files] != ["file"]:
        raise SchemaMismatch("expected one file", field="file")
    return form.files[0]


def attachments_of(card: Card) -> Iterator[Attachment]:
    """What the card shows: nothing that the decision masks."""
    messages = (cast("object", each.get("message")) for each in card.messages)
    for content in (card.content, *messages):
        if isinstance(content, Mapping):
            yield from files_in(cast("Mapping[str, object]", content))
    for said in card.messages:
        yield from files_in(said)
