"""What comes in: a contact, a further message, an end, a report. `data` of the events of `POST /v1/events` too."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Protection = Literal["none", "marked", "protected_registration", "assumed_identity"]
Notice = Literal["none", "sms", "email", "letter", "digital_mailbox", "phone"]
Role = Literal["", "original", "html", "full_text"]
Scan = Literal["", "clean", "infected", "unknown"]
Code = Annotated[str, Meta(min_length=1, max_length=60)]
Line = Annotated[str, Meta(max_length=500)]
Instant = Annotated[datetime, Meta(tz=True)]


class _Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A body part that refuses fields it does not know."""


class InboundPerson(_Body, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Who gets in touch, as far as the channel knows. A number or an address is a hint, not an identity."""

    phone: Line = ""
    email: Line = ""
    party_id: Line = ""
    """The sender's own pseudonymous name for the person."""
    name: Line = ""
    loa: Annotated[int, Meta(ge=0, le=4)] = 0
    """Level of assurance of the identification; 3 and up counts as verified."""
    language: Annotated[str, Meta(max_length=20)] = ""
    protection: Protection = "none"
    anonymous: bool = False


class Location(_Body, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where it is about: a point (WGS 84), and an address when there is one."""

    lat: Annotated[float, Meta(ge=-90, le=90)]
    lon: Annotated[float, Meta(ge=-180, le=180)]
    address: Line = ""


class Attachment(_Body, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A file that came along, by reference: it is never fetched on receipt."""

    name: Line = ""
    media_type: Annotated[str, Meta(max_length=120)] = ""
    size_bytes: Annotated[int, Meta(ge=0)] = 0
    url: Annotated[str, Meta(max_length=2048)] = ""
    blob: Annotated[str, Meta(max_length=80)] = ""
    """Where its bytes are kept here; only adapters of the service give one."""
    scan: Scan = ""
    """What a scanner said of it; empty when there is none. `unknown` is kept back until the scanner answers."""
    role: Role = ""
    """Another form of the message itself, not a file that came with it: no fact counts it."""


def files_among(attachments: Sequence[Attachment]) -> int:
    """How many are files that came along, not forms of the message."""
    return sum(not each.role for each in attachments)


def scan_of(attachments: Sequence[Attachment]) -> str:
    """The fact `scan` of what came along, as its worst file is; '' when no scanner looked."""
    scans = {each.scan for each in attachments} - {""}
    if not scans:
        return ""
    return "infected" if "infected" in scans else "unknown_type" if "unknown" in scans else "clean"


class InboundContact(_Body, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One contact as a channel hands it in: `data` of `se.servicecenter.contact.received`."""

    channel: Code
    """Code of a registered channel: phone, chat, email, web."""
    person: InboundPerson = InboundPerson()
    authority: Annotated[str, Meta(max_length=60)] = ""
    topic: Annotated[str, Meta(max_length=60)] = ""
    """Code from the topics file; left out, the words suggest one."""
    severity: Literal["", "life", "P1", "P2", "P3", "P4"] = ""
    subject: Line = ""
    text: Annotated[str, Meta(max_length=262_144)] = ""
    location: Location | None = None
    fields: dict[str, str | int | float | bool | None] = {}
    attachments: Annotated[tuple[Attachment, ...], Meta(max_length=20)] = ()
    thread: Line = ""
    """The channel's own name of the message: what an answer refers to."""
    in_reply_to: Line = ""
    """The earlier contact, or the message, that this one answers."""
    received_at: Instant | None = None
    """When the municipality got it; earlier than now only with the right `backdate`."""
    preferred_notice: Notice = "none"


class InboundMessage(_Body, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A further message of a contact: `data` of `se.servicecenter.contact.message`."""

    contact: Line = ""
    """Our id; left out, the event's source and subject name the contact."""
    subject: Line = ""
    text: Annotated[str, Meta(max_length=262_144)] = ""
    attachments: Annotated[tuple[Attachment, ...], Meta(max_length=20)] = ()
    thread: Line = ""
    """The channel's own name of this message: what an answer refers to."""
    is_automatic: bool = False
    """Written by a machine, an absence notice: kept, but it wakes nobody."""


class InboundEnd(_Body, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The resident hung up or left: `data` of `se.servicecenter.contact.ended`."""

    contact: Line = ""
    reason: Literal["hung_up", "left", "line_lost", "cancelled", ""] = ""
    """`cancelled`: the resident needs no answer any more; otherwise they may still be owed one."""


class InboundProgress(_Body, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a department or a provider reports: `data` of `se.servicecenter.case.updated`, `.delivery.updated`."""

    contact: Line = ""
    case: Line = ""
    status: Code
    note: Line = ""
