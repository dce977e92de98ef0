"""`GET /v1/contacts/{id}/attachments/{blob}`: a file that came along, for the agent who may see the contact."""

from collections.abc import Iterator, Mapping
from typing import cast
from urllib.parse import quote

import msgspec
from aiohttp import web

from channels.inbound import Attachment
from router.cards import Card, Cards
from router.errors import Forbidden, NotFound
from router.http.auth import Tokens, caller_of
from router.long_content import BlobStore
from router.scanning import Scanning
from router.store.redis_store import Store

SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, no-store",
}
"""No browser runs anything of what a resident has sent."""


class AttachmentPages:
    """Hands kept bytes out; every read leaves an access record."""

    def __init__(self, store: Store, cards: Cards, blobs: BlobStore, scanning: Scanning, tokens: Tokens) -> None:
        self._store = store
        self._cards = cards
        self._blobs = blobs
        self._scanning = scanning
        self._tokens = tokens

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


def attachments_of(card: Card) -> Iterator[Attachment]:
    """What the card shows: nothing that the decision masks."""
    messages = (cast("object", each.get("message")) for each in card.messages)
    for content in (card.content, *messages):
        if isinstance(content, Mapping):
            listed = cast("Mapping[str, object]", content).get("attachments", ())
            yield from msgspec.convert(listed, tuple[Attachment, ...])
