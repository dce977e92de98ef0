"""A mail as what the inbox takes, and what the service says as a mail. Pure.

Owns which words and flags travel. Never lets a line of a stranger become a header.
"""

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from channels.base import Key, Outgoing
from channels.email.automatic import is_nobody
from channels.email.headers import domain_of, normal_address
from channels.email.languages import told_language
from channels.email.limits import HEADER_BLOCK_BYTES, LINE_CHARACTERS
from channels.email.mail import Envelope, Mail
from channels.email.naming import Names, without_token
from channels.email.settings import EmailSettings
from channels.email.sorting import Sorted, differs, dmarc_of
from channels.inbound import Attachment, InboundContact, InboundMessage, InboundPerson
from channels.plain_text import clean_line, clean_text

SCHEME = "mailto:"
_MESSAGE_ID = re.compile(rb"^message-id:\s*(<[^>\s]{1,400}>)", re.IGNORECASE | re.MULTILINE)
_NAMING = re.compile(rb"^(?:from|date|subject):[^\r\n]*", re.IGNORECASE | re.MULTILINE)
_END_OF_HEADERS = re.compile(rb"\r?\n[ \t]*\r?\n")
_REPLIES = re.compile(r"^(?:(?:re|sv|vs|aw|antw)\s*(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE)
_THREAD_ID = re.compile(r"^<[^<>\s]{1,400}>$")
MOST_REFERENCES = 20

# --- in --------------------------------------------------------------------------------------------------------------


def key_of(raw: bytes, mailbox: str) -> Key:
    """The same mail to the same mailbox, however often and by whichever way it comes: message id and body, hashed."""
    end = _END_OF_HEADERS.search(raw, 0, HEADER_BLOCK_BYTES)
    block, body = (raw[: end.start()], raw[end.end() :]) if end else (raw[:HEADER_BLOCK_BYTES], raw)
    named = _MESSAGE_ID.search(block)
    parts = [named[1]] if named else sorted(_NAMING.findall(block))
    digest = hashlib.sha256(b"\0".join(parts) + b"\0\0")
    digest.update(body.replace(b"\r\n", b"\n").rstrip())
    return Key(source=SCHEME + mailbox, id=digest.hexdigest(), subject=digest.hexdigest())


def mailbox_of(recipients: Sequence[str], settings: EmailSettings, names: Names) -> str:
    """The mailbox that a mail belongs to: of those it was sent to, the first in the settings; '' when it is none."""
    ours = {names.of_address(each)[0] for each in recipients}
    return next((mailbox for mailbox in settings.mailboxes if mailbox in ours), "")


def contact_of(
    mail: Mail,
    envelope: Envelope,
    sorted_: Sorted,
    settings: EmailSettings,
    mailbox: str,
    attachments: tuple[Attachment, ...],
    *,
    unreadable: str,
    received_at: datetime | None = None,
) -> InboundContact:
    """A new contact. `text` is what is new in the mail; all words and the original travel as attachments."""
    box = settings.mailboxes[mailbox]
    return InboundContact(
        channel="email",
        person=person_of(mail, envelope),
        authority=box.authority,
        topic=box.topic,
        subject=without_token(mail.subject)[:LINE_CHARACTERS],
        text=mail.new_words if mail.is_read else unreadable,
        fields=_fields(mail, envelope, sorted_, settings, mailbox),
        attachments=attachments,
        thread=mail.message_id[:LINE_CHARACTERS],
        in_reply_to=sorted_.contact,
        received_at=received_at,
    )


def message_of(mail: Mail, sorted_: Sorted, attachments: tuple[Attachment, ...], *, unreadable: str) -> InboundMessage:
    """More of a contact that we know."""
    return InboundMessage(
        contact=sorted_.contact,
        subject=without_token(mail.subject)[:LINE_CHARACTERS],
        text=mail.new_words if mail.is_read else unreadable,
        attachments=attachments,
        thread=mail.message_id[:LINE_CHARACTERS],
        is_automatic=sorted_.auto_class != "none",
    )


def person_of(mail: Mail, envelope: Envelope) -> InboundPerson:
    """Whom to answer: the sender as named, or whom a machine's mail names instead; else whoever posted it."""
    address, name = mail.sender.address, mail.sender.name
    if mail.reply_to and (not address or is_nobody(address)):
        address = mail.reply_to
    address = address or normal_address(envelope.sender or "")
    if not address:
        return InboundPerson()
    return InboundPerson(email=address[:LINE_CHARACTERS], name=name, language=told_language(mail))


def _fields(
    mail: Mail,
    envelope: Envelope,
    sorted_: Sorted,
    settings: EmailSettings,
    mailbox: str,
) -> dict[str, str | int | float | bool | None]:
    """What an agent or a rule may want to know of how it came; only what is out of the ordinary, and the mailbox."""
    address = mail.sender.address.lower()
    verdict = dmarc_of(mail, settings.authserv_id)
    fields: dict[str, str | int | float | bool | None] = {"mailbox": mailbox}
    if sorted_.auto_class != "none":
        fields |= {"automatic": True, "auto_class": sorted_.auto_class}
    if address and (differs(address, envelope) or "several-senders" in mail.faults):
        fields["sender_differs"] = True
    if verdict:
        fields["dmarc"] = verdict
    if mail.reply_to and domain_of(mail.reply_to) != domain_of(address):
        fields["reply_to"] = mail.reply_to
    if mail.faults:
        fields["faults"] = " ".join(mail.faults)[:LINE_CHARACTERS]
    if mail.dropped:
        fields["files_dropped"] = mail.dropped
    return fields


# --- out -------------------------------------------------------------------------------------------------------------


def mailbox_for(source: str, settings: EmailSettings) -> str:
    """The mailbox that answers for a contact: the one it came to, or the first."""
    came_to = source.removeprefix(SCHEME)
    return came_to if came_to in settings.mailboxes else next(iter(settings.mailboxes))


def subject_of(subject: str, token: str, none: str) -> str:
    """`Re:` once, the conversation's subject, the token that finds its way back."""
    bare = _REPLIES.sub("", without_token(clean_line(subject, LINE_CHARACTERS))) or none
    return f"Re: {bare[: LINE_CHARACTERS // 2]} {token}"


def mail_of(
    message: Outgoing,
    names: Names,
    mailbox: str,
    *,
    reply_to: str,
    name: str,
    no_subject: str,
    date: datetime,
    files: Sequence[tuple[Attachment, bytes]],
) -> EmailMessage:
    """Words of ours as a mail. The same message again has the same message id.

    Raises:
        ValueError: the address can't be written to.
    """
    mail = EmailMessage(policy=SMTP)
    mail["From"] = _from(name, mailbox)
    mail["To"] = address_of(message.to)
    mail["Reply-To"] = reply_to
    mail["Subject"] = subject_of(message.subject, names.token(message.contact, message.to), no_subject)
    mail["Date"] = format_datetime(date)
    mail["Message-ID"] = names.message_id(message.contact, message.number)
    thread = [each for each in message.thread if _THREAD_ID.match(each) and each.isascii()]
    if thread:
        mail["In-Reply-To"] = thread[-1]
        mail["References"] = " ".join(thread[-MOST_REFERENCES:])
    mail["X-SC-Instance"] = names.instance
    if message.kind != "reply":
        mail["Auto-Submitted"] = "auto-replied" if message.kind == "acknowledgement" else "auto-generated"
        mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(clean_text(message.text), charset="utf-8", cte="quoted-printable")
    for attachment, body in files:
        main, _, sub = (attachment.media_type or "application/octet-stream").partition("/")
        name = clean_line(attachment.name, LINE_CHARACTERS) or "bilaga"
        mail.add_attachment(body, maintype=main, subtype=sub or "octet-stream", filename=name)
    return mail


def _from(name: str, mailbox: str) -> str:
    flat = clean_line(name, 100).replace("\\", "").replace('"', "")
    return f'"{flat}" <{mailbox}>' if flat else mailbox


def address_of(text: str) -> str:
    """An address as SMTP takes it everywhere: its domain in ASCII.

    Raises:
        ValueError: it is none, or its local part can't be written in ASCII.
    """
    local, _, domain = text.strip().rpartition("@")
    flat = f"{local}@{domain.encode('idna').decode('ascii')}" if domain and not domain.isascii() else text.strip()
    if not flat.isascii() or not normal_address(flat):
        raise ValueError
    return flat


def has_null_sender(message: Outgoing) -> bool:
    """Whether nothing may come back: what answers by itself must not be answered. Notices are owed until delivered."""
    return message.kind == "acknowledgement"
