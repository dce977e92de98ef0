"""What a mail is to us: a new contact, more of one, the fate of something sent, or nothing we take. Pure."""

from typing import Literal

import msgspec

from channels.email.automatic import is_nobody
from channels.email.headers import domain_of
from channels.email.mail import AutoClass, Envelope, Mail
from channels.email.naming import Names
from channels.email.settings import Automatic, EmailSettings

Fate = Literal["", "failed", "delivered"]
_FATES: dict[str, Fate] = {"permanent": "failed", "delivered": "delivered"}


class Sorted(msgspec.Struct, frozen=True):
    """What is to be done with a mail."""

    auto_class: AutoClass
    contact: str = ""
    """The contact that it belongs to; empty for a new one."""
    number: int = 0
    """Of the record whose fate it tells."""
    fate: Fate = ""
    """What became of something that we sent; a delay is no fate, the contact hears of it as of any message."""
    refusal: str = ""
    """Why it is not taken."""


def sort(mail: Mail, envelope: Envelope, names: Names, automatic: Automatic) -> Sorted:
    """Decide by signatures and headers alone: nothing is looked up, so the same mail is always the same."""
    auto_class = _class(mail, envelope, names)
    if names.of_message_id(mail.message_id)[0]:
        # Our own words came back unchanged: whoever forwards them learns it, and so do we by their report.
        return Sorted("self", refusal="mail-loop")
    told, number = _returned(mail, envelope, names) if auto_class == "bounce" else ("", 0)
    if told and number and mail.failure in _FATES:
        return Sorted(auto_class, told, number, _FATES[mail.failure])
    if contact := told or _answered(mail, envelope, names):
        return Sorted(auto_class, contact)
    return Sorted(auto_class, refusal=_refusal(auto_class, automatic))


def _class(mail: Mail, envelope: Envelope, names: Names) -> AutoClass:
    """The headers' class; a null sender is a machine whatever they say."""
    if mail.instance and mail.instance == names.instance and mail.auto_class != "bounce":
        return "self"
    if mail.auto_class == "none" and envelope.sender == "":
        return "bounce" if mail.failure or mail.returned else "auto_reply"
    if envelope.sender == "" and mail.failure:
        return "bounce"
    return mail.auto_class


def _refusal(auto_class: AutoClass, automatic: Automatic) -> str:
    asked = {
        "auto_reply": automatic.auto_reply,
        "bounce": automatic.bounce,
        "list": automatic.list,
        "bulk": automatic.bulk,
    }
    return "automatic-mail" if asked.get(auto_class) == "refuse" else ""


def _returned(mail: Mail, envelope: Envelope, names: Names) -> tuple[str, int]:
    """What a bounce is about: by the message id that it gives back, or by the address that it comes to."""
    for each in mail.returned:
        if (found := names.of_message_id(each))[0]:
            return found
    for recipient in envelope.recipients:
        _, contact, number = names.of_address(recipient)
        if contact:
            return contact, number
    return "", 0


def _answered(mail: Mail, envelope: Envelope, names: Names) -> str:
    """The contact by plus-address, then by our message ids, then by a subject token of a known participant."""
    for recipient in envelope.recipients:
        if contact := names.of_address(recipient)[1]:
            return contact
    for each in (*mail.in_reply_to, *reversed(mail.references)):
        if contact := names.of_message_id(each)[0]:
            return contact
    return names.of_subject(mail.subject, mail.sender.address)


def is_acknowledged(mail: Mail, envelope: Envelope, auto_class: AutoClass, settings: EmailSettings) -> bool:
    """Whether the sender may get an automatic answer at all: never a machine, never an address that may be borrowed."""
    address = mail.sender.address.lower()
    if auto_class != "none" or mail.wants_no_reply or envelope.sender == "" or not address:
        return False
    if is_nobody(address) or address in settings.mailboxes:
        return False
    verdict = dmarc_of(mail, settings.authserv_id)
    return verdict == "pass" or (verdict != "fail" and not differs(address, envelope))


def differs(address: str, envelope: Envelope) -> bool:
    """Whether the mail was posted for another domain than it names as its sender's."""
    return bool(envelope.sender) and domain_of(envelope.sender or "") != domain_of(address)


def dmarc_of(mail: Mail, authserv_id: str) -> str:
    """What our own mail server says of the sender's domain; '' when it says nothing, whatever others say."""
    ours = (said for server, said in mail.verdicts if authserv_id and server == authserv_id.lower())
    return next(ours, "")
