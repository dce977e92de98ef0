"""What a resident shows instead of an account: a resume token, a ticket for an upload. Signed, never kept. Pure."""

import secrets
from collections.abc import Callable
from hmac import compare_digest
from typing import NamedTuple

from channels.chat.wire import Upload

Sign = Callable[..., str]
FIELDS = 5
MOST_CHARACTERS = 200
NOBODY = "-"


class Ticket(NamedTuple):
    """Which chat somebody may go on with."""

    chat: str
    contact: str
    """Empty while nothing was said."""
    at_ms: int
    router: str
    """Which router served them last: another one is told that they have moved."""


def new_name() -> str:
    """A name nobody can guess, for a chat or a router."""
    return secrets.token_hex(16)


def resume_token(sign: Sign, ticket: Ticket) -> str:
    """The ticket as text."""
    parts = (ticket.chat, ticket.contact or NOBODY, str(ticket.at_ms), ticket.router)
    return ".".join((*parts, sign("resume", *parts)))


def read_token(sign: Sign, token: str, now_ms: int, ttl_ms: int) -> Ticket | None:
    """The ticket, if it is one of ours and no older than `ttl_ms`."""
    parts = token.split(".")
    if len(token) > MOST_CHARACTERS or len(parts) != FIELDS or not token.isascii():
        return None
    chat, contact, at, router, signature = parts
    if not compare_digest(signature, sign("resume", chat, contact, at, router)):
        return None
    if now_ms - int(at) > ttl_ms:
        return None
    return Ticket(chat, "" if contact == NOBODY else contact, int(at), router)


def upload_ticket(sign: Sign, contact: str, chat: str, upload: Upload, until_ms: int) -> str:
    """A permit for this one file until then, as text."""
    parts = (contact, chat, upload.id, str(upload.size_bytes), upload.media_type, str(until_ms))
    return ";".join((*parts, sign("upload", *parts, upload.name)))


class Permit(NamedTuple):
    """What an upload ticket allows."""

    contact: str
    chat: str
    upload: Upload


def read_upload_ticket(sign: Sign, ticket: str, name: str, now_ms: int) -> Permit | None:
    """What may be sent, if the ticket is ours, for a file of this name, and not too old."""
    parts = ticket.split(";")
    if len(parts) != 7:  # noqa: PLR2004 # as they are written above
        return None
    *told, signature = parts
    if not signature.isascii() or not compare_digest(signature, sign("upload", *told, name)):
        return None
    contact, chat, ident, size, media_type, until = told
    if now_ms > int(until):
        return None
    return Permit(contact, chat, Upload(ident, name, media_type, int(size)))
