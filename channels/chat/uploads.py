"""Files both ways: `POST /v1/chat/uploads` with a one-time ticket, `POST /v1/chat/files` with the chat's token.

Both are plain forms, so that pages of other origins need no preflight and no secret stands in an address. A file is
held in memory while it is taken in: how many at once is limited.
"""

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs, quote

from aiohttp import BodyPartReader, ClientError, web

from channels.base import Inbox, Key
from channels.chat import tokens
from channels.chat.chats import Chats
from channels.chat.commands import SOURCE
from channels.chat.files import check_file
from channels.chat.settings import ChatSettings
from channels.chat.sockets import check_origin
from channels.chat.wire import SHOWN, encode, more_words
from channels.door import come
from channels.inbound import Attachment
from router.errors import (
    Forbidden,
    MalformedBody,
    NotFound,
    Overloaded,
    ServicecenterError,
    TooLarge,
    Unauthenticated,
)

MOST_FIELD = 2_048
MOST_FORM = 4_096


class Uploads:
    """Takes files in and gives them out."""

    def __init__(
        self, inbox: Inbox, now_ms: Callable[[], int], settings: ChatSettings, origins: frozenset[str], chats: Chats
    ) -> None:
        self._inbox = inbox
        self._now_ms = now_ms
        self._settings = settings
        self._origins = origins
        self._chats = chats
        self._used: dict[str, int] = {}
        """Tickets that were shown, until they are too old."""
        self._room = asyncio.Semaphore(settings.uploads_at_once)

    @property
    def is_full(self) -> bool:
        """Whether no further file is taken in now."""
        return self._room.locked()

    async def take(self, request: web.Request) -> web.Response:
        """One file, with the ticket first."""
        return await self._answered(request, self._take)

    async def give(self, request: web.Request) -> web.Response:
        """A file of the chat that the token names; always to be saved, never to be shown by the browser."""
        return await self._answered(request, self._give)

    async def _answered(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.Response]]
    ) -> web.Response:
        """Pages of allowed origins may read the answer, a refusal too."""
        origin = check_origin(request, self._origins)
        try:
            answer = await handler(request)
        except ServicecenterError as error:
            answer = web.Response(
                status=error.status, body=encode(error.problem(request.path)), content_type="application/problem+json"
            )
        if origin:
            answer.headers["Access-Control-Allow-Origin"] = origin
            answer.headers["Vary"] = "Origin"
        return answer

    async def _take(self, request: web.Request) -> web.Response:
        if not request.content_type.startswith("multipart/form-data"):
            raise MalformedBody("expected multipart/form-data", field="Content-Type")
        try:
            permit, body = await self._read(request)
        except TimeoutError as error:
            raise MalformedBody("not sent in time", field="file") from error
        except (OSError, ClientError) as error:
            raise MalformedBody("broken off", field="file") from error
        except (ValueError, AssertionError, LookupError) as error:
            raise MalformedBody(type(error).__name__, field="$") from error
        check_file(permit.upload, body)
        upload = permit.upload
        kept = await self._inbox.keep(body, refuses_infected=True)
        file = Attachment(upload.name, upload.media_type, len(body), blob=kept.blob, scan=kept.scan)
        key = Key(SOURCE, f"{permit.chat}:{upload.id}", permit.chat)
        await self._inbox.message(key, more_words(permit.contact, upload.id, "", file))
        session = self._chats.of(permit.contact)
        if session is not None:
            session.heard(self._now_ms())
        return web.Response(status=201, body=encode(file), content_type="application/json")

    async def _read(self, request: web.Request) -> tuple[tokens.Permit, bytes]:
        """The ticket, and what it allows. Only who has one takes a place."""
        async with asyncio.timeout(self._settings.auth_timeout_s):
            form = await request.multipart()
            ticket = await form.next()
            if not isinstance(ticket, BodyPartReader) or ticket.name != "ticket":
                raise MalformedBody("expected the ticket first", field="ticket")
            shown = (await _bytes_of(ticket, MOST_FIELD)).decode("utf-8", "replace")
            file = await form.next()
            if not isinstance(file, BodyPartReader) or file.name != "file":
                raise MalformedBody("expected the file second", field="file")
        permit = self._permit(shown, file.filename or "")
        if self.is_full:
            raise Overloaded("as many files as this router takes at once")
        async with self._room, asyncio.timeout(self._settings.upload_timeout_s):
            return permit, await _bytes_of(file, permit.upload.size_bytes)

    def _permit(self, ticket: str, name: str) -> tokens.Permit:
        now = self._now_ms()
        self._used = {used: until for used, until in self._used.items() if until > now}
        permit = tokens.read_upload_ticket(self._inbox.sign, ticket, name, now)
        if permit is None or ticket in self._used:
            raise Unauthenticated("ask for a ticket with attachment.send", field="ticket")
        self._used[ticket] = now + int(self._settings.upload_timeout_s * 1000)
        return permit

    async def _give(self, request: web.Request) -> web.Response:
        token, blob = await _fields_of(request)
        ttl_ms = int(self._settings.resume_ttl_s * 1000)
        ticket = tokens.read_token(self._inbox.sign, token, self._now_ms(), ttl_ms)
        if ticket is None or not ticket.contact:
            raise Unauthenticated("expected the chat's token", field="token")
        said = await self._inbox.said(ticket.contact)
        file = next((each for one in said for each in one.attachments if each.blob and each.blob == blob), None)
        if file is None:
            raise NotFound(field="blob")
        if file.scan not in SHOWN:
            raise Forbidden("no scanner has found it clean", field="blob")
        headers = {
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        }
        body = await self._inbox.kept(blob)
        return web.Response(body=body, content_type="application/octet-stream", headers=headers)


async def _fields_of(request: web.Request) -> tuple[str, str]:
    """Token and blob of a plain form.

    Raises:
        MalformedBody: it is none.
        TooLarge: no such form is that large.
    """
    if request.content_type != "application/x-www-form-urlencoded":
        raise MalformedBody("expected application/x-www-form-urlencoded", field="Content-Type")
    body = await come(request.read())
    if len(body) > MOST_FORM:
        raise TooLarge(most=MOST_FORM)
    fields = parse_qs(body.decode("ascii", "replace"))
    return fields.get("token", [""])[0], fields.get("blob", [""])[0]


async def _bytes_of(part: BodyPartReader, most: int) -> bytes:
    """What a part of a form holds.

    Raises:
        TooLarge: more than `most` bytes.
    """
    found = bytearray()
    while chunk := await part.read_chunk():
        found += chunk
        if len(found) > most:
            raise TooLarge(field=part.name or "$", most=most)
    return bytes(found)
