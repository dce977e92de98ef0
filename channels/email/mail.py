"""What a mail says once it has been read: plain data, the same for SMTP and IMAP. Pure."""

from typing import Literal

import msgspec

AutoClass = Literal["none", "auto_reply", "bounce", "list", "bulk", "self"]


class Part(msgspec.Struct, frozen=True):
    """One file that came along."""

    name: str
    media_type: str
    """Of its bytes, not of what the sender says they are."""
    body: bytes


class Sender(msgspec.Struct, frozen=True):
    """A name and an address from a header: what the sender says, nothing more."""

    address: str = ""
    name: str = ""


class Mail(msgspec.Struct, frozen=True, omit_defaults=True):
    """A mail as read. Bounded in every part, without control characters; nothing in it is proof of who wrote it."""

    is_read: bool = True
    """False when only headers, or nothing at all, could be read."""
    faults: tuple[str, ...] = ()
    """Codes of what was wrong or cut."""
    subject: str = ""
    sender: Sender = Sender()
    reply_to: str = ""
    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    auto_class: AutoClass = "none"
    wants_no_reply: bool = False
    instance: str = ""
    verdicts: tuple[tuple[str, str], ...] = ()
    """(authserv-id, what it said of DMARC) of each `Authentication-Results`, the topmost first."""
    language: str = ""
    text: str = ""
    """All words."""
    new_words: str = ""
    """Without what is quoted; the same as `text` when nothing is."""
    html: str = ""
    """Safe to show."""
    attachments: tuple[Part, ...] = ()
    dropped: int = 0
    """Files that were too many or too large to be set apart."""
    returned: tuple[str, ...] = ()
    """Message ids of our shape in what a bounce gives back."""
    failure: Literal["", "permanent", "temporary", "delivered"] = ""
    """What a bounce says became of it."""
    failure_code: str = ""
    """Enhanced status code (RFC 3463) of the failure."""


class Request(msgspec.Struct, frozen=True, array_like=True):
    """What is asked of whoever reads mail."""

    raw: bytes
    is_whole: bool = True
    is_null_sender: bool = False


class Envelope(msgspec.Struct, frozen=True):
    """What the transport says of a mail."""

    sender: str | None
    """Empty for the null reverse path; None when the transport does not say."""
    recipients: tuple[str, ...]
